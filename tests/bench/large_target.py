#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Measures a target of very many plates: its first listing, its tables, and its listing after a remount.

    tests/bench/large_target.py                           100,000 rows, TABLEDATA and BINARY2
    tests/bench/large_target.py --rows 1000,10000,100000 --form TABLEDATA

An archive on loopback answers every query with rows of ObsCore's 43 columns, made beforehand, so that what is
measured is what platefs makes of them. Prints seconds (of the daemon's processor in brackets) and the daemon's largest
resident set in MiB.
"""
import argparse
import base64
import http.server
import pathlib
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from mounts import Mount

TEXT, REAL, FLOAT, INTEGER = "char", "double", "float", "long"
TARGET = "100+10"
COLUMNS = {  # ObsCore 1.1, mandatory and optional
    "dataproduct_type": TEXT, "dataproduct_subtype": TEXT, "calib_level": "short", "obs_collection": TEXT,
    "obs_id": TEXT, "obs_title": TEXT, "obs_publisher_did": TEXT, "obs_creator_did": TEXT, "access_url": TEXT,
    "access_format": TEXT, "access_estsize": INTEGER, "target_name": TEXT, "target_class": TEXT, "s_ra": REAL,
    "s_dec": REAL, "s_fov": REAL, "s_region": TEXT, "s_resolution": REAL, "s_xel1": INTEGER, "s_xel2": INTEGER,
    "s_pixel_scale": REAL, "t_min": REAL, "t_max": REAL, "t_exptime": FLOAT, "t_resolution": FLOAT, "t_xel": INTEGER,
    "em_min": REAL, "em_max": REAL, "em_res_power": REAL, "em_xel": INTEGER, "em_ucd": TEXT, "o_ucd": TEXT,
    "pol_states": TEXT, "pol_xel": INTEGER, "facility_name": TEXT, "instrument_name": TEXT, "source_table": TEXT,
    "preview": TEXT, "s_region_quality": FLOAT, "em_band": TEXT, "obs_release_date": TEXT, "data_rights": TEXT,
    "proposal_id": TEXT}
PACK = {REAL: ">d", FLOAT: ">f", INTEGER: ">q", "short": ">h"}


def row(number):
    ra, dec = 100 + (number * 7919 % 5000 - 2500) / 1000, 10 + (number * 104729 % 5000 - 2500) / 1000
    mjd = 9000 + number * 41000 / 100000 + number % 7 / 10
    corners = " ".join(f"{ra + x} {dec + y}" for x, y in ((-4.2, -4.1), (4.2, -4.1), (4.2, 4.1), (-4.2, 4.1)))
    return ("image", "plate scan", 2, "DASCH DR7", f"i{number:06}", f"Plate i{number:06}, Harvard",
            f"ivo://org.gavo.dc/~?dasch/q/i{number:06}", None, f"http://127.0.0.1:1/files/i{number:06}.fits",
            "image/fits", 580000, None, None, ra, dec, 11.7, f"Polygon ICRS {corners}", 2.5, 22000, 16000, 1.3, mjd,
            mjd + 0.04, 3600.0, None, 1, 3.5e-7, 5.2e-7, None, 1, "em.opt.B", "phot.flux.density", None, None,
            "Harvard College Observatory", "Bruce Doublet", "dasch.plates", f"http://127.0.0.1:1/previews/i{number:06}.jpg",
            0.5, "Optical", "2024-01-01", "public", None)


def cell(kind, value):
    """One cell of a BINARY2 row."""
    if kind == TEXT:
        data = (value or "").encode()
        return struct.pack(">i", len(data)) + data
    return struct.pack(PACK[kind], 0 if value is None else value)


def rows_as(form, count):
    if form == "TABLEDATA":
        yield b"<TABLEDATA>\n"
        for number in range(count):
            yield ("<TR>" + "".join(f"<TD>{'' if v is None else v}</TD>" for v in row(number)) + "</TR>\n").encode()
        yield b"</TABLEDATA>"
        return
    kinds, stream = list(COLUMNS.values()), bytearray()
    for number in range(count):
        values = row(number)
        flags = sum(1 << (47 - i) for i, value in enumerate(values) if value is None)
        stream += flags.to_bytes(6, "big") + b"".join(map(cell, kinds, values))
    yield b'<BINARY2><STREAM encoding="base64">' + base64.encodebytes(stream) + b"</STREAM></BINARY2>"


def document(form, count):
    fields = "".join(f'<FIELD name="{name}" datatype="{kind}"{" arraysize=" + chr(34) + "*" + chr(34) if kind == TEXT else ""}/>\n'
                     for name, kind in COLUMNS.items())
    return b"".join([b'<VOTABLE version="1.4"><RESOURCE type="results"><INFO name="QUERY_STATUS" value="OK"/><TABLE>\n',
                     fields.encode(), b"<DATA>", *rows_as(form, count), b"</DATA></TABLE></RESOURCE></VOTABLE>\n"])


class Archive:
    def __init__(self, answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(200)
                self.send_header("Content-Type", "application/x-votable+xml")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Place:
    """What a Mount needs to know of a site."""

    def __init__(self, scratch, archive, program):
        self.scratch, self.archive, self.platefs, self.files = pathlib.Path(scratch), archive, program, None


def timed(words, mount):
    """Seconds, those of the mount's processor in brackets, and what the program wrote."""
    begin, cpu = time.monotonic(), mount.cpu()
    output = subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout
    return f"{time.monotonic() - begin:.2f} ({mount.cpu() - cpu:.2f})", output


def measure(form, count, program):
    answer = document(form, count)
    facts = {"MB": round(len(answer) / 1e6)}
    with tempfile.TemporaryDirectory() as scratch, Mount(Place(scratch, Archive(answer), program), "platefs") as mount:
        target = mount.path / TARGET
        facts["ls -f"], names = timed(["ls", "-f", target], mount)
        if names.count(b"\n") < count:
            raise RuntimeError(f"{names.count(bytes([10]))} names of {count}")
        facts["RSS"] = round(mount.peak_mib())
        facts["ls -f again"], _ = timed(["ls", "-f", target], mount)
        for name in ("plates.csv", "plates.vot", "index.html", "plates.fits"):
            facts[name], text = timed(["cat", target / name], mount)
            if len(text) < 100 * count:
                raise RuntimeError(f"{name} has {len(text)} bytes")
        facts["RSS, tables too"] = round(mount.peak_mib())
        time.sleep(1.5)  # the index is committed each second
        mount.down()
        mount.up()
        facts["ls -f, remounted"], again = timed(["ls", "-f", target], mount)
        if sorted(again.split()) != sorted(names.split()):
            raise RuntimeError("other names after a remount")
        facts["RSS, remounted"] = round(mount.peak_mib())
    return facts


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", default="100000")
    parser.add_argument("--form", choices=["TABLEDATA", "BINARY2"])
    root = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("--bin", type=pathlib.Path, default=root / "build/release/bin")
    chosen = parser.parse_args()
    for form in [chosen.form] if chosen.form else ["TABLEDATA", "BINARY2"]:
        for count in map(int, chosen.rows.split(",")):
            facts = measure(form, count, chosen.bin.resolve() / "platefs")
            print(form, count, ", ".join(f"{k} {v}" for k, v in facts.items()), flush=True)


if __name__ == "__main__":
    main()
