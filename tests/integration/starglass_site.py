# SPDX-License-Identifier: BSD-3-Clause
"""The web API of Harvard's StarGlass as https://dasch.cfa.harvard.edu/dr7/web-apis and the mosaics page describe it:
queryexps, cutout and mosaic_package of DASCH DR7, as many requests in a second as it allows, with a key and without.

Files lie on a second server whose URLs are signed: they carry the second until which they are good.
"""
import base64
import gzip
import http.server
import io
import json
import threading
import time
import urllib.parse

import numpy
from astropy.io import fits
from astropy.wcs import WCS

COLUMNS = ("series,platenum,scannum,mosnum,expnum,solnum,class,ra,dec,exptime,expdate,wcssource,scandate,mosdate,"
           "centerdist,edgedist,limMagApass,limMagAtlas")
CUTOUT_HALF_SIZE = 600.0   # arc seconds, whatever is asked
PIXEL = 6.0                # arc seconds of a pixel


class Exposure:
    """One exposure of a plate: with a solution of its scan, or known by the logbook alone."""

    def __init__(self, number, solution, is_scanned=True, is_solved=True):
        self.number, self.solution, self.is_scanned, self.is_solved = number, solution, is_scanned, is_solved
        self.plate = f"b{number:05d}"

    def line(self, ra, dec):
        year, month = 1890 + self.number // 12, 1 + self.number % 12
        scan = "0,0" if self.is_scanned else "-1,-1"
        solution = self.solution if self.is_solved else -1
        place = f"{ra + 0.1:.6f},{dec - 0.1:.6f}" if self.is_solved else "999,99"
        return (f"b,{self.number},{scan},{self.solution},{solution},,{place},60.0,"
                f"{year}-{month:02d}-15T0{self.solution}-30-00.0Z,{'imwcs' if self.is_solved else 'logbook'},,,"
                f"3.1,4.2,{14.5 if self.is_solved else ''},")


def exposures_of(plates, unsolved=0, unscanned=0):
    """Each third plate has two solutions; behind them plates that are known by the logbook."""
    made = []
    for number in range(1, plates + 1):
        made += [Exposure(number, solution) for solution in range(2 if number % 3 == 0 else 1)]
    made += [Exposure(plates + i, 0, is_solved=False) for i in range(1, unsolved + 1)]
    return made + [Exposure(plates + unsolved + i, 0, False, False) for i in range(1, unscanned + 1)]


def image(ra, dec, value, width):
    """North up; every pixel but the star in the middle has the value."""
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval, wcs.wcs.crpix = ["RA---TAN", "DEC--TAN"], [ra, dec], [(width + 1) / 2] * 2
    wcs.wcs.cdelt = [-PIXEL / 3600, PIXEL / 3600]
    data = numpy.full((width, width), value, dtype=numpy.int16)
    data[width // 2, width // 2] = 20000
    return fits.PrimaryHDU(data, wcs.to_header())


def bytes_of(hdu):
    buffer = io.BytesIO()
    hdu.writeto(buffer)
    return buffer.getvalue()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *words):
        pass

    def answer(self, status, body, media_type="application/json", headers=()):
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def say(self, status, value, headers=()):
        self.answer(status, json.dumps(value).encode(), headers=headers)


class ApiHandler(Handler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        site = self.server.site
        stage, _, method = self.path.strip("/").partition("/dasch/dr7/")
        key = self.headers.get("x-api-key")
        with site.lock:
            site.asked.append((method, key))
            refused = site.is_too_fast()
            site.statuses.append(429 if refused else 200)
        if refused:
            return self.say(429, {"message": "Too Many Requests"})
        if stage not in ("public", "full") or (stage == "full" and key != site.key):
            return self.say(403, {"message": "Forbidden"})
        if self.headers.get("Content-Type") != "application/json":
            return self.say(415, {"message": "Unsupported Media Type"})
        question = json.loads(body)
        getattr(self, method, self.unknown)(site, question)

    def unknown(self, site, question):
        self.say(404, {"message": "Not Found"})

    def queryexps(self, site, question):
        ra, dec = question["ra_deg"], question["dec_deg"]
        self.say(200, [COLUMNS] + [each.line(ra, dec) for each in site.exposures])

    def cutout(self, site, question):
        ra, dec = question["center_ra_deg"], question["center_dec_deg"]
        found = [each for each in site.exposures if each.is_solved and each.plate == question["plate_id"]
                 and each.solution == question["solution_number"]]
        if not found:
            return self.say(200, {"errorMessage": "no such plate or solution", "errorType": "ValueError"})
        value = found[0].number * 10 + found[0].solution
        file = bytes_of(image(ra, dec, value, int(2 * CUTOUT_HALF_SIZE / PIXEL) + 1))
        self.say(200, base64.b64encode(gzip.compress(file)).decode())

    def mosaic_package(self, site, question):
        number = int(question["plate_id"][1:])
        name = f"{question['plate_id']}_{question['binning']}.fits.fz"
        if not any(each.number == number and each.is_scanned for each in site.exposures):
            return self.say(200, {"errorMessage": "not scanned"})
        until = time.time() + site.signed_for
        self.say(200, {"baseFitsUrl": f"{site.files}/{name}?X-Amz-Date=now&X-Amz-Expires={site.signed_for}"
                                      f"&until={until}&X-Amz-Signature=00",
                       "baseFitsSize": len(site.mosaic(name)), "metadata": {}})


class FileHandler(Handler):
    def do_GET(self):
        site = self.server.site
        path, _, query = self.path.partition("?")
        until = float(urllib.parse.parse_qs(query).get("until", ["0"])[0])
        with site.lock:
            site.files_asked.append(self.headers.get("x-api-key"))
        if time.time() > until:
            return self.answer(403, b"<Error><Code>AccessDenied</Code></Error>", "application/xml")
        content = site.mosaic(path.strip("/"))
        range_ = self.headers.get("Range")
        if not range_:
            return self.answer(200, content, "binary/octet-stream", [("ETag", '"1"'), ("Accept-Ranges", "bytes")])
        first, _, last = range_.removeprefix("bytes=").partition("-")
        first, last = int(first), min(int(last or len(content) - 1), len(content) - 1)
        self.answer(206, content[first:last + 1], "binary/octet-stream",
                    [("ETag", '"1"'), ("Content-Range", f"bytes {first}-{last}/{len(content)}")])


class StarGlass:
    """The service, on two ports of this machine; `limit` requests in a second."""

    def __init__(self, exposures, key="a-key", limit=1000, signed_for=900):
        self.exposures, self.key, self.limit, self.signed_for = exposures, key, limit, signed_for
        self.lock = threading.Lock()
        self.asked, self.statuses, self.files_asked, self.times = [], [], [], []
        self.servers = [http.server.ThreadingHTTPServer(("127.0.0.1", 0), each) for each in (ApiHandler, FileHandler)]
        for server in self.servers:
            server.daemon_threads, server.site = True, self
            threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.servers[0].server_address[1]}"
        self.files = f"http://127.0.0.1:{self.servers[1].server_address[1]}"

    def is_too_fast(self):
        """More than the limit within a second; what was refused does not count."""
        now = time.monotonic()
        self.times = [each for each in self.times if now - each < 1]
        if len(self.times) >= self.limit:
            return True
        self.times.append(now)
        return False

    def mosaic(self, name):
        width = 64 if name.endswith("_16.fits.fz") else 512
        data = numpy.arange(width * width, dtype=numpy.int16).reshape(width, width)
        return bytes_of(fits.PrimaryHDU(data))     # the scan as it is, without coordinates

    def longest_run_of_refusals(self):
        longest = run = 0
        for status in self.statuses:
            run = run + 1 if status == 429 else 0
            longest = max(longest, run)
        return longest

    def stop(self):
        for server in self.servers:
            server.shutdown()
            server.server_close()
