# SPDX-License-Identifier: BSD-3-Clause
"""Archives that speak no protocol of the Virtual Observatory: a form that cuts, StarGlass; from the listing to the
pixels."""
import errno
import json
import os
import subprocess

import numpy
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from conftest import BIN, TARGET, xattr
from starglass_site import StarGlass, exposures_of

RA, DEC = (float(word) for word in TARGET.split("+"))


class Mounted:
    """An archive of a configuration file."""

    def __init__(self, base, words, options=(), secrets=None):
        (base / "config" / "platefs").mkdir(parents=True)
        self.file = base / "config" / "platefs" / "config.toml"
        self.file.write_text("[archive.plates]\n" + "".join(f"{key} = {value}\n" for key, value in words.items()))
        self.base, self.path, self.options = base, base / "mnt", options
        self.path.mkdir()
        self.environment = {**os.environ, "XDG_STATE_HOME": str(base / "state"),
                            "XDG_CONFIG_HOME": str(base / "config"), **(secrets or {})}
        self.up()

    def up(self):
        self.run("mount", *self.common(), self.path)

    def common(self):
        return ["--archive", "plates", "--cache-dir", self.base / "cache", "--resolver", "none", *self.options]

    def run(self, *words):
        done = subprocess.run([BIN / "platefs", *words], timeout=240, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def plates(self, target=TARGET):
        return sorted(e.name for e in os.scandir(self.path / target) if e.is_dir() and "_" in e.name)

    def close(self):
        if os.path.ismount(self.path):
            self.run("unmount", self.path)


@pytest.fixture
def mounted(tmp_path):
    made = []

    def make(words, **more):
        made.append(Mounted(tmp_path, words, **more))
        return made[-1]

    yield make
    for each in made:
        each.close()


FORM = {"kind": '"template"',
        "plates": '[{ id = "i00811", title = "Survey I", pixel-scale = 2.0, date-min = "1890-05-17" },'
                  ' { id = "b01941", title = "Survey II", dec-min = -30 },'
                  ' { id = "southern", dec-max = 10 }, { id = "page", value = "no such survey" }]',
        "max-requests": "1"}


@pytest.fixture
def form(mounted, archive):
    archive.clear_faults()
    archive.forget_requests()
    base = archive.tap.removesuffix("/tap")
    return mounted({**FORM, "url": f'"{base}/form?plate={{plate}}&ra={{ra}}&dec={{dec}}&size={{size}}"'})


def test_a_form_lists_its_surveys_where_they_have_sky_without_a_request(form, archive):
    assert form.plates() == ["1890-05-17_i00811", "undated_b01941", "undated_page"]
    assert "undated_southern" in form.plates("10-20")
    assert archive.requests() == []


def test_a_forms_image_is_the_cutout_and_what_is_made_of_it(form, archive):
    plate = form.path / TARGET / "undated_b01941"
    assert sorted(os.listdir(plate)) == ["chart.png", "cutout.fits", "links", "plate.json", "preview.jpg"]
    with fits.open(plate / "cutout.fits") as hdus:
        x, y = WCS(hdus[0].header).world_to_pixel_values(RA, DEC)
        height, width = hdus[0].data.shape
        assert abs(x - width / 2) < 3 and abs(y - height / 2) < 3 and hdus[0].data.std() > 0
        assert hdus[0].header["DATE-OBS"] > "1800"
    assert len(archive.requests("form")) == 1
    for name in (plate / "preview.jpg", form.path / TARGET / "stamps" / "undated_b01941.jpg"):
        assert name.read_bytes()[:3] == b"\xff\xd8\xff"
    with fits.open(form.path / TARGET / "aligned" / "undated_b01941.fits") as hdus:
        assert numpy.nanstd(hdus[0].data) > 0
    assert len(archive.requests("form")) == 1, "all of one answer"
    for folder, suffix in (("cutouts", ".fits"), ("aligned", ".fits"), ("stamps", ".jpg"), ("previews", ".jpg")):
        assert "undated_b01941" + suffix in os.listdir(form.path / TARGET / folder)
    with pytest.raises(OSError) as missing:
        (plate / "full.fits").read_bytes()
    assert missing.value.errno == errno.ENOENT


def test_what_a_form_says_in_a_page_is_no_cutout(form):
    plate = form.path / TARGET / "undated_page"
    with pytest.raises(OSError):
        (plate / "cutout.fits").read_bytes()
    assert "no FITS" in xattr(plate / "cutout.fits", "error")


def test_fetch_brings_what_a_form_has_one_request_at_a_time(form, archive):
    form.close()
    done = subprocess.run([BIN / "platefs", "fetch", TARGET, "--json", *form.common()], env=form.environment,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 3, "one survey is none"
    asked = sorted(archive.requests("form"), key=lambda r: r["started"])
    assert len(asked) == 3
    for one, next_ in zip(asked, asked[1:]):
        assert one["ended"] <= next_["started"] + 0.01


@pytest.fixture
def starglass():
    made = []

    def make(*words, **more):
        made.append(StarGlass(*words, **more))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def words_of(site, stage="public"):
    return {"kind": '"starglass"', "url": f'"{site.url}/{stage}/dasch/dr7"'}


def test_starglass_lists_every_solution_and_cuts_each_by_its_own(mounted, starglass):
    site = starglass(exposures_of(6, unsolved=2, unscanned=1))
    mount = mounted(words_of(site), options=["--radius", "5m"])
    names = mount.plates()
    assert len(names) == 8
    assert "1890-04-15_b00003m0s0" in names and "1890-04-15_b00003m0s1" in names
    for name, value in (("1890-04-15_b00003m0s0", 30), ("1890-04-15_b00003m0s1", 31)):
        with fits.open(mount.path / TARGET / name / "cutout.fits") as hdus:
            assert hdus[0].data[0, 0] == value
            x, y = WCS(hdus[0].header).world_to_pixel_values(RA, DEC)
            assert hdus[0].data[round(float(y)), round(float(x))] == 20000
            assert hdus[0].header["DATE-OBS"].startswith("1890-04-1")
            assert hdus[0].header["EXPTIME"] == 3600
    methods = [method for method, key in site.asked]
    assert methods.count("queryexps") == 1 and set(methods) == {"queryexps", "cutout"}, "cutouts need no other question"
    assert {key for method, key in site.asked} == {None}


def test_what_has_no_solution_is_told_under_unsolved_with_the_reason(mounted, starglass):
    site = starglass(exposures_of(3, unsolved=2, unscanned=1))
    mount = mounted(words_of(site))
    assert len(mount.plates()) == 4
    folder = mount.path / TARGET / "unsolved"
    assert sorted(os.listdir(folder)) == ["1890-05-15_b00004e0.txt", "1890-06-15_b00005e0.txt", "1890-07-15_b00006e0.txt"]
    solved, unscanned = ((folder / name).read_text() for name in ("1890-05-15_b00004e0.txt", "1890-07-15_b00006e0.txt"))
    assert "no astrometric solution" in solved and "b00004" in solved
    assert "not scanned" in unscanned
    assert (folder / "1890-05-15_b00004e0.txt").stat().st_size == len(solved.encode())
    rows = (mount.path / TARGET / "plates.csv").read_text()
    assert "b00001" in rows and "b00004" not in rows
    assert [method for method, key in site.asked] == ["queryexps"]
    with pytest.raises(FileNotFoundError):
        (folder / "1890-02-15_b00001m0s0.txt").read_text()


def test_no_folder_tells_of_nothing(mounted, starglass):
    mount = mounted(words_of(starglass(exposures_of(2))))
    assert "unsolved" not in os.listdir(mount.path / TARGET)


def test_the_whole_scan_of_starglass_is_had_though_the_url_of_before_is_over(mounted, starglass):
    site = starglass(exposures_of(2), signed_for=0)
    mount = mounted(words_of(site))
    plate = mount.path / TARGET / mount.plates()[0]
    assert "full.fits" in os.listdir(plate)
    with pytest.raises(PermissionError):
        (plate / "full.fits").read_bytes()     # over before it was used
    mount.close()
    site.signed_for = 900
    mount.up()
    assert (plate / "full.fits").read_bytes() == site.mosaic("b00001_1.fits.fz")
    with pytest.raises(OSError):
        (plate / "links" / "missing.fits").read_bytes()
    assert [method for method, key in site.asked].count("mosaic_package") == 4, "of two scans, asked for once more"


def test_the_key_of_starglass_goes_to_its_own_host_alone(mounted, starglass):
    site = starglass(exposures_of(2), key="s3cret")
    mount = mounted({**words_of(site, "full"), "token-env": '"DASCHLAB_API_KEY"'},
                    secrets={"DASCHLAB_API_KEY": "s3cret"})
    plate = mount.path / TARGET / mount.plates()[0]
    assert fits.getdata(plate / "cutout.fits")[0, 0] == 10
    assert (plate / "full.fits").stat().st_size > 0
    (plate / "full.fits").read_bytes()
    assert {key for method, key in site.asked} == {"s3cret"}
    assert set(site.files_asked) == {None}
    assert "s3cret" not in (mount.path / ".platefs" / "config.toml").read_text()


def test_300_exposures_of_one_star_come_from_starglass_at_five_requests_a_second(mounted, starglass):
    site = starglass(exposures_of(225), limit=5)
    mount = mounted({**words_of(site), "max-rate": "4.5"})
    assert len(mount.plates()) == 300
    mount.close()
    lines = mount.run("fetch", TARGET, "--json", *mount.common()).splitlines()
    assert lines and json.loads(lines[-1])
    assert len([method for (method, key), status in zip(site.asked, site.statuses)
                if method == "cutout" and status == 200]) == 300
    assert {method for method, key in site.asked} == {"queryexps", "cutout"}, "nothing that cutouts do not need"
    assert site.longest_run_of_refusals() <= 1, "no 429 in a row"
    mount.up()
    assert len(os.listdir(mount.path / TARGET / "cutouts")) == 300
    values = {int(fits.getdata(each.path)[0, 0]) for each in os.scandir(mount.path / TARGET / "cutouts")}
    assert len(values) == 300
