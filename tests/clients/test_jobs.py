# SPDX-License-Identifier: BSD-3-Clause
"""What people mount plates for, each job by the commands that they would type."""
import errno
import json
import os
import pathlib
import re
import subprocess
import tempfile

import numpy
import pytest
from astropy.io import fits, votable
from astropy.table import Table
from astropy.wcs import WCS
from conftest import DEC, RA, needs, shell
from mounted import BIN, Mount

PILLOW = pytest.importorskip("PIL.Image", reason="needs python3-pil")


def picture(path):
    """Size, and how many grey levels there are: an empty frame has one or two."""
    image = PILLOW.open(path).convert("L")
    return image.size, len(set(numpy.asarray(image).ravel().tolist()))


@needs("ds9", "xvfb-run")
def test_blink_all_epochs_in_ds9(star, solved_cutouts, tmp_path, artefacts):
    early = [p for p in solved_cutouts if p.name < "1894"]
    assert len(early) >= 5
    shell("xvfb-run -a ds9 -zscale $FILES -match frame wcs -tile yes -export png blink.png -exit", tmp_path,
          FILES=" ".join(map(str, early)), HOME=tmp_path)
    size, levels = picture(tmp_path / "blink.png")
    assert min(size) > 300 and levels > 50
    (artefacts / "blink.png").write_bytes((tmp_path / "blink.png").read_bytes())


@needs("source-extractor", "gethead")
def test_light_curve_with_sextractor(star, solved_cutouts, tmp_path):
    """The scans are negatives, so stars are dark: they are turned before SExtractor looks for them."""
    (tmp_path / "default.param").write_text("NUMBER\nALPHA_J2000\nDELTA_J2000\nMAG_AUTO\n")
    curve = shell("""
        cp /usr/share/source-extractor/default.{sex,conv,nnw} .
        for f in $FILES; do b=$(basename $f .fits)
          /usr/bin/python3 -c 'import sys; from astropy.io import fits; h = fits.open(sys.argv[1])[0]
fits.writeto("positive.fits", (65535.0 - h.data).astype("f4"), h.header, overwrite=True, output_verify="silentfix")' $f 2>/dev/null
          source-extractor positive.fits -c default.sex -CATALOG_NAME $b.cat -CATALOG_TYPE ASCII_HEAD -VERBOSE_TYPE QUIET
          echo $b $(gethead $f MJD-OBS); done""", tmp_path, FILES=" ".join(map(str, solved_cutouts[:12])))
    measured = 0
    for line in curve.splitlines():
        name, mjd = line.split()
        assert 10000 < float(mjd) < 48000            # 1886 to 1990
        rows = [list(map(float, r.split())) for r in (tmp_path / f"{name}.cat").read_text().splitlines()
                if not r.startswith("#")]
        near = [r for r in rows if numpy.hypot((r[1] - RA) * numpy.cos(numpy.radians(DEC)), r[2] - DEC) < 20 / 3600]
        measured += bool(near)
    assert measured >= 8                              # the star itself, within 20 arc seconds


def test_forced_photometry_with_photutils(star, solved_cutouts):
    photutils = pytest.importorskip("photutils.aperture", reason="needs python3-photutils")
    from astropy import units
    from astropy.coordinates import SkyCoord
    aperture = photutils.SkyCircularAperture(SkyCoord(RA, DEC, unit="deg"), r=20 * units.arcsec)
    years = []
    for path in solved_cutouts:
        with fits.open(path) as hdus:
            data, header = hdus[0].data.astype(float), hdus[0].header
        sum_ = photutils.aperture_photometry(data - numpy.median(data), aperture, wcs=WCS(header))["aperture_sum"][0]
        assert numpy.isfinite(float(sum_)), path.name
        years.append(int(header["DATE-OBS"][:4]) if "DATE-OBS" in header else None)
    dated = [y for y in years if y]
    assert len(dated) >= 25 and dated == sorted(dated)


@needs("stilts")
def test_timeline_and_footprints_with_stilts(star, mount, tmp_path, artefacts):
    shell("""
        stilts plot2time layer1=mark in1=$T/plates.vot t1=t_min y1=t_exptime out=timeline.png
        stilts plot2sky layer1=mark in1=$T/plates.vot lon1=s_ra lat1=s_dec out=sky.png
        stilts tpipe in=$T/plates.vot cmd='select t_exptime>=1800' cmd='addcol year mjdToDecYear(t_min)' out=deep.csv
        """, tmp_path, T=star)
    for plot in ("timeline.png", "sky.png"):
        size, levels = picture(tmp_path / plot)
        assert min(size) > 200 and levels > 3
        (artefacts / plot).write_bytes((tmp_path / plot).read_bytes())
    deep = Table.read(tmp_path / "deep.csv", format="ascii.csv")
    exposures = votable.parse_single_table(str(star / "plates.vot")).to_table()["t_exptime"]
    assert len(deep) == sum(1 for e in exposures if e >= 1800) > 10
    assert numpy.allclose(deep["year"], deep["jyear"], atol=0.01)


def test_was_it_there_before(mount, tmp_path):
    """A transient's coordinates in the form of a telegram, with a small radius."""
    target = mount.path / "10:24:02.7 +48:08:51@2m"
    count = int(shell('cd "$T"; ls previews | wc -l', tmp_path, T=target))
    late = shell('cd "$T"; ls cutouts | tail -n 5', tmp_path, T=target).split()
    assert count == len(mount.plates()) and late == sorted(late) and len(late) == 5
    shell('cp "$T"/cutouts/1890-05-17_i00811.fits small.fits', tmp_path, T=target)
    header = fits.getheader(tmp_path / "small.fits")
    scale = 3600 * numpy.sqrt(abs(numpy.linalg.det(WCS(header).pixel_scale_matrix)))
    assert abs(header["NAXIS1"] * scale - 240) < 3 * scale
    rows = json.loads(subprocess.run(
        [BIN / "platefs", "query", "Demo Star", "--json", "--archive", mount.archive.tap, "--resolver",
         mount.archive.resolver, "--cache-dir", mount.cache], check=True, capture_output=True, text=True).stdout)
    assert len(rows["plates"]) == count


@needs("rsync", "SWarp", "xargs")
def test_batch_over_many_files(star, solved_cutouts, archive, tmp_path):
    archive.forget_requests()
    shell("""
        rsync -a --include='*/' --include='189*.fits' --exclude='*' $T/cutouts/ work/ 2>/dev/null || [ $? -eq 23 ]
        ls $FILES | xargs -P8 -n1 cksum > sums
        SWarp $FILES -COMBINE_TYPE MEDIAN -IMAGEOUT_NAME stack.fits -WEIGHTOUT_NAME w.fits -WRITE_XML N -VERBOSE_TYPE QUIET
        """, tmp_path, T=star, FILES=" ".join(str(p) for p in solved_cutouts if p.name < "1896"))
    with fits.open(tmp_path / "stack.fits") as stack:
        x, y = WCS(stack[0].header).world_to_pixel_values(RA, DEC)
        shape = stack[0].data.shape
    assert 0 < x < shape[1] and 0 < y < shape[0]
    for copy in (tmp_path / "work").iterdir():
        assert copy.read_bytes() == (star / "cutouts" / copy.name).read_bytes()
    assert len(list((tmp_path / "work").iterdir())) >= 8


@pytest.fixture
def public_directory():
    """A directory that others can enter, too."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield pathlib.Path(name)


def test_share_with_other_users(archive, public_directory, request):
    """--allow-other, with the same numbers after a remount: what a server needs to export it."""
    shared = Mount(archive, public_directory, options=["--allow-other"])
    request.addfinalizer(shared.down)
    plate = shared.target / shared.plates()[0]
    before = [os.stat(plate / name).st_ino for name in ("cutout.fits", "full.fits")]
    seen = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "ls", plate],
                          capture_output=True, text=True)
    assert "cutout.fits" in seen.stdout.split(), seen.stderr
    shared.again()
    assert [os.stat(plate / name).st_ino for name in ("cutout.fits", "full.fits")] == before


def test_teach_a_class_offline(star, mount, archive, mount_with, tmp_path):
    names = [p.name for p in sorted((star / "cutouts").iterdir())[:3]]
    kept = {name: (star / "cutouts" / name).read_bytes() for name in names}
    mount.down()
    lesson = mount_with("--offline", name="lesson")
    listed = sorted(os.listdir(lesson.path / "Demo_Star" / "cutouts"))
    assert len(listed) > 30                           # everything is listed
    for name in names:
        assert (lesson.path / "Demo_Star" / "cutouts" / name).read_bytes() == kept[name]
    with pytest.raises(OSError) as refused:           # and what is not there says so at once
        (lesson.path / "Demo_Star" / listed[-1].removesuffix(".fits") / "full.fits").read_bytes()
    assert refused.value.errno == errno.ENETUNREACH
    with pytest.raises(OSError):
        os.listdir(lesson.path / "AG_Dra")
    assert archive.requests() == []


@needs("ds9", "xvfb-run")
def test_finding_chart_and_citations(star, tmp_path, artefacts):
    shell("""
        xvfb-run -a ds9 -zscale $T/cutouts/1890-05*.fits -regions load $T/target.reg -regions system wcs -regions save drawn.reg -export png chart.png -exit
        cat $T/CITATION.bib >> refs.bib""", tmp_path, T=star, HOME=tmp_path)
    size, levels = picture(tmp_path / "chart.png")
    assert min(size) > 300 and levels > 50
    drawn = (tmp_path / "drawn.reg").read_text()      # DS9 understood the region
    ra, dec, radius = map(float, re.search(r"circle\(([\d.]+),([\d.]+),([\d.]+)\"\)", drawn).groups())
    assert abs(ra - RA) < 1e-4 and abs(dec - DEC) < 1e-4 and abs(radius - 600) < 0.1
    (artefacts / "chart.png").write_bytes((tmp_path / "chart.png").read_bytes())
    refs = (tmp_path / "refs.bib").read_text()
    assert refs.count("@") >= 3 and "DASCH" in refs and "Acknowledgement:" in refs
    assert refs.count("{") == refs.count("}")
