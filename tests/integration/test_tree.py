# SPDX-License-Identifier: BSD-3-Clause
"""What ls shows: names, epochs, inodes, attributes, tables."""
import errno
import json
import os
import re
import subprocess

import pytest
from astropy.io.votable import parse_single_table
from conftest import TARGET


def test_the_target_lists_its_plates_by_epoch(mount):
    plates = mount.plates()
    assert len(plates) >= 40
    dated = [p for p in plates if not p.startswith("undated_")]
    assert all(re.match(r"\d{4}-\d{2}-\d{2}_[A-Za-z0-9._+-]+$", p) for p in dated)
    years = [int(p[:4]) for p in dated]
    assert years == sorted(years) and years[0] == 1888 and years[-1] == 1989


def test_a_plate_has_its_files(mount):
    plate = mount.target / mount.plates()[0]
    names = set(os.listdir(plate))
    assert {"cutout.fits", "full.fits", "preview.jpg", "datalink.vot", "plate.json", "links"} <= names


def test_cutouts_and_previews_are_second_names_of_the_same_inodes(mount):
    for plate in mount.plates():
        pairs = [("cutouts", f"{plate}.fits", "cutout.fits"), ("previews", f"{plate}.jpg", "preview.jpg")]
        for directory, flat, inside in pairs:
            one = os.stat(mount.target / directory / flat)
            other = os.stat(mount.target / plate / inside)
            assert one.st_ino == other.st_ino and one.st_nlink == 2


def test_readdir_tells_the_inode_numbers_that_stat_tells(mount):
    for directory in (mount.path, mount.target, mount.target / "cutouts", mount.target / mount.plates()[0]):
        for entry in os.scandir(directory):
            assert entry.inode() == entry.stat(follow_symlinks=False).st_ino, entry.path


def test_inode_numbers_and_names_survive_a_remount(mount):
    def numbers():
        return {p: os.stat(mount.target / p / "full.fits").st_ino for p in mount.plates()}
    before = numbers()
    mount.again()
    assert numbers() == before


def test_an_inode_number_stays_when_the_file_is_first_opened(mount):
    for name in ("cutout.fits", "full.fits", "preview.jpg"):
        path = mount.target / mount.plates()[0] / name
        before = os.stat(path).st_ino
        with open(path, "rb") as file:
            assert os.fstat(file.fileno()).st_ino == before == os.stat(path).st_ino


def test_mtime_is_the_date_of_observation(mount):
    plate = mount.target / mount.plates()[0]
    row = json.loads((plate / "plate.json").read_text())
    t_min = next(c["value"] for c in row["columns"] if c["name"] == "t_min") \
        if isinstance(row.get("columns"), list) else row["obscore"]["t_min"]["value"]
    expected = (t_min - 40587) * 86400
    assert expected < 0
    for name in ("cutout.fits", "full.fits", "preview.jpg", "."):
        assert abs(os.stat(plate / name).st_mtime - expected) <= 1


def test_an_epoch_can_be_selected_by_find(mount):
    found = subprocess.run(["find", mount.target / "cutouts", "-type", "f", "!", "-newermt", "1900-01-01"],
                           check=True, capture_output=True, text=True).stdout.split()
    expected = [p for p in mount.plates() if p < "1900"]
    assert sorted(os.path.basename(f) for f in found) == sorted(f"{p}.fits" for p in expected)


def test_sizes_are_positive_before_and_exact_after_open(mount):
    for plate in mount.plates()[:6]:
        path = mount.target / plate / "cutout.fits"
        assert os.stat(path).st_size > 0
        try:
            with open(path, "rb") as file:
                size_at_open = os.fstat(file.fileno()).st_size
                assert len(file.read()) == size_at_open == os.stat(path).st_size
        except OSError as problem:
            assert problem.errno == errno.EIO


def test_du_counts_what_is_cached(mount):
    plate = mount.plate_with(lambda did: True)
    path = plate / "preview.jpg"
    assert os.stat(path).st_blocks == 0
    size = len(path.read_bytes())
    with open(path, "rb") as file:
        assert os.fstat(file.fileno()).st_size == size
    assert mount.again() is None
    assert os.stat(path).st_blocks * 512 >= size


def test_other_spellings_of_the_place_show_the_same_plates(mount):
    expected = mount.plates()
    for spelling in ("156.01124674021 48.14753874736", f"{TARGET}@20m"):
        shown = sorted(n for n in os.listdir(mount.path / spelling) if n[:2] in ("18", "19", "un"))
        assert shown == expected
    assert os.listdir(mount.path / "10:24:02.7+48:08:51")


def test_used_targets_are_listed(mount):
    mount.plates()
    assert TARGET in os.listdir(mount.path)


@pytest.mark.parametrize("name", [".git", ".Trash-0", ".hidden", "autorun.inf", "desktop.ini", "HEAD",
                                  "core.1234", "400+95", "libfoo.so", "M31.fits", "notes.txt"])
def test_a_name_that_is_no_target_is_absent_without_a_request(mount, archive, name):
    with pytest.raises(FileNotFoundError):
        os.stat(mount.path / name)
    assert archive.requests() == []


def test_every_change_is_refused_as_read_only(mount):
    plate = mount.target / mount.plates()[0]
    attempts = [lambda: os.mkdir(mount.path / "new"), lambda: os.unlink(plate / "full.fits"),
                lambda: os.rmdir(mount.target), lambda: open(plate / "full.fits", "r+b"),
                lambda: open(mount.target / "mine.txt", "w"), lambda: os.chmod(plate, 0o777),
                lambda: os.rename(plate, mount.path / "other"), lambda: os.utime(plate / "full.fits"),
                lambda: os.setxattr(plate / "full.fits", "user.mine", b"x"),
                lambda: os.truncate(plate / "full.fits", 0)]
    for attempt in attempts:
        with pytest.raises(OSError) as refused:
            attempt()
        assert refused.value.errno == errno.EROFS


def test_a_place_without_plates_is_an_empty_list_that_says_so(mount):
    empty = mount.path / "10.5-85"
    assert sorted(os.listdir(empty)) == ["CITATION.bib", "aligned", "by-collection", "by-decade", "cutouts", "errors.txt",
                                        "index.html", "plates.csv", "plates.fits", "plates.vot", "previews", "stamps",
                                        "target.reg"]
    assert "no plate" in (empty / "errors.txt").read_text().lower()


def test_plates_vot_and_csv_have_the_same_rows(mount):
    table = parse_single_table(str(mount.target / "plates.vot")).to_table()
    lines = (mount.target / "plates.csv").read_text().splitlines()
    assert len(table) == len(mount.plates()) == len(lines) - 1
    assert sorted(table["plate"]) == mount.plates()
    for path in table["cutout_path"]:
        assert os.path.exists(path)


def test_votlint_finds_nothing_in_plates_vot(mount):
    lint = subprocess.run(["stilts", "votlint", str(mount.target / "plates.vot")], capture_output=True,
                          text=True, check=True)
    assert lint.stdout.strip() == "" and "ERROR" not in lint.stderr and "WARNING" not in lint.stderr


def test_stilts_reads_plates_vot_with_units_and_ucds(mount):
    meta = subprocess.run(["stilts", "tpipe", f"in={mount.target}/plates.vot", "cmd=meta Name Units UCD",
                           "ofmt=csv"], capture_output=True, text=True, check=True).stdout
    assert re.search(r"^s_ra,deg,pos\.eq\.ra", meta, re.M)
    assert re.search(r"^t_min,d,time\.", meta, re.M)
    assert re.search(r"^separation,deg,pos\.angDistance", meta, re.M)


def test_xattrs_tell_state_and_origin_without_fetching(mount, archive):
    plate = mount.plate_with(lambda did: True)
    os.listdir(plate)
    archive.forget_requests()
    names = os.listxattr(plate / "full.fits")
    assert "user.platefs.did" in names and "user.platefs.state" in names
    assert os.getxattr(plate / "full.fits", "user.platefs.state") == b"remote"
    assert os.getxattr(plate / "full.fits", "user.xdg.origin.url").startswith(b"http://127.0.0.1")
    assert archive.requests() == []
    (plate / "full.fits").read_bytes()
    assert os.getxattr(plate / "full.fits", "user.platefs.state") == b"cached"
    assert os.getxattr(plate / "full.fits", "user.platefs.source") == b"download"


def test_attributes_other_than_users_are_said_to_be_unknown_here(mount):
    for name in ("security.selinux", "system.posix_acl_access", "trusted.x"):
        with pytest.raises(OSError) as refused:
            os.getxattr(mount.target, name)
        assert refused.value.errno == errno.ENOTSUP


def test_datalink_vot_is_the_document_as_served(mount, archive):
    plate = mount.target / mount.plates()[0]
    served = (plate / "datalink.vot").read_bytes()
    assert os.stat(plate / "datalink.vot").st_size == len(served)
    assert b"<VOTABLE" in served and os.getxattr(plate, "user.platefs.did") in served


@pytest.mark.parametrize("form", ["tabledata", "binary2"])
def test_every_form_of_the_archives_table_shows_the_same_plates(mount, tmp_path, form):
    from conftest import Archive, Mount
    speaking = Archive(tmp_path / "state", "--table", form)
    other = Mount(speaking, tmp_path, name="other", cache="other-cache")
    try:
        assert other.plates() == mount.plates()
        for column in ("t_min", "s_ra", "access_estsize", "s_region"):
            ours, theirs = (parse_single_table(str(m.target / "plates.vot")).to_table()[column] for m in (mount, other))
            assert list(ours.filled()) == list(theirs.filled())
    finally:
        other.down()
        speaking.stop()
