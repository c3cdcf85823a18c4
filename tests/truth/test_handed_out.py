# SPDX-License-Identifier: BSD-3-Clause
"""Cutouts of plates with the headers of pipelines.py: astropy and wcstools read each as it is handed out, and find the target where
the description that holds it has it.

PLATEFS_BIN_DIR names the directory with `cutout-tool`.
"""
import functools
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
import pipelines

BIN = pathlib.Path(os.environ.get("PLATEFS_BIN_DIR", "build/release/bin"))
PLATES = 800
SAME = 0.02                                 # pixels
warnings.simplefilter("ignore")
log.setLevel("CRITICAL")


def plain_solution(cards):
    header = fits.Header([("NAXIS", 2), ("NAXIS1", coordinates.WIDTH), ("NAXIS2", coordinates.HEIGHT)])
    header.update(cards)
    return WCS(header)


def distance(a, b):
    """Degrees between two places, good for small ones."""
    (ra, dec), (ra2, dec2) = np.radians(a), np.radians(b)
    sin2 = np.sin((dec - dec2) / 2) ** 2 + np.cos(dec) * np.cos(dec2) * np.sin((ra - ra2) / 2) ** 2
    return np.degrees(2 * np.arcsin(np.sqrt(sin2)))


@pytest.fixture(scope="module")
def cutouts(tmp_path_factory):
    """(name, path of the cutout, degrees per pixel, the target, its pixel on the plate, the tool's answer)."""
    directory, random, plates, lines = tmp_path_factory.mktemp("plates"), np.random.default_rng(1891), [], []
    while len(plates) < PLATES:
        cards, plain, letter, step = pipelines.header(random)
        pixel = [float(random.uniform(1, n)) for n in (coordinates.WIDTH, coordinates.HEIGHT)]
        ra, dec = (float(value) for value in plain_solution(plain).all_pix2world([pixel], 1)[0])
        number = len(plates)
        path = coordinates.write(directory / f"p{number}.fits", cards, spell=functools.partial(pipelines.card, random))
        plates.append((f"{path} {plain['CTYPE1']} {letter or 'primary'}", directory / f"c{number}.fits", step, (ra % 360, dec), pixel))
        lines.append(f"{path} {ra % 360!r} {dec!r} {5 * step!r} {plates[-1][1]}\n")
    answers = subprocess.run([BIN / "cutout-tool"], input="".join(lines), text=True, capture_output=True, check=True, timeout=300).stdout.splitlines()
    assert len(answers) == PLATES
    return [(*plate, answer) for plate, answer in zip(plates, answers)]


def section(answer):
    return [float(word) for word in answer.split()[1:7]]


def test_every_plate_is_cut_where_its_description_has_the_target(cutouts):
    bad = [(name, pixel, answer) for name, *_, pixel, answer in cutouts
           if not answer.startswith("ok ") or np.max(np.abs(np.array(section(answer)[4:]) - pixel)) > 0.01]
    assert bad == []


def by_astropy(path, x, y):
    return WCS(fits.getheader(path)).all_pix2world([[x, y]], 1)[0]


def by_wcstools(path, x, y):
    text = subprocess.run(["xy2sky", "-d", "-n", "9", path, repr(x), repr(y)], capture_output=True, text=True, errors="replace").stdout
    return tuple(map(float, re.match(r"\s*([\d.]+)\s+([-+\d.]+)\s+J2000", text).groups()))


@pytest.mark.parametrize("judge", [by_astropy, pytest.param(by_wcstools, marks=pytest.mark.skipif(not shutil.which("xy2sky"), reason="wcstools is not installed"))])
def test_a_cutout_as_it_is_says_where_the_target_is(cutouts, judge):
    bad = []
    for name, path, step, target, pixel, answer in cutouts:
        x1, _, y1, *_ = section(answer)
        try:
            off = distance(judge(path, pixel[0] - x1 + 1, pixel[1] - y1 + 1), target) / step
        except Exception as error:          # what a program refuses is as bad as a wrong place
            off = repr(error)[:200]
        if isinstance(off, str) or off > SAME:
            bad.append((name, off))
    assert bad == []
