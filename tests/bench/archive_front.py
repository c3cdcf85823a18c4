#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The archive in front of the benchmark's file server: TAP, DataLink, SODA.

    archive_front.py --address A --targets FILE --log FILE --cutout FILE --soda-latency SECONDS

FILE is JSON: [{"ra": .., "dec": .., "plates": [{"id": .., "t_min": .., "url": .., "bytes": .., "soda": bool,
"type": ..}]}].
A plate is answered to the target it is listed under, and has a DataLink document with its FITS file as #this and,
if it says so, a SODA service that takes SECONDS for any cutout. Prints its port; every request becomes a line
`KIND STATUS BYTES` in the log.
"""
import argparse
import html
import http.server
import json
import re
import threading
import time
import urllib.parse

FIELDS = [  # name, datatype, arraysize, unit, ucd
    ("dataproduct_type", "char", "*", "", "meta.code.class"), ("obs_collection", "char", "*", "", "meta.id"),
    ("obs_id", "char", "*", "", "meta.id"), ("obs_publisher_did", "char", "*", "", "meta.ref.ivoid"),
    ("access_url", "char", "*", "", "meta.ref.url"), ("access_format", "char", "*", "", "meta.code.mime"),
    ("access_estsize", "long", "", "kbyte", "phys.size;meta.file"), ("s_ra", "double", "", "deg", "pos.eq.ra"),
    ("s_dec", "double", "", "deg", "pos.eq.dec"), ("t_min", "double", "", "d", "time.start;obs.exposure"),
    ("t_max", "double", "", "d", "time.end;obs.exposure"), ("s_pixel_scale", "double", "", "arcsec", "phys.angSize;instr.pixel")]
LINK_FIELDS = ["ID", "access_url", "service_def", "error_message", "description", "semantics", "content_type",
               "content_length"]
DATALINK = "application/x-votable+xml;content=datalink"
SODA = """<RESOURCE type="meta" utype="adhoc:service" ID="soda">
<PARAM name="standardID" datatype="char" arraysize="*" value="ivo://ivoa.net/std/SODA#sync-1.0"/>
<PARAM name="accessURL" datatype="char" arraysize="*" value="{url}"/>
<GROUP name="inputParams"><PARAM name="ID" datatype="char" arraysize="*" value="" ucd="meta.id;meta.main"/>
<PARAM name="CIRCLE" datatype="double" arraysize="3" value="" unit="deg" ucd="phys.angArea;obs"/></GROUP></RESOURCE>
"""


def table(fields, rows):
    cells = "".join("<TR>" + "".join(f"<TD>{html.escape(str(cell))}</TD>" for cell in row) + "</TR>\n"
                    for row in rows)
    return f"<TABLE>{fields}<DATA><TABLEDATA>\n{cells}</TABLEDATA></DATA></TABLE>"


def votable(content):
    return ('<?xml version="1.0"?><VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">'
            + content + "</VOTABLE>").encode()


def results(content):
    return ('<RESOURCE type="results"><INFO name="QUERY_STATUS" value="OK"/>' + content + "</RESOURCE>")


class Archive:
    def __init__(self, targets, cutout, soda_latency):
        self.targets, self.cutout, self.soda_latency = targets, cutout, soda_latency
        self.plates = {plate["id"]: plate for target in targets for plate in target["plates"]}
        self.base = ""

    def plates_near(self, ra, dec):
        for target in self.targets:
            if abs(target["ra"] - ra) < 1e-3 and abs(target["dec"] - dec) < 1e-3:
                return target
        return {"ra": ra, "dec": dec, "plates": []}

    def tap(self, adql):
        place = re.search(r"POINT\('ICRS',\s*([-+.\d]+),\s*([-+.\d]+)\)", adql)
        if not place:
            return votable('<RESOURCE type="results"><INFO name="QUERY_STATUS" value="ERROR">no POINT</INFO>'
                           "</RESOURCE>")
        target = self.plates_near(float(place[1]), float(place[2]))
        fields = "".join(f'<FIELD name="{name}" datatype="{kind}"' + (f' arraysize="{size}"' if size else "")
                         + (f' unit="{unit}"' if unit else "") + f' ucd="{ucd}"/>'
                         for name, kind, size, unit, ucd in FIELDS)
        rows = [("image", "BENCH", plate["id"], plate["id"],
                 f"{self.base}/links?" + urllib.parse.urlencode({"ID": plate["id"]}), DATALINK,
                 plate["bytes"] // 1024, target["ra"], target["dec"], plate["t_min"], plate["t_min"] + 0.04,
                 plate.get("s_pixel_scale", ""))
                for plate in target["plates"]]
        return votable(results(table(fields, rows)))

    def links(self, ids):
        fields = "".join(f'<FIELD name="{name}" datatype="long" unit="byte"/>' if name == "content_length" else
                         f'<FIELD name="{name}" datatype="char" arraysize="*"/>' for name in LINK_FIELDS)
        rows, with_soda = [], False
        for plate in (self.plates[name] for name in ids if name in self.plates):
            rows.append((plate["id"], plate["url"], "", "", "The scan", "#this", plate.get("type", "image/fits"),
                         plate["bytes"]))
            if plate.get("soda"):
                with_soda = True
                rows.append((plate["id"], "", "soda", "", "Cutouts", "#cutout", "image/fits", ""))
        return votable(results(table(fields, rows)) + (SODA.format(url=self.base + "/soda") if with_soda else ""))

    def soda(self):
        time.sleep(self.soda_latency)
        return self.cutout


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    archive = log = log_lock = None

    def answer(self, kind, body, media_type, status=200):
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        with self.log_lock:
            print(kind, status, len(body), file=self.log, flush=True)

    def do_GET(self):
        where = urllib.parse.urlsplit(self.path)
        parameters = urllib.parse.parse_qs(where.query)
        if where.path == "/links":
            self.answer("links", self.archive.links(parameters.get("ID", [])), DATALINK)
        elif where.path == "/soda":
            self.answer("soda", self.archive.soda(), "image/fits")
        elif where.path == "/tap/sync":
            self.answer_tap(parameters)
        else:
            self.answer("other", b"no such thing\n", "text/plain", 404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.answer_tap(urllib.parse.parse_qs(body))

    def answer_tap(self, parameters):
        self.answer("tap", self.archive.tap(parameters.get("QUERY", [""])[0]), "application/x-votable+xml")

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", default="127.0.0.1")
    for name in ("targets", "log", "cutout"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--soda-latency", type=float, default=0.2)
    options = parser.parse_args()
    with open(options.targets) as file, open(options.cutout, "rb") as cutout:
        Handler.archive = Archive(json.load(file), cutout.read(), options.soda_latency)
    Handler.log, Handler.log_lock = open(options.log, "a"), threading.Lock()
    server = Server((options.address, 0), Handler)
    Handler.archive.base = f"http://{options.address}:{server.server_port}"
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
