# SPDX-License-Identifier: BSD-3-Clause
"""plates.vot, plates.csv and plates.fits with the programs that read tables."""
import numpy
import pytest
from astropy.io import fits
from astropy.table import Table
from conftest import IMAGES, needs, shell
from mounted import wait_until

TARGETS = ["Demo_Star", "156.01124674021+48.14753874736@20m", "10.5-85", "J102402.7+480851", "359.98-30.2", "75+89.8", "M31"]


@needs("stilts")
@pytest.mark.parametrize("target", TARGETS)
def test_votlint_finds_nothing(mount, tmp_path, target):
    said = shell("stilts votlint votable=$T/plates.vot 2>&1", tmp_path, T=mount.path / target)
    assert said.strip() == ""


@needs("fitsverify")
@pytest.mark.parametrize("target", TARGETS)
def test_fitsverify_finds_nothing(mount, tmp_path, target):
    said = shell("fitsverify -q $T/plates.fits", tmp_path, T=mount.path / target)
    assert said.startswith("verification OK")


def test_the_three_tables_say_the_same(star):
    vot, csv = Table.read(star / "plates.vot"), Table.read(star / "plates.csv", format="ascii.csv")
    with fits.open(star / "plates.fits") as hdus:
        columns, rows = hdus[1].columns, hdus[1].data.copy()
        header = hdus[1].header
    assert list(vot.colnames) == list(csv.colnames) == list(columns.names)
    assert len(vot) == len(csv) == len(rows) > 30
    for name in ("jyear", "separation", "s_ra", "t_exptime"):
        number = columns.names.index(name) + 1
        assert (vot[name].unit is None) == (f"TUNIT{number}" not in header)
        assert header[f"TUCD{number}"] == vot[name].meta["ucd"]
        assert vot[name].description and header[f"TCOMM{number}"]
        values = numpy.ma.filled(numpy.ma.asarray(vot[name], dtype=float), numpy.nan)
        assert numpy.allclose(values, rows[name].astype(float), rtol=1e-6, equal_nan=True)
    for path, plate in zip(vot["cutout_path"], vot["plate"]):
        assert str(path).endswith(f"/Demo_Star/cutouts/{plate}.fits")


def test_tables_and_pages_cost_no_image(star, archive):
    def is_read(name):
        path = star / name
        assert path.stat().st_size == len(path.read_bytes()) == path.stat().st_size
    for name in ("plates.vot", "plates.csv", "plates.fits", "CITATION.bib", "target.reg"):
        is_read(name)
    assert archive.requests(*IMAGES, "datalink") == []
    is_read("index.html")
    assert archive.requests(*IMAGES) == []
    assert len(archive.requests("datalink")) <= 2, "of each links service at most one: the links of a first screen"
    assert len(archive.requests("tap")) == 1


@needs("stilts")
def test_the_columns_of_the_sky_are_found_without_being_named(star, tmp_path):
    """STILTS and TOPCAT choose them by UCD; every plate that says where it is matches itself."""
    shell("stilts tskymatch2 in1=$T/plates.vot in2=$T/plates.vot error=1 find=best1 out=matched.vot 2>log", tmp_path, T=star)
    matched, plates = Table.read(tmp_path / "matched.vot"), Table.read(star / "plates.vot")
    placed = numpy.isfinite(numpy.ma.filled(plates["s_ra"].astype(float), numpy.nan))
    assert len(matched) == numpy.count_nonzero(placed) > 40
    assert len(set(matched["plate_1"])) == len(matched)
    assert max(matched["Separation"]) < 1e-6


def dark_pixels(path):
    image = pytest.importorskip("PIL.Image", reason="needs python3-pil").open(path).convert("RGB")
    return numpy.argwhere((numpy.asarray(image) == (240, 0, 0)).all(axis=2))


@needs("stilts")
def test_the_columns_of_time_are_dates_as_they_are(star, tmp_path):
    """MJD by its TIMESYS, ISO text by its xtype, years by their unit: the same points on an axis of dates."""
    drawn = {}
    for column in ("t_min", "date_min", "jyear"):
        shell("stilts plot2time layer1=mark in1=$T/plates.vot t1=$C y1=s_dec shading1=flat color1=f00000 "
              "tmin=1880-01-01T00:00:00 tmax=2000-01-01T00:00:00 out=$C.png", tmp_path, T=star, C=column)
        drawn[column] = dark_pixels(tmp_path / f"{column}.png")
        assert len(drawn[column]) > 40, column
    assert numpy.array_equal(drawn["t_min"], drawn["date_min"]) and numpy.array_equal(drawn["t_min"], drawn["jyear"])
