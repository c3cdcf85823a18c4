# SPDX-License-Identifier: BSD-3-Clause
"""DS9 reads the same sky from a cutout made here and from its plate."""
import os

import pytest
from astropy.io import fits
from conftest import needs
from ds9 import Ds9


def place(ds9, frame, x, y):
    """Right ascension and declination of a pixel, in degrees."""
    ds9.set("frame", str(frame))
    ds9.set("crosshair", str(x), str(y), "image")
    return list(map(float, ds9.get("crosshair", "wcs", "icrs", "degrees").split()))


@needs("ds9", "Xvfb", "xpaget")
@pytest.mark.parametrize("scan", ["AG03170_y", "HS00417_x", "GS00711_y"])      # distorted, CDELT, mirrored
def test_ds9_reads_the_same_sky_from_cutout_and_plate(mount, tmp_path, scan):
    folder = mount.plate_with(lambda did: scan in did)
    cutout, plate = folder / "cutout.fits", folder / "full.fits"
    here, there = fits.getheader(cutout), fits.getheader(plate)
    assert os.getxattr(cutout, "user.platefs.source") == b"cutout"
    moved = [there[f"CRPIX{axis}"] - here[f"CRPIX{axis}"] for axis in (1, 2)]
    ds9 = Ds9(tmp_path, f"ds9 {cutout} {plate}")
    try:
        ds9.wait_for_frames(2)
        for x, y in ((1, 1), (here["NAXIS1"], 1), (20, here["NAXIS2"])):
            assert place(ds9, 1, x, y) == pytest.approx(place(ds9, 2, x + moved[0], y + moved[1]), abs=1e-6)
    finally:
        ds9.close()
