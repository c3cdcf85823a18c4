# SPDX-License-Identifier: BSD-3-Clause
"""platefs archives: what is known, what answers, and what else there is."""
import json
import os
import subprocess

import pytest

from conftest import BIN, TARGET
from registry import Registry


@pytest.fixture
def registry(archive):
    """Three services with an ObsCore table, the demo archive among them, and others."""
    made = Registry()
    made.add("ivo://demo.example/tap", "Demo plates and more", archive.tap)
    made.add("ivo://org.plates/obscore", "Glass Plates of the O'Higgins Observatory", "https://plates.example/tap",
             model="ivo://ivoa.net/std/obscore-1.0")
    made.add("ivo://x-rays.example/tap", "X-ray images", "https://x.example/tap", standard="ivo://ivoa.net/std/tap-1.1")
    made.add("ivo://spectra.example/tap", "Plate spectra without ObsCore", "https://s.example/tap", model=None)
    made.add("ivo://plates.example/sia", "Plates by SIAP", "https://sia.example/", standard="ivo://ivoa.net/std/sia")
    yield made
    made.stop()


@pytest.fixture
def archives(archive, tmp_path):
    """`platefs archives …` in a home of its own."""
    archive.clear_faults()
    archive.forget_requests()

    def run(*words, check=True):
        done = subprocess.run([BIN / "platefs", "archives", *map(str, words)], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")})
        assert not check or done.returncode == 0, done.stderr
        return done
    return run


def test_discover_finds_the_services_with_an_obscore_table(registry, archives):
    found = json.loads(archives("discover", "--registry", registry.url, "--json").stdout)
    assert [s["ivoid"] for s in found] == ["ivo://demo.example/tap", "ivo://org.plates/obscore", "ivo://x-rays.example/tap",
                                           "ivo://plates.example/sia"]
    assert found[1] == {"ivoid": "ivo://org.plates/obscore", "url": "https://plates.example/tap", "kind": "tap", "table": "",
                        "title": "Glass Plates of the O'Higgins Observatory"}


def test_discover_finds_tables_by_utype_and_name_and_image_services_of_plates(registry, archives):
    registry.add("ivo://utype.example/tap", "By utype", "https://u.example/tap", model=None,
                 tables=[("plates.obs", "ivo://ivoa.net/std/obscore#table-1.1"), ("plates.lines", "")])
    registry.add("ivo://name.example/tap", "By name", "https://n.example/tap", model=None, tables=[("ivoa.ObsCore", "")])
    registry.add("ivo://demo.example/tap2", "Known by both", "https://plates.example/tap/", model=None,
                 tables=[("ivoa.obscore", "ivo://ivoa.net/std/obscore#table-1.1")])
    registry.add("ivo://one.example/sia", "Old images", "https://one.example/sia?", model=None,
                 standard="ivo://ivoa.net/std/sia", description="Scans of photographic plates")
    registry.add("ivo://two.example/sia", "Glass plates", "https://two.example/sia", model=None,
                 standard="ivo://ivoa.net/std/sia#query-2.0")
    registry.add("ivo://ccd.example/sia", "CCD frames", "https://ccd.example/sia", model=None, standard="ivo://ivoa.net/std/sia")
    found = {s["ivoid"]: s for s in json.loads(archives("discover", "--registry", registry.url, "--json").stdout)}
    assert found["ivo://utype.example/tap"]["table"] == "plates.obs"
    assert found["ivo://name.example/tap"]["table"] == ""
    assert "ivo://demo.example/tap2" not in found, "the same service"
    assert found["ivo://one.example/sia"]["kind"] == "siap1" and found["ivo://two.example/sia"]["kind"] == "siap2"
    assert "ivo://ccd.example/sia" not in found
    told = archives("discover", "utype", "--registry", registry.url).stderr
    assert 'table = "plates.obs"' in told


def test_what_a_registry_can_not_be_asked_for_is_told_beside_the_rest(registry, archives):
    registry.database.execute("DROP TABLE rr.res_table")
    told = archives("discover", "--registry", registry.url, "--json", check=False)
    assert told.returncode == 3 and "res_table" in told.stderr
    assert len(json.loads(told.stdout)) >= 3


def test_discover_takes_words_in_any_case_and_with_quotes(registry, archives):
    def found(*words):
        return [s["ivoid"] for s in json.loads(archives("discover", *words, "--registry", registry.url, "--json").stdout)]
    assert found("PLATES") == ["ivo://demo.example/tap", "ivo://org.plates/obscore", "ivo://plates.example/sia"]
    assert found("plates", "glass") == ["ivo://org.plates/obscore"]
    assert found("o'higgins") == ["ivo://org.plates/obscore"]
    assert found("nothing of the kind") == []


def test_what_was_discovered_can_be_used_as_it_is_told(registry, archives, tmp_path):
    told = archives("discover", "demo", "--registry", registry.url)
    assert "Demo plates and more" in told.stdout and told.stdout.splitlines()[0].startswith("identifier")
    section = told.stderr[told.stderr.index("[archive."):]
    (tmp_path / "config/platefs").mkdir(parents=True)
    (tmp_path / "config/platefs/config.toml").write_text(section)
    listed = {a["archive"]: a for a in json.loads(archives("list", "--json").stdout)}
    name = section.split('"')[1]
    assert not listed[name]["asked"] and listed["gavo"]["asked"]
    answer = subprocess.run([BIN / "platefs", "query", "--archive", name, TARGET, "--format", "csv", "--cache-dir",
                             tmp_path / "cache"], check=True, capture_output=True, text=True, timeout=60,
                            env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")})
    assert len(answer.stdout.splitlines()) > 40


def test_nothing_found_says_where_it_was_looked_for(registry, archives):
    told = archives("discover", "nothing of the kind", "--registry", registry.url)
    assert told.stdout == "" and registry.url in told.stderr


def test_a_registry_that_fails_is_told_with_its_words(registry, archives):
    registry.broken = True
    told = archives("discover", "--registry", registry.url, check=False)
    assert told.returncode == 1 and "no table rr.resource" in told.stderr and registry.url in told.stderr
    gone = archives("discover", "--registry", "http://127.0.0.1:9/tap", check=False)
    assert gone.returncode == 1 and "127.0.0.1:9" in gone.stderr


def test_a_tap_service_that_is_no_registry_is_told(archive, archives):
    told = archives("discover", "--registry", archive.tap, check=False)
    assert told.returncode == 1 and archive.tap in told.stderr and "--registry" in told.stderr


def test_list_asks_nobody_and_shows_what_is_built_in(archive, archives):
    listed = json.loads(archives("--json").stdout)
    assert "gavo" in [a["archive"] for a in listed] and len(listed) >= 2
    assert archives("list", "--names").stdout.split() == [a["archive"] for a in listed]
    assert all(a["url"].startswith("http") and a["title"] for a in listed)
    assert archive.requests() == []


def test_probe_tells_those_that_answer_from_those_that_do_not(archive, archives):
    one = json.loads(archives("probe", archive.tap, "--json").stdout)
    assert len(one) == 1 and one[0]["answered"] and one[0]["problem"] == "" and one[0]["seconds"] < 10
    assert len(archive.requests("tap")) == 1
    both = archives("probe", archive.tap, "http://127.0.0.1:9/tap", check=False)
    assert both.returncode == 3 and "no" in both.stdout.splitlines()[2].split()
    none = archives("probe", "http://127.0.0.1:9/tap", "--json", check=False)
    assert none.returncode == 1 and json.loads(none.stdout)[0]["problem"]
    archive.set_faults({"match": {"kind": "tap"}, "fault": "html"})
    login = json.loads(archives("probe", archive.tap, "--json", check=False).stdout)
    archive.clear_faults()
    assert not login[0]["answered"] and login[0]["problem"]
