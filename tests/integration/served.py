# SPDX-License-Identifier: BSD-3-Clause
"""A `platefs serve` for tests, and who asks it."""
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import urllib.parse

import pytest
from conftest import BIN, TARGET

STALL_FILES = {"match": {"kind": "file"}, "fault": "stall"}


class Server:
    """A `platefs serve` on a port of its own."""

    def __init__(self, archive, base, *options, cache="cache", before=(), program=BIN / "platefs", environment=None):
        self.base = base
        self.process = subprocess.Popen(
            [*before, program, "serve", "--archive", archive.tap, "--resolver", archive.resolver, "--cache-dir",
             base / cache, *options], stdout=subprocess.PIPE, stderr=open(base / "serve.err", "w"), text=True,
            env={**os.environ, "XDG_STATE_HOME": str(base / "state"), "XDG_CONFIG_HOME": str(base / "config"), **(environment or {})})
        self.url = self.process.stdout.readline().strip()
        assert self.url.startswith("http://127.0.0.1:"), (base / "serve.err").read_text()
        parts = urllib.parse.urlsplit(self.url)
        self.port, self.prefix = parts.port, parts.path.rstrip("/")

    def request(self, method, path, headers=None, body=None, prefix=None, timeout=30):
        """One request on a connection of its own: status, headers, body. `path` is encoded already."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, (self.prefix if prefix is None else prefix) + path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, dict((k.lower(), v) for k, v in answer.getheaders()), answer.read()
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.request("GET", path, {k.replace("_", "-"): v for k, v in headers.items()})

    def links(self, path):
        """What a directory's page links to, as encoded there."""
        status, _, page = self.get(path)
        assert status == 200, page
        return re.findall(r'<a href="([^"]*)"', page.decode())

    def raw(self, text):
        """Whatever bytes, as a client that is no good may send them; all that comes back."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(text)
            answer = b""
            while more := connection.recv(65536):
                answer += more
            return answer

    def status(self):
        return json.loads(self.get("/.platefs/status.json")[2])

    def threads(self):
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=10)


@pytest.fixture
def serve(archive, tmp_path):
    """Starts servers with options: serve("--webdav"). Faults begin anew."""
    archive.clear_faults()
    started = []

    def start(*options, **more):
        started.append(Server(archive, tmp_path, *options, **more))
        archive.forget_requests()
        return started[-1]

    yield start
    archive.clear_faults()
    for server in started:
        server.stop()


def plates_of(server):
    return [link[:-1] for link in server.links(f"/{TARGET}/") if re.match(r"\d{4}-.*/$", link)]


def in_flight(archive, kind):
    return [r for r in archive.requests(kind) if r.get("ended") is None]


def can_unshare():
    return os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0


def as_nobody(home):
    """Words in front of a command that runs it as nobody, who can't open /dev/fuse."""
    device = home / "no-fuse"
    device.touch(mode=0o600)
    return ["unshare", "-m", "sh", "-c", f"mount --bind {device} /dev/fuse && exec setpriv --reuid=65534 --regid=65534 --clear-groups -- \"$@\"", "sh"]
