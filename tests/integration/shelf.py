# SPDX-License-Identifier: BSD-3-Clause
"""Plates as files on a web server: a folder served as nginx does, with ranges, ETags, HEAD, and pages of its folders."""
import email.utils
import http.server
import os
import pathlib
import re
import subprocess
import threading
import urllib.parse

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS
from conftest import BIN

CENTRE = (83.6, 22.0)
TARGET = f"{CENTRE[0]}+{CENTRE[1]}"


def plate(number, size=400, centre=CENTRE, scale=0.01):
    """The header and the pixels of a plate of 4 degrees near `centre`."""
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [(centre[0] + 0.1 * (number % 7)) % 360, centre[1] + 0.1 * (number % 5)]
    wcs.wcs.crpix = [size / 2 + 0.5] * 2
    wcs.wcs.cdelt = [-scale, scale]
    header = wcs.to_header()
    header["DATE-OBS"] = f"1901-{number // 28 + 1:02d}-{number % 28 + 1:02d}T03:00:00"
    header["EXPTIME"] = 600.0
    header["TELESCOP"], header["OBJECT"] = "Bruce", f"field {number}"
    pixels = np.random.default_rng(number).integers(0, 30000, (size, size)).astype("i2")
    return header, pixels


def write_plate(path, number, **words):
    header, pixels = plate(number, **words)
    fits.writeto(path, pixels, header, overwrite=True)
    return path


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        try:
            self.serve()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def serve(self):
        path = self.server.root / urllib.parse.unquote(self.path.split("?")[0]).lstrip("/")
        if path.is_dir():
            return self.answer(200, self.page(path).encode(), [("Content-Type", "text/html")])
        if not path.is_file():
            return self.answer(404, b"<html>no such file</html>", [("Content-Type", "text/html")])
        facts = path.stat()
        etag = f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"'
        version = [("ETag", etag), ("Last-Modified", email.utils.formatdate(facts.st_mtime, usegmt=True)),
                   ("Accept-Ranges", "bytes")]
        if self.headers.get("If-None-Match") == etag:
            return self.answer(304, b"", version)
        content = path.read_bytes()
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked is None:
            return self.answer(200, content, version)
        first, last = int(asked[1]), min(int(asked[2] or len(content)), len(content) - 1)
        if first > last:
            return self.answer(416, b"", [("Content-Range", f"bytes */{len(content)}")])
        return self.answer(206, content[first:last + 1],
                           [*version, ("Content-Range", f"bytes {first}-{last}/{len(content)}")])

    @staticmethod
    def page(folder):
        names = sorted(entry.name + ("/" if entry.is_dir() else "") for entry in folder.iterdir())
        links = "".join(f'<a href="{urllib.parse.quote(name)}">{name}</a>   17-May-1890 03:12   -\r\n' for name in names)
        return f'<html><head><title>Index of /</title></head><body><pre><a href="../">../</a>\r\n{links}</pre></body></html>'

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        sent = b"" if self.command == "HEAD" or status == 304 else body
        with self.server.lock:
            self.server.requests.append((self.command, self.path, status, len(sent)))
            is_held = self.path.endswith(".fits") and len(self.server.requests) > self.server.hold_after
            self.server.held += is_held
        if is_held:
            self.server.released.wait(30)
        self.wfile.write(sent)
        self.wfile.flush()

    def log_message(self, *_):
        pass


class Shelf(http.server.ThreadingHTTPServer):
    """`requests` holds (method, path, status, bytes of the body) of each since forget(). Behind `hold_after` of them
    answers are held until release()."""
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, root):
        super().__init__(("127.0.0.1", 0), Handler)
        self.root, self.lock, self.requests = pathlib.Path(root), threading.Lock(), []
        self.hold_after, self.held, self.released = 1 << 60, 0, threading.Event()
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def url(self, name=""):
        return f"http://127.0.0.1:{self.server_port}/{name}"

    def forget(self):
        with self.lock:
            self.requests = []

    def asked(self, ending=""):
        with self.lock:
            return [request for request in self.requests if request[1].endswith(ending)]

    def release(self):
        self.hold_after = 1 << 60
        self.released.set()

    def handle_error(self, *_):
        pass                                       # clients hang up; that is theirs to do

    def close(self):
        self.release()
        self.shutdown()
        self.thread.join()
        self.server_close()


class Commands:
    """platefs with a configuration of one archive, "mine"."""

    def __init__(self, base, columns=None):
        self.columns, self.base, self.config, self.mountpoint = columns, base, base / "config.toml", base / "mnt"
        self.mountpoint.mkdir()
        self.environment = {**os.environ, "XDG_STATE_HOME": str(base / "state"), "XDG_CONFIG_HOME": str(base / "config")}

    def configure(self, url, columns="", more=""):
        columns = self.columns if columns == "" else columns
        self.config.write_text(f'archives = ["mine"]\nallow-private-addresses = true\nresolver = "none"\n[archive.mine]\nkind = "table"\nurl = "{url}"\n'
                               + (f"columns = {columns}\n" if columns else "") + more)

    def run(self, *words, check=True):
        return subprocess.run([BIN / "platefs", *words], check=check, timeout=60, env=self.environment, cwd=self.base,
                              capture_output=True, text=True)

    def query(self, *words, target=TARGET, check=True):
        return self.run("query", "--config", self.config, "--cache-dir", self.base / "cache", *words, target, check=check)

    def names(self, *words, **how):
        return re.findall(r"\S+_p\d\d\S*", self.query(*words, **how).stdout)

    def mount(self):
        self.run("mount", "--config", self.config, "--cache-dir", self.base / "cache", self.mountpoint)
        return self.mountpoint / TARGET

    def unmount(self):
        if os.path.ismount(self.mountpoint):
            self.run("unmount", self.mountpoint)


def plate_folders(target):
    return sorted(entry.name for entry in os.scandir(target) if entry.is_dir() and "_p" in entry.name)


def check_cutout(path, number):
    """Each pixel of the cutout is that of the plate at the same place of the sky."""
    header, pixels = plate(number)
    with fits.open(path) as hdus:
        cut = hdus[0]
        assert cut.data.size > 100
        x, y = WCS(header).all_world2pix(*WCS(cut.header).all_pix2world(0, 0, 0), 0)
        x, y = round(float(x)), round(float(y))
        height, width = cut.data.shape
        assert np.array_equal(cut.data, pixels[y:y + height, x:x + width])
