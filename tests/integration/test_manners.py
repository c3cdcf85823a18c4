# SPDX-License-Identifier: BSD-3-Clause
"""What a person at a terminal meets: blink, bars, help, and words that do not matter where they stand."""
import json
import os
import pathlib
import pty
import re
import signal
import stat
import subprocess

import pytest
from astropy.io import fits, votable

from conftest import BIN, wait_until

BAD = ("1894-03-12_i08382", "1919-05-01_AG03255_y")     # withdrawn by the archive; without coordinates


class Person:
    """Somebody with a configuration that names the demo archive."""

    def __init__(self, archive, home):
        self.home = home
        file = home / ".config/platefs/config.toml"
        file.parent.mkdir(parents=True)
        file.write_text(f'archives = ["demo"]\nresolver = "{archive.resolver}"\n[archive.demo]\nurl = "{archive.tap}"\n')
        (home / "bin").mkdir()
        self.environment = {"PATH": f"{home}/bin:/usr/bin:/bin", "HOME": str(home), "TERM": "xterm", "TMPDIR": str(home)}

    def types(self, *words, code=0):
        done = subprocess.run([BIN / "platefs", *map(str, words)], capture_output=True, text=True, timeout=120,
                              env=self.environment, cwd=self.home)
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done

    def start_at_terminal(self, *words):
        """The process, and what the terminal shows of its stderr as it comes."""
        here, there = pty.openpty()
        process = subprocess.Popen([BIN / "platefs", *map(str, words)], stdout=subprocess.PIPE, stderr=there, text=True,
                                   env=self.environment, cwd=self.home)
        os.close(there)
        return process, here

    def at_terminal(self, *words):
        process, here = self.start_at_terminal(*words)
        seen = shown_until_end(here)
        out = process.communicate(timeout=60)[0]
        return process.returncode, out, seen

    def has(self, program, script):
        """A program in $PATH that writes down how it was called."""
        file = self.home / "bin" / program
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(file.stat().st_mode | stat.S_IXUSR)


def shown_until_end(terminal):
    seen = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:                                  # EIO: the other end is closed
            piece = b""
        if not piece:
            os.close(terminal)
            return seen.decode()
        seen += piece


@pytest.fixture
def person(archive, tmp_path):
    archive.clear_faults()
    archive.forget_requests()
    yield Person(archive, tmp_path)
    archive.clear_faults()


CALLED = 'printf "%s\\n" "$@" > "$HOME/words"; mkdir "$HOME/kept"; for w; do [ -f "$w" ] && cp --parents "$w" "$HOME/kept"; done; exit 0'


def test_blink_fetches_and_shows_the_good_cutouts_by_epoch_in_ds9(person, archive):
    person.has("ds9", CALLED)
    done = person.types("blink", "Demo Star")
    words = (person.home / "words").read_text().splitlines()
    images = [pathlib.Path(word) for word in words if word.endswith(".fits")]
    names = [image.stem for image in images]
    assert len(names) == 42 and names == sorted(names) and not set(BAD) & set(names)
    assert words.index("-zscale") < words.index(str(images[0]))
    behind = words[words.index(str(images[-1])) + 1:]
    assert behind[:3] == ["-match", "frame", "wcs"] and behind[-3:] == ["-single", "-blink", "yes"]
    for image in images:
        header = fits.getheader(person.home / "kept" / str(image)[1:])
        assert header.get("DATE-OBS", "undated")[:4] == image.stem[:4]
    assert not any(image.exists() for image in images)          # gone with the program
    assert "42 of 44 plates" in done.stderr
    archive.forget_requests()
    person.types("blink", "Demo Star")
    assert archive.requests("file", "soda") == []


def test_blink_gives_topcat_the_table_with_the_paths_of_the_images(person):
    person.has("topcat", CALLED.replace("exit 0", 'ls "${1%/*}/cutouts" > "$HOME/images"; exit 0'))
    person.types("blink", "--with", "topcat", "M31")
    table = votable.parse_single_table(next((person.home / "kept").rglob("plates.vot"))).to_table()
    assert [pathlib.Path(path).name for path in table["cutout_path"]] == (person.home / "images").read_text().split()
    assert "full_path" not in table.colnames and len(table) == 5


def test_blink_says_what_is_not_installed_before_it_fetches(person, archive):
    if os.path.exists("/usr/bin/aladin"):
        pytest.skip("Aladin is installed")
    done = person.types("blink", "--with", "aladin", "M31", code=1)
    assert "aladin is not installed" in done.stderr and "apt-get install aladin" in done.stderr
    assert archive.requests() == []


def test_blink_ends_as_its_program_does(person):
    person.has("ds9", "exit 7")
    assert "ds9 ended with exit code 7" in person.types("blink", "M31", code=1).stderr
    person.has("ds9", 'echo $$ > "$HOME/pid"; exec sleep 1000')
    process, terminal = person.start_at_terminal("blink", "M31")
    wait_until(lambda: (person.home / "pid").exists(), what="the program")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 128 + signal.SIGTERM
    os.close(terminal)
    assert not list(person.home.glob("platefs-blink-*"))


def test_blink_writes_an_animation_of_the_good_stamps(person):
    done = person.types("blink", "--gif", "star.gif", "Demo Star")
    assert done.stdout == "star.gif has 42 of 44 plates\n"
    file = (person.home / "star.gif").read_bytes()
    assert file.startswith(b"GIF89a") and file.count(b"\x21\xf9\x04") >= 42
    person.types("blink", "--gif", "no/where.gif", "M31", code=2)
    person.types("blink", "--gif", person.home, "M31", code=2)
    person.types("blink", "--gif", "a.gif", "--with", "ds9", "M31", code=2)


def test_blink_of_a_place_without_plates_fails_and_says_so(person):
    person.has("ds9", "exit 0")
    done = person.types("blink", "10+10", code=1)
    assert "no plate covers it" in done.stderr


def test_fetch_is_done_where_nothing_is_left_that_may_come_back(person, archive):
    done = person.types("fetch", "Demo Star")
    assert "1 not offered, 1 can't exist, 0 failed" in done.stdout
    assert done.stderr.count("can't exist") == 2 and all(plate in done.stderr for plate in BAD)
    archive.set_faults({"match": {"kind": "file"}, "fault": "status", "status": 500, "times": 1000},
                       {"match": {"kind": "soda"}, "fault": "status", "status": 500, "times": 1000})
    again = person.types("fetch", "Demo Star@9m", "--timeout", "2", code=3)
    assert "0 failed" not in again.stdout


def test_fetch_pins_what_it_brought_and_fetches_what_is_made_of_it(person):
    person.types("fetch", "--pin", "M31")
    files = json.loads(person.types("cache", "list", "--json").stdout)
    assert [file["pinned"] for file in files if file["file"] == "cutout.fits"] == [True] * 5
    assert not any(file["pinned"] for file in files if file["file"] != "cutout.fits")
    done = person.types("fetch", "--what", "stamp,aligned", "M31")
    assert "10 files fetched" in done.stdout
    kinds = [file["file"] for file in json.loads(person.types("cache", "list", "--json").stdout)]
    assert kinds.count("stamp.jpg") == kinds.count("aligned.fits") == 5


def test_a_bar_at_a_terminal_counts_files_bytes_and_failures(person):
    code, out, seen = person.at_terminal("fetch", "Demo Star")
    assert code == 0 and re.search(r"\[#+\.*\] \d+ of 44 files, .*B, .*/s", seen), seen
    assert out.startswith("42 files fetched") and "Demo" in out.splitlines()[1]
    assert seen.rsplit("\r", 1)[1].startswith("\x1b[K")           # nothing of the bar is left
    for option in ("--no-progress", "-q"):
        code, out, seen = person.at_terminal("fetch", "Demo Star@8m", option)
        assert code == 0 and "\r\x1b" not in seen


def test_a_query_that_takes_long_says_what_it_waits_for(person, archive):
    archive.set_faults({"match": {"kind": "tap"}, "fault": "latency", "milliseconds": 1500})
    code, out, seen = person.at_terminal("query", "M31")
    assert code == 0 and "asking demo … 1 s" in seen and seen.endswith("\r\x1b[K")
    code, out, seen = person.at_terminal("query", "M31", "--refresh", "--no-progress")
    assert code == 0 and seen == ""


def test_options_stand_on_either_side_and_verbose_says_whom_it_asks(person, archive):
    plain = person.types("query", "M31", "--format", "csv").stdout
    assert person.types("--format", "csv", "query", "M31").stdout == plain
    assert person.types("-q", "--config", ".config/platefs/config.toml", "query", "--format", "csv", "M31").stdout == plain
    assert "unmount" in person.types("help", "umount").stdout
    assert person.types("help").stdout == person.types("--help").stdout
    assert person.types("-V").stdout == person.types("--version").stdout
