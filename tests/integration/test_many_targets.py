# SPDX-License-Identifier: BSD-3-Clause
"""`platefs fetch` of many targets: their plates come by one upload join where the archive takes it, and no different."""
import json
import signal
import subprocess

import pytest

from conftest import TARGET, Archive, Mount, wait_until
from failing_front import FailingFront
from test_commands import Platefs

RA, DEC = map(float, TARGET.split("+"))
# A raster over the plates of the demo archive; the last ones are where it has none.
PLACES = [(round(RA + 0.06 * (i % 8 - 4), 4), round(DEC + 0.05 * (i // 8 - 3), 4)) for i in range(48)] + [(10, -80), (10, -81)]
NAMES = [f"{ra!r}{dec:+}" for ra, dec in PLACES]


@pytest.fixture
def stars(tmp_path):
    table = tmp_path / "stars.csv"
    table.write_text("ra,dec\n" + "".join(f"{ra!r},{dec!r}\n" for ra, dec in PLACES))
    return table


@pytest.fixture(scope="module")
def without_uploads(tmp_path_factory):
    running = Archive(tmp_path_factory.mktemp("archive"), "--no-uploads")
    yield running
    running.stop()


@pytest.fixture
def people(archive, tmp_path):
    """Makes commands with a cache of their own."""
    archive.clear_faults()
    archive.forget_requests()

    def person(name, asked=archive):
        (tmp_path / name).mkdir()
        return Platefs(asked, tmp_path / name)
    yield person
    archive.clear_faults()


def questions(archive):
    """What TAP was asked, as ("capabilities", "join", "query") and how often."""
    kinds = ["capabilities" if r["path"].endswith("/capabilities") else "join" if "TAP_UPLOAD" in r["body"] else "query"
             for r in archive.requests("tap")]
    return {kind: kinds.count(kind) for kind in set(kinds)}


def tables(person, names):
    """What is held of the plates: nobody is asked."""
    texts = [person("query", name, "--offline", "--format", form).stdout for name in names for form in ("votable", "csv")]
    assert all("obs_publisher_did" in text for text in texts)
    return texts


def alone(person, names):
    """Fetches target by target."""
    for name in names:
        assert person("fetch", name, "--dry-run").returncode == 0


def test_fifty_targets_are_one_query_and_have_the_same_plates_as_alone(archive, people, stars):
    together, single = people("together"), people("single")
    code, files, summary = together.fetched("--targets", stars, "--dry-run")
    assert code == 0 and summary["targets"] == len(PLACES) and files
    assert questions(archive) == {"capabilities": 1, "join": 1}
    archive.forget_requests()
    some = NAMES[::7]                                # the last of them has no plates
    assert tables(together, some) == tables(together, some)
    assert archive.requests() == []
    alone(single, some)
    assert questions(archive) == {"query": len(some)}
    assert tables(together, some) == tables(single, some)


def test_a_mount_shows_the_same_tree_whichever_way_the_plates_came(archive, people, tmp_path):
    together, single = people("together"), people("single")
    together("fetch", TARGET, NAMES[3], "--dry-run")
    assert questions(archive) == {"capabilities": 1, "join": 1}
    alone(single, [TARGET, NAMES[3]])
    seen = []
    for person in (together, single):
        mount = Mount(archive, tmp_path, cache=person.cache.relative_to(tmp_path))
        try:
            seen.append([(mount.path / name / file).read_bytes() for name in (TARGET, NAMES[3])
                         for file in ("plates.vot", "plates.csv", "plates.fits", "target.reg")] + mount.plates())
        finally:
            mount.down()
    assert seen[0] == seen[1]


def test_what_the_archive_can_and_what_is_held_is_not_asked_again(archive, people, stars):
    person = people("person")
    person.fetched("--targets", stars, "--dry-run")
    archive.forget_requests()
    person.fetched("--targets", stars, "--dry-run")
    assert archive.requests("tap") == []
    person.fetched("156.1+48.11", "156.2+48.12", "--dry-run")
    assert questions(archive) == {"join": 1}
    person.fetched("--targets", stars, "--dry-run", "--offline")
    assert questions(archive) == {"join": 1}


def test_one_target_is_one_query_without_ado(archive, people):
    people("person").fetched(TARGET, "--dry-run")
    assert questions(archive) == {"query": 1}


def test_an_archive_without_uploads_is_asked_target_by_target(without_uploads, people, stars):
    person = people("person", without_uploads)
    without_uploads.forget_requests()
    code, files, _ = person.fetched("--targets", stars, "--dry-run")
    assert code == 0 and files
    assert questions(without_uploads) == {"capabilities": 1, "query": len(PLACES)}


# Silence on a kept connection may be the connection's: that question is asked once more, on a new one.
@pytest.mark.parametrize("times, fault", [(1, {"fault": "status", "status": 500}), (1, {"fault": "html"}),
                                          (1, {"fault": "truncate"}), (2, {"fault": "stall"})],
                         ids=["status", "html", "truncate", "stall"])
def test_a_join_that_fails_is_no_failure_of_a_target(archive, people, stars, times, fault):
    joined, single = people("joined"), people("single")
    archive.set_faults({"match": {"path": "/tap/sync"}, "times": times, **fault})
    done = joined("fetch", "--targets", stars, "--dry-run", "--timeout", "2", "--query-timeout", "2")
    assert done.returncode == 0 and "asking" not in done.stderr
    assert questions(archive) == {"capabilities": 1, "join": times, "query": len(PLACES)}
    archive.clear_faults()
    alone(single, NAMES[20:22])
    assert tables(joined, NAMES[20:22]) == tables(single, NAMES[20:22])


def test_the_log_says_why_it_asks_target_by_target(archive, people, stars):
    archive.set_faults({"match": {"path": "/tap/sync"}, "times": 1, "fault": "html"})
    assert "asking target by target" in people("person")("fetch", "--targets", stars, "--dry-run", "--log-level", "debug").stderr


@pytest.mark.parametrize("fault", [{"fault": "status", "status": 404}, {"fault": "html"}, {"fault": "stall"}], ids=lambda f: f["fault"])
def test_capabilities_that_are_not_to_be_had_are_no_failure(archive, people, stars, fault):
    archive.set_faults({"match": {"path": "/tap/capabilities"}, **fault})
    code, files, _ = people("person").fetched("--targets", stars, "--dry-run", "--timeout", "2")
    assert code == 0 and files
    assert questions(archive)["query"] == len(PLACES)


def test_an_answer_that_is_cut_short_is_asked_for_in_smaller_parts(people, stars, tmp_path):
    small = Archive(tmp_path / "small", "--max-records", "600")
    try:
        joined, single = people("joined", small), people("single", small)
        assert joined.fetched("--targets", stars, "--dry-run")[0] == 0
        asked = questions(small)
        assert 2 < asked["join"] < 20 and asked.get("query", 0) <= 2
        alone(single, NAMES[10:14])
        assert tables(joined, NAMES[10:14]) == tables(single, NAMES[10:14])
    finally:
        small.stop()


def test_ctrl_c_ends_a_fetch_whose_join_hangs(archive, people, stars):
    archive.set_faults({"match": {"path": "/tap/sync"}, "fault": "stall"})
    person = people("person")
    process = subprocess.Popen(person.words("fetch", "--targets", stars), stderr=subprocess.PIPE, env=person.environment)
    wait_until(lambda: questions(archive).get("join"), what="the join")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert process.returncode == 130


def test_a_dead_target_is_reported_as_ever(archive, people):
    archive.set_faults({"match": {"kind": "tap"}, "fault": "status", "status": 500})
    done = people("person")("fetch", "10+10", "20+20", "--json")
    assert done.returncode == 1
    failed = [line for line in map(json.loads, done.stdout.splitlines()) if line.get("error")]
    assert len(failed) == 2


def test_of_500_targets_exactly_those_fail_whose_questions_always_do(archive, people, tmp_path):
    """Each twentieth does, alone and in every join that it is part of; the others have what they have without it."""
    archive.clear_faults()
    places = [(round(40.01 + 0.37 * (i % 25), 4), round(-60.03 + 0.41 * (i // 25), 4)) for i in range(496)]
    places += [(RA, DEC), (round(RA + 0.01, 4), DEC), (RA, round(DEC + 0.01, 4)), (round(RA + 0.02, 4), DEC)]
    bad = [places[i] for i in range(7, 500, 20)]
    assert len(bad) == 25
    # As the query for one says it, and as the table of a join does.
    texts = [f"POINT('ICRS', {ra!r}, {dec!r})" for ra, dec in bad] + [f"<TD>{ra!r}</TD><TD>{dec!r}</TD>" for ra, dec in bad]
    front = FailingFront(archive.tap, texts)
    try:
        person = people("person", front)
        table = tmp_path / "five-hundred.csv"
        table.write_text("ra,dec\n" + "".join(f"{ra!r},{dec!r}\n" for ra, dec in places))
        done = subprocess.run(person.words("fetch", "--targets", table, "--what", "preview", "--json"), capture_output=True,
                              text=True, timeout=540, env=person.environment)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        failed = {line["target"]: line["error"] for line in lines if line.get("error") and not line.get("file")}
        assert done.returncode == 3, done.stderr[-2000:]
        assert set(failed) == {f"{ra!r}{dec:+}" for ra, dec in bad}
        assert all("the index of this zone is broken" in reason for reason in failed.values())
        # A plate of several of these four is told with the one that was planned first.
        with_files = {line["target"] for line in lines if line.get("file")}
        assert with_files and with_files <= {f"{ra!r}{dec:+}" for ra, dec in places[-4:]}
        assert front.refused >= len(bad)
    finally:
        front.stop()
