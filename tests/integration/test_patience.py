# SPDX-License-Identifier: BSD-3-Clause
"""A stalled or failing archive: what is cached stays quick, what hangs can be freed."""
import errno
import os
import signal
import subprocess
import time

import pytest
from conftest import wait_until, xattr

STALL_FILES = {"match": {"kind": "file"}, "fault": "stall"}


def elapsed(action):
    begin = time.monotonic()
    action()
    return time.monotonic() - begin


def in_flight(archive, kind):
    return [r for r in archive.requests(kind) if r.get("ended") is None]


@pytest.fixture
def hanging_cat(mount, archive):
    """A cat that waits in open for a full.fits which the archive never answers."""
    plate = mount.target / mount.plates()[0]
    os.listdir(plate)
    archive.set_faults(STALL_FILES)
    cat = subprocess.Popen(["cat", plate / "full.fits"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wait_until(lambda: in_flight(archive, "file"), what="the stalled request")
    yield cat
    if cat.poll() is None:
        cat.kill()
    cat.wait()


def test_a_cached_directory_lists_at_once_while_a_read_hangs(mount, hanging_cat):
    times = [elapsed(lambda: os.listdir(mount.target)) for _ in range(5)]
    assert max(times) < 0.05
    assert hanging_cat.poll() is None


def test_ctrl_c_frees_a_cat_that_waits_in_open(mount, hanging_cat):
    def interrupt():
        hanging_cat.send_signal(signal.SIGINT)
        hanging_cat.wait(timeout=10)
    assert elapsed(interrupt) < 0.1


def test_the_transfer_ends_when_its_last_reader_goes(mount, archive, hanging_cat):
    hanging_cat.send_signal(signal.SIGINT)
    hanging_cat.wait(timeout=10)
    status = mount.path / ".platefs" / "status.json"
    wait_until(lambda: '"transfers": []' in status.read_text(), what="the end of the transfer")


def test_unmounting_does_not_hang_while_a_read_hangs(mount, hanging_cat):
    assert elapsed(mount.down) < 2.0
    assert not os.path.ismount(mount.path)
    assert hanging_cat.wait(timeout=5) != 0


def test_a_stalled_query_can_be_interrupted_and_others_go_on(mount, archive):
    os.listdir(mount.target)
    archive.set_faults({"match": {"kind": "tap"}, "fault": "stall"})
    ls = subprocess.Popen(["ls", mount.path / "10.5+41.2"], stderr=subprocess.DEVNULL)
    wait_until(lambda: in_flight(archive, "tap"), what="the stalled query")
    assert elapsed(lambda: os.listdir(mount.target)) < 0.05

    def interrupt():
        ls.send_signal(signal.SIGINT)
        ls.wait(timeout=10)
    assert elapsed(interrupt) < 0.1


def test_a_stalled_file_times_out_with_its_errno(mount_with, archive):
    mount = mount_with("--timeout", "1")
    plate = mount.target / mount.plates()[0]
    archive.set_faults(STALL_FILES)
    with pytest.raises(OSError) as failed:
        (plate / "full.fits").read_bytes()
    assert failed.value.errno == errno.ETIMEDOUT


def test_a_dead_archive_is_refused_and_cached_data_stays(mount, archive, tmp_path):
    from conftest import Archive, Mount
    mortal = Archive(tmp_path / "mortal-state")
    mounted = Mount(mortal, tmp_path, name="mortal", cache="mortal-cache")
    try:
        plate = mounted.plates()[0]
        cached = (mounted.target / plate / "preview.jpg").read_bytes()
        mortal.stop()
        assert (mounted.target / plate / "preview.jpg").read_bytes() == cached
        assert mounted.plates()
        with pytest.raises(OSError) as refused:
            os.listdir(mounted.path / "10.5+41.2")
        assert refused.value.errno == errno.ECONNREFUSED
        assert "refused" in xattr(mounted.path / "10.5+41.2", "error").lower()
    finally:
        mounted.down()


def test_busy_answers_are_asked_again(mount, archive):
    archive.set_faults({"match": {"kind": "tap"}, "fault": "status", "status": 503, "retry_after": 0,
                        "times": 2})
    assert len(mount.plates()) >= 40
    assert len(archive.requests("tap")) == 3


def test_a_transfer_that_breaks_off_is_resumed_and_complete(mount, archive):
    plate = mount.target / mount.plates()[0]
    os.listdir(plate)
    archive.set_faults({"match": {"kind": "file"}, "fault": "truncate", "after_bytes": 200000, "times": 2})
    got = (plate / "full.fits").read_bytes()
    archive.clear_faults()
    import urllib.request
    with urllib.request.urlopen(os.getxattr(plate / "full.fits", "user.xdg.origin.url").decode()) as direct:
        assert got == direct.read()
    assert any((r.get("range") or "").startswith("bytes=1") for r in archive.requests("file"))


def test_a_server_without_ranges_is_served_whole(mount, archive):
    plate = mount.target / mount.plates()[0]
    archive.set_faults({"match": {"kind": "file"}, "fault": "ignore_range"})
    got = (plate / "full.fits").read_bytes()
    archive.clear_faults()
    import urllib.request
    with urllib.request.urlopen(os.getxattr(plate / "full.fits", "user.xdg.origin.url").decode()) as direct:
        assert got == direct.read()


@pytest.mark.parametrize("fault", ["html", "empty", "reset", "redirect_loop", "wrong_range"])
def test_what_is_no_fits_is_never_served_as_fits(mount, archive, fault):
    plate = mount.target / mount.plates()[0]
    os.listdir(plate)
    archive.set_faults({"match": {"kind": "file"}, "fault": fault})
    with pytest.raises(OSError) as failed:
        (plate / "full.fits").read_bytes()
    assert failed.value.errno in (errno.EIO, errno.ECONNREFUSED, errno.EHOSTUNREACH)
    assert xattr(plate / "full.fits", "error")
    assert "full.fits" in (mount.target / "errors.txt").read_text()
    assert xattr(plate / "full.fits", "state") == "failed"


def test_a_failure_is_over_when_the_archive_is_well_again(mount, archive):
    plate = mount.target / mount.plates()[0]
    os.listdir(plate)
    archive.set_faults({"match": {"kind": "file"}, "fault": "html"})
    with pytest.raises(OSError):
        (plate / "full.fits").read_bytes()
    archive.clear_faults()

    def readable():
        try:
            return (plate / "full.fits").read_bytes()
        except OSError:
            return None
    assert wait_until(readable, seconds=15)[:6] == b"SIMPLE"
    assert not (mount.target / "errors.txt").exists() or \
        "full.fits" not in (mount.target / "errors.txt").read_text()
