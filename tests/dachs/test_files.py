# SPDX-License-Identifier: BSD-3-Clause
"""Cutouts by SODA, whole plates, previews and links are what the server sends, byte for byte."""
import numpy as np
from astropy.io import fits

import oracle
from conftest import those
from mounts import xattr


def test_a_soda_cutout_is_the_servers_answer_byte_for_byte(plates, where):
    for plate in those(plates, "soda"):
        path = where(plate) / "cutout.fits"
        assert path.read_bytes() == plate.expected.content, plate
        assert xattr(path, "source") == "soda", plate


def test_a_soda_answer_larger_than_asked_is_trimmed_to_what_was_asked(plates, where):
    for plate in those(plates, "trimmed"):
        path = where(plate) / "cutout.fits"
        with fits.open(path) as mine, fits.HDUList.fromstring(plate.expected.content) as answer:
            trimmed, whole = mine[0], answer[0]
            x = round(whole.header["CRPIX1"] - trimmed.header["CRPIX1"])
            y = round(whole.header["CRPIX2"] - trimmed.header["CRPIX2"])
            height, width = trimmed.data.shape
            assert width < whole.data.shape[1] or height < whole.data.shape[0], plate
            assert np.array_equal(trimmed.data, whole.data[y:y + height, x:x + width]), plate
            assert "Trimmed" in str(trimmed.header["HISTORY"]), plate
        assert oracle.Image(path.read_bytes()).shows_target(), plate
        assert xattr(path, "source") == "soda", plate


def test_full_fits_is_the_scan_of_highest_resolution_byte_for_byte(plates, where):
    for plate in plates:
        if plate.full is not None:
            path = where(plate) / "full.fits"
            assert path.read_bytes() == plate.full, plate
            assert xattr(path, "source") == "download", plate


def test_full_fits_is_this_where_this_is_the_larger_one(plates, where):
    both = [plate for plate in plates if len(plate.scans) == 2]
    this_is_larger = [plate for plate in both if plate.full == oracle.fetch(plate.urls("#this")[0])[1]]
    assert this_is_larger
    for plate in this_is_larger:
        assert (where(plate) / "full.fits").read_bytes() == plate.full, plate


def test_preview_jpg_is_the_archives_preview_byte_for_byte(plates, where):
    for plate in plates:
        if plate.preview is not None:
            assert (where(plate) / "preview.jpg").read_bytes() == plate.preview, plate


def test_datalink_vot_has_the_rows_of_a_direct_request(plates, where):
    for plate in plates:
        table = oracle.table((where(plate) / "datalink.vot").read_bytes())
        rows = [(oracle.text(row["semantics"]), oracle.text(row["access_url"]), oracle.text(row["content_type"]),
                 oracle.length(row["content_length"]), oracle.text(row["error_message"]))
                for row in table if oracle.text(row["ID"]) == plate.did]
        assert sorted(map(repr, rows)) == sorted(map(repr, plate.links)), plate
