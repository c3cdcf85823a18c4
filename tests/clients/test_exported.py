# SPDX-License-Identifier: BSD-3-Clause
"""What `platefs fetch --to DIR` wrote, in DS9, STILTS and a browser, when platefs, the archive and the cache are gone."""
import os
import shutil
import subprocess

import pytest
from conftest import DEC, RA, mounted, needs
from mounted import Archive, wait_until

TARGET = f"{RA}+{DEC}"


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    base = tmp_path_factory.mktemp("exported")
    archive = Archive(base / "archive")
    done = subprocess.run([mounted.BIN / "platefs", "fetch", "-q", "--archive", archive.tap, "--resolver", "none", "--cache-dir", base / "cache",
                           "--what", "cutout,stamp,preview", "--to", base / "out", TARGET], timeout=120)
    assert done.returncode in (0, 3)
    archive.stop()
    shutil.rmtree(base / "cache")
    shutil.rmtree(base / "archive")
    shutil.move(base / "out", base / "elsewhere")                      # paths hold wherever it lies
    return base / "elsewhere" / TARGET


@needs("ds9")
def test_ds9_opens_its_cutouts(exported, tmp_path):
    from ds9 import Ds9
    shown = Ds9(tmp_path, f"ds9 -zscale {exported}/cutouts/*.fits -match frame wcs -single")
    try:
        shown.wait_for_frames(len(os.listdir(exported / "cutouts")))
        assert len(shown.frames()) >= 42
    finally:
        shown.close()


@needs("stilts")
def test_topcat_s_stilts_reads_its_table_and_finds_the_files_from_there(exported):
    told = subprocess.run(["stilts", "tpipe", "in=plates.vot", "cmd=keepcols cutout_path", "ofmt=csv"], cwd=exported, capture_output=True, text=True,
                          check=True, timeout=120).stdout.splitlines()[1:]
    assert len(told) == 44
    assert sum((exported / path).is_file() for path in told) >= 42


@needs("chromium")
def test_a_browser_shows_its_page_from_file(exported, tmp_path):
    pytest.importorskip("websocket", reason="needs python3-websocket")
    from browser import Browser
    browser = Browser(tmp_path / "chromium")
    try:
        browser.open(exported / "index.html")
        wait_until(lambda: browser.value("[...document.images].filter(i => i.complete && i.naturalWidth > 0).length") >= 5, seconds=60,
                   what="stamps")
        assert all(url.startswith(("file:", "data:")) for url in browser.requests())
        # What is loaded as one scrolls is there, too.
        names = browser.value("[...document.images].map(i => decodeURIComponent(i.getAttribute('src')))")
        assert len([name for name in names if name and (exported / name).is_file()]) >= 40
        first = browser.value("document.querySelector('.when').textContent")
        browser.value("document.querySelector('[name=on]').click()")
        wait_until(lambda: browser.value("document.querySelector('.when').textContent") != first, what="the next epoch")
    finally:
        browser.close()
