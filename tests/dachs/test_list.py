# SPDX-License-Identifier: BSD-3-Clause
"""The plates of a target are those that pyvo finds, with their values."""
import csv
import json
import pathlib
import re

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import SkyCoord
from astropy.time import Time

import oracle
from conftest import IMAGE_FILES, corner, names_of, table_of, those
from mounts import xattr


def test_the_server_offers_every_way_of_making_a_cutout_and_of_failing(plates):
    assert {plate.expected.how for plate in plates} == {"soda", "trimmed", "cutout", "failed", "absent"}
    statuses = {step for plate in plates for step in plate.expected.tried}
    assert {"SODA 200", "SODA 204", "SODA 500", "GET 200", "GET 401", "GET 404"} <= statuses


def test_dachs_cuts_the_pixels_that_astropy_cuts(plates):
    for plate in those(plates, "soda", "trimmed"):
        answer, full = oracle.Image(plate.expected.content), oracle.Image(plate.full)
        assert np.array_equal(full.section(corner(answer, full), answer.shape).data, answer.pixels), plate


def test_the_plates_of_a_target_are_those_that_pyvo_finds(mount, plates):
    assert sorted(names_of(mount)) == sorted(plate.did for plate in plates)
    assert mount.plates() == sorted(names_of(mount).values())


def test_every_file_of_a_plate_tells_its_publisher_did(plates, where):
    for plate in plates:
        files = [entry for entry in where(plate).iterdir() if entry.name in IMAGE_FILES]
        for path in files:
            assert xattr(path, "did") == plate.did, path


def test_plate_json_is_the_row_of_the_plate(plates, where):
    for plate in plates:
        said = (where(plate) / "plate.json").read_text(encoding="utf-8")
        assert plate.did in strings_of(json.loads(said)), plate


def strings_of(document):
    """Every string in a JSON document, however nested."""
    if isinstance(document, str):
        return {document}
    parts = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    return set().union(*map(strings_of, parts))


def test_names_begin_with_the_date_and_end_in_the_scan_id(plates, where):
    for plate in plates:
        day = "undated" if plate.t_min is None else Time(plate.t_min, format="mjd").isot[:10]
        scan = re.sub(r"\.fits(\.fz)?$", "", repr(plate))
        assert where(plate).name == f"{day}_{scan}"


def test_names_sort_by_epoch(plates, where):
    dated = sorted((plate for plate in plates if plate.t_min is not None), key=lambda plate: (plate.t_min, plate.did))
    names = [where(plate).name for plate in dated]
    assert names == sorted(names)


def test_plates_vot_has_pyvos_rows_and_values(mount, asked):
    expected, found = asked[1], table_of(mount)
    assert len(found) == len(expected)
    rows = {oracle.text(row["obs_publisher_did"]): row for row in found}
    lacking = set(expected.colnames) - set(found.colnames)
    assert not lacking, f"plates.vot lacks {lacking}"
    for row in expected:
        other = rows[oracle.text(row["obs_publisher_did"])]
        different = {name: (row[name], other[name]) for name in expected.colnames if not same(row[name], other[name])}
        assert not different, f"{row['obs_publisher_did']}: (pyvo, platefs) {different}"


def same(one, other):
    """Whether two table cells say the same; NULL is masked, NaN or empty, and regions are compared by their numbers."""
    if is_null(one) or is_null(other):
        return is_null(one) and is_null(other)
    if isinstance(one, (np.floating, float)):
        return one.dtype.type(other) == one if isinstance(one, np.floating) else float(other) == one
    if isinstance(one, (np.integer, int)):
        return int(one) == int(other)
    one, other = as_text(one), as_text(other)
    return one == other or (one.lower().startswith(("polygon", "circle")) and numbers(one) == numbers(other) != [])


def is_null(cell):
    if np.ma.is_masked(cell) or cell is None:
        return True
    if isinstance(cell, (float, np.floating)):
        return bool(np.isnan(cell))
    return np.ndim(cell) == 0 and as_text(cell) == ""


def as_text(cell):
    return " ".join(map(repr, np.ravel(cell).tolist())) if np.ndim(cell) else oracle.text(cell)


def numbers(region):
    return [float(number) for number in re.findall(r"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?", region)]


def test_plates_csv_has_the_same_plates(mount):
    with open(mount.target / "plates.csv", newline="", encoding="utf-8") as table:
        from_csv = [row["obs_publisher_did"] for row in csv.DictReader(table)]
    assert sorted(from_csv) == sorted(names_of(mount))


def test_plates_vot_adds_dates_separation_and_paths(mount, plates, where):
    rows = {oracle.text(row["obs_publisher_did"]): row for row in table_of(mount)}
    place = oracle.target()
    for plate in plates:
        row = rows[plate.did]
        centre = SkyCoord(plate.record["s_ra"] * units.deg, plate.record["s_dec"] * units.deg)
        assert float(row["separation"]) == pytest.approx(place.separation(centre).deg, abs=1e-9)
        if plate.expected.content:
            path = pathlib.Path(oracle.text(row["cutout_path"]))
            assert path.is_relative_to(mount.path), path
            assert path.stat().st_ino == (where(plate) / "cutout.fits").stat().st_ino, path
        if plate.t_min is not None:
            assert float(row["jyear"]) == pytest.approx(Time(plate.t_min, format="mjd").jyear, abs=1e-6)
            assert oracle.text(row["date_min"])[:10] == Time(plate.t_min, format="mjd").isot[:10]
