# SPDX-License-Identifier: BSD-3-Clause
"""The first screen of index.html from an archive that answers each request after a while, nothing of it being cached."""
import concurrent.futures
import os
import time
import urllib.request

import pytest
from conftest import needs
from mounted import Archive, Mount, wait_until

pytest.importorskip("websocket", reason="needs python3-websocket")
from browser import Browser  # noqa: E402

pytestmark = needs("chromium")
# Long beside what a busy machine takes for the browser itself.
SLOW = [{"match": {}, "fault": "latency", "milliseconds": 1000}]
CONNECTIONS = 4
VIEW = ("[...document.querySelectorAll('.pic')].filter(p => { const box = p.getBoundingClientRect(); return box.top < innerHeight && "
        "box.bottom > 0; })")


@pytest.fixture
def crowded(tmp_path):
    archive = Archive(tmp_path / "archive", "--plates", "300")
    mount = Mount(archive, tmp_path)
    yield archive, mount.path / "83.6324+22.0174"
    mount.down()
    archive.stop()


def seconds_by_connections(urls):
    """For all of them, as a script with 4 connections takes that knows their URLs already."""
    def fetch(url):
        with urllib.request.urlopen(url, timeout=60) as answer:
            return len(answer.read())
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
        assert all(size > 2880 for size in pool.map(fetch, urls))
    return time.monotonic() - started


def seconds_of_first_screen(page, url):
    started = time.monotonic()
    page.call("Page.navigate", url=url)
    wait_until(lambda: page.value(f"document.readyState !== 'loading' && {VIEW}.length > 0 && "
                                  f"{VIEW}.every(p => [...p.children].some(i => i.complete && i.naturalWidth > 0))"), seconds=120, what="the first screen")
    return time.monotonic() - started


def test_the_first_screen_beside_as_many_cutouts_by_four_connections(crowded, tmp_path):
    """A script knows where the cutouts are; the page asks the archive first. The browser opens files of a mount one at a time."""
    archive, target = crowded
    os.listdir(target)
    page = Browser(tmp_path / "chromium", width=1400, height=2400)
    try:
        page.open(target.parent / "README.txt")
        archive.forget_requests()
        archive.set_faults(*SLOW)
        seconds = seconds_of_first_screen(page, (target / "index.html").as_uri())
        shown = page.value(f"{VIEW}.length")
        stamps = len({url for url in page.requests() if "/stamps/" in url})
    finally:
        page.close()
    wait_until(lambda: all(r["ended"] for r in archive.requests()), seconds=60, what="the end of what is under way")
    asked = archive.requests("soda")
    site = archive.control.rpartition("/control")[0]
    urls = [f"{site}{r['path']}?{r['query']}" for r in asked]
    alone = seconds_by_connections((urls * 3)[:shown])
    print(f"{stamps} stamps asked for, {shown} in view, in {seconds:.2f} s, as many cutouts by {CONNECTIONS} connections in {alone:.2f} s, "
          f"ratio {seconds / alone:.2f}; {len(asked)} by SODA, {len(archive.requests('datalink'))} of DataLink, "
          f"{len(archive.requests('file'))} parts of plates")
    assert shown >= 8 and seconds / alone < 1.8
    assert len({r["query"] for r in asked}) == len(asked), "each cutout is asked for once"
