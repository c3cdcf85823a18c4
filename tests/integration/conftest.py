# SPDX-License-Identifier: BSD-3-Clause
"""A demo archive and a mount of it, for tests through the kernel.

PLATEFS_BIN_DIR names the directory with `platefs` and `platefs-demo-archive`.
"""
import json
import os
import pathlib
import shutil
import subprocess
import time
import urllib.request

import pytest

BIN = pathlib.Path(os.environ.get("PLATEFS_BIN_DIR", "build/release/bin")).resolve()
FOLDERS = ("aligned", "by-collection", "by-decade", "cutouts", "previews", "stamps")  # of a target, beside its plates
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


# Where the caches of mounts are, if not beside them: see narrow. They are emptied after each test.
CACHES = pathlib.Path(os.environ["PLATEFS_TEST_CACHES"]) if "PLATEFS_TEST_CACHES" in os.environ else None


@pytest.fixture(autouse=True)
def caches_are_emptied():
    yield
    for cache in CACHES.iterdir() if CACHES else ():
        shutil.rmtree(cache)


class Mount:
    """A platefs mount on a directory of its own."""

    def __init__(self, archive, base, name="mnt", cache="cache", options=()):
        self.path = base / name
        self.path.mkdir(exist_ok=True)
        self.cache = (CACHES / base.name if CACHES else base) / cache
        self.archive = archive
        self.options = list(options)
        self.environment = {**os.environ, "XDG_STATE_HOME": str(base / "state"),
                            "XDG_CONFIG_HOME": str(base / "config")}
        self.up()

    def up(self):
        subprocess.run([BIN / "platefs", "mount", "--archive", self.archive.tap, "--cache-dir", self.cache,
                        "--resolver", self.archive.resolver, *self.options, self.path], check=True, timeout=30, env=self.environment)

    def down(self):
        if os.path.ismount(self.path):
            subprocess.run([BIN / "platefs", "unmount", self.path], check=True, timeout=30)

    def again(self):
        """Unmounts and mounts the same with the same cache."""
        self.down()
        self.up()

    @property
    def target(self):
        return self.path / TARGET

    def plates(self):
        """Names of the target's plate directories, as ls sorts them."""
        return sorted(e.name for e in os.scandir(self.target)
                      if e.is_dir() and e.name not in FOLDERS)

    def plate_with(self, predicate):
        """First plate whose publisher DID satisfies `predicate`."""
        for name in self.plates():
            if predicate(os.getxattr(self.target / name, "user.platefs.did").decode()):
                return self.target / name
        raise AssertionError("no such plate in the demo archive")


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


def xattr(path, name):
    """The attribute user.platefs.NAME as text; empty if there is none."""
    try:
        return os.getxattr(path, f"user.platefs.{name}").decode()
    except OSError:
        return ""
