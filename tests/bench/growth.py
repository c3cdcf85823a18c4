#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Measures how time and memory grow with the number of targets of a fetch and of files in a cache, and draws it.

    tests/bench/growth.py                                       up to 3,000 targets and 30,000 files
    tests/bench/growth.py --targets 100000 --files 1000000      an hour, and 10 GB below --work
    tests/bench/growth.py --save figures.json; tests/bench/growth.py --draw figures.json

Targets: `platefs fetch --targets FILE --dry-run --json` of 44 plates each, into an empty cache. Files: a cache with the
cutouts of so many targets, 4 KiB each, and what commands and mounts take over it; the least of some rounds. What each
does is counted as well, and the program ends with an error where a count is wrong or memory grows too much. The archive
does the same for every target: how its own seconds of the processor vary is how much the machine does. Memory: the
peak of what is the process's own (RssAnon); saved is that with pages of the mapped index and the program (VmHWM), which
the kernel takes back when it needs them, too.
"""
import argparse
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from growth_report import check, draw
from mounts import Mount
from watched import MemoryWatch, need, processor_of, watched

RA, DEC, ARCMIN, PLATES = 156.011, 48.1475, 1 / 60, 44
LEAST_TARGETS, LEAST_FILES = 100, 300
ROUNDS = 3


def half_decades(least, most):
    """1000, 3000, 10000 …: two decades that end with `most`, as far as they are above `least`."""
    steps = [factor * 10 ** power for power in range(12) for factor in (1, 3)]
    return [step for step in steps if max(least, most // 100) <= step < most] + [most]


class DemoArchive:
    """`platefs-demo-archive`, which counts what it is asked."""

    def __init__(self, program, state):
        self.process = subprocess.Popen([program, "--port", "0", "--file-port", "0", "--state", state, "--json"],
                                        stdout=subprocess.PIPE, text=True)
        facts = json.loads(self.process.stdout.readline())
        self.tap, self.control = facts["tap"], facts["control"].rstrip("/")
        self.url = self.tap.removesuffix("/tap")

    def _call(self, method):
        request = urllib.request.Request(f"{self.control}/requests", method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def forget_requests(self):
        self._call("DELETE")

    def requests(self):
        return json.loads(self._call("GET"))

    def processor(self):
        """Seconds, those of its ended threads as well."""
        times = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Place:
    """Programs, a directory, an archive; what a Mount needs to know of a site."""

    def __init__(self, binaries, scratch):
        self.scratch, self.platefs, self.filler = scratch, binaries / "platefs", binaries / "bench-cache-filler"
        os.environ.update(XDG_CONFIG_HOME=str(scratch / "config"), XDG_STATE_HOME=str(scratch / "state"))
        self.archive, self.files = DemoArchive(binaries / "platefs-demo-archive", scratch / "plates"), None

    def fetch(self, table, cache, *options):
        return [self.platefs, "fetch", "--archive", self.archive.tap, "--resolver", "none", "--cache-dir", cache,
                "--targets", table, "--dry-run", "--json", "--no-progress", *options]


def write_targets(path, numbers):
    """A CSV file of targets within 3 arc minutes, where all of the archive's plates are; which, by their numbers."""
    with open(path, "w") as table:
        table.write("ra,dec\n")
        for number in numbers:
            place = random.Random(number)
            ra, dec = RA + place.uniform(-3, 3) * ARCMIN, DEC + place.uniform(-3, 3) * ARCMIN
            table.write(f"{ra:.7f},{dec:.7f}\n")
    return path


def fetch(place, count):
    """A fetch of so many targets into an empty cache."""
    cache, table = place.scratch / "cache-targets", write_targets(place.scratch / "targets.csv", range(count))
    shutil.rmtree(cache, ignore_errors=True)
    place.archive.forget_requests()
    seen, begin, before = {"files": 0, "first": None, "last": b""}, time.monotonic(), place.archive.processor()

    def on_lines(lines):
        seen["files"] += lines.count(b'{"event":"file"')
        seen["last"] = lines[lines[:-1].rfind(b"\n") + 1:]
        if seen["first"] is None and seen["files"]:
            seen["first"] = time.monotonic() - begin

    facts = watched(place.fetch(table, cache, "--radius", "1m"), on_lines)
    summary = json.loads(seen["last"])
    need(summary["targets"] == count and not summary["failed_targets"], f"not all targets: {summary}")
    need(seen["files"] == summary["planned"] >= PLATES * count, f"{seen['files']} files told: {summary}")
    shutil.rmtree(cache)
    return {"targets": count, "first_file": seen["first"], "archive": place.archive.processor() - before,
            "requests": len(place.archive.requests()), **facts}


class FilledCache:
    """A cache that gets more and more files: cutouts of targets that were asked for, one of which was fetched."""

    def __init__(self, place):
        self.place, self.path, self.model = place, place.scratch / "cache-files", None
        self.files = self.targets = 0
        self.sample = None              # a target of which all files are put, and which is looked at

    def fill(self, files):
        if self.model is None:
            self._fetch_model()
        wanted = -(-(files - self.files) // self.of_target)
        names = self._ask_for(wanted)
        self.sample = self.sample or names[0]
        lines = self.place.scratch / "filling.tsv"
        with open(lines, "w") as out:
            out.write(self._line(self.model, self.of_target))
            for name in names:
                number = min(self.of_target, files - self.files)
                out.write(self._line(name, number))
                self.files += number
        with open(lines) as filling:
            subprocess.run([self.place.filler, self.path], stdin=filling, check=True)

    @staticmethod
    def _line(name, number):
        ra, dec = re.fullmatch(r"([\d.]+)([+-][\d.]+)", name).groups()
        return f"{name}\t{ra}\t{dec}\t{1 / 6!r}\t{number}\n"

    def _ask_for(self, number, *options):
        """Has the archive asked for the plates of further targets; their names."""
        table = write_targets(self.place.scratch / "more.csv", range(self.targets, self.targets + number))
        self.targets += number
        names = []

        def on_lines(text):
            for line in re.findall(rb'^{"event":"target".*', text, re.M):
                told = json.loads(line)
                need(told["plates"] == PLATES, f"not all plates: {told}")
                names.append(told["directory"])
        watched(self.place.fetch(table, self.path, *options), on_lines)
        need(len(names) == number, f"{len(names)} targets of {number}")
        return names

    def _fetch_model(self):
        table = write_targets(self.place.scratch / "model.csv", [0])
        told = []
        watched([word for word in self.place.fetch(table, self.path) if word != "--dry-run"],
                lambda text: told.extend(map(json.loads, text.splitlines())))
        fetched = [line for line in told if line.get("state") == "fetched"]
        self.model, self.targets = told[0]["directory"], 1
        self.of_target, self.plate = len(fetched), fetched[0]["plate"]
        self.files = status(self.place, self)[1]["files"]  # some were cut out of whole plates, parts of which are kept


def command(place, cache, *words):
    """`platefs cache …`: what it takes, and its output's lines and their number."""
    seen = {"lines": 0, "text": b""}

    def on_lines(lines):
        seen["lines"] += lines.count(b"\n")
        seen["text"] = (seen["text"] + lines)[:4096]
    facts = watched([place.platefs, "cache", *words, "--cache-dir", cache.path], on_lines)
    return facts, seen["lines"], seen["text"].decode(errors="replace")


def status(place, cache):
    facts, _, text = command(place, cache, "status", "--json")
    return facts, json.loads(text)


def use(place, cache):
    """Each of USES once."""
    facts = {}
    facts["list"], lines, text = command(place, cache, "list")
    need(lines == cache.files + 1 and f"/{cache.plate}/cutout.fits" in text, f"{lines} lines of {cache.files} files:\n{text}")
    for word in ("pin", "unpin"):
        facts[word], _, text = command(place, cache, word, cache.sample)
        need(cache.of_target <= int(text.split()[1]) < cache.of_target + PLATES, text)
        if word == "pin":               # some files being pinned, it looks which
            facts["status"], told = status(place, cache)
            need(told["files"] == cache.files and told["pinned_files"] >= cache.of_target, told)
    facts.update(mount(place, cache, f"{cache.sample}/{cache.plate}/cutout.fits"))
    return facts


def mount(place, cache, path):
    """Its start, and the first read of a file in it, of which nothing was looked at before."""
    place.archive.forget_requests()
    begin = time.monotonic()
    mounted = Mount(place, "platefs", cache=cache.path, options=["--resolver", "none"])
    try:
        start, pid = {"seconds": time.monotonic() - begin, "processor": processor_of(mounted.process.pid)}, mounted.process.pid
        begin = time.monotonic()
        text = (mounted.path / path).read_bytes()
        read = {"seconds": time.monotonic() - begin, "processor": processor_of(pid) - start["processor"]}
        watch = MemoryWatch(pid)
        watch.look()
        memory = watch.end()
    finally:
        mounted.down()
    need(len(text) == 4096, f"{path} has {len(text)} bytes")
    need(not place.archive.requests(), "the archive was asked for what is in the cache")
    return {"mount": {**start, **memory}, "read": read}


def least(rounds):
    """Of each the least seconds, and the most memory."""
    return {name: {fact: (min if fact in ("seconds", "processor") else max)(one[name][fact] for one in rounds)
                   for fact in rounds[0][name]} for name in rounds[0]}


def measure(place, chosen, note):
    """Tells `note` what it measures, ("targets" or "files", figures), one after the other."""
    for count in half_decades(LEAST_TARGETS, chosen.targets) if chosen.targets else []:
        note("targets", fetch(place, count))
    cache = FilledCache(place)
    for count in half_decades(LEAST_FILES, chosen.files) if chosen.files else []:
        cache.fill(count)
        note("files", {"files": count, **least([use(place, cache) for _ in range(ROUNDS)])})


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = pathlib.Path(__file__).resolve().parents[2]
    options.add_argument("--bin", type=pathlib.Path, default=root / "build/release/bin", help="directory of platefs")
    options.add_argument("--work", type=pathlib.Path, default="/var/tmp", help="where caches are made, and removed")
    options.add_argument("--targets", type=int, default=3000, help="most targets; 0: none")
    options.add_argument("--files", type=int, default=30_000, help="most files; 0: none")
    options.add_argument("--save", type=pathlib.Path, help="write the figures there, too")
    options.add_argument("--draw", type=pathlib.Path, help="draw figures that were saved; measure nothing")
    chosen = options.parse_args()
    if chosen.draw:
        print(draw(json.loads(chosen.draw.read_text())))
        return
    figures = {"targets": [], "files": []}

    def note(of, row):
        figures[of].append(row)
        print(f"{row[of]} {of}", file=sys.stderr, flush=True)
        if chosen.save:
            chosen.save.write_text(json.dumps(figures, indent=1))
    with tempfile.TemporaryDirectory(prefix="platefs-growth-", dir=chosen.work) as scratch:
        place = Place(chosen.bin.resolve(), pathlib.Path(scratch))
        try:
            measure(place, chosen, note)
        finally:
            place.archive.stop()
    check(figures)
    print(draw(figures))


if __name__ == "__main__":
    main()
