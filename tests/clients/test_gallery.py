# SPDX-License-Identifier: BSD-3-Clause
"""index.html in Chromium, from file://."""
import base64
import csv
import json
import os
import pathlib
import re

import pytest
from conftest import IMAGES, needs
from mounted import Archive, Mount, wait_until

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


def stamps_asked_for(page):
    return len({url for url in page.requests() if "/stamps/" in url})


def test_only_the_stamps_in_view_are_fetched(crowded, browser, artefacts):
    archive, target = crowded
    list(target.iterdir())
    archive.forget_requests()
    page = browser()
    page.open(target / "index.html")
    assert page.value("document.querySelectorAll('.card').length") == PLATES
    first = stamps_asked_for(page)
    assert 5 <= first <= 60, first
    assert archive.requests("preview") == []
    page.screenshot(artefacts / "gallery.png")
    page.value("document.querySelector('section:last-of-type').scrollIntoView()")
    page.settle()
    assert first < stamps_asked_for(page) <= 2 * 60, first
    loaded = page.value("[...document.images].filter(i => i.complete && i.naturalWidth > 0).length")
    assert loaded >= 10
    assert page.complaints() == []
    assert all(url.startswith(("file://", "data:")) for url in page.requests())


def attributes(page, *names):
    return [page.value(f"document.querySelector('.player').dataset.{name}") for name in names]


def press(page, key, *, down=True, up=True):
    code = {" ": 32, "ArrowLeft": 37, "ArrowRight": 39, "Home": 36, "End": 35}.get(key, ord(key[0].upper()))
    for kind in ["rawKeyDown"] * down + ["keyUp"] * up:
        page.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code)


def shown_date(page):
    return page.value("document.querySelector('.when').textContent")


def shown_picture(page):
    return page.value("(document.querySelector('.screen img') || {}).src || ''").rpartition("/")[2]


@pytest.fixture
def gallery(star, browser):
    """The page of the demo star; all its stamps are made, those that can't be are known."""
    for path in sorted((star / "stamps").iterdir()):
        try:
            path.read_bytes()
        except OSError:
            continue

    def open_it(**options):
        page = browser(**options)
        page.open(star / "index.html")
        return page
    return open_it


def test_the_player_goes_through_the_epochs_by_keys_and_slider(gallery):
    page = gallery()
    assert shown_date(page) == "1888-03-24"
    press(page, "ArrowRight")
    wait_until(lambda: shown_date(page) == "1890-01-21", what="the next epoch")
    press(page, "ArrowLeft")
    wait_until(lambda: shown_picture(page) == "1888-03-24_b01941.jpg", what="the first epoch")
    page.value("(s => { s.value = 26700; s.dispatchEvent(new Event('input', {bubbles: true})); })"
               "(document.querySelector('[name=epoch]'))")
    wait_until(lambda: shown_date(page) == "1932-03-01", what="the epoch next to 1931-12-25")
    press(page, "k")                                    # this one is kept, to compare others with
    press(page, "End")
    wait_until(lambda: "no date" in shown_date(page), what="the last one, without a date")
    press(page, "c", up=False)
    wait_until(lambda: "1932-03-01" in shown_date(page) and shown_picture(page).startswith("1932"), what="the kept one")
    press(page, "c", down=False)
    wait_until(lambda: shown_picture(page).startswith("undated"), what="the last one again")
    assert page.complaints() == []


def test_hold_to_compare_works_by_touch(gallery):
    page = gallery(width=390, height=844, mobile=True)
    page.value("document.querySelector('[name=keep]').click(); document.querySelector('[name=on]').click()")
    wait_until(lambda: shown_picture(page).startswith("1890"), what="the second epoch")
    page.value("document.querySelector('[name=hold]').scrollIntoView({block: 'center'})")
    where = json.loads(page.value("JSON.stringify(document.querySelector('[name=hold]').getBoundingClientRect())"))
    point = [{"x": where["x"] + where["width"] / 2, "y": where["y"] + where["height"] / 2}]
    page.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=point)
    wait_until(lambda: shown_picture(page).startswith("1888"), what="the kept epoch")
    page.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    wait_until(lambda: shown_picture(page).startswith("1890"), what="the second epoch again")


@pytest.mark.parametrize("device", [{}, {"width": 390, "height": 844, "mobile": True}], ids=["desktop", "phone"])
def test_the_player_shows_ten_frames_a_second(gallery, device, artefacts):
    page = gallery(**device)
    page.value("document.querySelector('[name=speed]').value = 10")
    press(page, " ")
    wait_until(lambda: int(attributes(page, "drawn")[0]) > 44, seconds=60, what="one round, in which they are read")
    started, first = page.value("performance.now()"), int(attributes(page, "drawn")[0])
    wait_until(lambda: int(attributes(page, "drawn")[0]) >= first + 44, seconds=60, what="another round")
    seconds = (page.value("performance.now()") - started) / 1000
    shown = int(attributes(page, "drawn")[0]) - first
    page.screenshot(artefacts / f"player-{'phone' if device else 'desktop'}.png")
    press(page, " ")
    assert attributes(page, "plays") == ["0"]
    print(f"{shown / seconds:.1f} frames/s")
    assert shown / seconds > 8, seconds                 # 10 on a machine that does nothing else
    assert page.complaints() == []


def test_the_player_plays_what_the_filter_left_in_the_order_that_was_chosen(gallery):
    page = gallery()
    page.value("document.forms[0].elements.from.value = 1900; document.forms[0].elements.to.value = 1909;"
               "document.forms[0].elements.order.value = 'exposure';"
               "document.forms[0].dispatchEvent(new Event('input', {bubbles: true}))")
    shown = page.value("[...document.querySelectorAll('.loose .card:not([hidden])')].map(c => +c.dataset.exposure)")
    assert len(shown) >= 5 and shown == sorted(shown, reverse=True)
    assert page.value("document.querySelector('.number').textContent").endswith(f"of {len(shown)}")
    page.value("document.querySelector('button[type=reset]').click()")
    wait_until(lambda: page.value("document.querySelector('.number').textContent").endswith("of 44"), what="all again")
    dates = page.value("[...document.querySelectorAll('section.epoch .card')].map(c => c.dataset.date)")
    assert dates[:-1] == sorted(dates[:-1]) and len(dates) == 44


def test_the_whole_plate_is_fetched_when_the_mouse_rests_on_a_stamp(gallery, archive):
    page = gallery()
    page.value("document.querySelector('.card .pic').scrollIntoView({block: 'center'})")
    page.settle()
    archive.forget_requests()
    where = json.loads(page.value("JSON.stringify(document.querySelector('.card .pic').getBoundingClientRect())"))
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=where["x"] + 60, y=where["y"] + 60)
    wait_until(lambda: page.value("(i => i && i.complete && i.naturalWidth > 0)(document.querySelector('.whole'))"),
               what="the whole plate")
    assert len(archive.requests("preview")) == 1
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=5, y=5)
    wait_until(lambda: not page.value("!!document.querySelector('.whole')"), what="the stamp again")


def test_the_page_in_the_dark_and_what_failed_on_it(gallery, artefacts):
    page = gallery()
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    page.value("document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
    page.settle()
    page.screenshot(artefacts / "gallery-dark.png")
    assert page.value("document.querySelectorAll('.pic.none').length") == 2
    told = page.value("[...document.querySelectorAll('.why')].map(e => e.textContent).join(' ')")
    assert "coordinates" in told, told
    assert page.complaints() == []


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
    paper = base64.b64decode(page.call("Page.printToPDF", printBackground=True, paperWidth=8.27, paperHeight=11.69)["data"])
    (artefacts / "gallery.pdf").write_bytes(paper)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", paper)) <= 3


def shown_plates(page):
    return page.value("[...document.querySelectorAll('.card')].filter(c => !c.hidden).map(c => c.querySelector('code').textContent)")


def test_filters_by_collection_and_scale_and_colours_the_timeline_by_collection(gallery, mount):
    page = gallery()
    rows = list(csv.DictReader(open(mount.target / "plates.csv")))
    collections = page.value("[...document.querySelectorAll('[name=collection]')].map(b => b.parentNode.textContent)")
    told = {text.rsplit(" (", 1)[0]: int(text.rsplit("(", 1)[1][:-1]) for text in collections}
    assert told == dict(collections_of(rows)) and len(told) > 1
    first = next(iter(told))
    page.value("document.querySelector('[name=collection]').click()")
    assert sorted(shown_plates(page)) == [row["plate"] for row in rows if row["obs_collection"] != first]
    page.value("document.querySelector('[name=collection]').click();"
               "document.forms[0].elements.scale.value = 2; document.forms[0].dispatchEvent(new Event('input', {bubbles: true}))")
    assert sorted(shown_plates(page)) == [row["plate"] for row in rows if row["pixel_scale"] and float(row["pixel_scale"]) <= 2]
    colours = page.value("[...new Set([...document.querySelectorAll('.timeline rect:not(.hit)')].map(r => r.className.baseVal))]")
    assert len(colours) == min(len(told), 8)


def collections_of(rows):
    counts = {}
    for row in rows:
        counts[row["obs_collection"]] = counts.get(row["obs_collection"], 0) + 1
    return counts


def test_the_ring_around_the_target_can_be_switched_off(gallery, artefacts):
    page = gallery()
    ring = "getComputedStyle(document.querySelector('.screen'), '::after').display"
    assert page.value(ring) != "none"
    page.screenshot(artefacts / "gallery-ring.png")
    page.value("document.querySelector('[name=mark]').click()")
    assert page.value(ring) == "none"


def test_the_roots_page_shows_the_targets_that_were_used_with_a_stamp_of_each(mount, star, browser, artefacts):
    for name in ("M31", "Demo_Star@5m@1890-1909", "Demo_Star"):
        os.listdir(mount.path / name)
    wait_until(lambda: "M31" in (mount.path / "index.html").read_text(), what="the targets")
    page = browser()
    page.open(mount.path / "index.html")
    titles = page.value("[...document.querySelectorAll('h3')].map(h => h.textContent)")
    assert titles == ["Demo Star", "Demo Star@5m@1890-1909", "M31"]
    wait_until(lambda: page.value("[...document.images].filter(i => i.complete && i.naturalWidth > 400).length") == 3,
               seconds=60, what="the stamps")
    page.screenshot(artefacts / "root.png")
    assert page.value("document.querySelector('h3 a').href").endswith("Demo_Star/index.html")
