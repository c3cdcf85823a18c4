# SPDX-License-Identifier: BSD-3-Clause
"""A mount of platefs, for every test that reads through the kernel, and what such tests ask of a file.

PLATEFS_BIN_DIR names the directory with `platefs`. PLATEFS_TEST_CACHES says where caches are, if not beside their mounts.
"""
import os
import pathlib
import subprocess

BIN = pathlib.Path(os.environ.get("PLATEFS_BIN_DIR", "build/release/bin")).resolve()
CACHES = pathlib.Path(os.environ["PLATEFS_TEST_CACHES"]) if "PLATEFS_TEST_CACHES" in os.environ else None
FOLDERS = ("aligned", "by-collection", "by-decade", "cutouts", "previews", "stamps", "timeseries", "unsolved")  # of a target, beside its plates


class Mount:
    """platefs mounted on a directory of its own below `base`, with the cache and the state beside it. `archive` has the
    URLs `tap` and `resolver`; `place` is the target that a test is about, as its directory is named."""

    def __init__(self, archive, base, name="mnt", cache="cache", options=(), place=""):
        self.path, self.archive, self.options, self.place = base / name, archive, list(options), place
        self.path.mkdir(parents=True, exist_ok=True)
        self.cache = (CACHES / base.name if CACHES else base) / cache
        self.output = base / "platefs.out"
        self.environment = {**os.environ, "XDG_STATE_HOME": str(base / "state"), "XDG_CONFIG_HOME": str(base / "config"),
                            "XDG_CACHE_HOME": str(base / "xdg-cache")}
        self.up()

    def run(self, *words):
        """Runs platefs; fails the test when it does. Its output goes to a file: the daemon inherits it, and waiting for
        the end of a pipe would be waiting for the unmount."""
        with open(self.output, "w+b") as output:
            code = subprocess.run([BIN / "platefs", *words], check=False, stdin=subprocess.DEVNULL, stdout=output,
                                  stderr=output, env=self.environment, timeout=60).returncode
            output.seek(0)
            said = output.read().decode(errors="replace")
        assert code == 0, f"platefs {' '.join(map(str, words))} ends with {code}: {said}"

    def up(self):
        self.run("mount", "--archive", self.archive.tap, "--cache-dir", self.cache, "--resolver", self.archive.resolver,
                 *self.options, self.path)

    def down(self):
        if os.path.ismount(self.path):
            self.run("unmount", self.path)

    def again(self):
        """Unmounts and mounts the same with the same cache."""
        self.down()
        self.up()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.down()

    @property
    def target(self):
        return self.path / self.place

    def plates(self):
        """Names of the target's plate directories, as ls sorts them."""
        return sorted(entry.name for entry in os.scandir(self.target) if entry.is_dir() and entry.name not in FOLDERS)

    def plate_with(self, predicate):
        """First plate whose publisher DID satisfies `predicate`."""
        for name in self.plates():
            if predicate(xattr(self.target / name, "did")):
                return self.target / name
        raise AssertionError("no such plate in the archive")


def xattr(path, name):
    """The attribute user.platefs.NAME as text; empty if there is none."""
    try:
        return os.getxattr(path, f"user.platefs.{name}").decode()
    except OSError:
        return ""


def error_of(path):
    """errno of opening and reading the file; None if both work."""
    try:
        path.read_bytes()
    except OSError as error:
        return error.errno
    return None
