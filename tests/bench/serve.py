#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Measures `platefs serve` beside a mount and beside nginx: a whole plate, fetched and from the cache, on loopback.

    tests/bench/serve.py                    1 GiB, three rounds
    tests/bench/serve.py --mib 256 --rounds 5

All take turns in each round; the ratio is of the medians of seconds, serve to its neighbour: below 1, serve is faster.
"""
import argparse
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


def seconds(words):
    begin = time.monotonic()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begin


class Site:
    """A file server with one plate, the archive in front of it, and what Mount wants to know."""

    def __init__(self, platefs, mib):
        self.platefs, self.scratch = platefs, pathlib.Path(tempfile.mkdtemp(prefix="platefs-serve-", dir="/var/tmp"))
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
        self.url = self.process.stdout.readline().strip() + f"{TARGET}/1890-05-17_big/full.fits"
        subprocess.run(["curl", "-sfI", "-o", "/dev/null", self.url], check=True)  # the target is known

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.cache, ignore_errors=True)


def one_round(site, times):
    def note(name, taken):
        times.setdefault(name, []).append(taken)

    serve = Serve(site)
    try:
        with Mount(site, "platefs") as mount:
            big = mount.big()
            note("fetched through the mount", seconds(["dd", f"if={big}", "of=/dev/null", "bs=1M", "status=none"]))
            note("fetched by serve", seconds(["curl", "-sf", "-o", "/dev/null", serve.url]))
            for _ in range(2):
                drop_pages(big)
                note("cached through the mount", seconds(["dd", f"if={big}", "of=/dev/null", "bs=1M", "status=none"]))
                note("cached by serve", seconds(["curl", "-sf", "-o", "/dev/null", serve.url]))
                note("nginx", seconds(["curl", "-sf", "-o", "/dev/null", site.files.url + "/big.fits"]))
    finally:
        serve.close()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--bin", type=pathlib.Path, default=BINARIES / "release/bin", help="directory of platefs")
    options.add_argument("--mib", type=int, default=1024)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    site, times = Site(given.bin / "platefs", given.mib), {}
    try:
        for _ in range(given.rounds):
            one_round(site, times)
    finally:
        site.close()
    middle = {name: statistics.median(taken) for name, taken in times.items()}
    for name, value in middle.items():
        print(f"{name:28} {value:7.2f} s  {site.size / value / 2**20:7.0f} MiB/s  ({', '.join(f'{t:.2f}' for t in times[name])})")
    for ours, others in (("fetched by serve", "fetched through the mount"), ("cached by serve", "cached through the mount"),
                         ("cached by serve", "nginx")):
        print(f"{ours} / {others}: {middle[ours] / middle[others]:.2f}")


if __name__ == "__main__":
    main()
