# SPDX-License-Identifier: BSD-3-Clause
"""Several processes on one cache, and caches that can't be written: right bytes, and nobody waits for long."""
import contextlib
import hashlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from conftest import BIN, TARGET, Mount, wait_until

PLATEFS = BIN / "platefs"
ACTORS = ["mount", "fetch", "clear", "evict", "verify", "other format"]


def contents(mounted):
    """The checksum of each preview of the target, by the plate's name."""
    return {plate: hashlib.sha256((mounted.target / plate / "preview.jpg").read_bytes()).hexdigest()
            for plate in mounted.plates()[:4]}


@pytest.fixture(scope="module")
def truth(archive, tmp_path_factory):
    mounted = Mount(archive, tmp_path_factory.mktemp("truth"))
    yield contents(mounted)
    mounted.down()


class Neighbour:
    """Another process on the cache of a mount."""

    def __init__(self, mounted, base):
        self.mounted, self.base = mounted, base

    def run(self, *words, codes=(0,), seconds=30, **options):
        done = subprocess.run([PLATEFS, *words, "--cache-dir", self.mounted.cache], env=self.mounted.environment,
                              capture_output=True, text=True, timeout=seconds, **options)
        assert done.returncode in codes, (words, done.returncode, done.stderr)
        return done

    def fetch(self, *words, codes=(0, 3), **options):
        # 3: some of the archive's plates have no preview
        return self.run("fetch", "--archive", self.mounted.archive.tap, "--resolver", "none", "--what", "preview",
                        TARGET, *words, codes=codes, **options)

    def act(self, actor):
        if actor == "mount":
            other = Mount(self.mounted.archive, self.base, name="other")
            found = contents(other)
            other.down()
            return found
        if actor == "fetch":
            self.fetch()
        if actor == "clear":
            self.run("cache", "clear", "--pinned", codes=(0, 3))
        if actor == "evict":
            self.run("cache", "evict", "--what", "preview", codes=(0, 1, 3))
        if actor == "verify":
            self.run("cache", "verify")
        if actor == "other format":
            set_format(self.mounted.cache, 9)
            self.fetch(codes=(0, 1, 3))                # without a cache: the mount uses the one there is
            self.run("cache", "list", codes=(1,))
            set_format(self.mounted.cache, 3)
        return None


def set_format(cache, number):
    """Makes the index say that it is of another format, as an older or newer platefs would leave it."""
    subprocess.run([BIN / "index-tool", cache / "index.mdb", "set-format", str(number)], check=True, timeout=10)


@pytest.mark.parametrize("first, second", itertools.combinations_with_replacement(ACTORS, 2))
def test_every_pair_on_a_cache_leaves_right_bytes(mount, truth, tmp_path, first, second):
    assert contents(mount) == truth
    neighbour = Neighbour(mount, tmp_path)
    for actor in (first, second):
        assert neighbour.act(actor) in (None, truth)
        assert contents(mount) == truth
    assert json.loads(neighbour.run("cache", "verify", "--json").stdout)["bad_bytes"] == 0


def test_the_directory_is_removed_under_a_mount(mount, truth, tmp_path):
    assert contents(mount) == truth
    mount.cache.rename(tmp_path / "away")              # at once: the mount may write while files are removed
    shutil.rmtree(tmp_path / "away")
    assert contents(mount) == truth
    Neighbour(mount, tmp_path).fetch()
    assert contents(mount) == truth
    mount.again()
    assert contents(mount) == truth


def snapshot(folder):
    return {str(p): (s.st_size, s.st_ctime_ns) for p in folder.rglob("*") if p.suffix != ".mdb-lock"
            for s in [p.lstat()]}


def test_looking_at_a_cache_changes_nothing(mount, tmp_path):
    contents(mount)
    mount.down()
    neighbour = Neighbour(mount, tmp_path)
    before = snapshot(mount.cache)
    for words in (["status"], ["list"], ["list", "--targets"], ["list", "--json"], ["status", "--json"]):
        neighbour.run("cache", *words)
    assert snapshot(mount.cache) == before
    status = json.loads(neighbour.run("cache", "status", "--json").stdout)
    assert status["index_bytes"] >= status["document_bytes"] > 0


@contextlib.contextmanager
def stopped_while_it_writes(cache):
    """A process that holds the writer's lock of the index and is stopped."""
    process = subprocess.Popen([BIN / "index-tool", cache / "index.mdb", "hold-writer"], stdout=subprocess.PIPE)
    process.stdout.readline()
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def test_a_process_that_is_stopped_in_its_writing_holds_up_nobody(mount, truth, tmp_path):
    neighbour = Neighbour(mount, tmp_path)
    with stopped_while_it_writes(mount.cache):
        begun = time.monotonic()
        neighbour.run("cache", "list")
        assert time.monotonic() - begun < 3
        neighbour.run("cache", "verify")
        assert contents(mount) == truth
        neighbour.fetch(codes=(0, 1, 3))
        mount.again()
        assert contents(mount) == truth
        mount.down()
        assert time.monotonic() - begun < 60
    mount.up()
    assert contents(mount) == truth


def test_commands_that_start_at_once_all_start(mount, tmp_path):
    words = [PLATEFS, "cache", "verify", "--cache-dir", mount.cache]
    for _ in range(4):
        started = [subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                   for _ in range(10)]
        errors = [p.communicate(timeout=60)[1] for p in started]
        assert [p.returncode for p in started] == [0] * 10, errors


def can_unshare():
    return subprocess.run(["unshare", "--pid", "--fork", "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(not can_unshare(), reason="wants to make namespaces")
def test_processes_of_several_containers_share_a_cache(mount, truth, tmp_path):
    contents(mount)
    script = f"for i in 1 2 3; do '{PLATEFS}' cache verify --cache-dir '{mount.cache}' || exit 1; done"
    begun = [subprocess.Popen(["unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", script],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for _ in range(6)]
    errors = [p.communicate(timeout=60)[1] for p in begun]
    assert [p.returncode for p in begun] == [0] * 6, errors
    assert contents(mount) == truth


@contextlib.contextmanager
def mounted_tmpfs(path, size):
    path.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path]).returncode:
        pytest.skip("wants to mount a tmpfs")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", path], check=True)


def fill(path):
    with open(path / "filler", "ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)


@pytest.mark.parametrize("size", ["64k", "1m", "50m"])
def test_a_disk_that_is_full_costs_the_cache_not_the_reader(archive, truth, tmp_path, size):
    with mounted_tmpfs(tmp_path / "disk", size) as disk:
        mounted = Mount(archive, tmp_path, cache="disk/cache")
        first = mounted.plates()[0]
        fill(disk)
        assert contents(mounted) == truth
        mounted.again()                                # full from the start
        assert first in mounted.plates() and contents(mounted) == truth
        mounted.down()


def test_a_disk_that_is_read_only_is_read(archive, truth, tmp_path):
    with mounted_tmpfs(tmp_path / "disk", "50m") as disk:
        mounted = Mount(archive, tmp_path, cache="disk/cache")
        assert contents(mounted) == truth
        wait_until(lambda: all(os.getxattr(mounted.target / p / "preview.jpg", "user.platefs.state") == b"cached"
                               for p in truth), what="previews in the cache")
        mounted.down()
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        before = snapshot(disk)
        archive.forget_requests()
        mounted.up()
        assert contents(mounted) == truth
        assert not archive.requests("preview")
        assert (mounted.target / mounted.plates()[5] / "preview.jpg").read_bytes()
        mounted.down()
        assert snapshot(disk) == before


@pytest.mark.parametrize("limit", ["--fsize=1048576", "--fsize=100000", "--fsize=4096", "--as=1000000000"])
def test_limits_of_the_shell_cost_the_cache_not_the_reader(archive, truth, tmp_path, limit):
    folder = tmp_path / "mnt"
    folder.mkdir()
    subprocess.run(["prlimit", limit, PLATEFS, "mount", "--archive", archive.tap, "--resolver", "none", "--cache-dir",
                    tmp_path / "cache", folder], check=True, timeout=30,
                   env={**os.environ, "XDG_STATE_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)})
    try:
        read = {plate: hashlib.sha256((folder / TARGET / plate / "preview.jpg").read_bytes()).hexdigest() for plate in truth}
        assert read == truth
    finally:
        subprocess.run([PLATEFS, "unmount", folder], timeout=30)


def test_commands_on_very_many_files_take_little_memory(archive, tmp_path):
    """Of each file its number and its last use; not what is told of it."""
    files, most = 200_000, 96 << 20
    cache = tmp_path / "cache"
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")}
    subprocess.run([PLATEFS, "query", "--archive", archive.tap, "--resolver", "none", "--cache-dir", cache, TARGET], check=True,
                   stdout=subprocess.DEVNULL, env=environment, timeout=60)
    subprocess.run([BIN / "index-tool", cache / "index.mdb", "fill", str(files)], check=True, timeout=300)

    # What a process had before it became another counts as well, and this one has much.
    measure = ("import os, sys; pid = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:]); _, status, used = os.wait4(pid, 0); "
               "print(used.ru_maxrss, file=sys.stderr); sys.exit(os.waitstatus_to_exitcode(status))")

    def run(*words):
        """Its output; the most memory that it had is looked at."""
        done = subprocess.run([sys.executable, "-S", "-c", measure, PLATEFS, "cache", *words, "--cache-dir", cache],
                              capture_output=True, text=True, env=environment, timeout=300)
        assert done.returncode == 0, (words, done.stderr)
        assert int(done.stderr.split()[-1]) << 10 <= most, (words, done.stderr)
        return done.stdout

    status = json.loads(run("status", "--json"))
    assert (status["files"], status["pinned_files"]) == (files, (files + 2) // 3)
    lines = run("list").splitlines()
    assert len(lines) == files + 1
    times = [line.split("  ")[-2] for line in lines[1:] if "pinned" not in line]
    assert times == sorted(times)
    listed = json.loads(run("list", "--json"))
    assert len({entry["number"] for entry in listed}) == files
    assert run("unpin", "*plates?1*").startswith("unpinned")
    assert json.loads(run("status", "--json"))["pinned_files"] < (files + 2) // 3
    assert run("pin", "--what", "cutout") == f"pinned {files} files, 0 B\n"
    assert json.loads(run("status", "--json"))["pinned_files"] == files
    run("clear", "--pinned")
    assert json.loads(run("status", "--json"))["files"] == 0
