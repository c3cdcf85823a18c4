# SPDX-License-Identifier: BSD-3-Clause
"""Which pixel a target has, and which box a circle: every form of a description, judged by formulae, astropy and wcstools.

PLATEFS_BIN_DIR names the directory with `cutout-tool`.
"""
import os
import pathlib
import re
import shutil
import subprocess
import warnings

import numpy as np
import pytest
from astropy import log
from astropy.io import fits
from astropy.wcs import WCS

import coordinates
import strangers

BIN = pathlib.Path(os.environ.get("PLATEFS_BIN_DIR", "build/release/bin"))
PIXEL = (37.0, 301.0)
SAME = 0.01                                 # pixels
warnings.simplefilter("ignore")
log.setLevel("CRITICAL")


def sections(questions):
    """(path, ra, dec, radius) -> (x1, x2, y1, y2, x, y), or the refusal."""
    lines = "".join(f"{path} {ra!r} {dec!r} {radius!r} -\n" for path, ra, dec, radius in questions)
    answers = subprocess.run([BIN / "cutout-tool"], input=lines, text=True, capture_output=True, check=True, timeout=200).stdout.splitlines()
    assert len(answers) == len(questions)
    return [[float(word) for word in a.split()[1:7]] if a.startswith("ok ") else a for a in answers]


def distance(a, b):
    """Degrees between two places, good for small ones."""
    (ra, dec), (ra2, dec2) = np.radians(a), np.radians(b)
    sin2 = np.sin((dec - dec2) / 2) ** 2 + np.cos(dec) * np.cos(dec2) * np.sin((ra - ra2) / 2) ** 2
    return np.degrees(2 * np.arcsin(np.sqrt(sin2)))


def by_astropy(path, letter):
    try:
        wcs = WCS(fits.getheader(path), key=letter or " ", naxis=2)
        place = wcs.all_pix2world([PIXEL], 1)[0]
        return (place[wcs.wcs.lng] % 360, place[wcs.wcs.lat]) if wcs.wcs.lng >= 0 and np.all(np.isfinite(place)) else None
    except Exception:                       # what it cannot read it does not judge
        return None


def by_wcstools(path):
    """Of the primary description: asked for an alternate, wcstools 3.9.7 crashes."""
    if not shutil.which("xy2sky"):
        return None
    text = subprocess.run(["xy2sky", "-d", "-n", "9", path, *map(str, PIXEL)], capture_output=True, text=True).stdout
    found = re.match(r"\s*([\d.]+)\s+([-+\d.]+)\s+J2000", text)
    return tuple(map(float, found.groups())) if found else None


@pytest.fixture(scope="module")
def matrix(tmp_path_factory):
    directory = tmp_path_factory.mktemp("headers")
    found = []
    for number, (name, kind, letter, form, cards, plain) in enumerate(coordinates.headers()):
        path = coordinates.write(directory / f"p{number}.fits", cards)
        primary = coordinates.write(directory / f"q{number}.fits", plain)
        found.append((name, path, primary, letter, coordinates.STEP[kind], coordinates.sky_of(kind, form, *PIXEL)))
    answers = sections([(path, *truth, 5 * step) for _, path, _, _, step, truth in found])
    return [(*item, answer) for item, answer in zip(found, answers)]


def test_every_form_of_a_header_puts_the_target_where_the_formulae_do(matrix):
    assert len(matrix) > 300
    bad = [(name, answer) for name, *_, answer in matrix
           if isinstance(answer, str) or abs(answer[4] - PIXEL[0]) > SAME or abs(answer[5] - PIXEL[1]) > SAME]
    assert bad == []


def test_where_astropy_and_wcstools_agree_so_does_every_answer(matrix):
    bad, agreed = [], {"astropy and wcstools": 0, "astropy": 0, "wcstools": 0}
    for name, path, primary, letter, step, truth, answer in matrix:
        theirs = {"astropy": by_astropy(path, letter), "wcstools": by_wcstools(primary)}
        near = [who for who, place in theirs.items() if place and distance(place, truth) < SAME * step]
        if len(near) > 0:
            agreed[" and ".join(near)] += 1
        if all(theirs.values()) and distance(*theirs.values()) < SAME * step and not near and not isinstance(answer, str):
            bad.append((name, theirs, truth))
    assert bad == []
    if shutil.which("xy2sky"):              # the comparison means something: of most headers one or both say the same as we
        assert sum(agreed.values()) > 0.6 * len(matrix), agreed


def test_random_headers_are_read_as_astropy_and_wcstools_agree(tmp_path):
    random = np.random.default_rng(1839)
    questions, names = [], []
    for number in range(500):
        cards, step = strangers.header(random)
        path = coordinates.write(tmp_path / f"s{number}.fits", cards)
        theirs = by_astropy(path, ""), by_wcstools(path)
        if all(theirs) and distance(*theirs) < SAME * step:
            questions.append((path, *map(float, theirs[0]), 5 * step))
            names.append(f"{path.name} {cards}")
    bad = [(name, answer) for name, answer in zip(names, sections(questions))
           if isinstance(answer, str) or max(abs(answer[4] - PIXEL[0]), abs(answer[5] - PIXEL[1])) > SAME]
    assert bad == []
    assert len(questions) > 150 or not shutil.which("xy2sky")


KINDS = ("TAN", "SIN", "ARC", "STG", "ZEA", "ZPN", "TAN-SIP", "TPV")
PLATES = 2000


def random_plate(random):
    """Cards and size of an image, and the radius, as they come: poles, RA 0, lopsided distortions, radii up to 60 degrees."""
    kind = KINDS[random.integers(len(KINDS))]
    width, height = (int(n) for n in random.integers(30, 130, 2))
    is_wide = random.random() < 0.25
    radius = random.uniform(20, 60) if is_wide else 10 ** random.uniform(-2.5, 0.8)
    step = radius / 10 ** random.uniform(0.3, 2.0)
    if kind in ("SIN", "ARC", "STG", "ZEA", "ZPN"):
        step = min(step, 55 / max(width, height))
    declination = random.choice([random.uniform(-80, 80), 90.0, -90.0, 89.97, -89.9])
    ascension = random.choice([random.uniform(0, 360), 0.0, 359.999, 0.001])
    matrix = coordinates.turned(step, random.uniform(0, 360)) @ np.diag([random.choice([-1, 1]), random.uniform(0.7, 1.4)])
    reference = random.uniform(0.2, 0.8, 2) * (width, height)
    cards = {"CTYPE1": f"RA---{kind}", "CTYPE2": f"DEC--{kind}", "CRVAL1": float(ascension), "CRVAL2": float(declination),
             "CRPIX1": float(reference[0]), "CRPIX2": float(reference[1]), **coordinates.elements("CD{}_{}", matrix)}
    bend = 0.2 / max(width, height)
    if kind == "TAN-SIP":
        cards |= {"A_ORDER": 2, "B_ORDER": 2, **{key: float(random.uniform(-bend, bend)) for key in ("A_2_0", "A_1_1", "B_0_2", "B_2_0")}}
    if kind == "TPV":
        size = step * max(width, height)
        cards |= {"PV1_1": 1.0, "PV2_1": 1.0, **{f"PV{i}_{j}": float(random.uniform(-0.15, 0.15) / size) for i in (1, 2) for j in (4, 5, 6)}}
    if kind == "ZPN":
        cards |= {"PV2_1": 1.0, "PV2_3": 0.05}
    return cards, width, height, float(radius)


def within(wcs, width, height, target, radius):
    """Columns and rows, from 1, of the pixels whose centres are within the circle."""
    y, x = np.mgrid[1:height + 1, 1:width + 1]
    ra, dec = wcs.all_pix2world(x.ravel(), y.ravel(), 1)
    inside = distance((ra, dec), target) <= radius * (1 - 1e-9)
    return x.ravel()[inside], y.ravel()[inside]


def test_the_box_of_a_circle_has_every_pixel_within_and_little_more(tmp_path):
    random = np.random.default_rng(1890)
    questions, plates = [], []
    while len(plates) < PLATES:
        cards, width, height, radius = random_plate(random)
        path = coordinates.write(tmp_path / f"b{len(plates)}.fits", cards, width, height)
        wcs = WCS(fits.getheader(path), naxis=2)
        place = random.choice([random.uniform(0.5, 1.0), random.uniform(0.95, 1.0)])
        pixel = [float(np.clip(random.choice([place, 1 - place]) * n, 0.6, n + 0.4)) for n in (width, height)]
        target = tuple(float(value) for value in wcs.all_pix2world([pixel], 1)[0])
        if not np.all(np.isfinite(target)):
            continue
        questions.append((path, target[0] % 360, target[1], radius))
        plates.append((path, cards, wcs, width, height, target, radius, pixel))
    bad = []
    for (path, cards, wcs, width, height, target, radius, pixel), answer in zip(plates, sections(questions)):
        name = f"{path.name} {cards['CTYPE1']} at {cards['CRVAL1']:.3f} {cards['CRVAL2']}, {width} x {height}, radius {radius:.4g}"
        if isinstance(answer, str):
            bad.append(f"{name}: {answer}")
            continue
        x1, x2, y1, y2, x, y = answer
        if abs(x - pixel[0]) > SAME or abs(y - pixel[1]) > SAME:
            bad.append(f"{name}: target at {x}, {y} for {pixel}")
        xs, ys = within(wcs, width, height, target, radius)
        if not len(xs):
            xs, ys = np.round(pixel[:1]), np.round(pixel[1:])
        beyond = (xs.min() - x1, x2 - xs.max(), ys.min() - y1, y2 - ys.max())
        if min(beyond) < 0 or max(beyond) > 2:
            bad.append(f"{name}: {answer[:4]} for [{xs.min()}, {xs.max()}, {ys.min()}, {ys.max()}]")
    assert bad == [], f"{len(bad)} of {PLATES}"
