# SPDX-License-Identifier: BSD-3-Clause
"""Nothing is asked for that nobody reads, and nothing twice."""
import os
import subprocess

import pytest

from conftest import LIMIT_SECONDS, names_of, those
from make_plates import TARGET_DEC, TARGET_RA
from server_logs import images, queries


def test_entering_a_target_is_one_query(fresh, logs):
    with fresh() as mount:
        logs.mark()
        assert mount.plates()
        served = logs.since()
        assert len(queries(served)) == 1, served


def test_entering_it_again_is_no_query_not_even_after_a_remount(fresh, logs):
    with fresh() as mount:
        first = mount.plates()
        logs.mark()
        assert mount.plates() == first
        assert not queries(logs.since())
    with fresh() as mount:
        assert mount.plates() == first
        assert not queries(logs.since())


def test_two_spellings_of_a_place_share_one_query(fresh, logs):
    with fresh() as mount:
        assert mount.plates()
        logs.mark()
        assert sorted(os.listdir(mount.path / f"{TARGET_RA!r}0+{TARGET_DEC!r}")) == sorted(os.listdir(mount.target))
        assert not queries(logs.since())


def test_many_targets_are_one_query_with_the_plates_of_single_ones(facts, mounted_at, logs, tmp_path):
    targets = [f"{TARGET_RA + 0.02 * (i % 7 - 3)!r}+{TARGET_DEC + 0.02 * (i // 7 - 3)!r}" for i in range(49)] + ["10.5-80.25"]
    seen = {}
    for how in ("together", "alone"):
        with mounted_at(tmp_path / how) as mount:
            logs.mark()
            options = ["--dry-run", "--archive", facts["tap"], "--cache-dir", str(mount.cache)]
            for some in [targets] if how == "together" else [[target] for target in targets[::6] + targets[-1:]]:
                mount.run("fetch", *some, *options)
            served = logs.since()
            assert len(queries(served)) == (1 if how == "together" else len(targets[::6]) + 1), served
            logs.mark()
            seen[how] = [(mount.path / target / "plates.csv").read_text().replace(str(mount.path.parent), "")
                         for target in targets[::6] + targets[-1:]]
            seen[how] += [sorted(os.listdir(mount.path / target)) for target in targets[::6]]
            # These rows name a file: only the service of links that came along with the table leads to more.
            loose = sorted((mount.path / targets[0]).glob("*_hs*/datalink.vot"))
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
        first = (mount.target / names_of(mount)[plate.did] / "cutout.fits").read_bytes()
        logs.mark()
        assert (mount.target / names_of(mount)[plate.did] / "cutout.fits").read_bytes() == first
    with fresh() as mount:
        assert (mount.target / names_of(mount)[plate.did] / "cutout.fits").read_bytes() == first
        assert not images(logs.since())


def test_names_that_are_no_targets_ask_nobody(fresh, logs):
    with fresh() as mount:
        logs.mark()
        for name in (".git", ".Trash-0", "autorun.inf", "HEAD", "400+95"):
            assert not (mount.path / name).exists(), name
        assert not logs.since()
