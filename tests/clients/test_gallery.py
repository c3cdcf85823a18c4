# SPDX-License-Identifier: BSD-3-Clause
"""index.html in Chromium, from file://."""
import base64
import json
import os
import pathlib

import pytest
from conftest import IMAGES, needs
from mounted import Archive, Mount

pytest.importorskip("websocket", reason="needs python3-websocket")
from browser import Browser  # noqa: E402

pytestmark = needs("chromium")
PLATES = 2000


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    """An archive with very many plates of one place, and a mount of it."""
    base = tmp_path_factory.mktemp("crowded")
    archive = Archive(base / "archive", "--plates", str(PLATES))
    mounted = Mount(archive, base)
    yield archive, mounted.path / "83.6324+22.0174"
    mounted.down()
    archive.stop()


@pytest.fixture
def browser(tmp_path):
    opened = []

    def make(**options):
        opened.append(Browser(tmp_path / f"chromium{len(opened)}", **options))
        return opened[-1]
    yield make
    for each in opened:
        each.close()


def visible(browser):
    return browser.value("[...document.querySelectorAll('.card')].filter(c => !c.hidden).length")


def test_only_the_previews_in_view_are_fetched(crowded, browser, artefacts):
    archive, target = crowded
    list(target.iterdir())
    archive.forget_requests()
    page = browser()
    page.open(target / "index.html")
    assert page.value("document.querySelectorAll('.card').length") == PLATES
    first = len(archive.requests("preview"))
    assert 5 <= first <= 60, first
    assert archive.requests("file", "soda") == []
    page.screenshot(artefacts / "gallery.png")
    page.value("document.querySelector('section:last-of-type').scrollIntoView()")
    page.settle()
    assert first < len(archive.requests("preview")) <= 2 * 60, first
    loaded = page.value("[...document.images].filter(i => i.complete && i.naturalWidth > 0).length")
    assert loaded >= 10
    assert page.complaints() == []
    assert all(url.startswith(("file://", "data:")) for url in page.requests())


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_page_of_2000_plates_costs_less_than_a_second(crowded, tmp_path):
    """From nothing in the cache: the question, the list, the page."""
    archive, _ = crowded
    mounted = Mount(archive, tmp_path)
    try:
        status = json.loads((mounted.path / ".platefs/status.json").read_text())
        before = processor_seconds(status["pid"])
        page = (mounted.path / "83.6324+22.0174/index.html").read_text()
        used = processor_seconds(status["pid"]) - before
    finally:
        mounted.down()
    print(f"index.html of {PLATES} plates: {len(page)} bytes, {used:.2f} s of CPU")
    assert page.endswith("</html>\n") and page.count('<article class="card"') == PLATES
    assert used < 1.0


def test_filters_by_year(crowded, browser):
    _, target = crowded
    page = browser()
    page.open(target / "index.html")
    page.value("document.forms[0].elements.from.value = 1900;"
               "document.forms[0].elements.to.value = 1909;"
               "document.forms[0].dispatchEvent(new Event('input', {bubbles: true}))")
    shown = visible(page)
    assert 0 < shown < PLATES
    years = page.value("[...document.querySelectorAll('.card:not([hidden])')].map(c => +c.dataset.year)")
    assert len(years) == shown and 1900 <= min(years) <= max(years) <= 1909
    assert page.value("document.forms[0].elements.shown.value") == f"{shown} of {PLATES} plates"
    page.value("document.querySelector('button[type=reset]').click()")
    page.settle()
    assert visible(page) == PLATES


def test_can_be_read_on_a_phone_and_without_script(crowded, browser, artefacts):
    _, target = crowded
    page = browser(width=390, height=844, mobile=True)
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.call("Page.navigate", url=(target / "index.html").as_uri())
    page.settle()
    page.screenshot(artefacts / "gallery-phone.png")
    page.call("Emulation.setScriptExecutionDisabled", value=False)
    # Nothing is wider than the screen, and the filters, which would not work, are not shown.
    assert page.value("document.documentElement.scrollWidth") <= 390
    assert page.value("document.querySelectorAll('.card').length") == PLATES


def test_can_be_printed(star, browser, artefacts):
    """What a sheet of paper can't do is left out; every plate is there with its picture."""
    page = browser()
    page.open(star / "index.html")
    page.value("document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
    page.settle()
    page.call("Emulation.setEmulatedMedia", media="print")
    hidden = page.value("[...document.querySelectorAll('form, .links')].every(e => getComputedStyle(e).display === 'none')")
    assert hidden
    cards = page.value("[...document.querySelectorAll('.card')].map(c => c.getBoundingClientRect().height)")
    assert len(cards) >= 40 and all(height > 100 for height in cards)
    (artefacts / "gallery.pdf").write_bytes(base64.b64decode(page.call("Page.printToPDF", printBackground=True)["data"]))
