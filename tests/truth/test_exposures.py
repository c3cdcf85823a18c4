# SPDX-License-Identifier: BSD-3-Clause
"""Which exposure of a plate a cutout shows: plates of two to four exposures, each with a description of its own, that overlap or
not, and rows that tell the centres.

PLATEFS_BIN_DIR names the directory with `cutout-tool`.
"""
import os
import pathlib
import re
import subprocess
import warnings

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

import coordinates

BIN = pathlib.Path(os.environ.get("PLATEFS_BIN_DIR", "build/release/bin"))
PLATES = 400
STEP = 0.004                                # degrees per pixel
warnings.simplefilter("ignore")


def exposure(random, centre, kind):
    """A description of the whole image around a centre."""
    matrix = coordinates.turned(STEP, random.uniform(0, 360))
    cards = {"CTYPE1": f"RA---{kind}", "CTYPE2": f"DEC--{kind}", "CRVAL1": centre[0], "CRVAL2": centre[1],
             "CRPIX1": coordinates.WIDTH / 2 + 0.5, "CRPIX2": coordinates.HEIGHT / 2 + 0.5, **coordinates.elements("CD{}_{}", matrix)}
    return {**cards, **coordinates.PV} if kind == "TPV" else cards


def solution(cards):
    header = fits.Header([("NAXIS", 2), ("NAXIS1", coordinates.WIDTH), ("NAXIS2", coordinates.HEIGHT)])
    header.update(cards)
    return WCS(header)


def plate(random):
    """Descriptions by letter, with their solutions; of exposures that lie within a frame of each other, or far away."""
    letters = ["", *sorted(random.permutation(list("ABCDEF"))[:random.integers(1, 4)])]
    middle = (float(random.uniform(0, 360)), float(random.uniform(-75, 75)))
    cards = {}
    for letter in letters:
        reach = random.choice([0.4, 0.8, 20.0])
        east, north = random.uniform(-reach, reach, 2)
        centre = (float((middle[0] + east / np.cos(np.radians(middle[1]))) % 360), float(np.clip(middle[1] + north, -85, 85)))
        cards[letter] = exposure(random, centre, random.choice(["TAN", "TAN", "TPV"]))
    return cards, {letter: solution(each) for letter, each in cards.items()}


def pixel_of(wcs, place):
    try:
        return wcs.all_world2pix([place], 1)[0]
    except Exception:                       # no pixel at all: the other half of the sky
        return np.array([np.nan, np.nan])


def centre_of(wcs):
    return [float(value) for value in wcs.all_pix2world([[coordinates.WIDTH / 2 + 0.5, coordinates.HEIGHT / 2 + 0.5]], 1)[0]]


@pytest.fixture(scope="module")
def cutouts(tmp_path_factory):
    """(name, path of the cutout, letter of the row's exposure, its solution, the target, the answer)."""
    directory, random, found, lines = tmp_path_factory.mktemp("plates"), np.random.default_rng(1892), [], []
    for number in range(PLATES):
        cards, solutions = plate(random)
        written = {key + letter: value for letter, each in cards.items() for key, value in each.items()}
        path = coordinates.write(directory / f"p{number}.fits", written)
        own = list(cards)[random.integers(len(cards))]
        pixel = [float(random.uniform(20, n - 20)) for n in (coordinates.WIDTH, coordinates.HEIGHT)]
        target = tuple(float(value) for value in solutions[own].all_pix2world([pixel], 1)[0])
        centres = [centre_of(solutions[own]), *(centre_of(wcs) for letter, wcs in solutions.items() if letter != own)]
        rounded = " ".join(f"{value:.4f}" for centre in centres for value in centre)        # as tables have them
        out = directory / f"c{number}.fits"
        found.append((f"{path.name} {list(cards)} of {own or 'primary'}", out, own, solutions, target))
        lines.append(f"{path} {target[0]!r} {target[1]!r} {5 * STEP!r} {out} {rounded}\n")
    answers = subprocess.run([BIN / "cutout-tool"], input="".join(lines), text=True, capture_output=True, check=True, timeout=200).stdout.splitlines()
    return [(*each, answer) for each, answer in zip(found, answers, strict=True)]


def overlaps(solutions, own, target):
    def covers(pixel):
        return np.all(np.isfinite(pixel)) and 1 <= pixel[0] <= coordinates.WIDTH and 1 <= pixel[1] <= coordinates.HEIGHT
    return any(covers(pixel_of(wcs, target)) for letter, wcs in solutions.items() if letter != own)


def test_a_cutout_is_of_the_exposure_whose_centre_its_row_tells(cutouts):
    bad, several = [], 0
    for name, path, own, solutions, target, answer in cutouts:
        expected = pixel_of(solutions[own], target)
        several += overlaps(solutions, own, target)
        words = answer.split()
        if words[0] != "ok" or np.max(np.abs(np.array(words[5:7], float) - expected)) > 0.01:
            bad.append((name, list(expected), answer))
    assert bad == []
    assert PLATES / 5 < several < PLATES    # targets that other exposures cover as well, and others


def test_it_is_the_primary_one_of_the_cutout_and_history_says_which_it_was(cutouts):
    bad = []
    for name, path, own, solutions, target, answer in cutouts:
        header = fits.getheader(path)
        x1, _, y1, *_ = (float(word) for word in answer.split()[1:7])
        off = np.max(np.abs(WCS(header).all_world2pix([target], 1)[0] + [x1 - 1, y1 - 1] - pixel_of(solutions[own], target)))
        told = re.search(r"Exposure: (\S+) WCS description", " ".join(str(line) for line in header["HISTORY"]))
        if off > 0.01 or told.group(1) != (own or "primary"):
            bad.append((name, off, told.group(1)))
    assert bad == []


def test_every_other_description_goes_on_to_say_what_it_said(cutouts):
    bad = []
    for name, path, own, solutions, target, answer in cutouts[::4]:
        header = fits.getheader(path)
        x1, _, y1, *_ = (float(word) for word in answer.split()[1:7])
        former = re.search(r"The plate's primary WCS description is (\S) here", " ".join(str(line) for line in header["HISTORY"]))
        for letter, wcs in solutions.items():
            here = letter if letter or own == "" else former.group(1)
            alone = {key[:len(key) - len(here)]: header[key] for key in header if re.fullmatch(rf"((CTYPE|CRVAL|CRPIX)\d|(CD|PV)\d_\d+){here}", key)}
            place = wcs.all_pix2world([[100.0, 200.0]], 1)[0]
            if np.max(np.abs(solution(alone).all_pix2world([[101.0 - x1, 201.0 - y1]], 1)[0] - place)) > 1e-9:
                bad.append((name, letter))
    assert bad == []
