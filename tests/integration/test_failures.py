# SPDX-License-Identifier: BSD-3-Clause
"""Every way to fail has its errno, is explained where a user looks, and ends when the archive is well again."""
import errno
import os
import subprocess
import urllib.request

import pytest
from astropy.io import fits
from astropy.io.votable import parse
from conftest import BIN, TARGET, Archive, Mount, wait_until, xattr

FIRST = "1888-03-24_b01941"


def rule(kind, fault, path="", **more):
    return {"match": {"kind": kind, "path": path}, "fault": fault, **more}


def failure_of(path):
    """The errno with which reading `path` fails."""
    with pytest.raises(OSError) as failed:
        path.read_bytes()
    return failed.value.errno


def origin_of(path):
    with urllib.request.urlopen(os.getxattr(path, "user.xdg.origin.url").decode()) as direct:
        return direct.read()


@pytest.fixture
def plate(mount, archive):
    """A plate of which the links are known, but no file is cached."""
    path = mount.target / FIRST
    os.listdir(path)
    os.stat(path / "full.fits")
    return path


@pytest.mark.parametrize("fault, expected, words", [
    (rule("file", "status", status=401), errno.EACCES, "401"),
    (rule("file", "status", status=403), errno.EACCES, "403"),
    (rule("file", "status", status=404), errno.ENOENT, "404"),
    (rule("file", "status", status=410), errno.ENOENT, "410"),
    (rule("file", "status", status=500), errno.EIO, "500"),
    (rule("file", "status", status=503, retry_after=0), errno.EIO, "503"),
    (rule("file", "status", status=429, retry_after=0), errno.EIO, "429"),
    (rule("file", "status", status=503, retry_after=100000), errno.EIO, "503"),
    (rule("file", "status", status=204), errno.EIO, "204"),
    (rule("file", "html"), errno.EIO, "text/html"),
    (rule("file", "empty"), errno.EIO, ""),
    (rule("file", "reset"), errno.EIO, ""),
    (rule("file", "truncate", after_bytes=0), errno.EIO, "broke off"),
    (rule("file", "wrong_range"), errno.EIO, "Content-Range"),
    (rule("file", "redirect_loop"), errno.EIO, "redirect"),
], ids=lambda value: value["fault"] + str(value.get("status", "")) if isinstance(value, dict) else None)
def test_a_file_that_fails_says_why(mount, archive, plate, fault, expected, words):
    archive.set_faults(fault)
    assert failure_of(plate / "full.fits") == expected
    why = xattr(plate / "full.fits", "error")
    assert words in why and why
    assert xattr(plate / "full.fits", "state") == "failed"
    told = (mount.target / "errors.txt").read_text()
    assert f"{FIRST}/full.fits" in told and words in told
    assert (plate / "preview.jpg").read_bytes()[:2] == b"\xff\xd8"
    assert (plate / "cutout.fits").read_bytes()[:6] == b"SIMPLE"


def test_a_head_that_promises_too_little_never_makes_a_short_file(archive, plate):
    whole = origin_of(plate / "full.fits")
    archive.set_faults(rule("file", "wrong_length", times=3))
    try:
        assert (plate / "full.fits").read_bytes() == whole
    except OSError as failed:
        assert failed.errno in (errno.EIO, errno.ESTALE)


def test_what_was_replaced_while_it_is_read_is_never_mixed(archive, plate):
    old = origin_of(plate / "full.fits")
    with open(plate / "full.fits", "rb", buffering=0) as file:
        assert os.pread(file.fileno(), 4096, 0) == old[:4096]
        archive.set_faults(rule("file", "changed"))
        at, got = len(old) - 100000, b""
        try:
            got = os.pread(file.fileno(), 4096, at)
        except OSError as failed:
            assert failed.errno in (errno.ESTALE, errno.EIO)
        assert got == b"" or got == old[at:at + 4096]
    new = origin_of(plate / "full.fits")
    assert new != old

    def read_anew():
        try:
            return (plate / "full.fits").read_bytes()
        except OSError:
            return None
    assert wait_until(read_anew, what="the new version") == new


@pytest.mark.parametrize("fault", [rule("soda", "status", status=500), rule("soda", "status", status=204),
                                   rule("soda", "html"), rule("soda", "empty"),
                                   rule("soda", "truncate", after_bytes=5000), rule("soda", "reset")],
                         ids=lambda fault: fault["fault"] + str(fault.get("status", "")))
def test_where_soda_fails_the_cutout_is_cut_here(mount, archive, mount_with, fault):
    by_soda = fits.getdata(mount.target / FIRST / "cutout.fits")
    assert xattr(mount.target / FIRST / "cutout.fits", "source") == "soda"
    other = mount_with(name="other", cache="other-cache")
    archive.set_faults(fault)
    path = other.target / FIRST / "cutout.fits"
    assert (fits.getdata(path) == by_soda).all()
    assert xattr(path, "source") == "cutout"


def test_a_plate_whose_soda_is_broken_has_a_cutout_all_the_same(mount):
    path = mount.plate_with(lambda did: did.endswith("i05999")) / "cutout.fits"
    assert fits.getdata(path).size > 0
    assert xattr(path, "source") == "cutout"


@pytest.mark.parametrize("fault", [rule("preview", "status", status=404), rule("preview", "status", status=500),
                                   rule("preview", "html"), rule("preview", "empty")], ids=lambda fault: fault["fault"])
def test_a_preview_that_is_not_where_the_archive_says_is_rendered(mount, archive, plate, fault):
    archive.set_faults(fault)
    assert (plate / "preview.jpg").read_bytes().startswith(b"\xff\xd8\xff")
    assert xattr(plate / "preview.jpg", "source") == "cutout"
    assert not (mount.target / "errors.txt").exists() or "preview" not in (mount.target / "errors.txt").read_text()


def test_a_preview_that_fails_both_ways_tells_both_reasons(mount, archive, plate):
    archive.set_faults(rule("preview", "status", status=404), rule("file", "status", status=403))
    assert failure_of(plate / "preview.jpg") == errno.ENOENT
    assert "404" in xattr(plate / "preview.jpg", "error") and "403" in xattr(plate / "preview.jpg", "error")
    archive.clear_faults()
    assert wait_until(lambda: is_readable(plate / "preview.jpg"), what="the preview's recovery")


def is_readable(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_a_withdrawn_plate_tells_what_the_archive_says(mount):
    plate = mount.plate_with(lambda did: did.endswith("i08382"))
    for name in ("cutout.fits", "full.fits", "preview.jpg"):
        assert failure_of(plate / name) == errno.ENOENT
        assert "NotFoundFault" in xattr(plate / name, "error")
    told = (mount.target / "errors.txt").read_text()
    assert f"{plate.name}/cutout.fits" in told and "NotFoundFault" in told


def test_a_plate_without_coordinates_tells_so_and_is_served_whole(mount):
    plate = mount.plate_with(lambda did: did.endswith("AG03255_y.fits"))
    assert failure_of(plate / "cutout.fits") == errno.EIO
    assert "coordinates" in xattr(plate / "cutout.fits", "error")
    assert (plate / "full.fits").read_bytes()[:6] == b"SIMPLE"


@pytest.mark.parametrize("fault", [rule("datalink", "status", status=500), rule("datalink", "html"),
                                   rule("datalink", "truncate", after_bytes=300), rule("datalink", "empty")],
                         ids=lambda fault: fault["fault"])
def test_a_links_service_that_fails_spoils_no_other_collection(mount, archive, fault):
    fault["match"]["path"] = "/dasch/"
    archive.set_faults(fault)
    assert failure_of(mount.target / FIRST / "full.fits") == errno.EIO
    assert xattr(mount.target / FIRST / "full.fits", "error")
    other = mount.plate_with(lambda did: did.endswith("AG03152_y.fits"))
    assert (other / "full.fits").read_bytes()[:6] == b"SIMPLE"


@pytest.mark.parametrize("fault, expected", [
    (rule("tap", "status", status=500), errno.EIO),
    (rule("tap", "status", status=404), errno.EIO),
    (rule("tap", "status", status=403), errno.EACCES),
    (rule("tap", "html"), errno.EIO),
    (rule("tap", "empty"), errno.EIO),
    (rule("tap", "truncate", after_bytes=20000), errno.EIO),
    (rule("tap", "redirect_loop"), errno.EIO),
], ids=lambda value: value["fault"] + str(value.get("status", "")) if isinstance(value, dict) else None)
def test_a_query_that_fails_is_no_empty_or_short_list(mount, archive, fault, expected):
    archive.set_faults(fault)
    with pytest.raises(OSError) as failed:
        os.listdir(mount.target)
    assert failed.value.errno == expected
    assert xattr(mount.target, "error")
    assert "why" in (mount.target / "errors.txt").read_text()
    archive.clear_faults()
    assert wait_until(lambda: listed(mount), what="the archive's recovery") >= 40


def listed(mount):
    try:
        return len(mount.plates())
    except OSError:
        return 0


def test_a_condition_that_is_no_adql_is_told_in_the_archives_words(mount_with):
    mount = mount_with("--where", "t_min <<< 1")
    with pytest.raises(OSError) as failed:
        os.listdir(mount.target)
    assert failed.value.errno == errno.EIO
    assert "ADQL: expected" in xattr(mount.target, "error")


def test_a_condition_chooses_plates(mount_with):
    mount = mount_with("--where", "obs_collection LIKE 'APPLAUSE%'")
    assert 10 <= len(mount.plates()) <= 20


@pytest.fixture
def second_archive(tmp_path):
    running = Archive(tmp_path / "second-state", "--authority", "second.demo")
    yield running
    running.stop()


def test_an_archive_that_is_dead_hides_no_plates_of_another(mount_with, second_archive):
    mount = mount_with("--archive", second_archive.tap)
    both = len(mount.plates())
    assert both >= 80
    second_archive.set_faults(rule("tap", "status", status=500))
    lonely = mount_with("--archive", second_archive.tap, name="lonely", cache="lonely-cache")
    assert len(lonely.plates()) == both / 2
    told = (lonely.target / "errors.txt").read_text()
    assert "500" in told and "missing" in told
    second_archive.clear_faults()
    assert wait_until(lambda: len(lonely.plates()) == both, seconds=90, what="the second archive's plates")
    assert not (lonely.target / "errors.txt").exists()


def test_a_command_waits_for_an_archive_that_is_slow(archive, second_archive, tmp_path):
    second_archive.set_faults(rule("tap", "latency", milliseconds=4000))
    done = subprocess.run([BIN / "platefs", "query", TARGET, "--format", "csv", "--cache-dir", tmp_path / "cache",
                           "--archive", archive.tap, "--archive", second_archive.tap],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "second.demo" in done.stdout


@pytest.fixture
def short_of(tmp_path):
    """A mount of an archive that answers so many rows at most."""
    made = []

    def make(rows):
        archive = Archive(tmp_path / "short-state", "--max-records", str(rows))
        made.append(Mount(archive, tmp_path, name="short", cache="short-cache"))
        return made[-1]

    yield make
    for each in made:
        each.down()
        each.archive.stop()


def test_a_list_that_the_archive_cuts_short_is_gone_on_with(mount, short_of):
    short = short_of(10)
    assert short.plates() == mount.plates()
    assert len(short.archive.requests("tap")) == 5
    assert not (short.target / "errors.txt").exists()


def test_a_list_of_which_the_archive_gives_no_more_says_so(short_of):
    short = short_of(1)
    assert len(short.plates()) == 1
    assert "cut" in (short.target / "errors.txt").read_text()
    table = parse(str(short.target / "plates.vot"))
    assert any(info.value == "OVERFLOW" for info in table.resources[0].infos)


def test_the_log_tells_each_failure_once(mount, archive, plate):
    archive.set_faults(rule("file", "status", status=404), rule("tap", "status", status=500))
    for _ in range(2):
        assert failure_of(plate / "full.fits") == errno.ENOENT
        with pytest.raises(OSError):
            os.listdir(mount.path / "11+12")
    log = (mount.path / ".platefs/log.txt").read_text()
    assert log.count("warning full.fits of ivo://") == 1 and sum("status 404" in line for line in log.splitlines()) == 1, log
    assert log.count("status 500") == 1, log


def test_failures_are_over_when_the_archive_is_well_again(mount, archive):
    plates = [mount.target / name for name in mount.plates()[:6]]
    faults = ["html", "empty", "reset", "wrong_range", "redirect_loop", "truncate"]
    for path, fault in zip(plates, faults):
        os.listdir(path)
        archive.set_faults(rule("file", fault, **({"after_bytes": 0} if fault == "truncate" else {})))
        failure_of(path / "full.fits")
    archive.clear_faults()

    def all_are_whole():
        try:
            return all((path / "full.fits").read_bytes() == origin_of(path / "full.fits") for path in plates)
        except OSError:
            return False
    wait_until(all_are_whole, what="all plates")
    assert not any(xattr(path / "full.fits", "error") for path in plates)
    assert not (mount.target / "errors.txt").exists()
