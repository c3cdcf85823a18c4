# SPDX-License-Identifier: BSD-3-Clause
"""Archives that are asked in other ways than by a synchronous TAP query with geometry: from the listing to the pixels."""
import json
import os
import subprocess

import pytest
from astropy.io import fits
from conftest import BIN, TARGET, Archive, Mount


class Kind:
    """The demo archive as an archive of a configuration file."""

    def __init__(self, archive, base, words):
        self.archive, self.base = archive, base
        (base / "config" / "platefs").mkdir(parents=True)
        (base / "config" / "platefs" / "config.toml").write_text(
            "[archive.plates]\n" + "".join(f"{key} = {value}\n" for key, value in words.items()))
        self.path = base / "mnt"
        self.path.mkdir()
        self.environment = {**os.environ, "XDG_STATE_HOME": str(base / "state"),
                            "XDG_CONFIG_HOME": str(base / "config")}
        self.run("mount", "--archive", "plates", "--cache-dir", base / "cache", "--resolver", "none", self.path)

    def run(self, *words):
        return subprocess.run([BIN / "platefs", *words], check=True, timeout=60, env=self.environment,
                              capture_output=True, text=True).stdout

    def plates(self):
        return sorted(e.name for e in os.scandir(self.path / TARGET) if e.is_dir() and "_" in e.name)

    def close(self):
        if os.path.ismount(self.path):
            self.run("unmount", self.path)


@pytest.fixture
def kind(archive, tmp_path):
    made = []

    def make(served_by=None, **words):
        made.append(Kind(served_by or archive, tmp_path, words))
        return made[-1]

    archive.clear_faults()
    archive.forget_requests()
    yield make
    for each in made:
        each.close()


@pytest.fixture
def usual(archive, tmp_path):
    """The plates as TAP lists them."""
    mounted = Mount(archive, tmp_path, name="usual", cache="usual-cache")
    names = mounted.plates()
    mounted.down()
    return names


def check_pixels(kind):
    """Of the first plates that have a cutout."""
    good = 0
    for name in kind.plates()[:8]:
        try:
            with fits.open(kind.path / TARGET / name / "cutout.fits") as hdus:
                assert hdus[0].data is not None and hdus[0].data.std() > 0
                good += 1
        except OSError:
            pass  # the demo archive has plates that can't be had
    assert good >= 4


def base_of(archive):
    return archive.tap.removesuffix("/tap")


def test_a_siap2_service_lists_the_same_plates_as_tap(kind, archive, usual):
    mounted = kind(url=f'"{base_of(archive)}/siap2/query"', kind='"siap2"')
    assert mounted.plates() == usual
    assert {r["kind"] for r in archive.requests()} >= {"siap"}
    check_pixels(mounted)


def test_a_siap1_service_lists_plates_whose_columns_it_names_by_ucd(kind, archive, usual):
    mounted = kind(url=f'"{base_of(archive)}/siap1/query?"', kind='"siap1"')
    assert len(mounted.plates()) == len(usual)
    check_pixels(mounted)


def test_a_service_without_synchronous_queries_is_asked_by_jobs_which_are_deleted(kind, tmp_path, usual):
    served = Archive(tmp_path / "state-of-jobs", "--jobs-only")
    try:
        mounted = kind(served, url=f'"{served.tap}"')
        assert mounted.plates() == usual
        asked = [(r["method"], r["path"]) for r in served.requests("tap")]
        assert asked[0] == ("POST", "/tap/sync")
        assert [path for method, path in asked if method == "POST"].count("/tap/async") == 1
        assert asked[-1] == ("POST", "/tap/async/1"), "the job is deleted"
        os.listdir(mounted.path / "10+10")
        assert [r["path"] for r in served.requests("tap")].count("/tap/sync") == 1, "jobs from now on"
    finally:
        served.stop()


def test_a_service_is_asked_by_centres_where_it_is_told_so(kind, archive, usual):
    mounted = kind(url=f'"{archive.tap}"', search='"centre"')
    assert mounted.plates() == usual
    check_pixels(mounted)


def test_plates_that_meet_the_circle_are_listed_where_they_are_wanted(archive, tmp_path, usual):
    """In both ways to ask."""
    for search in ('"region-or-centre"', '"centre"'):
        base = tmp_path / search.strip('"')
        (base / "config" / "platefs").mkdir(parents=True)
        (base / "config" / "platefs" / "config.toml").write_text(
            f'[archive.plates]\nurl = "{archive.tap}"\nsearch = {search}\n')

        def plates(*words):
            told = subprocess.run([BIN / "platefs", "query", "--archive", "plates", "--cache-dir", base / "cache", "--json",
                                   *words], check=True, timeout=60, capture_output=True, text=True,
                                  env={**os.environ, "XDG_CONFIG_HOME": str(base / "config")}).stdout
            return {row["plate"] for row in json.loads(told)["plates"]}

        assert plates(TARGET) == set(usual)
        beside, near = "157+49", "156.5+48.5"
        assert plates(beside) == set()
        some, all_of_them = plates("--overlap", "--radius", "20m", beside), plates("--overlap", "--radius", "5d", beside)
        assert set() < some < all_of_them == set(usual)
        assert plates("--overlap", "--radius", "1s", near) == plates(near) < set(usual)


def test_any_type_of_product_is_listed_where_it_is_told_so(kind, archive, usual):
    mounted = kind(url=f'"{archive.tap}"', **{"dataproduct-types": "[]"})
    assert set(usual) <= set(mounted.plates())
