#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What an archive costs that is a table of many rows: large_table.py PLATEFS [ROWS] [csv|vot|b2]

Writes such a table of plates all over the sky (b2: VOTable in BINARY2), has its index made by a query, asks for other
targets by further commands and through a mount, and prints seconds and MiB. `ls` is timed at 200 targets that nobody asked
for before.
"""
import base64
import json
import os
import pathlib
import resource
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import numpy as np

COLUMNS = ("obs_publisher_did", "access_url", "access_format", "dataproduct_type", "obs_collection", "s_ra", "s_dec", "s_fov",
           "s_region", "t_min", "t_exptime", "instrument_name")
NUMBERS = {"s_ra", "s_dec", "s_fov", "t_min", "t_exptime"}


def rows(count):
    random = np.random.default_rng(11)
    ra, dec = random.uniform(0, 360, count), np.degrees(np.arcsin(random.uniform(-1, 1, count)))
    half = random.choice([0.3, 1.0, 2.5, 5.0], count, p=[0.3, 0.4, 0.25, 0.05])
    t_min = random.uniform(11000, 47000, count)
    for i in range(count):
        a, d, h = ra[i], dec[i], half[i]
        w = h / max(np.cos(np.radians(d)), 0.02)
        low, high = max(d - h, -90), min(d + h, 90)
        outline = " ".join(f"{(a + sx * w) % 360:.5f} {y:.5f}" for sx, y in ((-1, low), (1, low), (1, high), (-1, high)))
        yield (f"ivo://example/plates?p{i:07d}", f"https://plates.example.org/scans/{i % 977:03d}/p{i:07d}.fits", "image/fits",
               "image", "Bruce", f"{a:.6f}", f"{d:.6f}", f"{2.8 * h:.2f}", f"Polygon ICRS {outline}", f"{t_min[i]:.5f}",
               "3600", "Bruce")


def binary2_of(row):
    """A null flag for each column, texts behind their lengths, numbers of eight bytes."""
    cells = [bytes((len(COLUMNS) + 7) // 8)]
    for name, cell in zip(COLUMNS, row):
        text = cell.encode()
        cells.append(struct.pack(">d", float(cell)) if name in NUMBERS else struct.pack(">I", len(text)) + text)
    return b"".join(cells)


def write_stream(table, count):
    """Base64 in lines, three bytes being four digits."""
    held = b""
    for row in rows(count):
        held += binary2_of(row)
        whole = len(held) // 3072 * 3072
        table.write("".join(base64.b64encode(held[at:at + 3072]).decode() + "\n" for at in range(0, whole, 3072)))
        held = held[whole:]
    table.write(base64.b64encode(held).decode() + "\n")


def write_table(path, count):
    with open(path, "w", buffering=1 << 20) as table:
        if path.suffix == ".csv":
            table.write(",".join(COLUMNS) + "\n")
            for row in rows(count):
                table.write(",".join(row) + "\n")
            return
        fields = "".join(f'<FIELD name="{name}" ' + ('datatype="double"/>' if name in NUMBERS else
                                                     'datatype="char" arraysize="*"/>') for name in COLUMNS)
        table.write('<?xml version="1.0" encoding="UTF-8"?>\n<VOTABLE version="1.4" '
                    f'xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE type="results"><TABLE>{fields}<DATA>')
        if path.suffix == ".b2":
            table.write('<BINARY2>\n<STREAM encoding="base64">\n')
            write_stream(table, count)
            table.write("</STREAM></BINARY2></DATA></TABLE></RESOURCE></VOTABLE>\n")
            return
        table.write("<TABLEDATA>\n")
        for row in rows(count):
            table.write("<TR>" + "".join(f"<TD>{cell}</TD>" for cell in row) + "</TR>\n")
        table.write("</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>\n")


def seconds_of(work):
    began = time.monotonic()
    result = work()
    return time.monotonic() - began, result


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def synced(path):
    """The disk has what a new target's names and plates take in the cache's index."""
    with open(path, "wb") as file:
        file.write(os.urandom(100_000))
        os.fdatasync(file.fileno())


def main():
    platefs = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    form = sys.argv[3] if len(sys.argv) > 3 else "vot"
    with tempfile.TemporaryDirectory() as folder:
        base = pathlib.Path(folder)
        table = base / f"plates.{form}"
        write_table(table, count)
        print(f"table: {count} rows, {table.stat().st_size >> 20} MiB as {form}")
        (base / "config.toml").write_text(f'archives = ["large"]\nresolver = "none"\n[archive.large]\nkind = "table"\nurl = "{table}"\n')
        common = ["--config", base / "config.toml", "--cache-dir", base / "cache"]

        def query(target):
            return subprocess.run([platefs, "query", *common, "--json", target], check=True, capture_output=True).stdout

        took, _ = seconds_of(lambda: query("10.0+20.0"))
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
        index = next((base / "cache" / "tables").glob("*.index"))
        print(f"index: {took:.1f} s, {largest} MiB of memory, {index.stat().st_size >> 20} MiB on disk")
        random = np.random.default_rng(3)
        places = zip(random.uniform(0, 360, 220), np.degrees(np.arcsin(random.uniform(-1, 1, 220))))
        targets, new = (lambda all: (all[:20], all[20:]))([f"{a:.4f}{d:+.4f}" for a, d in places])
        print(f"a command: {1000 * statistics.median(seconds_of(lambda t=t: query(t))[0] for t in targets):.0f} ms")
        mountpoint = base / "mnt"
        mountpoint.mkdir()
        subprocess.run([platefs, "mount", *common, mountpoint], check=True)
        try:
            pid = json.loads((mountpoint / ".platefs" / "status.json").read_text())["pid"]
            waits = [seconds_of(lambda: synced(base / "synced"))[0] for _ in range(50)]
            print(f"to write 100 kB to this disk and wait for it: {1000 * statistics.median(waits):.1f} ms")
            for what, words in (("asked for by a command", targets), ("new", new), ("again", new)):
                before = cpu_seconds(pid)
                found = [seconds_of(lambda t=t: len(os.listdir(mountpoint / t))) for t in words]
                times = sorted(1000 * took for took, _ in found)
                print(f"ls of a target, {what}: median {statistics.median(times):.1f} ms, 95 % within "
                      f"{times[len(times) * 95 // 100]:.1f} ms, longest {times[-1]:.1f} ms, "
                      f"{statistics.median(n for _, n in found):.0f} entries, "
                      f"{1000 * (cpu_seconds(pid) - before) / len(words):.1f} ms of processor")
        finally:
            subprocess.run([platefs, "unmount", mountpoint], check=True)


if __name__ == "__main__":
    main()
