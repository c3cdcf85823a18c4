# SPDX-License-Identifier: BSD-3-Clause
"""Cutouts that no service makes have the pixels and the places that astropy finds."""
import os
import re
import warnings

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.time import Time
from astropy.utils.exceptions import AstropyWarning
from astropy.wcs import WCS

import oracle
from conftest import corner, those
from make_plates import TARGET_DEC, TARGET_RA, TWICE
from mounts import xattr


@pytest.fixture(scope="session", name="made_here")
def _made_here(plates, where):
    """(plate, path, its image, image of the whole plate) of each cutout that no service makes."""
    paths = [(plate, where(plate) / "cutout.fits") for plate in those(plates, "cutout")]
    return [(plate, path, oracle.Image(path.read_bytes()), oracle.Image(plate.expected.content)) for plate, path in paths]


def test_a_plate_without_soda_is_cut_here(made_here):
    assert {xattr(path, "source") for _, path, *_ in made_here} == {"cutout"}


def test_a_plate_whose_soda_fails_is_cut_here_from_the_whole_plate(made_here):
    refused = [plate for plate, *_ in made_here if any(step.startswith("SODA") for step in plate.expected.tried)]
    assert refused, "no plate has a service that fails"
    for plate, path, found, full in made_here:
        if plate in refused:
            assert xattr(path, "source") == "cutout"
            assert found.header["PLATENUM"] == full.header["PLATENUM"]


def test_a_packed_plate_is_cut_here_like_any_other(made_here):
    packed = [found for plate, _, found, _ in made_here if plate.did.endswith(".fz")]
    assert packed and all(found.shows_target() for found in packed)


def test_pixels_of_a_cutout_are_those_of_cutout2d(made_here):
    for plate, _, found, full in made_here:
        section = full.section(corner(found, full), found.shape)
        assert found.pixels.dtype.newbyteorder("=") == full.pixels.dtype.newbyteorder("="), plate
        assert np.array_equal(section.data, found.pixels), plate
        assert [found.header.get(key) for key in ("BITPIX", "BZERO", "BSCALE")] \
            == [full.header.get(key) for key in ("BITPIX", "BZERO", "BSCALE")], plate


def test_the_box_of_a_cutout_is_the_notebooks_within_a_pixel(made_here):
    for plate, _, found, full in made_here:
        theirs = full.notebook_cutout()
        assert np.all(np.abs(np.array(theirs.shape) - found.shape) <= 1), (plate, theirs.shape, found.shape)
        x, y = np.array(theirs.origin_original) - corner(found, full)
        assert abs(x) <= 1 and abs(y) <= 1, (plate, x, y)
        ours, other = overlap(found.pixels, theirs.data, int(x), int(y))
        assert np.array_equal(ours, other), plate


def overlap(ours, theirs, x, y):
    """The common part of two arrays of which the second begins at (x, y) of the first."""
    rows = slice(max(0, y), min(ours.shape[0], y + theirs.shape[0]))
    columns = slice(max(0, x), min(ours.shape[1], x + theirs.shape[1]))
    return ours[rows, columns], theirs[rows.start - y:rows.stop - y, columns.start - x:columns.stop - x]


def test_a_cutout_puts_the_target_where_the_whole_plate_puts_it(made_here):
    for plate, _, found, full in made_here:
        on_plate = np.array(full.wcs.all_world2pix(TARGET_RA, TARGET_DEC, 0))
        on_cutout = on_plate - corner(found, full)
        there, here = (SkyCoord(*wcs.all_pix2world(*pixel, 0), unit="deg")
                       for wcs, pixel in ((full.wcs, on_plate), (found.wcs, on_cutout)))
        assert there.separation(here).arcsec < 1e-6, plate


def test_a_cutout_keeps_the_form_of_its_solution(made_here):
    solution = re.compile(r"^(CD\d_\d|PC\d_\d|CDELT\d|CROTA\d|[AB]P?_(\d_\d|ORDER)|CTYPE\d|CRVAL\d|CUNIT\d|RADESYS)$")
    for plate, _, found, full in made_here:
        theirs, ours = ({card.keyword: card.value for card in image.header.cards if solution.match(card.keyword)}
                        for image in (full, found))
        assert ours == theirs, plate


def test_a_cutout_tells_its_origin_and_its_checksums_are_right(made_here):
    for plate, path, found, _ in made_here:
        history = "".join(str(line) for line in found.header["HISTORY"])
        assert plate.did in history.replace(" ", ""), plate
        with warnings.catch_warnings():
            warnings.simplefilter("error", AstropyWarning)
            with fits.open(path, checksum=True) as hdus:
                assert all("CHECKSUM" in hdu.header for hdu in hdus), plate


def test_a_cutout_is_dated_by_t_min_where_the_scan_is_not(made_here):
    undated = [(plate, found) for plate, _, found, full in made_here if plate.t_min and "DATE-OBS" not in full.header]
    assert undated
    for plate, found in undated:
        assert abs(Time(found.header["DATE-OBS"]).mjd - plate.t_min) < 1 / 86400, plate
        assert abs(found.header["MJD-OBS"] - plate.t_min) < 1 / 86400, plate
        assert found.header["EXPTIME"] == float(plate.record["t_exptime"]), plate


def test_a_plate_with_two_exposures_shows_both_epochs_each_with_its_place(mount):
    ra, dec = TWICE[0] + 0.06, TWICE[1] - 0.03
    field = mount.path / f"{ra!r}+{dec!r}"
    names = sorted(name for name in os.listdir(field) if name.endswith("_hs00029"))
    assert names == ["1932-04-02_hs00029", "1933-05-11_hs00029"]
    whole = (field / names[0] / "full.fits").read_bytes()
    assert (field / names[1] / "full.fits").read_bytes() == whole
    assert xattr(field / names[0], "did") == xattr(field / names[1], "did")
    plate = oracle.Image(whole)
    for name, letter in zip(names, " A"):
        with fits.open(field / name / "cutout.fits", do_not_scale_image_data=True) as file:
            header, pixels = file[0].header.copy(), file[0].data.copy()
        assert header["DATE-OBS"].startswith(name[:10])
        assert Time(header["MJD-OBS"], format="mjd").iso.startswith(name[:10])
        x, y = WCS(header).all_world2pix(ra, dec, 0)
        on_plate = WCS(plate.header, key=letter).all_world2pix(ra, dec, 0)
        first = [int(round(float(there - here))) for there, here in zip(on_plate, (x, y))]
        assert (x + first[0], y + first[1]) == pytest.approx(tuple(map(float, on_plate)), abs=0.01)
        ny, nx = pixels.shape
        assert np.array_equal(pixels, plate.pixels[first[1]:first[1] + ny, first[0]:first[0] + nx])
        assert xattr(field / name / "cutout.fits", "exposure") == ("primary" if letter == " " else letter)
