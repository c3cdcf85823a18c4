# SPDX-License-Identifier: BSD-3-Clause
"""Many clients of one site, the demo archive, and what it was asked for.

PLATEFS_SITE_CLIENTS and PLATEFS_SITE_PLATES say how many (6 and 3).
"""
import concurrent.futures
import hashlib
import importlib.util
import json
import os
import pathlib
import shutil
import sys

import pytest

_spec = importlib.util.spec_from_file_location("mounted", pathlib.Path(__file__).parents[1] / "integration/conftest.py")
mounted = importlib.util.module_from_spec(_spec)
sys.modules["mounted"] = mounted
_spec.loader.exec_module(mounted)

from engines import HAPROXY, NGINX, SQUID, TlsFront, make_certificate

CLIENTS = int(os.environ.get("PLATEFS_SITE_CLIENTS", 6))
PLATES = int(os.environ.get("PLATEFS_SITE_PLATES", 3))
SLACK = 12                                    # requests: how far ahead a reader is goes by the clock
TARGET = mounted.TARGET
FILES = ("full.fits", "cutout.fits", "preview.jpg")
Mount, wait_until, BIN = mounted.Mount, mounted.wait_until, mounted.BIN

needs_nginx = pytest.mark.skipif(not os.path.exists(NGINX), reason="needs nginx")
needs_haproxy = pytest.mark.skipif(not os.path.exists(HAPROXY), reason="needs haproxy")
needs_squid = pytest.mark.skipif(not os.path.exists(SQUID), reason="needs squid")
needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")


class Archive(mounted.Archive):
    """That tells how much was asked of it, and how many requests it had at once."""

    def tally(self):
        asked = [request for request in self.requests() if request["kind"] != "control"]
        steps = sorted([(r["started"], 1) for r in asked] + [(r["ended"] or r["started"], -1) for r in asked])
        at_once = most = 0
        for _, step in steps:
            at_once += step
            most = max(most, at_once)
        return Tally(len(asked), sum(r["bytes_sent"] for r in asked), most)


class Tally:
    def __init__(self, requests, size, at_once):
        self.requests, self.bytes, self.at_once = requests, size, at_once

    def __repr__(self):
        return f"{self.requests} requests, {self.bytes / 1e6:.2f} MB, {self.at_once} at once"


@pytest.fixture(scope="session")
def archive(tmp_path_factory):
    running = Archive(tmp_path_factory.mktemp("archive"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls") / "server.pem")


@pytest.fixture(scope="session")
def tls_archive(archive, certificate, tmp_path_factory):
    with TlsFront(tmp_path_factory.mktemp("tls-front") / "nginx", archive, certificate) as front:
        yield front


@pytest.fixture(autouse=True)
def counts_begin_anew(archive):
    archive.clear_faults()
    archive.forget_requests()


def without_header(content):
    """The data of a FITS file whose header tells when it was made."""
    end = content.find(b"END" + b" " * 77)
    return content[(end // 2880 + 1) * 2880:]


def digest(path, content):
    return hashlib.sha256(without_header(content) if path.endswith("cutout.fits") else content).hexdigest()


def wanted_plates(names):
    """The first of them that have each of FILES: the same for everybody."""
    good = [name for name in names if "_i0" in name or "_b0" in name]
    assert len(good) >= PLATES, names
    return good[:PLATES]


def read_all(mount, files=FILES):
    """The checksum of each file that is wanted, or what the failure was."""
    found = {}
    for plate in wanted_plates(mount.plates()):
        for name in files:
            path = f"{plate}/{name}"
            try:
                found[path] = digest(path, (mount.target / path).read_bytes())
            except OSError as error:
                found[path] = error.strerror
    return found


def at_once(work, things):
    with concurrent.futures.ThreadPoolExecutor(len(things)) as pool:
        return list(pool.map(work, things))


class Clients:
    """Mounts with caches of their own."""

    def __init__(self, archive, base, count, *options):
        self.mounts = at_once(lambda i: Mount(archive, base / f"client{i}", options=options), range(count))

    def read(self, files=FILES):
        return at_once(lambda mount: read_all(mount, files), self.mounts)

    def status(self):
        return [json.loads((mount.path / ".platefs/status.json").read_text())["gateway"] for mount in self.mounts]

    def log(self):
        return "".join((mount.path / ".platefs/log.txt").read_text() for mount in self.mounts)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        at_once(lambda mount: mount.down(), self.mounts)


@pytest.fixture(scope="session")
def one_client(archive, tmp_path_factory):
    """What one direct client reads, and what that costs the archive."""
    archive.clear_faults()
    archive.forget_requests()
    with Clients(archive, tmp_path_factory.mktemp("one"), 1) as clients:
        [found] = clients.read()
    assert all(len(checksum) == 64 for checksum in found.values()), found
    return found, archive.tally()
