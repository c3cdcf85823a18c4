# SPDX-License-Identifier: BSD-3-Clause
"""How a mount, and a command, begins and ends: signals, several commands at once, closed streams, what is inherited."""
import json
import os
import pathlib
import signal
import subprocess
import time

import pytest
from conftest import BIN, TARGET, Mount, wait_until

DRIPPING_FILES = {"match": {"kind": "file"}, "fault": "drip", "bytes_per_second": 20_000}  # a plate takes minutes


def mounts_at(path):
    points = [line.split()[4] for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()]
    return points.count(str(path.resolve()))


def pid_of(mount):
    return json.loads((mount.path / ".platefs" / "status.json").read_text())["pid"]


def has_ended(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def command(mount, *words, **more):
    return subprocess.run([BIN / "platefs", *words], env=mount.environment, capture_output=True, text=True, timeout=30,
                          **more)


def mount_words(mount, *options):
    return [BIN / "platefs", "mount", "--archive", mount.archive.tap, "--cache-dir", mount.cache, "--resolver",
            mount.archive.resolver, *options, mount.path]


@pytest.fixture
def foreground(archive, tmp_path):
    """A mount whose process is our child: its exit status can be asked for."""
    archive.clear_faults()
    mount = Mount(archive, tmp_path)
    mount.down()
    started = []

    def start(*options):
        process = subprocess.Popen(mount_words(mount, "--foreground", *options), env=mount.environment,
                                   stderr=subprocess.PIPE, text=True)
        started.append(process)
        wait_until(lambda: os.path.ismount(mount.path), what="the mount")
        mount.process = process
        return mount

    yield start
    archive.clear_faults()
    mount.down()
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.parametrize("end", ["unmount", "fusermount3", "TERM", "INT"])
def test_a_mount_ends_with_status_0_while_a_transfer_runs_for_nobody(foreground, archive, end):
    mount = foreground()
    plate = mount.target / mount.plates()[0] / "full.fits"
    archive.set_faults(DRIPPING_FILES)
    with open(plate, "rb", buffering=0) as file:
        file.read(10_000)
    if end == "unmount":
        assert command(mount, "unmount", mount.path).returncode == 0
    elif end == "fusermount3":
        subprocess.run(["fusermount3", "-u", mount.path], check=True)
    else:
        mount.process.send_signal(getattr(signal, "SIG" + end))
    assert mount.process.wait(timeout=15) == 0
    assert mounts_at(mount.path) == 0


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_mount_at_which_readers_wait(foreground, archive, end):
    mount = foreground()
    plate = mount.target / mount.plates()[0] / "full.fits"
    archive.set_faults({"match": {"kind": "file"}, "fault": "stall"})
    reader = subprocess.Popen(["cat", plate], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: [r for r in archive.requests("file") if r.get("ended") is None], what="the stalled request")
    mount.process.send_signal(end)
    assert mount.process.wait(timeout=10) == 0
    assert reader.wait(timeout=10) != 0


def test_no_other_signal_ends_a_mount_or_makes_it_deaf(foreground):
    mount = foreground()
    for name in ("HUP", "USR1", "USR2", "PIPE", "ALRM", "VTALRM", "PROF", "WINCH", "CHLD", "URG", "CONT", "IO", "PWR"):
        for _ in range(3):
            mount.process.send_signal(getattr(signal, "SIG" + name))
        assert len(os.listdir(mount.path)) > 0, name
        assert mount.process.poll() is None, name
    mount.process.send_signal(signal.SIGRTMIN)
    mount.process.send_signal(signal.SIGTERM)
    assert mount.process.wait(timeout=10) == 0


@pytest.mark.parametrize("end,code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_fetch_that_is_ended_leaves_a_sound_cache(mount, archive, end, code):
    mount.down()
    archive.set_faults(DRIPPING_FILES)
    fetch = subprocess.Popen([BIN / "platefs", "fetch", "--archive", archive.tap, "--cache-dir", mount.cache,
                              "--resolver", "none", "--what", "full", TARGET], env=mount.environment,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: [r for r in archive.requests("file") if r.get("ended") is None], what="a transfer")
    fetch.send_signal(end)
    assert fetch.wait(timeout=15) == code
    assert command(mount, "cache", "verify", "--cache-dir", mount.cache).returncode == 0


def test_a_fetch_takes_no_other_signal_for_its_answer(mount, archive):
    mount.down()
    archive.set_faults({"match": {"kind": "tap"}, "fault": "stall"})
    fetch = subprocess.Popen([BIN / "platefs", "fetch", "--archive", archive.tap, "--cache-dir", mount.cache,
                              "--resolver", "none", TARGET], env=mount.environment, stderr=subprocess.PIPE,
                             stdout=subprocess.DEVNULL, preexec_fn=lambda: signal.signal(signal.SIGUSR2, signal.SIG_IGN))
    wait_until(lambda: [r for r in archive.requests("tap") if r.get("ended") is None], what="the stalled query")
    fetch.send_signal(signal.SIGUSR2)
    fetch.send_signal(signal.SIGINT)
    assert fetch.wait(timeout=15) == 130


def test_four_commands_at_once_make_one_mount(mount):
    mount.down()
    for _ in range(3):
        started = [subprocess.Popen(mount_words(mount), env=mount.environment, stderr=subprocess.PIPE, text=True)
                   for _ in range(4)]
        ends = [(each.wait(timeout=60), each.stderr.read()) for each in started]
        assert mounts_at(mount.path) == 1
        assert sorted(code for code, _ in ends)[:2] == [0, 2], ends
        assert sum("mounted already" in told for _, told in ends) == 3, ends
        mount.down()


def test_a_mount_that_is_to_unmount_itself_is_gone_when_it_was_killed(archive, tmp_path):
    """fusermount3 looks once whether the connection is over: the kernel has to close that before it tells fusermount3."""
    for _ in range(5):
        mount = Mount(archive, tmp_path, options=("-o", "auto_unmount"))
        pid = pid_of(mount)
        files = {int(entry.name): os.readlink(entry.path) for entry in os.scandir(f"/proc/{pid}/fd")}
        assert files[max(files)] == "/dev/fuse", files
        assert mount.plates()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: mounts_at(mount.path) == 0, what="the end of the mount")


def held_by(pid):
    return {os.readlink(entry.path) for entry in os.scandir(f"/proc/{pid}/fd")}


def test_fusermount3_holds_nothing_of_a_mount_open(archive, tmp_path):
    """It lives as long as the mount that it is to unmount, and would hold the lock on the index."""
    mount = Mount(archive, tmp_path, options=("-o", "auto_unmount"))
    try:
        assert mount.plates()
        watching = [int(entry.name) for entry in os.scandir("/proc") if entry.name.isdigit()
                    and pathlib.Path(f"/proc/{entry.name}/cmdline").read_bytes().startswith(b"fusermount3")
                    and str(mount.path).encode() in pathlib.Path(f"/proc/{entry.name}/cmdline").read_bytes()]
        assert len(watching) == 1
        shared = held_by(pid_of(mount)) & held_by(watching[0])
        assert str((mount.cache / "index.mdb").resolve()) in held_by(pid_of(mount))
        assert all(what.startswith(("/dev/null", "pipe:", "/dev/fuse", "/dev/pts")) for what in shared), shared
    finally:
        mount.down()


def test_four_commands_at_once_lift_a_dead_mount_once(mount):
    pid = pid_of(mount)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: has_ended(pid), what="the end of the process")
    started = [subprocess.Popen(mount_words(mount), env=mount.environment, stderr=subprocess.DEVNULL) for _ in range(4)]
    assert sorted(each.wait(timeout=60) for each in started) == [0, 2, 2, 2]
    assert mounts_at(mount.path) == 1
    assert mount.plates()


def test_a_mount_is_known_by_every_name_of_its_directory(mount, tmp_path):
    link, second = tmp_path / "link", tmp_path / "second"
    link.symlink_to(mount.path.name)
    second.symlink_to(link)
    for name in (link, second, f"{link}/", tmp_path / "." / "second"):
        assert "mounted already" in command(mount, *mount_words(mount)[1:-1], name).stderr, name
        assert command(mount, "status", name).returncode == 0, name
    assert mounts_at(mount.path) == 1
    assert command(mount, "unmount", second).returncode == 0
    assert mounts_at(mount.path) == 0
    assert "not a mount" in command(mount, "unmount", second).stderr


def test_status_without_a_place_tells_of_every_mount(mount, archive, tmp_path):
    second = Mount(archive, tmp_path, "second", "its cache")
    try:
        places = [str(each.path.resolve()) for each in (mount, second)]
        told = json.loads(command(mount, "status", "--json").stdout)
        assert [each["mountpoint"] for each in told if each["mountpoint"] in places] == places
        text = command(mount, "status").stdout
        assert all(f"{place}  platefs " in text for place in places)
    finally:
        second.down()
    assert places[1] not in command(mount, "status").stdout


@pytest.fixture
def stopped(mount):
    """A mount whose process is stopped."""
    mount.plates()
    pid = pid_of(mount)
    os.kill(pid, signal.SIGSTOP)
    mount.pid = pid
    yield mount
    if not has_ended(pid):
        os.kill(pid, signal.SIGCONT)


def test_nothing_waits_for_a_mount_whose_process_is_stopped(stopped):
    begin = time.monotonic()
    assert "mounted already" in command(stopped, *mount_words(stopped)[1:]).stderr
    assert "does not answer" in command(stopped, "status", stopped.path).stderr
    listed = command(stopped, "cache", "list", "--cache-dir", stopped.cache, stopped.target / "full.fits")
    assert "nothing in the cache" in listed.stderr
    assert time.monotonic() - begin < 15
    assert mounts_at(stopped.path) == 1


def test_a_mount_whose_process_is_stopped_can_be_unmounted(stopped):
    begin = time.monotonic()
    assert command(stopped, "unmount", stopped.path).returncode == 0
    assert time.monotonic() - begin < 10
    assert mounts_at(stopped.path) == 0
    wait_until(lambda: has_ended(stopped.pid), what="the end of the process")


def test_unmounting_ends_the_process_although_somebody_stands_there(mount):
    pid = pid_of(mount)
    shell = subprocess.Popen(["sleep", "60"], cwd=mount.target)
    try:
        assert command(mount, "unmount", mount.path).returncode == 0
        wait_until(lambda: has_ended(pid), what="the end of the process")
    finally:
        shell.kill()
        shell.wait()


def test_a_file_that_is_open_outlives_a_lazy_unmount_and_the_process_ends_with_it(mount):
    pid = pid_of(mount)
    with open(mount.target / mount.plates()[0] / "full.fits", "rb") as file:
        subprocess.run(["fusermount3", "-u", "-z", mount.path], check=True)
        assert file.read(6) == b"SIMPLE"
    wait_until(lambda: has_ended(pid), what="the end of the process")


def test_the_process_in_the_background_keeps_nothing_of_its_caller_open(mount):
    mount.down()
    read_end, write_end = os.pipe()
    subprocess.run(mount_words(mount), env=mount.environment, pass_fds=[write_end], check=True, timeout=30)
    os.close(write_end)
    os.set_blocking(read_end, False)
    assert os.read(read_end, 1) == b""            # the end; with a writer left it would be EAGAIN
    os.close(read_end)


@pytest.mark.parametrize("closed", ["2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_end_in_an_exit_status_and_in_no_file_of_the_cache(mount, closed):
    mount.down()

    def run(*words):
        line = " ".join(f"'{word}'" for word in (BIN / "platefs", *words))
        return subprocess.run(["sh", "-c", f"{line} {closed}"], env=mount.environment, timeout=30).returncode
    common = ["--archive", mount.archive.tap, "--resolver", "none", "--cache-dir", mount.cache]
    assert run("query", *common, TARGET) in (0, 1)
    assert run("query", "--archive", "http://127.0.0.1:1/tap", *common[2:], "10+20") == 1
    assert run("fetch", *common, "--what", "preview", TARGET) in (0, 1, 3)
    assert run("query", "--no-such-option") == 2
    assert command(mount, "cache", "verify", "--cache-dir", mount.cache).returncode == 0
    for file in mount.cache.rglob("*"):
        if file.is_file() and file.name != "CACHEDIR.TAG":
            assert b"platefs: " not in file.read_bytes(), file


def test_a_fetch_whose_reader_leaves_ends_by_itself(mount):
    mount.down()
    fetch = subprocess.Popen([BIN / "platefs", "fetch", "--archive", mount.archive.tap, "--cache-dir", mount.cache,
                              "--resolver", "none", "--what", "preview", "--json", TARGET], env=mount.environment,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    fetch.stdout.close()
    assert fetch.wait(timeout=30) == 1
    assert "can't write the answer" in fetch.stderr.read()


def test_an_option_that_nobody_knows_is_wrong_usage(mount):
    mount.down()
    for options in (["-o", "nosuchoption"], ["--timeout", "nan"], ["--timeout", "inf"], ["-o", "timeout=nan"]):
        told = command(mount, *mount_words(mount, *options)[1:])
        assert told.returncode == 2, (options, told.stderr)
    assert mounts_at(mount.path) == 0


def test_what_a_mount_writes_is_its_users_alone(mount, tmp_path):
    mount.down()
    log = tmp_path / "state" / "platefs"
    log.chmod(0o755)
    (log / "log.txt").chmod(0o644)
    mount.cache = tmp_path / "shared"
    mount.cache.mkdir(mode=0o755)
    subprocess.run(mount_words(mount), env=mount.environment, check=True, timeout=30, umask=0)
    mount.plates()
    mount.down()
    for path in (log, log / "log.txt", mount.cache, *mount.cache.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_allowing_others_is_told_once(mount):
    mount.down()
    told = command(mount, *mount_words(mount, "--allow-other")[1:])
    assert told.stderr.count("every user of this machine can read") == 1
    assert "every user" not in command(mount, "status", mount.path).stderr
