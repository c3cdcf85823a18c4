#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""platefs mounted on GAVO DaCHS gives what pyvo and astropy get from it by hand, file by file.

Each function is one promise. The plates and their troubles are in make_plates.py, what pyvo gets is in oracle.py; nothing here
knows what a plate should give but by asking the server itself. Run it by ctest, or by hand as README.md says. Environment:
PLATEFS_BIN_DIR is where `platefs` is (else PATH), PLATEFS_DACHS_STATE is the state directory of a started `server`.
"""

import csv
import errno
import io
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid
import warnings

SKIPPED = 77
STATE = os.environ.get("PLATEFS_DACHS_STATE", "")
BIN_DIR = os.environ.get("PLATEFS_BIN_DIR", "")


def reason_to_skip():
    """Why nothing can be tested here, or an empty string."""
    for module in ("pytest", "pyvo", "astropy", "requests", "numpy", "PIL"):
        try:
            __import__(module)
        except ImportError:
            return f"/usr/bin/python3 has no {module} (`server start --install` installs it)"
    if not STATE or not pathlib.Path(STATE, "server.json").exists():
        return f"no DaCHS was started in PLATEFS_DACHS_STATE={STATE!r} (`server start --state DIR`)"
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "/dev/fuse cannot be opened: nothing can be mounted"
    if programme() is None:
        return f"there is no programme `platefs` in PLATEFS_BIN_DIR={BIN_DIR!r} or PATH"
    return ""


def programme():
    return shutil.which("platefs", path=BIN_DIR or None)


if reason_to_skip():
    print(f"skipped: {reason_to_skip()}")
    if __name__ == "__main__":
        sys.exit(SKIPPED)
    import pytest
    pytest.skip(reason_to_skip(), allow_module_level=True)

# pylint: disable=wrong-import-position
import numpy as np
import pytest
import requests
from astropy import units
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.io.votable import parse_single_table
from astropy.table import Table
from astropy.time import Time
from astropy.utils.exceptions import AstropyWarning
from astropy.wcs import WCS

import oracle
from make_plates import TARGET_DEC, TARGET_RA, TWICE

TARGET = f"{TARGET_RA!r}+{TARGET_DEC!r}"
LIMIT_SECONDS = 120                 # of a test: a file system that hangs is to fail here, not to hang the suite
IMAGE_FILES = ("cutout.fits", "full.fits", "preview.jpg")
warnings.simplefilter("ignore", AstropyWarning)


# ---------------------------------------------------------------- the mount

class Mount:
    """One `platefs mount` of the server's TAP service, and names for what is in it."""

    def __init__(self, root, tap, cache):
        self.point, self.tap, self.cache = root / "mnt", tap, cache
        self.root = root
        self.environment = {**os.environ, "XDG_CONFIG_HOME": str(root / "config"), "XDG_CACHE_HOME": str(root / "cache")}

    def __enter__(self):
        self.point.mkdir(parents=True, exist_ok=True)
        self.run("mount", "--archive", self.tap, "--cache-dir", str(self.cache), str(self.point))
        return self

    def __exit__(self, *_):
        log = self.point / ".platefs/log.txt"
        try:
            (self.root / "log.txt").write_bytes(log.read_bytes())        # pytest keeps it for who wants to know
        except OSError:
            pass
        try:
            self.run("unmount", str(self.point))
        except AssertionError:
            subprocess.run(["fusermount3", "-uz", self.point], check=False)
            raise

    def run(self, *arguments):
        # Not captured by pipes: the daemon inherits them, and waiting for their end would be waiting for the unmount.
        with open(self.root / "platefs.out", "w+b") as output:
            done = subprocess.run([programme(), *arguments], check=False, stdin=subprocess.DEVNULL, stdout=output,
                                  stderr=output, env=self.environment, timeout=60)
            output.seek(0)
            said = output.read().decode(errors="replace")
        assert done.returncode == 0, f"platefs {' '.join(arguments)} exits with {done.returncode}: {said}"

    @property
    def target(self):
        return self.point / TARGET

    def table(self):
        return parse_single_table(io.BytesIO((self.target / "plates.vot").read_bytes())).to_table()

    def names(self):
        """The directory of each plate, by DID: as the table of the target says."""
        table = self.table()
        return {oracle.text(row["obs_publisher_did"]): oracle.text(row["plate"]) for row in table}

    def directories(self):
        return sorted(entry.name for entry in os.scandir(self.target)
                      if entry.is_dir() and entry.name not in ("aligned", "by-collection", "by-decade", "cutouts",
                                                               "previews", "stamps"))


def attribute(path, name):
    """An extended attribute `user.platefs.NAME`; an empty string where there is none."""
    try:
        return os.getxattr(path, f"user.platefs.{name}").decode()
    except OSError as error:
        if error.errno == errno.ENODATA:
            return ""
        raise


def error_of(path):
    """errno of opening and reading the file; None if both work."""
    try:
        path.read_bytes()
    except OSError as error:
        return error.errno
    return None


# ---------------------------------------------------------------- the logs of the servers

class Logs:
    """The requests that DaCHS and nginx served, as (method, path with query, status)."""
    DACHS = re.compile(r"\"'(\w+)' '([^']*)' 'HTTP/[\d.]+'\" (\d+)")
    FILES = re.compile(r"^(\w+) (\S+) (\d+) \d+")

    def __init__(self, facts):
        self.facts = facts
        self.paths = {pathlib.Path(facts["dachs_log"]): self.DACHS, pathlib.Path(facts["files_log"]): self.FILES}
        self.sizes = {}

    def mark(self):
        self.settle()
        self.sizes = {path: path.stat().st_size for path in self.paths}

    def since(self):
        """Requests since mark()."""
        self.settle()
        found = []
        for path, pattern in self.paths.items():
            with open(path, "rb") as log:
                log.seek(self.sizes[path])
                lines = log.read().decode(errors="replace").splitlines()
            found += [match.groups() for match in map(pattern.search, lines) if match]
        return [request for request in found if "settled" not in request[1]]

    def settle(self):
        """Both log at the end of a request: once a request of our own is logged, so are all that ended before it."""
        token = f"settled-{uuid.uuid4().hex}"
        for base in (self.facts["url"] + "/static/", self.facts["files"] + "/"):
            requests.get(base + token, timeout=30)
        deadline = time.monotonic() + 20
        while not all(token.encode() in path.read_bytes() for path in self.paths):
            assert time.monotonic() < deadline, "a server does not write its log"
            time.sleep(0.05)


def queries(served):
    return [request for request in served if re.match(r"/+tap/(a?sync)", request[1])]


def images(served):
    """Those that were answered with an image: a product that is a DataLink is redirected to its document."""
    return [request for request in served
            if re.search(r"/getproduct/|/static/|/dlget|/files/", request[1]) and request[2][0] != "3"]


# ---------------------------------------------------------------- fixtures

@pytest.fixture(autouse=True)
def _time_limit(request):
    def too_long(*_):
        raise TimeoutError(f"{request.node.name} took longer than {LIMIT_SECONDS} s")
    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(LIMIT_SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session", name="facts")
def _facts():
    return json.loads(pathlib.Path(STATE, "server.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session", name="asked")
def _asked(facts):
    """What pyvo finds: (plates, table)."""
    return oracle.plates(facts["tap"])


@pytest.fixture(scope="session", name="plates")
def _plates(asked):
    return asked[0]


@pytest.fixture(scope="session", name="mount")
def _mount(facts, tmp_path_factory):
    root = tmp_path_factory.mktemp("mount")
    with Mount(root, facts["tap"], root / "platefs-cache") as mount:
        yield mount


@pytest.fixture(scope="session", name="where")
def _where(mount):
    """The directory of a plate of the oracle's."""
    names = mount.names()
    return lambda plate: mount.target / names[plate.did]


@pytest.fixture(name="logs")
def _logs(facts):
    return Logs(facts)


def those(plates, *how):
    """The plates whose cutout is expected to come about in one of these ways; some there must be."""
    chosen = [plate for plate in plates if plate.expected.how in how]
    assert chosen, f"the server has no plate for {how}: make_plates.py and this test do not agree"
    return chosen


# ---------------------------------------------------------------- the oracle itself

def test_the_server_offers_every_way_of_making_a_cutout_and_of_failing(plates):
    assert {plate.expected.how for plate in plates} == {"soda", "trimmed", "cutout", "failed", "absent"}
    statuses = {step for plate in plates for step in plate.expected.tried}
    assert {"SODA 200", "SODA 204", "SODA 500", "GET 200", "GET 401", "GET 404"} <= statuses


def test_dachs_cuts_the_pixels_that_astropy_cuts(plates):
    for plate in those(plates, "soda", "trimmed"):
        answer, full = oracle.Image(plate.expected.content), oracle.Image(plate.full)
        assert np.array_equal(full.section(corner(answer, full), answer.shape).data, answer.pixels), plate


# ---------------------------------------------------------------- 1 the list of plates

def test_the_plates_of_a_target_are_those_that_pyvo_finds(mount, plates):
    assert sorted(mount.names()) == sorted(plate.did for plate in plates)
    assert mount.directories() == sorted(mount.names().values())


def test_every_file_of_a_plate_tells_its_publisher_did(plates, where):
    for plate in plates:
        files = [entry for entry in where(plate).iterdir() if entry.name in IMAGE_FILES]
        for path in files:
            assert attribute(path, "did") == plate.did, path


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
    expected, found = asked[1], mount.table()
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
    assert sorted(from_csv) == sorted(mount.names())


def test_plates_vot_adds_dates_separation_and_paths(mount, plates, where):
    rows = {oracle.text(row["obs_publisher_did"]): row for row in mount.table()}
    place = oracle.target()
    for plate in plates:
        row = rows[plate.did]
        centre = SkyCoord(plate.record["s_ra"] * units.deg, plate.record["s_dec"] * units.deg)
        assert float(row["separation"]) == pytest.approx(place.separation(centre).deg, abs=1e-9)
        if plate.expected.content:
            path = pathlib.Path(oracle.text(row["cutout_path"]))
            assert path.is_relative_to(mount.point), path
            assert path.stat().st_ino == (where(plate) / "cutout.fits").stat().st_ino, path
        if plate.t_min is not None:
            assert float(row["jyear"]) == pytest.approx(Time(plate.t_min, format="mjd").jyear, abs=1e-6)
            assert oracle.text(row["date_min"])[:10] == Time(plate.t_min, format="mjd").isot[:10]


# ---------------------------------------------------------------- 2 cutouts by SODA

def test_a_soda_cutout_is_the_servers_answer_byte_for_byte(plates, where):
    for plate in those(plates, "soda"):
        path = where(plate) / "cutout.fits"
        assert path.read_bytes() == plate.expected.content, plate
        assert attribute(path, "source") == "soda", plate


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
        assert attribute(path, "source") == "soda", plate


# ---------------------------------------------------------------- 3, 4 whole plates and previews

def test_full_fits_is_the_scan_of_highest_resolution_byte_for_byte(plates, where):
    for plate in plates:
        if plate.full is not None:
            path = where(plate) / "full.fits"
            assert path.read_bytes() == plate.full, plate
            assert attribute(path, "source") == "download", plate


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


# ---------------------------------------------------------------- 5 cutouts made here

def corner(part, whole):
    """The pixel (x, y, 0-based) of `whole` that is the first pixel of `part`: reference pixels move by whole pixels."""
    moved = [whole.header[key] - part.header[key] for key in ("CRPIX1", "CRPIX2")]
    assert all(abs(shift - round(shift)) < 1e-9 for shift in moved), f"the reference pixel moved by {moved}"
    return [round(shift) for shift in moved]


@pytest.fixture(scope="session", name="made_here")
def _made_here(plates, where):
    """(plate, path, its image, image of the whole plate) of each cutout that no service makes."""
    paths = [(plate, where(plate) / "cutout.fits") for plate in those(plates, "cutout")]
    return [(plate, path, oracle.Image(path.read_bytes()), oracle.Image(plate.expected.content)) for plate, path in paths]


def test_a_plate_without_soda_is_cut_here(made_here):
    assert {attribute(path, "source") for _, path, *_ in made_here} == {"cutout"}


def test_a_plate_whose_soda_fails_is_cut_here_from_the_whole_plate(made_here):
    refused = [plate for plate, *_ in made_here if any(step.startswith("SODA") for step in plate.expected.tried)]
    assert refused, "no plate has a service that fails"
    for plate, path, found, full in made_here:
        if plate in refused:
            assert attribute(path, "source") == "cutout"
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


# ---------------------------------------------------------------- 6 what fails

def test_a_plate_with_two_exposures_shows_both_epochs_each_with_its_place(mount):
    ra, dec = TWICE[0] + 0.06, TWICE[1] - 0.03
    field = mount.point / f"{ra!r}+{dec!r}"
    names = sorted(name for name in os.listdir(field) if name.endswith("_hs00029"))
    assert names == ["1932-04-02_hs00029", "1933-05-11_hs00029"]
    whole = (field / names[0] / "full.fits").read_bytes()
    assert (field / names[1] / "full.fits").read_bytes() == whole
    assert attribute(field / names[0], "did") == attribute(field / names[1], "did")
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
        assert attribute(field / name / "cutout.fits", "exposure") == ("primary" if letter == " " else letter)


def test_a_cutout_that_cannot_be_had_is_an_error_with_its_reason(plates, where):
    for plate in those(plates, "failed"):
        path = where(plate) / "cutout.fits"
        refused = "GET 401" in plate.expected.tried
        assert error_of(path) in ((errno.EIO, errno.EACCES) if refused else (errno.EIO,)), plate
        assert attribute(path, "error"), plate
        assert attribute(path, "state") == "failed", plate


def test_a_plate_that_no_link_leads_to_has_no_cutout(plates, where):
    for plate in those(plates, "absent"):
        assert error_of(where(plate) / "cutout.fits") in (errno.ENOENT, errno.EIO), plate


def test_a_vanished_scan_is_an_error_and_never_a_file(plates, where):
    vanished = [plate for plate in plates if plate.expected.tried == ("GET 404",)]
    assert vanished
    for plate in vanished:
        path = where(plate) / "full.fits"
        assert error_of(path) in (errno.EIO, errno.ENOENT), plate
        if path.exists():
            assert "404" in attribute(path, "error"), plate


def test_a_scan_that_is_not_public_is_eacces(plates, where):
    private = [plate for plate in plates if "GET 401" in plate.expected.tried]
    assert private
    for plate in private:
        assert error_of(where(plate) / "full.fits") == errno.EACCES, plate


def test_errors_txt_names_every_plate_that_failed(mount, plates, where):
    failed = those(plates, "failed")
    for plate in failed:
        error_of(where(plate) / "cutout.fits")
    said = (mount.target / "errors.txt").read_text(encoding="utf-8")
    lacking = [plate for plate in failed if where(plate).name not in said and plate.did not in said]
    assert not lacking, f"errors.txt does not speak of {lacking}:\n{said}"


def test_previews_work_where_the_cutout_fails(plates, where):
    shown = [plate for plate in those(plates, "failed") if plate.preview is not None]
    assert shown
    for plate in shown:
        assert (where(plate) / "preview.jpg").read_bytes() == plate.preview, plate


# ---------------------------------------------------------------- 7 laziness

@pytest.fixture(name="fresh")
def _fresh(facts, tmp_path):
    """Makes mounts with a cache that nothing is in yet: enter it as often as a remount is wanted."""
    return lambda: Mount(tmp_path, facts["tap"], tmp_path / "platefs-cache")


def test_entering_a_target_is_one_query(fresh, logs):
    with fresh() as mount:
        logs.mark()
        assert mount.directories()
        served = logs.since()
        assert len(queries(served)) == 1, served


def test_entering_it_again_is_no_query_not_even_after_a_remount(fresh, logs):
    with fresh() as mount:
        first = mount.directories()
        logs.mark()
        assert mount.directories() == first
        assert not queries(logs.since())
    with fresh() as mount:
        assert mount.directories() == first
        assert not queries(logs.since())


def test_two_spellings_of_a_place_share_one_query(fresh, logs):
    with fresh() as mount:
        assert mount.directories()
        logs.mark()
        assert sorted(os.listdir(mount.point / f"{TARGET_RA!r}0+{TARGET_DEC!r}")) == sorted(os.listdir(mount.target))
        assert not queries(logs.since())


def test_many_targets_are_one_query_with_the_plates_of_single_ones(facts, logs, tmp_path):
    targets = [f"{TARGET_RA + 0.02 * (i % 7 - 3)!r}+{TARGET_DEC + 0.02 * (i // 7 - 3)!r}" for i in range(49)] + ["10.5-80.25"]
    seen = {}
    for how in ("together", "alone"):
        with Mount(tmp_path / how, facts["tap"], tmp_path / how / "cache") as mount:
            logs.mark()
            options = ["--dry-run", "--archive", facts["tap"], "--cache-dir", str(mount.cache)]
            for some in [targets] if how == "together" else [[target] for target in targets[::6] + targets[-1:]]:
                mount.run("fetch", *some, *options)
            served = logs.since()
            assert len(queries(served)) == (1 if how == "together" else len(targets[::6]) + 1), served
            logs.mark()
            seen[how] = [(mount.point / target / "plates.csv").read_text().replace(str(mount.root), "")
                         for target in targets[::6] + targets[-1:]]
            seen[how] += [sorted(os.listdir(mount.point / target)) for target in targets[::6]]
            # These rows name a file: only the service of links that came along with the table leads to more.
            loose = sorted((mount.point / targets[0]).glob("*_hs*/datalink.vot"))
            assert loose and all(b"VOTABLE" in document.read_bytes() for document in loose)
            assert not queries(logs.since())
    assert seen["together"] == seen["alone"]


@pytest.mark.parametrize("walk", [["find", "."], ["ls", "-lR"], ["du", "-a"]], ids=["find", "ls", "du"])
def test_walking_the_tree_fetches_no_image(fresh, logs, walk):
    with fresh() as mount:
        logs.mark()
        done = subprocess.run(walk, cwd=mount.target, check=False, capture_output=True, text=True, timeout=LIMIT_SECONDS)
        assert done.returncode == 0, done.stderr
        assert "cutout.fits" in done.stdout
        assert not images(logs.since())


def test_reading_a_cutout_again_asks_nobody_not_even_after_a_remount(fresh, logs, plates):
    plate = those(plates, "soda")[0]
    with fresh() as mount:
        first = (mount.target / mount.names()[plate.did] / "cutout.fits").read_bytes()
        logs.mark()
        assert (mount.target / mount.names()[plate.did] / "cutout.fits").read_bytes() == first
    with fresh() as mount:
        assert (mount.target / mount.names()[plate.did] / "cutout.fits").read_bytes() == first
        assert not images(logs.since())


def test_names_that_are_no_targets_ask_nobody(fresh, logs):
    with fresh() as mount:
        logs.mark()
        for name in (".git", ".Trash-0", "autorun.inf", "HEAD", "400+95"):
            assert not (mount.point / name).exists(), name
        assert not logs.since()


# ---------------------------------------------------------------- 8 DataLink

def test_datalink_vot_has_the_rows_of_a_direct_request(plates, where):
    for plate in plates:
        table = parse_single_table(io.BytesIO((where(plate) / "datalink.vot").read_bytes())).to_table()
        rows = [(oracle.text(row["semantics"]), oracle.text(row["access_url"]), oracle.text(row["content_type"]),
                 oracle.length(row["content_length"]), oracle.text(row["error_message"]))
                for row in table if oracle.text(row["ID"]) == plate.did]
        assert sorted(map(repr, rows)) == sorted(map(repr, plate.links)), plate


# ---------------------------------------------------------------- 9 attributes

def may_be_had(path):
    return path.exists() and os.getxattr(path, "user.platefs.state") != b"failed"


def test_mtime_is_the_beginning_of_the_exposure(mount, plates, where):
    for plate in plates:
        if plate.t_min is not None:
            begin = (plate.t_min - 40587) * 86400
            for name in ("cutout.fits", "full.fits"):
                path = where(plate) / name
                if path.exists():
                    assert abs(path.stat().st_mtime - begin) <= 1, path
    newest = subprocess.run(["find", mount.target / "cutouts", "-name", "*.fits", "!", "-newermt", "1900-01-01"],
                            check=True, capture_output=True, text=True, timeout=LIMIT_SECONDS).stdout.split()
    old = [plate for plate in plates if plate.t_min is not None and plate.t_min < Time("1900-01-01").mjd]
    # What is known to fail can be opened in the plate's folder, and is not listed among the cutouts.
    assert {where(plate).name for plate in old if may_be_had(where(plate) / "cutout.fits")} == {
        pathlib.Path(path).stem for path in newest}


def test_st_size_is_exact_once_a_file_is_open(fresh, plates):
    with fresh() as mount:
        names = mount.names()
        for plate in [those(plates, "soda")[0], those(plates, "cutout")[-1], those(plates, "trimmed")[0]]:
            for name in IMAGE_FILES:
                path = mount.target / names[plate.did] / name
                assert path.stat().st_size > 0, path
                with open(path, "rb", buffering=0) as file:
                    size = os.fstat(file.fileno()).st_size
                    assert len(file.readall()) == size == path.stat().st_size, path


def test_two_names_of_a_cutout_are_one_inode(mount, plates, where):
    for plate in those(plates, "soda", "cutout"):
        name = where(plate).name
        for one, other in ((mount.target / "cutouts" / f"{name}.fits", where(plate) / "cutout.fits"),
                           (mount.target / "previews" / f"{name}.jpg", where(plate) / "preview.jpg")):
            assert one.exists() == other.exists(), one
            if other.exists():
                assert (one.stat().st_ino, one.stat().st_nlink) == (other.stat().st_ino, 2), one


def test_tar_stores_the_bytes_that_cat_reads(mount, plates, where, tmp_path):
    chosen = those(plates, "soda")[:3] + those(plates, "cutout")[:3]
    archive = tmp_path / "cutouts.tar"
    files = [f"cutouts/{where(plate).name}.fits" for plate in chosen]
    subprocess.run(["tar", "-cf", archive, "-C", mount.target, *files], check=True, timeout=LIMIT_SECONDS)
    subprocess.run(["tar", "-xf", archive, "-C", tmp_path], check=True, timeout=LIMIT_SECONDS)
    for plate, name in zip(chosen, files):
        assert (tmp_path / name).read_bytes() == (where(plate) / "cutout.fits").read_bytes()


def test_the_tree_is_read_only(mount, plates, where):
    path = where(plates[0])
    for change in (lambda: (path / "new").write_text("x"), lambda: (path / "cutout.fits").unlink(),
                   lambda: os.rename(path, str(path) + "x"), lambda: (mount.target / "new").mkdir()):
        with pytest.raises(OSError) as refused:
            change()
        assert refused.value.errno == errno.EROFS


if __name__ == "__main__":
    sys.exit(pytest.main([__file__, "-p", "no:cacheprovider", "-q", "-W", "ignore", "--tb=short", *sys.argv[1:]]))
