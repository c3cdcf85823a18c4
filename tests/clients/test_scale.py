# SPDX-License-Identifier: BSD-3-Clause
"""A cutout that was made here lies where its plate does, as DS9 sees it."""
import os

import pytest
from astropy.io import fits
from conftest import needs
from ds9 import Ds9

pytestmark = needs("ds9", "Xvfb", "xpaget", "xpaset")


@pytest.mark.parametrize("scan", ["AG03170_y", "HS00417_x", "GS00711_y"])      # distorted, CDELT, mirrored
def test_ds9_reads_the_same_sky_from_cutout_and_plate(mount, tmp_path, scan):
    folder = mount.plate_with(lambda did: scan in did)
    assert os.getxattr(folder / "cutout.fits", "user.platefs.source") == b"cutout"
    headers = [fits.getheader(folder / name) for name in ("cutout.fits", "full.fits")]
    moved = [headers[1][f"CRPIX{axis}"] - headers[0][f"CRPIX{axis}"] for axis in (1, 2)]
    ds9 = Ds9(tmp_path, f"ds9 '{folder}/cutout.fits' '{folder}/full.fits'")

    def place(frame, x, y):
        ds9.set("frame", str(frame))
        ds9.set("crosshair", str(x), str(y), "image")
        return list(map(float, ds9.get("crosshair", "wcs", "icrs", "degrees").split()))
    try:
        ds9.wait_for_frames(2)
        for x, y in ((1, 1), (headers[0]["NAXIS1"], 1), (20, headers[0]["NAXIS2"])):
            here, there = place(1, x, y), place(2, x + moved[0], y + moved[1])
            assert abs(here[0] - there[0]) < 1e-6 and abs(here[1] - there[1]) < 1e-6
    finally:
        ds9.close()
