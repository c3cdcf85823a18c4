# SPDX-License-Identifier: BSD-3-Clause
"""Every program finds the target in the cutouts of plates that were exposed three times: in the primary WCS description."""
import re
import warnings

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from conftest import needs, shell
from ds9 import Ds9

RA, DEC = 201.3651, -43.0191
TARGET = f"{RA}{DEC:+}"


@pytest.fixture
def cutouts(mount):
    return sorted((mount.path / TARGET / "cutouts").iterdir())


def solution(path):
    """astropy's reading of the primary description, which is all that most programs read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with fits.open(path) as file:
            header = file[0].header.copy()
        if header["CTYPE1"] == "RA---TAN" and "PV1_5" in header:     # astropy knows SCAMP's polynomials by their later name alone
            header["CTYPE1"], header["CTYPE2"] = "RA---TPV", "DEC--TPV"
        for keyword in [key for key in header if key[-1:] in "ABC" and key[:2] in ("PV", "CT", "CD", "CR", "CU", "RA", "EQ")]:
            del header[keyword]
        return WCS(header)


def by_astropy(path):
    return [float(value) for value in solution(path).all_world2pix(RA, DEC, 1)]


@needs("sky2xy")
def test_wcstools_and_astropy_agree_on_the_target(cutouts, tmp_path):
    assert len(cutouts) == 6
    for path in cutouts:
        x, y = map(float, re.search(r"-> +([\d.]+) +([\d.]+)", shell(f"sky2xy -n 4 $F {RA} {DEC} J2000", tmp_path, F=path)).groups())
        assert [x, y] == pytest.approx(by_astropy(path), abs=0.02), path.name


@needs("ds9", "xpaget", "Xvfb")
def test_ds9_and_astropy_agree_on_the_target(cutouts, tmp_path):
    seen = Ds9(tmp_path, "ds9 " + " ".join(str(path) for path in cutouts))
    try:
        seen.wait_for_frames(len(cutouts))
        for frame, path in zip(seen.frames(), cutouts):
            seen.set("frame", frame)
            seen.set("mode", "crosshair")
            seen.set("crosshair", str(RA), str(DEC), "wcs", "icrs")
            at = [float(word) for word in seen.get("crosshair", "image").split()]
            assert at == pytest.approx(by_astropy(path), abs=0.05), path.name
    finally:
        seen.close()


@needs("source-extractor")
def test_sextractor_and_astropy_agree_on_all_places(cutouts, tmp_path):
    (tmp_path / "wanted").write_text("X_IMAGE\nY_IMAGE\nALPHA_J2000\nDELTA_J2000\n")
    (tmp_path / "settings").write_text("PARAMETERS_NAME wanted\nFILTER N\nCATALOG_TYPE ASCII\nDETECT_THRESH 2\nDETECT_MINAREA 3\n"
                                       "VERBOSE_TYPE QUIET\nCATALOG_NAME found\n")
    for path in cutouts:
        shell("source-extractor $F -c settings", tmp_path, F=path)
        found = np.atleast_2d(np.loadtxt(tmp_path / "found"))
        assert len(found) >= 3, path.name
        ra, dec = solution(path).all_pix2world(found[:, 0], found[:, 1], 1)
        assert np.max(np.hypot((ra - found[:, 2]) * np.cos(np.radians(dec)), dec - found[:, 3])) < 2e-5, path.name
