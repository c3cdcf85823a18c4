# SPDX-License-Identifier: BSD-3-Clause
"""A stalled or failing archive: what is cached stays quick, what hangs can be freed."""
import errno
import os
import signal
import subprocess
import sys
import time

import pytest
from conftest import wait_until, xattr

STALL_FILES = {"match": {"kind": "file"}, "fault": "stall"}
AT_ONCE = 5                                        # seconds: a stall lasts 30, and the machine may be busy


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
    assert max(times) < AT_ONCE
    assert hanging_cat.poll() is None


def test_ctrl_c_frees_a_cat_that_waits_in_open(mount, hanging_cat):
    def interrupt():
        hanging_cat.send_signal(signal.SIGINT)
        hanging_cat.wait(timeout=10)
    assert elapsed(interrupt) < AT_ONCE


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
    assert elapsed(lambda: os.listdir(mount.target)) < AT_ONCE

    def interrupt():
        ls.send_signal(signal.SIGINT)
        ls.wait(timeout=10)
    assert elapsed(interrupt) < AT_ONCE


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


CALLER = """
import ctypes, errno, os, signal, sys
call, path, wanted = sys.argv[1], sys.argv[2].encode(), sys.argv[3:]
libc = ctypes.CDLL(None, use_errno=True)
libc.opendir.restype = ctypes.c_void_p
libc.aligned_alloc.restype = ctypes.c_void_p
if "timer" in wanted:                              # 20 ms; its handler has SA_RESTART
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.siginterrupt(signal.SIGALRM, False)
    signal.setitimer(signal.ITIMER_REAL, .02, .02)
if "handler" in wanted:
    signal.signal(signal.SIGINT, lambda *_: None)
if call == "read":
    file = libc.open(path, os.O_RDONLY | os.O_DIRECT)
    print("opened", flush=True)
    room = ctypes.c_void_p(libc.aligned_alloc(4096, 1 << 20))
    failed = libc.pread(file, room, ctypes.c_size_t(1 << 20), ctypes.c_long(int(wanted[0]))) < 0
else:
    failed = {"open": lambda: libc.open(path, os.O_RDONLY) < 0, "access": lambda: libc.access(path, os.R_OK) < 0,
              "opendir": lambda: not libc.opendir(path)}[call]()
print(errno.errorcode[ctypes.get_errno()] if failed else "done", flush=True)
"""


@pytest.fixture
def caller():
    """Starts a program that makes one system call by the C library, which retries nothing, and says how it ended."""
    started = []

    def start(*words):
        started.append(subprocess.Popen([sys.executable, "-c", CALLER, *map(str, words)], stdout=subprocess.PIPE,
                                        text=True))
        return started[-1]
    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_timers_signal_fails_no_call_that_waits(mount, archive, caller):
    plate = mount.target / mount.plates()[0]
    slow = {"match": {}, "fault": "latency", "milliseconds": 700}
    archive.set_faults(slow)
    calls = [caller("open", plate / "full.fits", "timer"), caller("opendir", mount.path / "10.5+41.2", "timer"),
             caller("access", mount.path / "83.5+22.2" / "plates.csv", "timer")]
    assert [call.communicate(timeout=30)[0] for call in calls] == ["done\n"] * 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_call_that_a_timer_interrupted_is_freed_by_what_ends_the_program(mount, archive, caller, number):
    plate = mount.target / mount.plates()[0]
    os.listdir(plate)
    archive.set_faults(STALL_FILES)
    waiting = caller("open", plate / "full.fits", "timer")
    wait_until(lambda: in_flight(archive, "file"), what="the stalled request")
    time.sleep(0.1)                                # some signals of the timer
    waiting.send_signal(number)
    assert elapsed(lambda: waiting.wait(timeout=10)) < AT_ONCE


def test_a_handled_interrupt_is_told_to_the_program(mount, archive, caller):
    plate = mount.target / mount.plates()[0]
    os.listdir(plate)
    archive.set_faults(STALL_FILES)
    waiting = caller("open", plate / "full.fits", "timer", "handler")
    wait_until(lambda: in_flight(archive, "file"), what="the stalled request")
    waiting.send_signal(signal.SIGINT)
    assert waiting.communicate(timeout=10)[0] == "EINTR\n"


def test_stopping_a_program_for_a_while_fails_no_call(mount, archive, caller):
    plate = mount.target / mount.plates()[0]
    os.listdir(plate)
    archive.set_faults({"match": {"kind": "file"}, "fault": "latency", "milliseconds": 700})
    waiting = caller("open", plate / "full.fits")
    wait_until(lambda: in_flight(archive, "file"), what="the slow request")
    waiting.send_signal(signal.SIGTSTP)
    waiting.send_signal(signal.SIGCONT)
    assert waiting.communicate(timeout=30)[0] == "done\n"


def test_a_reader_past_the_kernels_cache_dies_at_once(mount, archive, caller):
    plate = mount.target / mount.plates()[0]
    size = len((plate / "full.fits").open("rb").read(1)) and (plate / "full.fits").stat().st_size
    assert size > 2 << 20
    archive.set_faults(STALL_FILES)
    waiting = caller("read", plate / "full.fits", (size - (1 << 20)) // 4096 * 4096)
    assert waiting.stdout.readline() == "opened\n"
    wait_until(lambda: in_flight(archive, "file"), what="the stalled request")
    waiting.send_signal(signal.SIGKILL)
    assert elapsed(lambda: waiting.wait(timeout=10)) < AT_ONCE
