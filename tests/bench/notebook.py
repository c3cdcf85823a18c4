#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The history of one star by hand and by platefs: notebook.py [--bin DIR] [--latency MILLISECONDS]

The jobs of an astronomer's notebook, each done with pyvo, requests and astropy, one request after the other as such
notebooks have it, and by a command on a mount of the same archive, which answers each request after the latency. Prints a
table for README.md: seconds, and what was got. Needs python3-pyvo, /dev/fuse.
"""
import argparse
import json
import os
import pathlib
import shlex
import subprocess
import tempfile
import time
import urllib.request

import astropy.units as u
import pyvo
import requests
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.nddata import Cutout2D
from astropy.time import Time
from astropy.wcs import WCS

RA, DEC, RADIUS = 156.01124674021, 48.14753874736, 10 / 60
PLACE = f"{RA}+{DEC}"


class Notebook:
    """What is typed where there is no platefs."""

    def __init__(self, tap, folder):
        self.folder, self.tap = folder, tap

    def keep(self, name, content):
        (self.folder / name).write_bytes(content)

    def list_plates(self):
        adql = (f"SELECT * FROM ivoa.obscore WHERE dataproduct_type = 'image' AND CONTAINS(POINT('ICRS', {RA}, {DEC}), "
                "s_region) = 1 AND NOT obs_collection LIKE '%RASS%' ORDER BY t_min")
        self.rows = list(pyvo.dal.TAPService(self.tap).search(adql))
        lines = ["date_min,scan_id"]
        for row in self.rows:
            date = Time(row["t_min"], format="mjd").isot if row["t_min"] == row["t_min"] else ""
            lines.append(f"{date},{row['access_url'].split('/')[-1]}")
        self.keep("table.csv", "\n".join(lines).encode())
        return f"{len(self.rows)} rows"

    @staticmethod
    def links(row):
        return row.getdatalink()

    def download(self, links, *semantics):
        """The first of these that there is, and that comes."""
        for word in semantics:
            for link in (row for row in links if row["semantics"] == word):   # bysemantics() asks for a vocabulary
                answer = requests.get(link["access_url"], timeout=120)
                if answer.ok:
                    return answer.content
        return None

    def some(self, rows, name, *semantics):
        got = size = 0
        for number, row in enumerate(rows):
            try:
                content = self.download(self.links(row), *semantics)
            except Exception:  # noqa: BLE001: whatever pyvo raises for a row without DataLink
                content = None
            if content:
                self.keep(f"{name}{number}", content)
                got, size = got + 1, size + len(content)
        return got, size

    def previews(self):
        got, _ = self.some(self.rows[:5], "preview", "#preview-image", "#preview")
        return f"{got} pictures"

    def plates(self):
        got, size = self.some(self.rows[:3], "plate", "#this")
        return f"{got} plates, {size / 1e6:.1f} MB, at whatever resolution #this has"

    def cut_from_plate(self):
        row = next(row for row in self.rows if "HS00417_x" in row["access_url"])
        whole = requests.get(row["access_url"], timeout=120).content if row["access_format"] == "image/fits" else \
            self.download(self.links(row), "#this")
        self.keep("whole.fits", whole)
        with fits.open(self.folder / "whole.fits") as file:
            cutout = Cutout2D(file[0].data, SkyCoord(RA * u.deg, DEC * u.deg), 2 * RADIUS * u.deg, WCS(file[0].header), mode="trim")
        fits.writeto(self.folder / "cut.fits", cutout.data, cutout.wcs.to_header(), overwrite=True)
        return f"a cutout; {len(whole) / 1e6:.1f} MB fetched; of the header its coordinates"

    def soda(self, links):
        service = next(resource for resource in links.votable.resources if any("soda" in str(p.value).lower() for p in resource.params))
        url = next(p.value for p in service.params if p.name == "accessURL")
        inputs = {item.name: item.value for group in service.groups for item in group.iter_fields_and_params()}
        circle = {"CIRCLE": f"{RA} {DEC} {RADIUS}"} if "CIRCLE" in inputs else {"POS": f"CIRCLE {RA} {DEC} {RADIUS}"}
        answer = requests.get(url, params={"ID": inputs["ID"], **circle}, timeout=120)
        answer.raise_for_status()
        return answer.content

    def history(self):
        cutouts = whole = pictures = none = 0
        for number, row in enumerate(self.rows):
            content = None
            try:
                links = self.links(row)
                try:
                    content = self.soda(links)
                    cutouts += content.startswith(b"SIMPLE")
                except Exception:  # noqa: BLE001: no #proc, or it fails
                    content = self.download(links, "#this")
                    whole += content is not None
                    if content is None:
                        content = self.download(links, "#preview-image", "#preview")
                        pictures += content is not None
            except Exception:  # noqa: BLE001: no DataLink
                content = None
            none += content is None
            if content:
                self.keep(f"plate{number}.fits", content)
        return f"{cutouts} cutouts, {whole} whole plates, {pictures} pictures, nothing of {none}"


def run(command, **variables):
    """What a user types, in bash, whatever single files fail."""
    return subprocess.run(["bash", "-c", command], check=False, capture_output=True, text=True, env={**os.environ, **variables})


class Mounted:
    """The same by platefs: a command each, and what it got."""

    JOBS = {
        "list_plates": "platefs query PLACE --format csv > table.csv",
        "previews": "cp $(ls -d PLACE/previews/* | head -5) .",
        "plates": "for p in $(ls -d PLACE/1* | head -3); do cp $p/full.fits $(basename $p).fits; done",
        "cut_from_plate": "cp PLACE/cutouts/*HS00417_x.fits .",
        "history": "platefs fetch PLACE --to history",
    }

    def __init__(self, binary, archive, folder):
        self.folder, self.mountpoint, self.binary = folder, folder / "mnt", binary
        self.mountpoint.mkdir()
        config = folder / "config/platefs"
        config.mkdir(parents=True)
        (config / "config.toml").write_text(f'archives = ["demo"]\nresolver = "{archive["sesame"]}"\n[archive.demo]\nurl = "{archive["tap"]}"\n')
        self.environment = {"XDG_CONFIG_HOME": str(folder / "config"), "XDG_CACHE_HOME": str(folder / "cache"),
                            "XDG_STATE_HOME": str(folder / "state"), "PATH": f"{binary}:{os.environ['PATH']}"}

    def up(self):
        done = run(f"platefs mount {shlex.quote(str(self.mountpoint))}", **self.environment)
        assert done.returncode == 0, done.stderr

    def down(self):
        run(f"platefs unmount {shlex.quote(str(self.mountpoint))}", **self.environment)

    def do(self, job):
        work = self.folder / job
        work.mkdir()
        command = self.JOBS[job].replace("PLACE", PLACE if "platefs" in self.JOBS[job] else f"{self.mountpoint}/{PLACE}")
        done = run(f"cd {shlex.quote(str(work))}; {command}", **self.environment)
        files = [path for path in work.rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files)
        if job == "list_plates":
            return f"{len((work / 'table.csv').read_text().splitlines()) - 1} rows, with dates, distances, paths"
        if job == "history":
            return f"{len({path.parent.name for path in files if path.name == 'cutout.fits'})} cutouts; why not of {done.stderr.count('cutout.fits')}"
        if job == "plates":
            return f"{len(files)} plates, {size / 1e6:.1f} MB, at the best resolution"
        return f"{len(files)} {'pictures' if job == 'previews' else 'cutout, with the whole header'}"


def timed(work):
    began = time.monotonic()
    got = work()
    return time.monotonic() - began, got


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("build/release/bin"))
    options.add_argument("--latency", type=int, default=200)
    given = options.parse_args()
    binary = given.bin.resolve()
    with tempfile.TemporaryDirectory(prefix="platefs-notebook-") as base:
        base = pathlib.Path(base)
        process = subprocess.Popen([binary / "platefs-demo-archive", "--port", "0", "--file-port", "0", "--state", base / "archive",
                                    "--json"], stdout=subprocess.PIPE, text=True)
        try:
            archive = json.loads(process.stdout.readline())
            slow = json.dumps([{"match": {}, "fault": "latency", "milliseconds": given.latency}]).encode()
            urllib.request.urlopen(urllib.request.Request(f"{archive['control'].rstrip('/')}/faults", method="PUT", data=slow))
            (base / "by-hand").mkdir()
            (base / "mounted").mkdir()
            notebook, mounted = Notebook(archive["tap"], base / "by-hand"), Mounted(binary, archive, base / "mounted")
            mounted.up()
            try:
                print("| job | by hand | got | platefs | | got |\n|---|---|---|---|---|---|")
                for job, command in Mounted.JOBS.items():
                    by_hand, got = timed(getattr(notebook, job))
                    by_mount, brought = timed(lambda: mounted.do(job))  # noqa: B023: called at once
                    print(f"| {job.replace('_', ' ')} | {by_hand:.1f} s | {got} | `{command}` | {by_mount:.1f} s | {brought} |", flush=True)
            finally:
                mounted.down()
        finally:
            process.terminate()
            process.wait(timeout=10)


if __name__ == "__main__":
    main()
