# SPDX-License-Identifier: BSD-3-Clause
"""Many files under few descriptors: whatever `ulimit -n` says, all are read, and platefs takes a quarter of it."""
import io
import json
import os
import subprocess

import numpy as np
import pytest
from astropy.io import fits
from conftest import BIN, Mount, wait_until
from file_server import FileServer, Front

RA, DEC = 156.01124674021, 48.14753874736
TARGET = f"{RA}+{DEC}"
FILES = int(os.environ.get("PLATEFS_MANY_FILES", "300"))


def plate(seed):
    image = fits.PrimaryHDU(np.full((40, 40), seed, np.int16))
    for key, value in {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": RA, "CRVAL2": DEC, "CRPIX1": 20,
                       "CRPIX2": 20, "CDELT1": -0.01, "CDELT2": 0.01, "SEED": seed}.items():
        image.header[key] = value
    file = io.BytesIO()
    image.writeto(file)
    return file.getvalue()


class LimitedMount(Mount):
    def __init__(self, *arguments, limit, **more):
        self.limit = limit
        super().__init__(*arguments, **more)

    def up(self):
        subprocess.run(["prlimit", f"--nofile={self.limit}:{self.limit}", BIN / "platefs", "mount", "--archive",
                        self.archive.tap, "--cache-dir", self.cache, "--resolver", self.archive.resolver, self.path],
                       check=True, timeout=30, env=self.environment)

    def descriptors(self):
        pid = json.loads((self.path / ".platefs" / "status.json").read_text())["pid"]
        return len(os.listdir(f"/proc/{pid}/fd"))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    files = {f"p{i:05}.fits": plate(i) for i in range(FILES)}
    server = FileServer(files)
    plates = [{"id": f"ivo://test/plates/{name.split('.')[0]}", "url": server.url(name), "bytes": len(content), "t_min": 11504.5}
              for name, content in files.items()]
    front = Front(tmp_path_factory.mktemp("front"), (RA, DEC), plates)
    yield front, files
    front.stop()
    server.close()


def content_of(files, folder):
    return files[folder.split("_")[-1] + ".fits"]


@pytest.mark.parametrize("limit", [128, 1024])
def test_all_files_are_read_with_a_quarter_of_the_descriptors(site, tmp_path, limit):
    front, files = site
    mount = LimitedMount(front, tmp_path, limit=limit)
    try:
        folders = [name for name in sorted(os.listdir(mount.path / TARGET)) if "_p" in name]
        assert len(folders) == FILES
        most = 0
        for _ in range(2):                         # fetched, and found in the cache
            for number, name in enumerate(folders):
                assert (mount.path / TARGET / name / "full.fits").read_bytes() == content_of(files, name)
                if number % 20 == 0:
                    most = max(most, mount.descriptors())
        print(FILES, "files, limit", limit, "descriptors at most", most)
        assert most <= limit // 4
    finally:
        mount.down()


def test_more_files_may_be_open_than_there_are_descriptors(site, tmp_path):
    front, files = site
    mount = LimitedMount(front, tmp_path, limit=100)
    try:
        folders = [name for name in sorted(os.listdir(mount.path / TARGET)) if "_p" in name][:200]
        opened = [(name, open(mount.path / TARGET / name / "full.fits", "rb")) for name in folders]
        for name, file in reversed(opened):
            assert file.read() == content_of(files, name)
            file.close()
        assert mount.descriptors() <= 25
    finally:
        mount.down()


@pytest.mark.parametrize("limit", [128])
def test_fetch_gets_all_files_with_few_descriptors(site, tmp_path, limit):
    front, files = site
    process = subprocess.Popen(["prlimit", f"--nofile={limit}:{limit}", BIN / "platefs", "fetch", "--archive", front.tap,
                                "--cache-dir", tmp_path / "cache", "--what", "full", TARGET],
                               stderr=subprocess.PIPE, text=True)
    most = 0

    def has_ended():
        nonlocal most
        try:
            most = max(most, len(os.listdir(f"/proc/{process.pid}/fd")))
        except OSError:
            pass
        return process.poll() is not None

    wait_until(has_ended, 120, "fetch")
    assert process.returncode == 0, process.stderr.read()
    print(FILES, "files, limit", limit, "descriptors at most", most)
    assert most <= limit // 4
