# SPDX-License-Identifier: BSD-3-Clause
"""What the stress programs share: an archive of plates whose every byte is known, and readers that compare.

The benchmark's servers and mounts are used: nginx on loopback, an archive in front, platefs with a cache.
"""
import os
import pathlib
import random
import shutil
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))

import plates
from bench_site import MANY_TARGET, Site, target_name
from mounts import Mount


class Counts:
    """Plates of the target: all have the same bytes, so one source tells the truth of each."""
    cutouts, random_reads = 1, 0

    def __init__(self, plates):
        self.open_files = plates


def add_options(parser):
    root = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("--bin", type=pathlib.Path, default=root / "build/release/bin")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("/var/tmp/platefs-bench"))
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)


def skipped(options):
    """Exit code 77 with a reason where this machine can't run the program; 0 where it can."""
    if not (options.bin / "platefs").exists() or not (options.bin / "bench-reader").exists():
        reason = f"platefs or bench-reader is not built in {options.bin}"
    elif not os.access("/dev/fuse", os.R_OK | os.W_OK):
        reason = "no access to /dev/fuse"
    elif not shutil.which("nginx"):
        reason = "nginx is not installed"
    else:
        return 0
    print(f"skipped: {reason}", file=sys.stderr)
    return 77


class Scene:
    """The site and the source of truth."""

    def __init__(self, options, plate_count, side):
        options.work.mkdir(parents=True, exist_ok=True)
        sizes = plates.Sizes(side=side, small_files=0, window=200)
        self.site = Site(options.work, options.bin.resolve(), "lo", sizes, Counts(plate_count), soda_latency=0.01)
        self.truth = (self.site.served / "big.fits").read_bytes()
        self.wrong = []                       # what must never happen, in words
        self.compared = 0                     # bytes
        print(f"seed {options.seed}; {plate_count} plates of {len(self.truth) / 2**20:.0f} MiB", flush=True)

    def mount(self, name, cache, options=()):
        return Mount(self.site, "platefs", ["--cache-size", "20G", *options] if "--cache-size" not in options
                     else options, name=name, cache=cache)

    def plate_files(self, mount):
        target = mount.path / target_name(MANY_TARGET)
        return sorted(target / name / "full.fits" for name in os.listdir(target) if "_m" in name)

    def compare(self, where, offset, got, whole=None):
        """Takes note of bytes that differ from the source; `whole` is how many there must be."""
        self.compared += len(got)
        if got != self.truth[offset:offset + len(got)]:
            self.wrong.append(f"WRONG BYTES in {where} at {offset}, {len(got)} bytes")
        elif whole is not None and len(got) != whole:
            self.wrong.append(f"{len(got)} bytes instead of {whole} from {where} at {offset}")

    def close(self):
        self.site.close()


class Reader(threading.Thread):
    """Reads plates as people do, in a mixture: a header, a run, random places, a whole plate; compares all.

    `failed(error)` is told of every OSError; reading then goes on after a moment, as the mount may be gone.
    """

    def __init__(self, scene, files, seed, failed):
        super().__init__(daemon=True)
        self.scene, self.files, self.failed = scene, files, failed
        self.random = random.Random(seed)
        self.stopping = threading.Event()
        self.reads = 0

    def run(self):
        while not self.stopping.is_set():
            path = self.random.choice(self.files)
            try:
                with open(path, "rb", buffering=0) as file:
                    self.random.choice([self.header, self.walk, self.jump, self.jump, self.everything])(file)
            except OSError as error:
                self.failed(f"{path}: {error}")
                self.stopping.wait(0.02)

    def take(self, file, offset, size):
        """One read; short answers are continued, as every program must."""
        size = max(0, min(size, len(self.scene.truth) - offset))
        got = b""
        while len(got) < size and not self.stopping.is_set():
            part = os.pread(file.fileno(), size - len(got), offset + len(got))
            if not part:
                self.scene.wrong.append(f"end of file in {file.name} at {offset + len(got)}")
                break
            got += part
        self.reads += 1
        self.scene.compare(file.name, offset, got)

    def header(self, file):
        self.take(file, 0, 2880)

    def walk(self, file):
        start = self.random.randrange(len(self.scene.truth))
        for i in range(self.random.randrange(1, 64)):
            if self.stopping.is_set():
                return
            self.take(file, start + i * 131072, 131072)

    def jump(self, file):
        for _ in range(self.random.randrange(1, 32)):
            if self.stopping.is_set():
                return
            self.take(file, self.random.randrange(len(self.scene.truth)), self.random.randrange(1, 200_000))

    def everything(self, file):
        for at in range(0, len(self.scene.truth), 1 << 20):
            if self.stopping.is_set():
                return
            self.take(file, at, 1 << 20)


def stop_all(readers, seconds=30):
    """Tells all to stop; those that still hang in a read after `seconds` together."""
    for reader in readers:
        reader.stopping.set()
    deadline = time.monotonic() + seconds
    for reader in readers:
        reader.join(max(0.0, deadline - time.monotonic()))
    return [reader for reader in readers if reader.is_alive()]


def lift(path):
    subprocess.run(["fusermount3", "-u", "-z", path], stderr=subprocess.DEVNULL)


def bytes_on_disk(directory):
    """What the files below it take of the disk; files may vanish meanwhile."""
    total = 0
    for where, _, names in os.walk(directory):
        for name in names:
            try:
                total += os.lstat(os.path.join(where, name)).st_blocks * 512
            except FileNotFoundError:
                pass
    return total


def verdict(scene, more=()):
    """Prints what went wrong; the exit code."""
    wrong = [*scene.wrong, *more]
    for line in wrong[:20]:
        print(line)
    print(f"{scene.compared / 2**20:.0f} MiB compared, {len(wrong)} faults", flush=True)
    return 1 if wrong else 0
