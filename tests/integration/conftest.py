# SPDX-License-Identifier: BSD-3-Clause
"""A demo archive and a mount of it, for tests through the kernel.

PLATEFS_BIN_DIR names the directory with `platefs` and `platefs-demo-archive`.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import time
import urllib.request

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import mounts
from mounts import BIN, CACHES, FOLDERS, xattr  # for the tests

TARGET = "156.01124674021+48.14753874736"


def wait_until(condition, seconds=20.0, what="the condition"):
    """Polls `condition` until it holds; fails the test after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(0.01)
    raise AssertionError(f"{what} did not come true within {seconds} s")


class Archive:
    """A running platefs-demo-archive, its request log and its faults."""

    def __init__(self, state, *options):
        self.process = subprocess.Popen(
            [BIN / "platefs-demo-archive", "--port", "0", "--file-port", "0", "--state", state, "--json",
             *options],
            stdout=subprocess.PIPE, text=True)
        facts = json.loads(self.process.stdout.readline())
        self.tap = facts["tap"]
        self.control = facts["control"].rstrip("/")
        self.resolver = facts["sesame"]
        self.files = facts["files"]

    def _call(self, method, what, body=None):
        request = urllib.request.Request(f"{self.control}/{what}", method=method, data=body)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text.strip() else None

    def requests(self, *kinds):
        """Requests since the last forget_requests(), those still in flight too, of the given kinds."""
        return [r for r in self._call("GET", "requests") if not kinds or r["kind"] in kinds]

    def forget_requests(self):
        self._call("DELETE", "requests")

    def set_faults(self, *rules):
        self._call("PUT", "faults", json.dumps(rules).encode())

    def clear_faults(self):
        self._call("DELETE", "faults")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)


@pytest.fixture(autouse=True)
def caches_are_emptied():
    yield
    for cache in CACHES.iterdir() if CACHES else ():
        shutil.rmtree(cache)


class Mount(mounts.Mount):
    """One whose target is the demo archive's star."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, place=TARGET, **more)


@pytest.fixture(scope="session")
def archive(tmp_path_factory):
    running = Archive(tmp_path_factory.mktemp("archive"))
    yield running
    running.stop()


@pytest.fixture
def mount(archive, tmp_path):
    """A fresh mount with an empty cache; faults and request counts begin anew."""
    archive.clear_faults()
    mounted = Mount(archive, tmp_path)
    archive.forget_requests()
    yield mounted
    archive.clear_faults()
    mounted.down()


@pytest.fixture
def mount_with(archive, tmp_path):
    """Makes mounts with options: mount_with("--timeout", "2")."""
    made = []

    def make(*options, **where):
        made.append(Mount(archive, tmp_path, options=options, **where))
        archive.forget_requests()
        return made[-1]

    archive.clear_faults()
    yield make
    archive.clear_faults()
    for mounted in made:
        mounted.down()
