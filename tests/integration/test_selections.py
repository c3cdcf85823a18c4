# SPDX-License-Identifier: BSD-3-Clause
"""Some of a target's plates: @1890-1920 behind its name, by-decade/, by-collection/; and what tables tell of each."""
import csv
import io
import os
import subprocess

import pytest
from astropy.io import fits, votable
from conftest import TARGET, wait_until, xattr

BAD = ("1894-03-12_i08382", "1919-05-01_AG03255_y")     # withdrawn by the archive; without coordinates


def plates_of(directory):
    return sorted(entry.name for entry in os.scandir(directory) if entry.is_dir() and entry.name[4:5] == "-")


def rows_of(directory):
    return list(csv.DictReader(io.StringIO((directory / "plates.csv").read_text())))


def test_years_behind_a_name_are_a_view_of_the_same_answer(mount, archive):
    plates = mount.plates()
    archive.forget_requests()
    view = mount.path / f"{TARGET}@1890-1919"
    expected = [plate for plate in plates if "1890" <= plate[:4] <= "1919"]
    assert plates_of(view) == expected and 5 < len(expected) < len(plates)
    assert sorted(name[:-5] for name in os.listdir(view / "cutouts")) == expected
    assert [row["plate"] for row in rows_of(view)] == expected
    assert archive.requests() == []
    name = expected[0]
    assert os.stat(view / "cutouts" / f"{name}.fits").st_ino == os.stat(mount.target / "cutouts" / f"{name}.fits").st_ino
    (view / "cutouts" / f"{name}.fits").read_bytes()
    assert xattr(mount.target / name / "cutout.fits", "state") == "cached"
    gif, whole = (view / "blink.gif").read_bytes(), (mount.target / "blink.gif").read_bytes()
    assert gif != whole and gif.startswith(b"GIF89a")
    assert sorted(p for p in os.listdir(mount.path) if "@" in p) == [f"{TARGET}@1890-1919"]


def test_years_stand_before_or_behind_the_radius_and_with_objects(mount):
    names = plates_of(mount.path / "Demo_Star@5m@1890-1899")
    assert names and names == plates_of(mount.path / "Demo_Star@1890-1899@5m")
    narrow = fits.getheader(mount.path / "Demo_Star@5m@1890-1899/cutouts" / f"{names[0]}.fits")
    assert narrow["NAXIS1"] < 0.7 * fits.getheader(mount.target / "cutouts" / f"{names[0]}.fits")["NAXIS1"]


def test_years_without_plates_say_so(mount):
    empty = mount.path / f"{TARGET}@1700-1750"
    assert plates_of(empty) == [] and "those years" in (empty / "errors.txt").read_text()
    for wrong in ("@1920-1890", "@1890", "@1890-1920@1890-1921"):
        assert not os.path.exists(mount.path / f"{TARGET}{wrong}")


def test_decades_and_collections_link_to_the_plates(mount, archive):
    plates = mount.plates()
    archive.forget_requests()
    for folder in ("by-decade", "by-collection"):
        linked = []
        for group in sorted(os.listdir(mount.target / folder)):
            for name in sorted(os.listdir(mount.target / folder / group)):
                link = mount.target / folder / group / name
                assert os.path.islink(link) and os.readlink(link) == f"../../{name}"
                assert os.path.samefile(link, mount.target / name)
                if folder == "by-decade":
                    assert group == (name[:3] + "0s" if name[0] == "1" else "undated")
                else:
                    assert group == os.getxattr(link, "user.platefs.collection").decode()
                linked.append(name)
        assert sorted(linked) == plates, folder
    assert "1890s" in os.listdir(mount.target / "by-decade")
    assert archive.requests("tap") == []
    found = subprocess.run(["find", "-L", mount.target / "by-decade/1890s", "-name", "cutout.fits"],
                           capture_output=True, text=True, check=True).stdout.split()
    assert len(found) == len([plate for plate in plates if plate[:3] == "189"])
    with pytest.raises(FileNotFoundError):
        os.stat(mount.target / "by-decade/1700s")


def test_a_copy_of_a_target_has_links_that_lead_to_its_own_plates(mount, tmp_path):
    subprocess.run(["rsync", "-a", "--exclude=*.fits", "--exclude=*.jpg", "--exclude=*.png", "--exclude=links",
                    "--exclude=blink.gif", f"{mount.path}/M31/", tmp_path / "copy"], check=True)
    link = next((tmp_path / "copy/by-decade").glob("*/*"))
    assert link.is_symlink() and os.path.samefile(link, tmp_path / "copy" / link.name)


def test_tables_tell_scale_edge_and_how_each_cutout_stands(mount):
    plates = mount.plates()
    assert {row["state"] for row in rows_of(mount.target)} == {"remote"}
    got = mount.target / "cutouts" / f"{plates[0]}.fits"
    got.read_bytes()
    for plate in BAD:
        with pytest.raises(OSError):
            (mount.target / "cutouts" / f"{plate}.fits").read_bytes()
    states = wait_until(lambda: (told := {row["plate"]: row["state"] for row in rows_of(mount.target)})
                        and told[plates[0]] == "cached" and told, what="the new state in plates.csv")
    assert [plate for plate, state in states.items() if state == "failed"] == list(BAD)
    table = votable.parse_single_table(mount.target / "plates.vot")
    fields = {field.name: field for field in table.fields}
    assert str(fields["pixel_scale"].unit) == "arcsec" and str(fields["edge_distance"].unit) == "pix"
    for name in ("edge_distance", "pixel_scale", "polarity", "state", "lim_mag"):
        assert fields[name].ucd and fields[name].description, name
    rows = table.to_table()
    assert (rows["pixel_scale"] == rows["s_pixel_scale"]).all()
    # The target is nowhere farther from an edge than half the plate is wide.
    for row in rows[~rows["edge_distance"].mask & ~rows["s_xel1"].mask]:
        assert 0 <= row["edge_distance"] <= max(row["s_xel1"], row["s_xel2"]) / 2 + 1
    assert (~rows["edge_distance"].mask).sum() > 30


def test_an_object_is_listed_once_with_its_radius_as_people_write_it(mount):
    for spelled in ("Demo Star", "Demo_Star", "Demo__Star", "Demo Star@2m", "Demo Star@120s", "Demo_Star@0.5d"):
        os.listdir(mount.path / spelled)
    targets = wait_until(lambda: (names := sorted(n for n in os.listdir(mount.path) if n[0] == "D")) and len(names) == 3
                         and names, what="three targets in the root")
    assert targets == ["Demo_Star", "Demo_Star@2m", "Demo_Star@30m"]
