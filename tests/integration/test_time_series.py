# SPDX-License-Identifier: BSD-3-Clause
"""Light curves that an archive holds for a place: from their folder to the bytes as they are served."""
import csv
import errno
import os
import subprocess
import urllib.request

from astropy.io import fits
from astropy.table import Table
from conftest import TARGET, xattr
from mounts import error_of

CURVES = ["1888-03-24_star_B.vot", "1888-03-24_star_pg.vot"]
TABLES = ["timeseries.csv", "timeseries.fits", "timeseries.vot"]


def queries(archive):
    return [r for r in archive.requests("tap") if r["path"] == "/tap/sync"]


def test_they_are_asked_for_when_the_folder_is_entered_and_not_before(mount, archive):
    assert "timeseries" not in os.listdir(mount.target)
    assert (mount.target / "timeseries").is_dir()
    assert len(queries(archive)) == 1, "for the plates"
    assert sorted(os.listdir(mount.target / "timeseries")) == CURVES + TABLES
    assert len(queries(archive)) == 2
    assert "timeseries" in os.listdir(mount.target)
    mount.again()
    archive.forget_requests()
    assert "timeseries" in os.listdir(mount.target)
    assert sorted(os.listdir(mount.target / "timeseries")) == CURVES + TABLES
    assert archive.requests() == [], "all of it was known"


def test_the_folder_is_entered_without_asking_for_plates(mount, archive):
    os.listdir(mount.target / "timeseries")
    assert len(queries(archive)) == 1


def test_a_walk_through_a_target_enters_no_folder_that_it_does_not_see(mount, archive):
    subprocess.run(["find", mount.target], check=True, capture_output=True)
    assert len(queries(archive)) == 1


def test_a_light_curve_is_the_file_as_it_is_served_also_behind_datalink(mount, archive):
    base = archive.tap.removesuffix("/tap")
    for name in CURVES:
        path = mount.target / "timeseries" / name
        with urllib.request.urlopen(f"{base}/lightcurves/{name[11:]}", timeout=10) as answer:
            served = answer.read()
        assert path.read_bytes() == served
        assert path.stat().st_size == len(served)
        assert path.stat().st_mtime < 0, "the first measurement is of 1888"
        assert xattr(path, "source") == "download" and xattr(path, "collection") == "Demo light curves"
        assert os.getxattr(path, "user.xdg.origin.url").decode() == f"{base}/lightcurves/{name[11:]}"
        curve = Table.read(path, format="votable")
        assert len(curve) > 20 and curve["phot"].max() - curve["phot"].min() > 0.5
    archive.forget_requests()
    for name in CURVES:
        (mount.target / "timeseries" / name).read_bytes()
    assert archive.requests() == []


def test_tables_tell_what_there_is(mount):
    folder = mount.target / "timeseries"
    with open(folder / "timeseries.csv") as text:
        rows = list(csv.DictReader(text))
    assert [row["file"] for row in rows] == CURVES
    assert all(os.path.isfile(row["path"]) and row["dataproduct_type"] == "timeseries" for row in rows)
    assert all(0 <= float(row["separation"]) < 10 / 3600 for row in rows)
    assert [row["file"] for row in Table.read(folder / "timeseries.vot", format="votable")] == CURVES
    with fits.open(folder / "timeseries.fits") as hdus:
        assert [name.strip() for name in hdus[1].data["file"]] == CURVES
    with open(mount.target / "plates.csv") as text:
        assert {row["dataproduct_type"] for row in csv.DictReader(text)} == {"image"}


def test_a_place_without_any_is_an_empty_folder_and_not_listed(mount, archive):
    assert sorted(os.listdir(mount.path / "10.6847+41.2688" / "timeseries")) == TABLES
    assert "timeseries" not in os.listdir(mount.path / "10.6847+41.2688")
    assert (mount.path / "10.6847+41.2688" / "timeseries" / "timeseries.csv").read_text().count("\n") == 1


def test_an_archive_that_fails_is_told_of_in_the_folder_and_not_among_the_plates(mount_with, archive):
    mount = mount_with("--timeout", "2")
    os.listdir(mount.target)
    archive.set_faults({"match": {"kind": "tap"}, "fault": "status", "status": 400})
    folder = mount.target / "timeseries"
    assert error_of_listing(folder) not in (None, errno.ENOENT)
    assert "question for light curves" in (folder / "errors.txt").read_text()
    assert "light curves" not in errors_of(mount.target)
    archive.clear_faults()
    assert sorted(os.listdir(folder)) == CURVES + TABLES


def test_a_page_is_no_light_curve(mount, archive):
    path = mount.target / "timeseries" / CURVES[0]
    os.listdir(path.parent)
    archive.set_faults({"match": {"kind": "timeseries"}, "fault": "html"})
    assert error_of(path) == errno.EIO
    assert "no table of data" in xattr(path, "error")
    text = (path.parent / "errors.txt").read_text()
    assert f"timeseries/{CURVES[0]} failed" in text
    archive.clear_faults()


def error_of_listing(path):
    try:
        os.listdir(path)
    except OSError as error:
        return error.errno
    return None


def errors_of(target):
    path = target / "errors.txt"
    return path.read_text() if path.exists() else ""
