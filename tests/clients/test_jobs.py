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
from conftest import DEC, RA, needs, picture, readme_command, readme_python, shell
from mounted import Mount

M31 = 10.68470833, 41.26875


def arcsec_from(ra, dec, place):
    return 3600 * numpy.hypot((ra - place[0]) * numpy.cos(numpy.radians(place[1])), dec - place[1])


@needs("source-extractor", "gethead", "imcopy")
def test_light_curve_with_sextractor(mount, tmp_path):
    """The demo's star fades and brightens; that every epoch measures it, at its place, is what counts here."""
    (tmp_path / "default.param").write_text("NUMBER\nALPHA_J2000\nDELTA_J2000\nMAG_AUTO\n")
    shell("cp /usr/share/source-extractor/default.{sex,conv,nnw} .", tmp_path)
    curve = shell(readme_command("for f in /mnt/plates/M31/cutouts/*.fits", mount), tmp_path)
    epochs = [line.split() for line in curve.splitlines()]
    assert len(epochs) == 5
    for mjd, name in epochs:
        header = fits.getheader(mount.path / f"M31/cutouts/{name}.fits")
        assert float(mjd) == pytest.approx(header["MJD-OBS"]) and 15000 < float(mjd) < 31000
        rows = [list(map(float, r.split())) for r in (tmp_path / f"{name}.cat").read_text().splitlines()
                if not r.startswith("#")]
        assert len(rows) > 10, name
        height, width = header["NAXIS2"], header["NAXIS1"]
        ra, dec = WCS(header).wcs_pix2world([[width / 2, height / 2]], 1)[0]
        assert arcsec_from(ra, dec, M31) < 10
        assert all(arcsec_from(r[1], r[2], M31) < 1000 for r in rows), name


def test_pictures_for_a_talk(mount, tmp_path):
    shell(readme_command("cp /mnt/plates/M31/blink.gif", mount), tmp_path)
    assert (tmp_path / "blink.gif").read_bytes().startswith(b"GIF89a")
    assert (tmp_path / "contact.jpg").read_bytes().startswith(b"\xff\xd8")


def test_light_curve_measures_the_star_at_every_epoch(mount, solved_cutouts, tmp_path):
    (tmp_path / "default.param").write_text("NUMBER\nALPHA_J2000\nDELTA_J2000\nMAG_AUTO\n")
    shell("cp /usr/share/source-extractor/default.{sex,conv,nnw} .", tmp_path)
    command = readme_command("for f in /mnt/plates/M31/cutouts/*.fits", mount)
    few = " ".join(map(str, solved_cutouts[:12]))
    curve = shell(command.replace(f"{mount.path}/M31/cutouts/*.fits", few), tmp_path)
    measured = 0
    for line in curve.splitlines():
        rows = [list(map(float, r.split())) for r in (tmp_path / f"{line.split()[1]}.cat").read_text().splitlines()
                if not r.startswith("#")]
        measured += any(arcsec_from(r[1], r[2], (RA, DEC)) < 20 for r in rows)
    assert measured >= 8


def test_forced_photometry_with_photutils(mount, tmp_path):
    pytest.importorskip("photutils.aperture", reason="needs python3-photutils")
    (tmp_path / "photometry.py").write_text(readme_python(mount))
    lines = shell("/usr/bin/python3 -W ignore photometry.py", tmp_path).splitlines()
    dates, sums = zip(*(map(float, line.split()) for line in lines))
    assert len(lines) == 5 and list(dates) == sorted(dates) and numpy.isfinite(sums).all()
    dated = [fits.getheader(p)["MJD-OBS"] for p in sorted((mount.path / "M31/cutouts").iterdir())]
    assert list(dates) == pytest.approx(dated)


def test_forced_photometry_of_every_plate_that_is_solved(solved_cutouts):
    photutils = pytest.importorskip("photutils.aperture", reason="needs python3-photutils")
    from astropy import units
    from astropy.coordinates import SkyCoord
    aperture = photutils.SkyCircularAperture(SkyCoord(RA, DEC, unit="deg"), r=20 * units.arcsec)
    years = []
    for path in solved_cutouts:
        data, header = fits.getdata(path, header=True)
        dark = numpy.median(data) - data.astype(float)
        star = float(photutils.aperture_photometry(dark, aperture, wcs=WCS(header))["aperture_sum"][0])
        # A star, and a bright one: dark on the negatives.
        assert numpy.isfinite(star) and star > 0, path.name
        years.append(int(header["DATE-OBS"][:4]) if "DATE-OBS" in header else None)
    dated = [y for y in years if y]
    assert len(dated) >= 25 and dated == sorted(dated)


@needs("stilts")
def test_timeline_and_footprints_with_stilts(star, mount, tmp_path, artefacts):
    shell(readme_command("stilts plot2time", mount, "Demo_Star"), tmp_path)
    shell(readme_command("stilts tpipe", mount, "Demo_Star"), tmp_path)
    shell("stilts plot2sky layer1=mark in1=$T/plates.vot lon1=s_ra lat1=s_dec out=sky.png", tmp_path, T=star)
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
    command = readme_command('cd "/mnt/plates/10:24:02.7 +48:08:51@2m"', mount)
    count, *late = shell(command, tmp_path).split()
    assert int(count) == len(mount.plates()) and late == sorted(late) and len(late) == 5
    target = mount.path / "10:24:02.7 +48:08:51@2m"
    shell('cp "$T"/cutouts/1890-05-17_i00811.fits small.fits', tmp_path, T=target)
    header = fits.getheader(tmp_path / "small.fits")
    scale = 3600 * numpy.sqrt(abs(numpy.linalg.det(WCS(header).pixel_scale_matrix)))
    assert abs(header["NAXIS1"] * scale - 240) < 3 * scale


@needs("jq")
def test_a_question_of_a_script(person, archive):
    early = person.types_of_readme("platefs query M31 --json").split()
    assert [name[:4] for name in early] == ["1900", "1911", "1913"]
    assert len(archive.requests("tap")) == 1
    table = person.types("COLUMNS=60 platefs query M31")
    assert all(len(line) <= 60 for line in table.splitlines()) and "1900-08-01" in table


STARS = """name,ra,dec
Andromeda,10.6847,41.2688
at zero,23:59:55.2,-30:12:00
nowhere,10,-85
"""


def test_many_stars_ahead_of_time(person, archive):
    (person.home / "work/stars.csv").write_text(STARS)
    command = readme_command("platefs fetch --targets stars.csv", person.plates)
    planned = person.types("platefs fetch --targets stars.csv --radius 5m --dry-run --json").splitlines()
    assert json.loads(planned[-1])["planned"] == 6 and archive.requests("soda", "file") == []
    assert person.types(command).strip() == "0"
    report = [json.loads(line) for line in (person.home / "work/report.jsonl").read_text().splitlines()]
    files = [line for line in report if line["event"] == "file"]
    assert {f["target"] for f in files} == {"Andromeda", "at zero"} and len(files) == 6
    assert all(f["state"] == "fetched" and f["size"] > 2880 for f in files)
    # The same again: what is there is not fetched, however often the job runs.
    archive.forget_requests()
    assert person.types(command).strip() == "0"
    again = [json.loads(line) for line in (person.home / "work/report.jsonl").read_text().splitlines()]
    assert {line["state"] for line in again if line["event"] == "file"} == {"cached"}
    assert archive.requests() == []


def test_many_stars_of_which_some_fail(person, archive):
    (person.home / "work/stars.csv").write_text(STARS)
    archive.set_faults({"match": {"kind": "soda", "path": "mc"}, "fault": "status", "status": 500},
                       {"match": {"kind": "file", "path": "mc"}, "fault": "status", "status": 500})
    command = readme_command("platefs fetch --targets stars.csv", person.plates)
    assert person.types(command).strip() == "3"
    report = [json.loads(line) for line in (person.home / "work/report.jsonl").read_text().splitlines()]
    failed = [line for line in report if line.get("state") == "failed"]
    assert failed and all("mc" in f["plate"] and f["error"] for f in failed)
    archive.clear_faults()
    assert person.types(command).strip() == "0"


@needs("rsync", "SWarp", "xargs")
def test_batch_over_many_files(star, mount, solved_cutouts, tmp_path):
    shell(f"{readme_command('rsync -a', mount, 'Demo_Star')} 2>/dev/null || [ $? -eq 23 ]", tmp_path)
    shell("ls $FILES | xargs -P8 -n1 cksum > sums", tmp_path, FILES=" ".join(map(str, solved_cutouts)))
    shell(readme_command("SWarp /mnt/plates/M31/cutouts/*.fits", mount), tmp_path)
    with fits.open(tmp_path / "stack.fits") as stack:
        x, y = WCS(stack[0].header).world_to_pixel_values(*M31)
        data = stack[0].data
    assert 0 < x < data.shape[1] and 0 < y < data.shape[0]
    assert numpy.count_nonzero(data) > 0.9 * data.size / 2
    copies = list((tmp_path / "work").iterdir())
    assert len(copies) >= 12 and all(copy.name.startswith("189") for copy in copies)
    for copy in copies:
        assert copy.read_bytes() == (star / "cutouts" / copy.name).read_bytes()


@pytest.fixture
def public_directory():
    """A directory that others can enter, too."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield pathlib.Path(name)


def test_share_with_other_users(archive, public_directory, request):
    """--allow-other, with the same numbers after a remount: what a server needs to export it."""
    assert readme_command("platefs mount --allow-other", "/mnt/plates") == "platefs mount --allow-other /mnt/plates"
    shared = Mount(archive, public_directory, options=["--allow-other"])
    request.addfinalizer(shared.down)
    plate = shared.target / shared.plates()[0]
    before = [os.stat(plate / name).st_ino for name in ("cutout.fits", "full.fits")]
    seen = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "ls", plate],
                          capture_output=True, text=True)
    assert "cutout.fits" in seen.stdout.split(), seen.stderr
    shared.again()
    assert [os.stat(plate / name).st_ino for name in ("cutout.fits", "full.fits")] == before


def test_teach_a_class_offline(person, archive):
    person.types_of_readme("platefs fetch --pin M31")
    pinned = [f for f in json.loads(person.types("platefs cache list --json")) if f["pinned"]]
    assert len([f for f in pinned if f["file"] == "cutout.fits"]) == 5
    archive.forget_requests()
    person.types_of_readme("platefs mount --offline")
    lesson = pathlib.Path(person.plates)
    cutouts = sorted((lesson / "M31/cutouts").iterdir())
    assert len(cutouts) == 5 and "M31" in os.listdir(lesson)
    for path in cutouts:
        assert arcsec_from(*WCS(fits.getheader(path)).wcs.crval, M31) < 3600
        assert os.getxattr(path, "user.platefs.state") == b"cached" and path.stat().st_blocks > 0
    # What is not there says so at once, and why; nobody is asked.
    for missing in (cutouts[0].stem + "/full.fits", cutouts[0].stem + "/preview.jpg"):
        assert os.stat(lesson / "M31" / missing).st_blocks == 0
        with pytest.raises(OSError) as refused:
            (lesson / "M31" / missing).read_bytes()
        assert refused.value.errno == errno.ENETUNREACH
    with pytest.raises(OSError):
        os.listdir(lesson / "AG_Dra")
    assert archive.requests() == []


def test_a_cache_can_be_carried_to_another_machine(person, archive):
    person.types("platefs fetch M31 --what cutout,preview")
    person.types("cp -r ~/.cache/platefs lesson && rm -r ~/.cache/platefs ~/.config/platefs/config.toml")
    archive.forget_requests()
    person.types(f"platefs mount --offline --archive {archive.tap} --cache-dir lesson {person.plates}")
    previews = sorted(pathlib.Path(person.plates, "M31/previews").iterdir())
    assert len(previews) == 5 and all(p.read_bytes().startswith(b"\xff\xd8") for p in previews)
    assert archive.requests() == []


@needs("ds9", "xvfb-run")
def test_finding_chart_and_citations(mount, tmp_path, artefacts):
    chart = readme_command("ds9 -zscale /mnt/plates/M31/cutouts/1888*.fits", mount, "Demo_Star")
    # Before it ends, it also tells what it understood of the region.
    chart = chart.replace(" -export", " -regions system wcs -regions save drawn.reg -export")
    shell(f"xvfb-run -a {chart}", tmp_path, HOME=tmp_path)
    shell(readme_command("cat /mnt/plates/M31/CITATION.bib", mount, "Demo_Star"), tmp_path)
    size, levels = picture(tmp_path / "chart.png")
    assert min(size) > 300 and levels > 50
    drawn = (tmp_path / "drawn.reg").read_text()      # DS9 understood the region
    ra, dec, radius = map(float, re.search(r"circle\(([\d.]+),([\d.]+),([\d.]+)\"\)", drawn).groups())
    assert abs(ra - RA) < 1e-4 and abs(dec - DEC) < 1e-4 and abs(radius - 600) < 0.1
    (artefacts / "chart.png").write_bytes((tmp_path / "chart.png").read_bytes())
    refs = (tmp_path / "refs.bib").read_text()
    assert refs.count("@") >= 3 and "DASCH" in refs and "Acknowledgement:" in refs
    assert refs.count("{") == refs.count("}")
