# SPDX-License-Identifier: BSD-3-Clause
"""Limits by eye in index.html: judged by keys in Chromium, kept there, saved as limits.csv and loaded again."""
import csv
import io
import json
import os
import shutil
import subprocess
import time

import pytest
from conftest import needs
from mounted import TARGET, Mount, wait_until

pandas = pytest.importorskip("pandas", reason="needs python3-pandas")
pytest.importorskip("websocket", reason="needs python3-websocket")
from browser import Browser  # noqa: E402

pytestmark = needs("chromium")
GOOD = 42
CODES = {"Backspace": 8, "Escape": 27, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowRight": 39}


def press(page, key, shift=False):
    code = CODES.get(key, ord(key[0].upper()))
    for kind in ("rawKeyDown", "keyUp"):
        page.call("Input.dispatchKeyEvent", type=kind, key=key.upper() if shift else key, windowsVirtualKeyCode=code,
                  modifiers=8 if shift else 0)


def text_of(page, selector):
    return page.value(f"(document.querySelector('{selector}') || {{}}).textContent")


def plate_shown(page):
    return page.value("((document.querySelector('.screen img') || {}).src || '').split('/').pop().replace('.jpg', '')")


@pytest.fixture(scope="module")
def stars(archive, tmp_path_factory):
    """Comparison stars of the demo sky around the demo star, brightest first: what its catalogue offers."""
    base = tmp_path_factory.mktemp("catalogue")
    configure(base, archive)
    with Mount(archive, base) as mount:
        return list(csv.DictReader(open(mount.target / "catalogue.csv")))


def configure(base, archive, sequence=None):
    folder = base / "config/platefs"
    (folder / "sequences").mkdir(parents=True)
    (folder / "config.toml").write_text(f'[catalogue]\nurl = "{archive.tap}"\ntitle = "Demo stars"\ntable = "demo.stars"\n'
                                        'name = "star"\nmagnitude = "mag"\nbrightest = 9\nfaintest = 15.5\n')
    if sequence:
        (folder / "sequences" / f"{TARGET}.csv").write_text(sequence)


def table_of(stars, separator=","):
    return "\n".join(separator.join([s["name"], s["ra"], s["dec"], s["mag"]]) for s in
                     [{"name": "name", "ra": "ra", "dec": "dec", "mag": "mag"}, *stars]) + "\n"


@pytest.fixture
def mounted(archive, tmp_path, stars):
    """Makes a mount, with a sequence or without, whose stamps are made."""
    made = []

    def make(sequence=False):
        base = tmp_path / f"base{len(made)}"
        configure(base, archive, table_of(stars) if sequence else None)
        made.append(Mount(archive, base))
        for path in sorted((made[-1].target / "stamps").iterdir()):
            try:
                path.read_bytes()
            except OSError:
                continue
        return made[-1]
    archive.clear_faults()
    yield make
    for each in made:
        each.down()


@pytest.fixture
def page_of(tmp_path):
    opened = []

    def make(mount, **options):
        page = Browser(tmp_path / f"chromium{len(opened)}", **options)
        opened.append(page)
        page.open(mount.target / "index.html")
        saved = tmp_path / f"saved{len(opened)}"
        page.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(saved))
        page.saved = saved
        return page
    yield make
    for each in opened:
        each.close()


def saved(page, button, name):
    path = page.saved / name
    path.unlink(missing_ok=True)
    page.value(f"document.querySelector('[name={button}]').click()")
    wait_until(lambda: path.exists() and path.stat().st_size > 0, what=name)
    return path.read_text()


def rows_of(text, separator=","):
    return list(csv.DictReader(io.StringIO(text), delimiter=separator))


def give(page, text, name="given.csv"):
    """Drops a file on the page."""
    page.value("(() => { const given = new DataTransfer();"
               f"given.items.add(new File([{json.dumps(text)}], {json.dumps(name)}));"
               "document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: given, bubbles: true, cancelable: true})); })()")


def judge_all(page, letters):
    """As a person would: looks at each plate, and presses one key. Returns what was chosen by plate."""
    chosen = {}
    press(page, "Home")
    press(page, "l")
    while True:
        plate = wait_until(lambda: plate_shown(page) not in chosen and plate_shown(page), what="the next plate")
        number = len(chosen)
        letter, seen = letters[number % len(letters)], number % 3 == 0
        press(page, letter, shift=seen)
        chosen[plate] = (letter, seen)
        told = wait_until(lambda: text_of(page, ".told"), what="a word")
        if told.startswith("the last plate"):
            return chosen


def judged(page):
    return rows_of(saved(page, "save", "limits.csv"))


def test_all_plates_are_judged_by_keys_in_two_minutes(mounted, page_of, stars, artefacts, tmp_path):
    mount = mounted(sequence=True)
    page = page_of(mount)
    letters = [chr(ord("a") + i) for i in range(len(stars))]
    started = time.monotonic()
    chosen = judge_all(page, letters)
    seconds = time.monotonic() - started
    print(f"{len(chosen)} plates judged in {seconds:.1f} s")
    assert len(chosen) == GOOD and seconds < 120
    page.screenshot(artefacts / "limits.png")
    text = saved(page, "save", "limits.csv")
    assert text.splitlines()[0] == "plate,date_min,date_max,limit,mag,seen"
    rows = rows_of(text)
    assert [row["plate"] for row in rows] == mount.plates()
    for row in rows:
        if row["plate"] not in chosen:
            assert (row["limit"], row["mag"], row["seen"]) == ("", "", "")
            continue
        letter, seen = chosen[row["plate"]]
        star = stars[letters.index(letter)]
        assert (row["limit"], float(row["mag"]), row["seen"]) == (star["name"], float(star["mag"]), str(seen).lower())
    plates = {row["plate"]: row for row in csv.DictReader(open(mount.target / "plates.csv"))}
    assert all((row["date_min"], row["date_max"]) == (plates[row["plate"]]["date_min"], plates[row["plate"]]["date_max"])
               for row in rows)
    assert rows_of(saved(page, "save-bars", "limits.txt"), "|") == rows
    nights = {row["date_min"][:10] for row in rows if row["limit"] and row["date_min"]}
    assert page.value("+document.querySelector('.coverage').dataset.nights") == len(nights)
    assert page.value("document.querySelectorAll('.coverage rect').length") == len({night[:7] for night in nights})
    page.value("document.querySelector('.timeline').scrollIntoView()")
    page.screenshot(artefacts / "limits-coverage.png")
    assert page.complaints() == []
    read_by_programs(text, tmp_path)
    # The browser keeps them; another one loads the file.
    page.open(mount.target / "index.html")
    assert judged(page) == rows
    other = page_of(mount)
    assert "0 of" in other.value("document.querySelector('[name=judged]').value")
    give(other, text, "limits.csv")
    wait_until(lambda: "42 limits loaded" in text_of(other, ".told"), what="the limits")
    assert judged(other) == rows


def read_by_programs(text, tmp_path):
    file = tmp_path / "limits.csv"
    file.write_text(text)
    table = pandas.read_csv(file)
    assert len(table) == text.count("\n") - 1 and table["mag"].dtype == float and table["mag"].count() == GOOD
    if shutil.which("stilts"):
        told = subprocess.run(["stilts", "tpipe", f"in={file}", "ifmt=csv", "cmd=select seen", "omode=count"], check=True,
                              capture_output=True, text=True, timeout=120).stdout
        assert f"rows: {text.count(',true')}" in told, told


def test_a_judgement_is_taken_back_and_can_be_none(mounted, page_of, stars):
    page = page_of(mounted(sequence=True))
    press(page, "l")
    press(page, "0")
    wait_until(lambda: plate_shown(page).startswith("1890-01-21"), what="the second plate")
    press(page, "a")
    wait_until(lambda: plate_shown(page).startswith("1890-05-17"), what="the third plate")
    first, second, *_ = judged(page)
    assert (first["limit"], first["mag"], first["seen"]) == ("none", "", "false") and second["limit"] == stars[0]["name"]
    press(page, "Backspace")                            # nothing was said of the third plate: back to the second
    wait_until(lambda: plate_shown(page).startswith("1890-01-21"), what="the second plate")
    press(page, "Backspace")
    assert judged(page)[1]["limit"] == "" and judged(page)[0]["limit"] == "none"
    press(page, "Escape")
    press(page, "a")                                    # means nothing now
    assert judged(page)[1]["limit"] == ""


def test_keys_that_come_before_the_next_plate_is_seen_mean_nothing(mounted, page_of, stars):
    page = page_of(mounted(sequence=True))
    press(page, "l")
    key = "document.dispatchEvent(new KeyboardEvent('keydown', {key: '%s', bubbles: true}))"
    page.value(";".join(key.replace("document.d", "document.body.d") % letter for letter in "abc"))
    wait_until(lambda: plate_shown(page).startswith("1890-01-21"), what="the second plate")
    assert [row["limit"] for row in judged(page)[:3]] == [stars[0]["name"], "", ""]


def test_buttons_judge_on_a_phone(mounted, page_of, stars, artefacts):
    page = page_of(mounted(sequence=True), width=390, height=844, mobile=True)
    page.value("document.querySelector('[name=judge]').click()")
    page.value("document.querySelector('[name=seen]').click()")
    page.value("document.querySelectorAll('.stars button')[2].click()")
    page.screenshot(artefacts / "limits-phone.png")
    assert (judged(page)[0]["limit"], judged(page)[0]["seen"]) == (stars[2]["name"], "true")
    assert page.value("document.documentElement.scrollWidth") <= 390


def letters_on_page(page):
    return page.value("getComputedStyle(document.querySelector('.screen'), '::before').backgroundImage.includes('svg')")


def test_a_sequence_is_dropped_on_the_page(mounted, page_of, stars, artefacts):
    page = page_of(mounted())
    assert page.value("document.querySelector('[name=judge]').hidden") and not letters_on_page(page)
    give(page, "ra,dec\n1,2\n")
    wait_until(lambda: "has no ra, dec, mag" in text_of(page, ".told"), what="why it is none")
    give(page, "name|ra|dec|mag\n" + "".join(f'{s["name"]}|{s["ra"]}|{s["dec"]}|{s["mag"]}\n' for s in stars))
    wait_until(lambda: letters_on_page(page), what="the letters")
    page.screenshot(artefacts / "limits-dropped.png")
    press(page, "l")
    press(page, "b")
    wait_until(lambda: plate_shown(page).startswith("1890-01-21"), what="the second plate")
    assert judged(page)[0]["limit"] == stars[1]["name"]
    kept = rows_of(saved(page, "save-sequence", "sequence.csv"))
    assert [(row["name"], float(row["mag"])) for row in kept] == [(s["name"], float(s["mag"])) for s in stars]
    page.value("document.querySelector('[name=mark]').click()")
    assert page.value("getComputedStyle(document.querySelector('.screen'), '::before').display") == "none"
    assert page.complaints() == []


def test_letters_of_a_dropped_sequence_are_where_stamps_have_them(mounted, page_of, stars):
    """Both are drawn beside their stars: by the page, and on the stamps of a mount that knows the sequence."""
    numpy, image = pytest.importorskip("numpy"), pytest.importorskip("PIL.Image")
    marked, plain = mounted(sequence=True), mounted()
    page = page_of(plain)
    give(page, table_of(stars))
    wait_until(lambda: letters_on_page(page), what="the letters")
    drawn = json.loads(page.value(
        "JSON.stringify([...decodeURIComponent(getComputedStyle(document.querySelector('.screen'), '::before').backgroundImage)"
        ".matchAll(/M([-\\d.]+) ([-\\d.]+)H([-\\d.]+)/g)].map(m => [+m[1], +m[2], +m[3]]))"))
    assert len(drawn) == 2 * len(stars)
    name = sorted(os.listdir(plain.target / "stamps"))[0]
    with_marks, without = (numpy.asarray(image.open(m.target / "stamps" / name).convert("RGB")).astype(int) for m in (marked, plain))
    changed = numpy.abs(with_marks - without).sum(axis=2) > 60
    places = [(begin - 6 if end > begin else begin + 6, y) for begin, y, end in drawn]
    alone = 0
    for (begin, y, end), star in zip(drawn, places):
        middle = int((begin + end) / 2)
        assert changed[int(y) - 2:int(y) + 3, middle - 2:middle + 3].any(), (begin, y, end)
        if all(star == other or numpy.hypot(star[0] - other[0], star[1] - other[1]) > 50 for other in places):
            alone += 1
            assert not changed[int(y) - 2:int(y) + 3, int(star[0]) - 2:int(star[0]) + 3].any(), "the star itself stays free"
    assert alone >= 4


def test_stars_of_the_catalogue_are_taken_by_a_click(mounted, page_of, stars, archive):
    page = page_of(mounted())
    archive.forget_requests()
    assert page.value("document.querySelector('[name=offer]').textContent") == "stars of Demo stars"
    page.value("document.querySelector('[name=offer]').click()")
    wait_until(lambda: letters_on_page(page), seconds=60, what="the letters")
    assert len(archive.requests("tap")) == 1
    wait_until(lambda: plate_shown(page).startswith("1888"), what="the first plate")
    press(page, "l")
    press(page, "c", shift=True)
    wait_until(lambda: plate_shown(page).startswith("1890-01-21"), what="the second plate")
    assert judged(page)[0]["limit"] == stars[2]["name"]
    assert page.complaints() == []
    page.open(page.value("location.href"))              # next time they are there at once
    assert letters_on_page(page) and len(archive.requests("tap")) == 1
