# SPDX-License-Identifier: BSD-3-Clause
"""The tree by its URL, without a mount: index.html in Chromium, STILTS, cadaver (by neon, as davfs2)."""
import os
import subprocess

import pytest
from conftest import DEC, RA, needs
from mounted import wait_until

TARGET = f"{RA}+{DEC}"


@needs("chromium")
def test_the_page_of_a_target_shows_its_stamps_and_plays_them(server, tmp_path):
    pytest.importorskip("websocket", reason="needs python3-websocket")
    from browser import Browser
    browser = Browser(tmp_path / "chromium")
    try:
        browser.open(f"{server.url}{TARGET}/index.html")
        loaded = "[...document.images].filter(i => i.complete && i.naturalWidth > 0).length"
        wait_until(lambda: browser.value(loaded) >= 5, seconds=60, what="stamps")
        first = browser.value("document.querySelector('.when').textContent")
        browser.value("document.querySelector('[name=on]').click()")
        wait_until(lambda: browser.value("document.querySelector('.when').textContent") != first, what="the next epoch")
        wait_until(lambda: browser.value("(document.querySelector('.screen img') || {}).naturalWidth > 0"), what="its stamp")
        assert all(url.startswith((server.url, "data:")) for url in browser.requests())
        browser.open(f"{server.url}{TARGET}/")
        assert browser.value("[...document.links].some(a => a.textContent === 'cutouts/')")
        browser.value("document.querySelector('form button').click()")
        wait_until(lambda: browser.value("document.title") == "/", what="the way up")
    finally:
        browser.close()


@needs("stilts")
def test_stilts_reads_the_table_by_url(server):
    counted = subprocess.run(["stilts", "tpipe", f"in={server.url}{TARGET}/plates.vot", "omode=count"], capture_output=True,
                             text=True, check=True, timeout=120).stdout
    assert int(counted.split("rows:")[1].split()[0]) >= 40


@needs("cadaver")
def test_cadaver_lists_and_gets(server, tmp_path):
    plate = next(link for link in server.links(f"/{TARGET}/") if link.startswith("1890"))
    body = server.get(f"/{TARGET}/{plate}preview.jpg")[2]
    told = subprocess.run(["cadaver", f"{server.url}{TARGET}/"], input=f"ls\nget {plate}preview.jpg got.jpg\nput got.jpg\nquit\n", cwd=tmp_path,
                          capture_output=True, text=True, timeout=120, env={**os.environ, "HOME": str(tmp_path)}).stdout
    assert "cutouts" in told
    assert (tmp_path / "got.jpg").read_bytes() == body
    assert "405" in told
