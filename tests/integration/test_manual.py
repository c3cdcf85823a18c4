# SPDX-License-Identifier: BSD-3-Clause
"""Each example of platefs.toml(5), copied as a new user would, with the addresses of a service that is there."""
import os
import pathlib
import re
import subprocess
import urllib.parse

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS
from conftest import BIN, TARGET
from links_site import LinksSite
from shelf import Shelf, check_cutout, plate, write_plate
from shelf import TARGET as SHELF_TARGET
from starglass_site import StarGlass, exposures_of
from test_servers import DEC, PLATES, RA, check

MANUAL = pathlib.Path(__file__).parents[2] / "tools" / "man" / "platefs.toml.5"
FITS = PLATES[0][1]
PLACE = f"{RA}+{DEC}@120s"
KINDS = {"tap", "siap2", "siap1", "template", "starglass", "table"}


def sections():
    """What stands in the manual for each archive, with the comment before it."""
    text = MANUAL.read_text()
    block = re.search(r"^\.Sh EXAMPLES\n\.Bd -literal.*?\n(.*?)\n\.Ed$", text, re.M | re.S)[1]
    parts = {re.search(r"^\[archive\.([\w-]+)\]", part, re.M): part for part in re.split(r"\n\n+", block)}
    return {found[1]: part.replace("\\e", "\\") + "\n" for found, part in parts.items() if found}


SECTIONS = sections()


class User:
    """One who has copied an example into the configuration file, and mounts that archive."""

    def __init__(self, home, name, change, secrets):
        self.home, self.path = home, home / "mnt"
        file = home / ".config" / "platefs" / "config.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(change(SECTIONS[name]))
        self.path.mkdir()
        self.environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", **secrets}
        self.run("mount", "--archive", name, "--resolver", "none", self.path)

    def run(self, *words):
        done = subprocess.run([BIN / "platefs", *words], timeout=60, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def plates(self, place=PLACE):
        return sorted(entry.name for entry in os.scandir(self.path / place) if entry.is_dir() and "_" in entry.name)

    def cutout(self, place=PLACE, at=0):
        return self.path / place / self.plates(place)[at] / "cutout.fits"

    def close(self):
        if os.path.ismount(self.path):
            self.run("unmount", self.path)


@pytest.fixture
def copied(tmp_path):
    made = []

    def copy(name, change, **secrets):
        made.append(User(tmp_path, name, change, secrets))
        return made[-1]

    yield copy
    for user in made:
        user.close()


@pytest.fixture
def site():
    running = LinksSite(access_format="image/fits", obs_collection="Plates of ours")
    running.row["access_url"] = running.base + "/tap/plate.fits"
    running.pages = {"/tap/plate.fits": ("image/fits", FITS)}
    yield running
    running.close()


def at(base):
    """The addresses of a text, with another server in each."""
    return lambda text: re.sub(r"https://[\w.-]*example\.org", base, text)


def secret(home, name, text):
    file = home / ".config" / "platefs" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o600)


def asked(site):
    (_, _, form), *_ = site.requests("/tap/sync")
    return urllib.parse.parse_qs(form)["QUERY"][0]


def test_every_kind_has_an_example_with_a_comment():
    kinds = {(re.search(r'^kind = "(\w+)"', text, re.M) or [0, "tap"])[1] for text in SECTIONS.values()}
    assert kinds == KINDS
    assert all(text.startswith("# ") and len(text.splitlines()[0]) > 20 for text in SECTIONS.values())


def test_a_tap_service(copied, site, tmp_path):
    secret(tmp_path, "mine.token", "abc\n")
    user = copied("mine", at(site.base))
    check(user.cutout(), PLATES[0][0])
    assert "obs_collection LIKE 'Plates%'" in asked(site)
    assert "We thank the example archive." in (user.path / PLACE / "CITATION.bib").read_text()


def test_one_for_those_who_have_logged_in(copied, site, tmp_path):
    logins = []

    def login(handler, form):
        logins.append(urllib.parse.parse_qs(form))
        return "text/html", b"", 302, {"Location": "/home", "Set-Cookie": "session=1; Path=/"}

    def guarded(handler, form):
        return ("image/fits", FITS) if "session=1" in (handler.headers.get("Cookie") or "") else ("text/plain", b"", 401)

    site.pages = {"/login": login, "/home": ("text/html", b"welcome"), "/tap/plate.fits": guarded}
    secret(tmp_path, "members.form", "username=me\npassword=p\n")
    check(copied("members", at(site.base)).cutout(), PLATES[0][0])
    assert logins == [{"username": ["me"], "password": ["p"]}]


@pytest.mark.parametrize("name, path", [("images", "/siap2/query"), ("older-images", "/siap1/query?")])
def test_simple_image_access(copied, archive, name, path):
    archive.clear_faults()
    base = archive.tap.removesuffix("/tap")
    user = copied(name, lambda text: re.sub(r'(?m)^url = .*$', f'url = "{base}{path}"', text))
    names = user.plates(TARGET)
    assert len(names) > 20
    number = next(i for i, each in enumerate(names) if each.endswith("b01941"))
    with fits.open(user.cutout(TARGET, number)) as hdus:
        x, y = WCS(hdus[0].header).world_to_pixel_values(*(float(word) for word in TARGET.split("+")))
        assert 0 <= x < hdus[0].data.shape[1] and 0 <= y < hdus[0].data.shape[0] and hdus[0].data.std() > 0


def test_a_form(copied, site):
    site.pages = {"/dss": ("image/fits", FITS)}
    user = copied("schmidt", at(site.base))
    assert user.plates() == ["undated_poss1_red"], "the other survey ends at the equator"
    with fits.open(user.cutout()) as hdus:
        assert set(np.unique(hdus[0].data)) <= set(np.unique(PLATES[0][0])) and hdus[0].data.size > 100
    (_, path, _), = site.requests("/dss")
    words = urllib.parse.parse_qs(urllib.parse.urlsplit(path).query)
    assert words["survey"] == ["poss1_red"] and 4 <= float(words["width"][0]) < 4.2 and words["format"] == ["fits"]


def test_starglass_with_a_key(copied):
    harvard = StarGlass(exposures_of(2), key="s3cret")
    try:
        user = copied("dasch", lambda text: text.replace("https://api.starglass.cfa.harvard.edu", harvard.url),
                      DASCHLAB_API_KEY="s3cret")
        assert fits.getdata(user.cutout(TARGET))[0, 0] == 10
        assert {key for _, key in harvard.asked} == {"s3cret"}
    finally:
        harvard.stop()


@pytest.mark.parametrize("name", ["own-schema", "scans"])
def test_tables_of_ones_own_in_tap(copied, site, name):
    check(copied(name, at(site.base)).cutout(), PLATES[0][0])
    query = asked(site)
    assert "dataproduct_type =" not in query and "CONTAINS" not in query and "s_dec BETWEEN" in query
    assert ("FROM plates.scans WHERE" if name == "scans" else "p.jd - 2400000.5 AS t_min") in query


def test_a_list_of_plates_on_a_web_server(copied, tmp_path):
    (tmp_path / "bruce").mkdir()
    rows = {"file": [], "ra": [], "dec": [], "diameter": [], "jd": []}
    for number in range(3):
        write_plate(tmp_path / "bruce" / f"p{number:02d}.fits", number)
        ra, dec = plate(number)[0]["CRVAL1"], plate(number)[0]["CRVAL2"]
        for key, value in zip(rows, (f"p{number:02d}.fits", ra, dec, 240.0, 2415400.5 + number)):
            rows[key].append(value)
    Table(rows).write(tmp_path / "bruce" / "plates.csv", format="ascii.csv")
    shelf = Shelf(tmp_path)
    try:
        user = copied("shelf", at(shelf.url().rstrip("/")))
        names = user.plates(SHELF_TARGET)
        assert [name.split("_")[1] for name in names] == ["p00", "p01", "p02"] and names[0].startswith("1901-01-16")
        for number in range(3):
            check_cutout(user.cutout(SHELF_TARGET, number), number)
    finally:
        user.close()
        shelf.close()


def test_scans_on_this_machine(copied, tmp_path):
    (tmp_path / "scans").mkdir()
    for number in range(3):
        write_plate(tmp_path / "scans" / f"p{number:02d}.fits", number)
    command = re.search(r"platefs (archives index .*)", SECTIONS["scanner"])[1]
    subprocess.run([BIN / "platefs", *(word.replace("~", str(tmp_path)) for word in command.split())], check=True,
                   timeout=60, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}, capture_output=True)
    user = copied("scanner", lambda text: text)
    for number, name in enumerate(user.plates(SHELF_TARGET)):
        check_cutout(user.cutout(SHELF_TARGET, number), number)
    assert number == 2
