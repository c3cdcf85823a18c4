# SPDX-License-Identifier: BSD-3-Clause
"""plates.vot, plates.csv and plates.fits with the programs that read tables."""
import numpy
import pytest
from astropy.io import fits
from astropy.table import Table
from conftest import IMAGES, needs, shell
from mounted import wait_until

TARGETS = ["Demo_Star", "156.01124674021+48.14753874736@20m", "10.5-85", "J102402.7+480851"]


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
        assert str(path).endswith(f"/Demo Star/cutouts/{plate}.fits")


def test_tables_and_pages_cost_no_image(star, archive):
    for name in ("plates.vot", "plates.csv", "plates.fits", "index.html", "CITATION.bib", "target.reg"):
        path = star / name
        assert path.stat().st_size == len(path.read_bytes()) == path.stat().st_size
    assert archive.requests(*IMAGES, "datalink") == []
    assert len(archive.requests("tap")) == 1


@needs("stilts")
def test_topcats_columns_are_found_by_their_ucds(star, tmp_path):
    meta = shell("stilts tpipe in=$T/plates.vot cmd='meta name units ucd' ofmt=csv", tmp_path, T=star)
    known = {line.split(",")[2] if line.count(",") > 1 else "" for line in meta.splitlines()}
    assert {"pos.eq.ra;meta.main", "pos.eq.dec;meta.main"} & {u.strip('"') for u in known} or \
        {"pos.eq.ra", "pos.eq.dec"} <= {u.strip('"') for u in known}
    assert any(u.startswith(("time.start", "time.epoch")) for u in known)
