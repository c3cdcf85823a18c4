# SPDX-License-Identifier: BSD-3-Clause
"""A user who can't open /dev/fuse, and the programs that get files by URL: what they take is byte for byte what a mount of
the same cache shows."""
import base64
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import types
from urllib.parse import unquote

import numpy
import pytest
from astropy.io import fits
from conftest import DEC, RA, mounted, needs, serving
from mounted import Archive, wait_until

TARGET = f"{RA}+{DEC}"
pytestmark = pytest.mark.skipif(not serving.can_unshare(), reason="wants to be root, to be another user without /dev/fuse")


def shown_by_a_mount(archive, home, cache_owner):
    """The target's files by their path in it, from the cache alone; the cache is its owner's again afterwards."""
    mount = mounted.Mount(archive, home, options=["--offline"])
    try:
        content = {}
        for folder in ("cutouts", "stamps", "previews"):
            for path in sorted((mount.target / folder).iterdir()):
                try:
                    content[f"{folder}/{path.name}"] = path.read_bytes()
                except OSError:
                    continue
        for plate in mount.plates()[:3]:
            content[f"{plate}/full.fits"] = (mount.target / plate / "full.fits").read_bytes()
        return content
    finally:
        mount.down()
        subprocess.run(["chown", "-R", cache_owner, mount.cache], check=True)


@pytest.fixture(scope="module")
def door():
    """url: of the target, by a server of nobody without /dev/fuse; files: what a mount shows of it."""
    home = pathlib.Path(tempfile.mkdtemp(prefix="platefs-nobody-"))
    archive = Archive(home / "archive")
    try:
        os.chmod(home, 0o777)
        program = shutil.copy(mounted.BIN / "platefs", home / "platefs")
        os.chmod(program, 0o755)
        (home / "cache").mkdir()
        os.chown(home / "cache", 65534, 65534)

        def serve():
            return serving.Server(archive, home, "--webdav", program=program, environment={"HOME": str(home)},
                                  before=serving.as_nobody(home))

        first = serve()
        for plate in serving.plates_of(first):
            for path in (f"cutouts/{plate}.fits", f"stamps/{plate}.jpg", f"previews/{plate}.jpg"):
                first.get(f"/{TARGET}/{path}")
        for plate in serving.plates_of(first)[:3]:
            first.get(f"/{TARGET}/{plate}/full.fits")
        assert first.stop() == 0
        files = shown_by_a_mount(archive, home, "65534:65534")
        assert sum(path.startswith("cutouts/") for path in files) >= 42
        server = serve()
        status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
        assert re.search(r"^Uid:\t65534", status, re.M)
        yield types.SimpleNamespace(url=f"{server.url}{TARGET}/", root=server.url, files=files, server=server)
        assert server.stop() == 0
    finally:
        archive.stop()
        shutil.rmtree(home)


def run(*words, **more):
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, timeout=300, **more).stdout


def in_folder(door, folder):
    return {path.split("/")[1]: content for path, content in door.files.items() if path.startswith(folder + "/")}


@needs("curl")
def test_curl_takes_files_ranges_and_versions(door, tmp_path):
    path, whole = next((path, content) for path, content in door.files.items() if path.endswith("full.fits"))
    assert run("curl", "-sSf", door.url + path) == whole
    assert run("curl", "-sSf", "-r", "1000-1999", door.url + path) == whole[1000:2000]
    head = run("curl", "-sSfI", door.url + path).decode()
    assert int(re.search(r"(?i)content-length: (\d+)", head)[1]) == len(whole)
    tag = re.search(r"(?i)etag: (.+)\r", head)[1]
    assert run("curl", "-sS", "-w", "%{http_code}", "-H", f"If-None-Match: {tag}", door.url + path) == b"304"
    part = tmp_path / "full.fits"
    part.write_bytes(whole[:77777])
    run("curl", "-sSf", "-C", "-", "-o", part, door.url + path)
    assert part.read_bytes() == whole
    assert run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", f"http://127.0.0.1:{door.server.port}/{TARGET}/") == b"401"


@needs("wget")
def test_wget_takes_a_folder(door, tmp_path):
    subprocess.run(["wget", "-q", "-r", "-l1", "-np", "-nd", "-e", "robots=off", "-A", "*.fits", "-P", tmp_path, door.url + "cutouts/"],
                   timeout=300)                                        # which ends with 8 where plates can't be had
    taken = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert taken == in_folder(door, "cutouts")


@needs("rclone")
def test_rclone_copies_a_folder_by_webdav(door, tmp_path):
    run("rclone", "copy", "--ignore-size", "--webdav-url", door.root, f":webdav:{TARGET}/previews", tmp_path / "taken",
        env={**os.environ, "RCLONE_CONFIG": "/dev/null"})
    assert {path.name: path.read_bytes() for path in (tmp_path / "taken").iterdir()} == in_folder(door, "previews")


@needs("ds9")
def test_ds9_opens_a_url(door, tmp_path):
    from ds9 import Ds9
    path, whole = next((path, content) for path, content in door.files.items() if path.startswith("cutouts/189"))
    shown = Ds9(tmp_path, f"ds9 -url {door.url}{path}")
    try:
        shown.wait_for_frames(1)
        expected = fits.HDUList.fromstring(whole)[0].data
        wait_until(lambda: shown.get("fits", "width") == str(expected.shape[1]), seconds=60, what="the image in DS9")
        (tmp_path / "of_ds9.fits").write_bytes(subprocess.run(["xpaget", "ds9", "fits"], env=shown.env, capture_output=True, timeout=60).stdout)
        assert numpy.array_equal(fits.getdata(tmp_path / "of_ds9.fits"), expected)
    finally:
        shown.close()


@needs("stilts")
def test_stilts_reads_the_table(door):
    ours = run("stilts", "tpipe", f"in={door.url}plates.vot", "ofmt=csv", "cmd=keepcols 'plate t_min'").decode().splitlines()
    assert len(ours) == 45 and any("i00811" in line for line in ours)


def test_astropy_reads_a_section_by_fsspec(door):
    pytest.importorskip("fsspec")
    pytest.importorskip("aiohttp")
    path, whole = next((path, content) for path, content in door.files.items() if path.endswith("full.fits"))
    expected = fits.HDUList.fromstring(whole)
    number = next(number for number, hdu in enumerate(expected) if hdu.is_image and hdu.header["NAXIS"] == 2)
    with fits.open(door.url + path, use_fsspec=True, fsspec_kwargs={"block_size": 65536}) as hdus:
        assert numpy.array_equal(hdus[number].section[100:150, 200:260], expected[number].data[100:150, 200:260])


@needs("chromium")
def test_chromium_shows_the_stamps_of_the_page(door, tmp_path):
    pytest.importorskip("websocket", reason="needs python3-websocket")
    from browser import Browser
    browser = Browser(tmp_path / "chromium")
    try:
        browser.open(door.url + "index.html")
        wait_until(lambda: browser.value("[...document.images].filter(i => i.complete && i.naturalWidth > 0).length") >= 5, seconds=60,
                   what="stamps")
        received = {event["params"]["response"]["url"]: event["params"]["requestId"] for event in browser.events
                    if event["method"] == "Network.responseReceived" and "/stamps/" in event["params"]["response"]["url"]}
        stamps = in_folder(door, "stamps")
        assert len(received) >= 5
        for url, request in received.items():
            body = browser.call("Network.getResponseBody", requestId=request)
            assert base64.b64decode(body["body"]) == stamps[unquote(url).split("/")[-1]], url
    finally:
        browser.close()
