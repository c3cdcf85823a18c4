# SPDX-License-Identifier: BSD-3-Clause
"""Every program finds the target in the cutouts of all plates of the archive, those that were exposed three times among them:
in the primary WCS description of the file as it is."""
import re
import warnings

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from conftest import DEC, RA, needs, shell
from ds9 import Ds9

STAR = (RA, DEC)
PLACES = {"plates of three exposures": (201.3651, -43.0191), "plates of a star": STAR}


@pytest.fixture(params=PLACES)
def place(request):
    return PLACES[request.param]


@pytest.fixture
def cutouts(mount, place):
    """Those that can be made: two plates of the star are there to fail."""
    plates = sorted((mount.path / f"{place[0]}{place[1]:+}" / "cutouts").iterdir())
    made = [path for path in plates if is_readable(path)]
    assert len(made) == (6 if place != STAR else len(plates) - 2)
    return made


def is_readable(path):
    try:
        return path.read_bytes() != b""
    except OSError:
        return False


def solution(path):
    """astropy's reading of the file as it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return WCS(fits.getheader(path))


def by_astropy(path, place):
    return [float(value) for value in solution(path).all_world2pix(*place, 1)]


def has_sip(path):
    return fits.getheader(path)["CTYPE1"].endswith("-SIP")


@needs("sky2xy")
def test_wcstools_and_astropy_agree_on_the_target(cutouts, place, tmp_path):
    for path in cutouts:
        x, y = map(float, re.search(r"-> +([\d.]+) +([\d.]+)", shell(f"sky2xy -n 4 $F {place[0]} {place[1]} J2000", tmp_path, F=path)).groups())
        # Of SIP it takes the plate's own inverse polynomials, which are as good as they are.
        assert [x, y] == pytest.approx(by_astropy(path, place), abs=0.1 if has_sip(path) else 0.02), path.name


@needs("ds9", "xpaget", "Xvfb")
def test_ds9_and_astropy_agree_on_the_target(cutouts, place, tmp_path):
    seen = Ds9(tmp_path, "ds9 " + " ".join(str(path) for path in cutouts))
    try:
        seen.wait_for_frames(len(cutouts))
        for frame, path in zip(seen.frames(), cutouts):
            seen.set("frame", frame)
            seen.set("mode", "crosshair")
            seen.set("crosshair", *map(str, place), "wcs", "icrs")
            at = [float(word) for word in seen.get("crosshair", "image").split()]
            assert at == pytest.approx(by_astropy(path, place), abs=0.05), path.name
    finally:
        seen.close()


@needs("source-extractor")
def test_sextractor_and_astropy_agree_on_all_places(cutouts, tmp_path):
    (tmp_path / "wanted").write_text("X_IMAGE\nY_IMAGE\nALPHA_J2000\nDELTA_J2000\n")
    (tmp_path / "settings").write_text("PARAMETERS_NAME wanted\nFILTER N\nCATALOG_TYPE ASCII\nDETECT_THRESH 2\nDETECT_MINAREA 3\n"
                                       "VERBOSE_TYPE QUIET\nCATALOG_NAME found\n")
    for path in [each for each in cutouts if not has_sip(each)]:         # it knows no SIP
        shell("source-extractor $F -c settings", tmp_path, F=path)
        found = np.atleast_2d(np.loadtxt(tmp_path / "found"))
        assert len(found) >= 3, path.name
        ra, dec = solution(path).all_pix2world(found[:, 0], found[:, 1], 1)
        assert np.max(np.hypot((ra - found[:, 2]) * np.cos(np.radians(dec)), dec - found[:, 3])) < 2e-5, path.name
