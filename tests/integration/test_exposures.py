# SPDX-License-Identifier: BSD-3-Clause
"""Plates that were exposed three times, as DASCH's and APPLAUSE's pipelines describe them."""
import csv
import json
import os
import re
import subprocess

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from conftest import BIN

RA, DEC = 201.3651, -43.0191                        # all exposures cover it
TARGET = f"{RA}{DEC:+}"
SCANS = {"b12345": "DASCH", "HS05001_y": "APPLAUSE"}


def rows(mount):
    with open(mount.path / TARGET / "plates.csv", newline="") as table:
        return list(csv.DictReader(table))


def exposures(mount, scan):
    found = [row for row in rows(mount) if row["plate"].split("_", 1)[1].startswith(scan)]
    return sorted(found, key=lambda row: float(row["t_min"]))


def cutout(mount, row):
    with fits.open(mount.path / TARGET / row["plate"] / "cutout.fits") as file:
        return file[0].header, file[0].data.copy()


def history(header):
    return " ".join(str(line) for line in header.get("HISTORY", []))


def description(header, letter):
    """One description alone, as the primary one: astropy reads SCAMP's polynomials of no other."""
    pattern = re.compile(r"((?:CTYPE|CUNIT|CRVAL|CRPIX)\d|(?:CD|PV)\d_\d+|RADESYS|EQUINOX)" + letter.strip() + "$")
    alone = fits.Header([("NAXIS", 2), ("NAXIS1", header["NAXIS1"]), ("NAXIS2", header["NAXIS2"])])
    for card in header.cards:
        found = pattern.match(card.keyword)
        if found:
            alone[found.group(1)] = card.value
    if "PV1_5" in alone:                             # on TAN astropy knows them by their later name alone
        alone["CTYPE1"], alone["CTYPE2"] = "RA---TPV", "DEC--TPV"
    return WCS(alone)


def test_rows_are_plates_everywhere(mount):
    table = rows(mount)
    names = {row["plate"] for row in table}
    assert len(names) == len(table) == 6
    listed = {name for name in os.listdir(mount.path / TARGET) if re.match(r"\d{4}-", name)}
    assert listed == names
    page = (mount.path / TARGET / "index.html").read_text()
    assert all(name in page for name in names)
    asked = subprocess.run([BIN / "platefs", "query", "--archive", mount.archive.tap, "--cache-dir", mount.cache,
                            "--format", "json", TARGET], capture_output=True, text=True, env=mount.environment, check=True)
    assert {plate["plate"] for plate in json.loads(asked.stdout)["plates"]} == names


@pytest.mark.parametrize("scan", SCANS)
def test_a_cutout_is_placed_by_its_row(mount, scan):
    with fits.open(mount.path / TARGET / exposures(mount, scan)[0]["plate"] / "full.fits") as plate:
        whole, pixels = plate[0].header, plate[0].data.copy()
    letters = [" ", "A", "B"] + (["C"] if "CRVAL1C" in whole else [])
    places = set()
    for row in exposures(mount, scan):
        header, data = cutout(mount, row)
        at = description(header, " ").all_world2pix(RA, DEC, 1)
        x1, y1 = [int(value) for value in re.search(r"Section: \[(\d+):\d+,(\d+):", history(header)).groups()]
        centres = {letter: description(whole, letter).pixel_to_world(whole["NAXIS1"] / 2, whole["NAXIS2"] / 2) for letter in letters}
        mine = min(letters, key=lambda letter: np.hypot((centres[letter].ra.deg - float(row["s_ra"])) * np.cos(np.radians(DEC)),
                                                        centres[letter].dec.deg - float(row["s_dec"])))
        expected = description(whole, mine).all_world2pix(RA, DEC, 1)
        assert at[0] + x1 - 1 == pytest.approx(expected[0], abs=0.01)
        assert at[1] + y1 - 1 == pytest.approx(expected[1], abs=0.01)
        assert np.array_equal(data, pixels[y1 - 1:y1 - 1 + data.shape[0], x1 - 1:x1 - 1 + data.shape[1]])
        places.add((x1, y1))
        told = os.getxattr(mount.path / TARGET / row["plate"] / "cutout.fits", "user.platefs.exposure").decode()
        assert told == ("primary" if mine == " " else mine)
    assert len(places) == 3


@pytest.mark.parametrize("scan", SCANS)
def test_dates_of_a_cutout_are_those_of_its_row(mount, scan):
    for row in exposures(mount, scan):
        header, _ = cutout(mount, row)
        assert header["DATE-OBS"][:10] == row["plate"][:10]
        assert header["MJD-OBS"] == pytest.approx(float(row["t_min"]), abs=1e-4)
        assert header["EXPTIME"] == pytest.approx(float(row["t_exptime"]))
        assert header["OBJECT"] == "J132527.62-430108.7"
        told = json.loads((mount.path / TARGET / row["plate"] / "plate.json").read_text())["exposure"]
        assert told["of"] == 3
    with fits.open(mount.path / TARGET / exposures(mount, scan)[2]["plate"] / "full.fits") as plate:
        assert plate[0].header["DATE-OBS"][:10] == exposures(mount, scan)[0]["plate"][:10]


def test_exposures_share_the_files_of_their_plate(archive, mount):
    first, second, third = [mount.path / TARGET / row["plate"] / "full.fits" for row in exposures(mount, "HS05001_y")]
    data = first.read_bytes()
    archive.forget_requests()
    assert second.read_bytes() == data and third.read_bytes() == data
    assert not [request for request in archive.requests() if request["kind"] == "file"]
