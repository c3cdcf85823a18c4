# SPDX-License-Identifier: BSD-3-Clause
"""Comparison stars: --sequence, sequences/TARGET.csv beside the configuration, and the stars of a catalogue."""
import csv
import errno
import itertools
import os
import subprocess

import pytest
from conftest import BIN, TARGET, wait_until, xattr

RA, DEC = 156.01124674021, 48.14753874736
STARS = [("112", RA + 0.05, DEC + 0.05, 11.2), ("98", RA - 0.06, DEC - 0.02, 9.8), ("elsewhere", 10.0, 10.0, 9.0)]


def sequence(stars=STARS, separator=","):
    return "\n".join(separator.join(map(str, row)) for row in [("name", "ra", "dec", "mag"), *stars]) + "\n"


@pytest.fixture
def configured(mount_with, tmp_path):
    """Makes a mount with a configuration: a text, and sequences by the names of their files."""
    numbers = itertools.count()

    def make(text="", files=None, options=()):
        folder = tmp_path / "config/platefs"
        (folder / "sequences").mkdir(parents=True, exist_ok=True)
        (folder / "config.toml").write_text(text)
        for name, content in (files or {}).items():
            (folder / "sequences" / name).write_text(content)
        return mount_with(*options, name=f"mnt{next(numbers)}")

    return make


def catalogue_of(archive):
    return (f'[catalogue]\nurl = "{archive.tap}"\ntitle = "Demo stars"\ntable = "demo.stars"\n'
            'name = "star"\nmagnitude = "mag"\nbrightest = 9\nfaintest = 15.5\n')


def test_a_sequence_is_marked_in_every_picture_and_in_the_region(configured, tmp_path):
    file = tmp_path / "stars.csv"
    file.write_text(sequence())
    plain, marked = configured(), configured(options=["--sequence", file])
    assert "sequence.csv" not in os.listdir(plain.target) and "sequence.csv" in os.listdir(marked.target)
    rows = list(csv.DictReader(open(marked.target / "sequence.csv")))
    assert [(row["letters"], row["name"]) for row in rows] == [("a", "98"), ("b", "112")]
    plate = plain.plates()[0]
    for path in (f"stamps/{plate}.jpg", f"{plate}/chart.png"):
        assert (plain.target / path).read_bytes() != (marked.target / path).read_bytes(), path
        assert os.stat(plain.target / path).st_ino != os.stat(marked.target / path).st_ino
    for path in (f"cutouts/{plate}.fits", f"aligned/{plate}.fits"):
        assert (plain.target / path).read_bytes() == (marked.target / path).read_bytes(), path
    told = (marked.target / "target.reg").read_text()
    assert "text={a 9.8}" in told and "text={b 11.2}" in told and "elsewhere" not in told
    assert "boxcircle" not in (plain.target / "target.reg").read_text()
    assert 'data-from="sequence"' in (marked.target / "index.html").read_text()


def test_a_sequence_beside_the_configuration_is_its_targets_alone(configured):
    mount = configured(files={"Demo Star.csv": sequence()})
    assert "sequence.csv" in os.listdir(mount.path / "Demo_Star")
    assert "sequence.csv" not in os.listdir(mount.path / "83.6324+22.0174")
    assert (mount.path / "Demo_Star@1890-1900/sequence.csv").read_text().count("\n") == 3


def test_a_sequence_that_changes_is_marked_anew(configured, tmp_path):
    mount = configured(files={"Demo Star.csv": sequence()})
    target = mount.path / "Demo_Star"
    stamp = target / "stamps" / f"{mount.plates()[0]}.jpg"
    before = stamp.read_bytes()
    (tmp_path / "config/platefs/sequences/Demo Star.csv").write_text(sequence(STARS[:1], "|"))
    wait_until(lambda: (target / "sequence.csv").read_text().count("\n") == 2, what="the other sequence")
    wait_until(lambda: os.stat(stamp).st_ino and stamp.read_bytes() != before, seconds=90, what="the stamp with other marks")


def test_a_sequence_that_is_wrong_is_told(configured, tmp_path, archive):
    mount = configured(files={"Demo Star.csv": "name,ra,dec,mag\na,156,48,faint\n"})
    target = mount.path / "Demo_Star"
    assert "errors.txt" in os.listdir(target) and "sequence.csv" not in os.listdir(target)
    told = (target / "errors.txt").read_text()
    assert "Demo Star.csv: line 2 of the sequence: 'faint' is no magnitude" in told
    assert "line 2 of the sequence" in (target / "index.html").read_text()
    assert (target / "stamps" / f"{mount.plates()[0]}.jpg").read_bytes().startswith(b"\xff\xd8\xff")
    bad = tmp_path / "bad.csv"
    bad.write_text("ra,dec\n1,2\n")
    (tmp_path / "other").mkdir()
    done = subprocess.run([BIN / "platefs", "mount", "--archive", archive.tap, "--cache-dir", tmp_path / "cache",
                           "--sequence", bad, tmp_path / "other"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "no heading 'mag'" in done.stderr and "bad.csv" in done.stderr


def test_stars_of_a_catalogue_are_asked_for_when_they_are_opened_and_once(configured, archive):
    mount = configured(catalogue_of(archive))
    assert "catalogue.csv" in os.listdir(mount.target)
    table = mount.target / "catalogue.csv"
    subprocess.run(["ls", "-lR", mount.target], check=True, stdout=subprocess.DEVNULL)
    assert "Demo stars" in (mount.target / "index.html").read_text()
    before = len(archive.requests("tap"))
    rows = list(csv.DictReader(open(table)))
    assert len(archive.requests("tap")) == before + 1
    magnitudes = [float(row["mag"]) for row in rows]
    assert 8 <= len(rows) <= 15 and magnitudes == sorted(magnitudes) and 9 <= magnitudes[0] and magnitudes[-1] <= 15.5
    assert magnitudes[-1] - magnitudes[0] > 2
    assert all(abs(float(row["ra"]) - RA) < 0.3 and abs(float(row["dec"]) - DEC) < 0.17 for row in rows)
    assert os.stat(table).st_size == len(table.read_bytes()) and xattr(table, "state") == "cached"
    assert rows[0]["name"] in (mount.target / "index.html").read_text()
    mount.options.append("--offline")
    mount.again()
    assert list(csv.DictReader(open(table))) == rows
    assert "catalogue.csv" in os.listdir(mount.path / TARGET)


def test_a_catalogue_that_fails_says_why_and_blocks_nothing(configured, archive):
    mount = configured(catalogue_of(archive).replace("demo.stars", "demo.galaxies"))
    plate = mount.plates()[0]
    with pytest.raises(OSError) as failed:
        (mount.target / "catalogue.csv").read_bytes()
    assert failed.value.errno == errno.EIO
    assert "demo.galaxies" in xattr(mount.target / "catalogue.csv", "error")
    assert (mount.target / "stamps" / f"{plate}.jpg").read_bytes().startswith(b"\xff\xd8\xff")


def test_a_sequence_takes_the_place_of_the_catalogue(configured, archive):
    mount = configured(catalogue_of(archive), {f"{TARGET}.csv": sequence()})
    listed = os.listdir(mount.target)
    assert "sequence.csv" in listed and "catalogue.csv" not in listed


def test_what_fetch_and_blink_make_has_the_same_marks(configured, archive, tmp_path):
    mount = configured(files={f"{TARGET}.csv": sequence()})
    common = ["--archive", archive.tap, "--cache-dir", mount.cache, f"{TARGET}@1890-1893"]
    done = subprocess.run([BIN / "platefs", "fetch", "--what", "stamp", *common], capture_output=True, text=True,
                          timeout=120, env=mount.environment)
    assert done.returncode == 0, done.stderr
    archive.forget_requests()
    stamps = mount.path / f"{TARGET}@1890-1893" / "stamps"
    assert all(xattr(stamps / name, "state") == "cached" for name in os.listdir(stamps))
    gif = tmp_path / "marked.gif"
    subprocess.run([BIN / "platefs", "blink", "--gif", gif, *common], check=True, capture_output=True, timeout=120,
                   env=mount.environment)
    assert gif.read_bytes() == (stamps.parent / "blink.gif").read_bytes()
