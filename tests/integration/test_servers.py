# SPDX-License-Identifier: BSD-3-Clause
"""Cutouts of plates on servers of all manners, and of plates that are gzip-ed."""
import gzip
import io
import os
import shutil
import subprocess

import numpy as np
import pytest
from astropy.io import fits
from conftest import Mount, xattr
from file_server import FileServer, Front

RA, DEC, SIDE, SCALE = 156.01124674021, 48.14753874736, 2000, 2 / 3600
CENTRE = (700, 900)                                # of the target, in pixels from 1
RADIUS = 120                                       # arc seconds: 60 pixels


def plate(seed, **options):
    """(pixels, bytes) of a plate that shows the target."""
    pixels = np.random.default_rng(seed).integers(0, 30000, (SIDE, SIDE)).astype(np.int16)
    image = fits.PrimaryHDU(pixels)
    for key, value in {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": RA, "CRVAL2": DEC, "CRPIX1": CENTRE[0],
                       "CRPIX2": CENTRE[1], "CD1_1": -SCALE, "CD1_2": 0.0, "CD2_1": 0.0, "CD2_2": SCALE}.items():
        image.header[key] = value
    file = io.BytesIO()
    image.writeto(file)
    return pixels, file.getvalue()


PLATES = [plate(seed) for seed in (1, 2)]


class Site:
    def __init__(self, directory, server, plates, cutout):
        self.server = server
        self.front = Front(directory, (RA, DEC), plates, cutout)
        self.mount = Mount(self.front, directory)

    @property
    def target(self):
        return self.mount.path / f"{RA}+{DEC}@{RADIUS}s"

    def folder(self, scan):
        return next(self.target / name for name in os.listdir(self.target) if name.endswith("_" + scan))

    def close(self):
        self.mount.down()
        self.front.stop()
        self.server.close()


@pytest.fixture
def site(tmp_path):
    made = []

    def make(manner, files, cutout=b"", **more):
        server = FileServer(files, manner)
        plates = [{"id": f"ivo://test/plates/{name.split('.')[0]}", "url": server.url(name), "bytes": len(content),
                   "t_min": 11504.5, **more} for name, content in files.items()]
        made.append(Site(tmp_path, server, plates, cutout))
        return made[-1]

    yield make
    for each in made:
        each.close()


def two_plates():
    return {"one.fits": PLATES[0][1], "two.fits": PLATES[1][1]}


def check(path, pixels):
    with fits.open(path) as file:
        header, cutout = file[0].header, file[0].data
    x, y = CENTRE[0] - round(header["CRPIX1"]), CENTRE[1] - round(header["CRPIX2"])
    height, width = cutout.shape
    assert 118 <= height <= 124 and 118 <= width <= 124
    assert np.array_equal(cutout, pixels[y:y + height, x:x + width])
    return header


@pytest.mark.parametrize("manner", ["proper", "reversed", "overlapping", "merged", "first", "whole", "refused", "none"])
def test_a_cutout_is_right_whatever_the_manners_of_the_server(site, manner):
    here = site(manner, two_plates())
    check(here.folder("one") / "cutout.fits", PLATES[0][0])
    asked_first = [count for count in here.server.asked if count > 1]
    here.server.forget()
    check(here.folder("two") / "cutout.fits", PLATES[1][0])
    asked_again = [count for count in here.server.asked if count > 1]
    if manner in ("proper", "reversed"):
        assert len(asked_again) <= 4 and len(here.server.asked) <= 6   # the header, then the connections' shares
        assert here.server.sent < len(PLATES[1][1]) / 4                # how wide the gaps may be is a matter of speed
    elif manner in ("overlapping", "merged", "first", "whole", "refused"):
        assert asked_first and not asked_again                         # asked once, then never that way again
        assert here.server.sent < len(PLATES[1][1]) / 4
    else:
        assert len(asked_first) <= 1 and len(here.server.asked) == 1   # streamed once


def test_a_gzipped_plate_is_cut_and_served_as_it_is(site, tmp_path):
    packed = gzip.compress(PLATES[0][1], 1)
    here = site("proper", {"one.fits.gz": packed}, type="application/gzip")
    folder = here.folder("one")
    header = check(folder / "cutout.fits", PLATES[0][0])
    assert "gzip-ed" in " ".join(header["HISTORY"]) and xattr(folder / "cutout.fits", "source") == "cutout"
    assert here.server.sent < 0.75 * len(packed)      # no further than the last row that is wanted
    assert (folder / "full.fits").read_bytes() == packed
    with fits.open(folder / "full.fits") as file:
        assert np.array_equal(file[0].data, PLATES[0][0])
    assert (folder / "preview.jpg").read_bytes().startswith(b"\xff\xd8\xff")
    if shutil.which("imcopy"):
        subprocess.run(["imcopy", folder / "full.fits", tmp_path / "copy.fits"], check=True, timeout=60)
        assert np.array_equal(fits.getdata(tmp_path / "copy.fits"), PLATES[0][0])


def test_a_gzipped_plate_under_a_plain_name_on_a_server_without_ranges_is_cut(site):
    here = site("none", {"one.fits": gzip.compress(PLATES[0][1], 1)})
    check(here.folder("one") / "cutout.fits", PLATES[0][0])
    assert len(here.server.asked) == 1


def test_a_gzipped_plate_that_is_broken_says_so(site):
    packed = bytearray(gzip.compress(PLATES[0][1], 1))
    packed[10:20] = b"\xff" * 10                      # where the first block says how it is coded
    path = site("proper", {"one.fits.gz": bytes(packed)}).folder("one") / "cutout.fits"
    with pytest.raises(OSError):
        path.read_bytes()
    assert "gzip-ed" in xattr(path, "error")


def soda_answer(scale):
    """The target in the middle of 101 x 101 pixels, whose header tells pixels of another scale."""
    image = fits.PrimaryHDU(PLATES[0][0][CENTRE[1] - 51:CENTRE[1] + 50, CENTRE[0] - 51:CENTRE[0] + 50])
    with fits.open(io.BytesIO(PLATES[0][1])) as file:
        image.header.extend(file[0].header, unique=True)
    image.header.update({"CRPIX1": 51, "CRPIX2": 51, "CD1_1": -SCALE * scale, "CD2_2": SCALE * scale})
    file = io.BytesIO()
    image.writeto(file)
    return file.getvalue()


def test_an_answer_of_soda_that_contradicts_the_plates_row_is_passed_over(site):
    made = site("proper", {"one.fits": PLATES[0][1]}, soda_answer(20), soda=True, s_pixel_scale=2.0)
    path = made.folder("one") / "cutout.fits"
    check(path, PLATES[0][0])
    assert xattr(path, "source") == "cutout"


def test_a_plate_that_contradicts_its_row_gives_no_cutout_but_a_reason(site):
    path = site("proper", {"one.fits": PLATES[0][1]}, s_pixel_scale=20.0).folder("one") / "cutout.fits"
    with pytest.raises(OSError):
        path.read_bytes()
    assert "the plate's WCS contradicts the archive's row" in xattr(path, "error")
