#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Measures `platefs serve` beside a mount and beside nginx on loopback: W1, W3 and W4 of tests/bench/run, by URL.

    tests/bench/serve.py                    1 GiB, three rounds
    tests/bench/serve.py --mib 256 --rounds 5

All take turns in each round; the ratio is of the medians of seconds, serve to its neighbour: below 1, serve is faster.
"""
import argparse
import contextlib
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import plates
from mounts import TARGET, Mount, drop_pages
from net import Loopback
from servers import Archive, FileServer

BINARIES = pathlib.Path(__file__).resolve().parents[2] / "build"


RANDOM_READS = ("random", 500, 65536)


def seconds(words):
    begin = time.monotonic()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begin


def read(site, *words):
    """What bench-reader prints: the seconds of its reading alone, and a sum of the bytes."""
    done = subprocess.run([site.reader, *map(str, words)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


class Site:
    """A file server with one plate, the archive in front of it, and what Mount wants to know."""

    def __init__(self, binaries, mib):
        self.platefs, self.reader = binaries / "platefs", binaries / "bench-reader"
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="platefs-serve-", dir="/var/tmp"))
        served = self.scratch / "served"
        served.mkdir()
        side = int((mib * 2**20 / 2) ** 0.5)
        plates.write_image(served / "big.fits", side, side, (side / 2, side / 2), "big")
        self.size = (served / "big.fits").stat().st_size
        net = Loopback()
        self.files = FileServer(net, served, self.scratch / "files")
        self.archive = Archive(net, [{"ra": plates.TARGET_RA, "dec": plates.TARGET_DEC, "plates": [
            {"id": "ivo://bench/plates/big", "url": self.files.url + "/big.fits", "bytes": self.size, "t_min": 11504.5}]}],
            self.scratch, served / "big.fits", 0)

    def close(self):
        self.archive.stop()
        self.files.stop()
        shutil.rmtree(self.scratch, ignore_errors=True)


class Serve:
    def __init__(self, site):
        self.cache = site.scratch / "cache-serve"
        self.process = subprocess.Popen(
            [site.platefs, "serve", "-q", "--archive", f"{site.archive.url}/tap", "--cache-dir", self.cache],
            stdout=subprocess.PIPE, text=True)
        target = self.process.stdout.readline().strip() + TARGET
        self.url = f"{target}/1890-05-17_big/full.fits"
        # Its directory has been listed, as that of a mount.
        subprocess.run(["curl", "-sf", "-o", "/dev/null", f"{target}/1890-05-17_big/"], check=True)

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.cache, ignore_errors=True)


@contextlib.contextmanager
def both(site):
    """The plate in a mount, and by URL, each with a cache of its own in which it is not."""
    serve = Serve(site)
    try:
        with Mount(site, "platefs") as mount:
            yield {"the mount": mount.big(), "serve": serve.url}
    finally:
        serve.close()


def whole(site, note):
    """W1, and the same again from the cache, by the programs that people use."""
    with both(site) as ways:
        words = {"the mount": ["dd", f"if={ways['the mount']}", "of=/dev/null", "bs=1M", "status=none"],
                 "serve": ["curl", "-sf", "-o", "/dev/null", ways["serve"]]}
        for way in ways:
            note(f"W1 fetched, {way}", seconds(words[way]))
        for _ in range(2):
            drop_pages(ways["the mount"])
            for way in ways:
                note(f"W1 cached, {way}", seconds(words[way]))
            note("W1 cached, nginx", seconds(["curl", "-sf", "-o", "/dev/null", site.files.url + "/big.fits"]))


def first_bytes(site, note):
    """W3: of a file that nobody has read."""
    with both(site) as ways:
        for way, place in ways.items():
            note(f"W3 first 2880 bytes, {way}", read(site, "first", 2880, place)["wall"])


def random_reads(site, note, threads):
    """W4: 500 times 64 KiB at random, fetched and from the cache."""
    with both(site) as ways:
        for again in ("fetched", "cached"):
            sums = set()
            for way, place in ways.items():
                told = read(site, *RANDOM_READS, 1, threads, site.size, place)
                sums.add(told["sum"])
                note(f"W4 x{threads} {again}, {way}", told["wall"])
            told = read(site, *RANDOM_READS, 1, threads, site.size, site.files.url + "/big.fits")
            note(f"W4 x{threads} {again}, nginx", told["wall"])
            assert len(sums) == 1, "WRONG BYTES"
            drop_pages(ways["the mount"])


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--bin", type=pathlib.Path, default=BINARIES / "release/bin", help="directory of platefs")
    options.add_argument("--mib", type=int, default=1024)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    site, times = Site(given.bin, given.mib), {}

    def note(name, taken):
        times.setdefault(name, []).append(taken)

    try:
        for _ in range(given.rounds):
            whole(site, note)
            first_bytes(site, note)
            for threads in (1, 16):
                random_reads(site, note, threads)
    finally:
        site.close()
    middle = {name: statistics.median(taken) for name, taken in times.items()}
    for name, value in middle.items():
        print(f"{name:36} {value:8.3f} s  ({', '.join(f'{t:.3f}' for t in times[name])})")
    for name, value in middle.items():
        if name.endswith(", serve"):
            for other in ("the mount", "nginx"):
                neighbour = middle.get(name.replace(", serve", f", {other}"))
                if neighbour:
                    print(f"{name} / {other}: {value / neighbour:.2f}")


if __name__ == "__main__":
    main()
