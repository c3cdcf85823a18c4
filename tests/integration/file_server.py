# SPDX-License-Identifier: BSD-3-Clause
"""Servers of plates in the manners that the web knows, and an archive in front of them.

A manner says how a server answers a request for several ranges:
    proper    a part for each                    merged     one part from the first to the last byte
    reversed  the last part first                overlapping  wider parts, neighbours made one
    first     the first range alone              whole      200 and all of the file
    refused   416                                none       200 and all of the file, for one range too
"""
import http.server
import json
import pathlib
import re
import subprocess
import sys
import threading

FRONT = pathlib.Path(__file__).parents[1] / "bench" / "archive_front.py"
BOUNDARY = "a-boundary-4711"


def ranges_of(header, size):
    found = re.findall(r"(\d+)-(\d*)", header or "")
    return [(int(first), min(int(last or size - 1), size - 1)) for first, last in found]


def widened(ranges, by, size):
    """Every range wider by `by` bytes at both ends; what then overlaps is one."""
    made = []
    for first, last in sorted(ranges):
        first, last = max(first - by, 0), min(last + by, size - 1)
        if made and first <= made[-1][1] + 1:
            made[-1] = (made[-1][0], max(last, made[-1][1]))
        else:
            made.append((first, last))
    return made


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self):
        manner, content = self.server.manner, self.server.files.get(self.path.lstrip("/"))
        ranges = ranges_of(self.headers.get("Range"), len(content or b""))
        with self.server.lock:
            self.server.asked.append(len(ranges))
        try:
            if content is None:
                self.answer(404, b"")
            elif manner == "none" or not ranges or (manner == "whole" and len(ranges) > 1):
                self.answer(200, content)
            elif len(ranges) == 1:
                self.answer_part(content, *ranges[0])
            else:
                self.answer_parts(manner, content, ranges)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True           # the client has seen enough

    def answer_parts(self, manner, content, ranges):
        if manner == "refused":
            self.answer(416, b"", [("Content-Range", f"bytes */{len(content)}")])
        elif manner == "merged":
            self.answer_part(content, ranges[0][0], ranges[-1][1])
        elif manner == "first":
            self.answer_part(content, *ranges[0])
        else:
            ranges = {"reversed": ranges[::-1], "overlapping": widened(ranges, 50, len(content))}.get(manner, ranges)
            body = b"".join(
                f"\r\n--{BOUNDARY}\r\nContent-Type: image/fits\r\nContent-Range: bytes {first}-{last}/{len(content)}"
                "\r\n\r\n".encode() + content[first:last + 1] for first, last in ranges)
            self.answer(206, body + f"\r\n--{BOUNDARY}--\r\n".encode(),
                        kind=f"multipart/byteranges; boundary={BOUNDARY}")

    def answer_part(self, content, first, last):
        self.answer(206, content[first:last + 1], [("Content-Range", f"bytes {first}-{last}/{len(content)}")])

    def answer(self, status, body, more=(), kind="image/fits"):
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(body))),
                            ("Last-Modified", "Sat, 17 May 1890 00:00:00 GMT"), *more):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        with self.server.lock:
            self.server.sent += len(body)

    def log_message(self, *_):
        pass


class FileServer(http.server.ThreadingHTTPServer):
    """Serves {name: bytes} in one manner. `asked` holds the number of ranges of every request, `sent` the bytes of
    the bodies that went out whole."""
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, files, manner="proper"):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.manner, self.lock = files, manner, threading.Lock()
        self.asked, self.sent = [], 0
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def url(self, name):
        return f"http://127.0.0.1:{self.server_port}/{name}"

    def forget(self):
        with self.lock:
            self.asked, self.sent = [], 0

    def handle_error(self, *_):
        pass                                       # clients hang up; that is theirs to do

    def close(self):
        self.shutdown()
        self.thread.join()
        self.server_close()


class Front:
    """An archive that lists plates: [{"id", "url", "bytes", "t_min"}], all at one place of the sky; its SODA service always
    answers with `cutout`."""

    def __init__(self, directory, place, plates, cutout=b""):
        targets = directory / "targets.json"
        targets.write_text(json.dumps([{"ra": place[0], "dec": place[1], "plates": plates}]))
        (directory / "soda.fits").write_bytes(cutout)
        self.process = subprocess.Popen(
            [sys.executable, FRONT, "--targets", targets, "--log", directory / "front.log", "--cutout",
             directory / "soda.fits"], stdout=subprocess.PIPE, text=True)
        base = f"http://127.0.0.1:{int(self.process.stdout.readline())}"
        self.tap, self.resolver = base + "/tap", base + "/no-resolver"

    def forget_requests(self):
        pass

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)
