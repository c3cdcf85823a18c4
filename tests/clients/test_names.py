# SPDX-License-Identifier: BSD-3-Clause
"""Names of targets: every spelling, objects, and what must never be asked."""
import os
import subprocess

import pytest
from conftest import needs, shell
from mounted import TARGET, wait_until

SPELLINGS = ["156.01125+48.1475", "J102402.7+480851", "10:24:02.7+48:08:51", "10h24m02.7s+48d08m51s",
             "156.01125 48.1475", "10 24 02.7 +48 08 51"]
NOISE = [".git", ".hidden", ".Trash", ".Trash-0", ".sh_thumbnails", "HEAD", ".xdg-volume-info", "autorun.inf",
         ".DS_Store", "._Demo_Star", ".Trashes", ".fseventsd", ".Spotlight-V100", ".metadata_never_index",
         "desktop.ini", "Thumbs.db", ".directory", ".nomedia", "libc.so.6", "libfoo.so", "tls", "x86_64",
         "objects", "info", ".ls", "CVS", ".svn", ".editorconfig", ".envrc", ".python-version", "pyproject.toml",
         "__init__.py", "package.json", "Makefile", "node_modules", "feed.xml", "core.1234", "README", "LICENSE", "lost+found"]
NOISE += [f"file{i}.{extension}" for i in range(20) for extension in
          ("fits", "jpg", "txt", "py", "c", "so", "html", "tmp")]


def test_spellings_of_a_place_share_one_query_and_its_files(mount, archive):
    lists = [sorted(os.listdir(mount.path / name)) for name in SPELLINGS]
    assert all(names == lists[0] for names in lists) and len(lists[0]) > 40
    assert len(archive.requests("tap")) == 1
    plate = lists[0][0]
    inodes = {os.stat(mount.path / name / "cutouts" / f"{plate}.fits").st_ino for name in SPELLINGS}
    assert len(inodes) == 1
    for name in SPELLINGS:
        (mount.path / name / "cutouts" / f"{plate}.fits").read_bytes()
    assert len(archive.requests("soda")) <= 1


@pytest.mark.parametrize("name", ["J102402.7+480851", "J102402.6+480851", "j102402.69+480851.1", "102402.7+480851",
                                  "156.01124674021+48.14753874736@20m", "10:24:02.7+48:08:51"])
def test_a_place_is_found_by_what_people_write(mount, archive, name):
    """Designations are cut off, as the IAU wants it, or rounded, as many do it."""
    assert sorted(p for p in os.listdir(mount.path / name) if p[:2] in ("18", "19", "un")) == mount.plates()
    assert os.stat(mount.path / name).st_mode & 0o777 == 0o555


def test_the_radius_of_cutouts_stands_behind_the_place(mount):
    from astropy.io import fits
    from astropy.wcs.utils import proj_plane_pixel_scales
    from astropy.wcs import WCS
    for spelled, width in (("@5m", 600), ("@0.05d", 360), ("@240s", 480), ("", 1200)):
        header = fits.getheader(mount.path / f"{TARGET}{spelled}" / "1890-05-17_i00811/cutout.fits")
        scale = 3600 * proj_plane_pixel_scales(WCS(header))[0]
        assert abs(header["NAXIS1"] * scale - width) < 4 * scale, spelled


@needs("fish")
def test_completion_of_a_path_asks_nobody(mount, archive, tmp_path):
    os.listdir(mount.path / "Demo_Star")
    archive.forget_requests()
    offered = shell(f"fish -c 'complete -C \"ls {mount.path}/\"'", tmp_path, HOME=tmp_path)
    assert "Demo" in offered and "README.txt" in offered
    shell(f"fish -c 'complete -C \"ls {mount.path}/M3\"'; fish -c 'complete -C \"ls {mount.path}/156.0+4\"'", tmp_path,
          HOME=tmp_path)
    assert archive.requests() == []


def test_an_object_is_asked_for_once_and_remembered_for_good(mount, archive):
    assert len(os.listdir(mount.path / "Demo_Star")) > 40
    assert os.listdir(mount.path / "Demo Star")
    assert len(archive.requests("sesame")) == 1
    mount.again()
    assert os.listdir(mount.path / "Demo Star")
    assert len(archive.requests("sesame")) == 1
    assert "Demo_Star" in os.listdir(mount.path)


def test_an_unknown_object_is_no_directory_and_says_why(mount, archive):
    for _ in range(3):
        with pytest.raises(FileNotFoundError):
            os.listdir(mount.path / "Nosuch 42")
    assert len(archive.requests("sesame")) == 1
    assert "no catalogue knows" in (mount.path / ".platefs/log.txt").read_text()


def test_a_stalled_resolver_holds_up_nobody_else_and_can_be_interrupted(mount, archive):
    archive.set_faults({"match": {"kind": "sesame"}, "fault": "stall"})
    stuck = subprocess.Popen(["ls", mount.path / "AG_Dra"], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: archive.requests("sesame"), what="the question to the resolver")
        assert len(os.listdir(mount.target)) > 40
        stuck.send_signal(2)
        stuck.wait(timeout=2)
    finally:
        stuck.kill()
        archive.clear_faults()


def test_noise_asks_nobody(mount, archive, tmp_path):
    assert len(NOISE) == len(set(NOISE)) == 200
    for name in NOISE:
        assert not (mount.path / name).exists()
    for name in ("400+95", "156-95", "10:61:00+10:00:00"):
        assert not (mount.path / name).exists()
    shell("""find $M > /dev/null; cd $M; compgen -f > /dev/null; compgen -d > /dev/null
             if command -v git > /dev/null; then git status > /dev/null 2>&1 || true; fi
             if command -v updatedb.plocate > /dev/null; then updatedb.plocate -l 0 -U $M -o $W/db --prunefs '' --prunepaths ''; fi""",
          tmp_path, M=mount.path, W=tmp_path)
    assert archive.requests() == []
    log = (mount.path / ".platefs/log.txt").read_text()
    assert "400" in log and "61" in log and "autorun" not in log


def test_targets_used_are_listed_by_name_and_told_by_use(mount):
    for name in ("156+48", "Demo_Star", "12+34", "156+48"):
        os.listdir(mount.path / name)
    latest_first = ["156+48", "12+34", "Demo_Star"]
    told = mount.path / ".platefs/targets.txt"
    wait_until(lambda: told.read_text().split("\n")[:3] == latest_first, what="targets.txt by use")
    listed = [n for n in subprocess.run(["ls", mount.path], capture_output=True, text=True).stdout.split("\n") if n]
    assert [n for n in listed if n not in ("README.txt", "index.html")] == sorted(latest_first)
    with pytest.raises(OSError) as refused:
        os.rmdir(mount.path / "12+34")
    assert refused.value.errno == 30                  # EROFS
