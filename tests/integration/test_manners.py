# SPDX-License-Identifier: BSD-3-Clause
"""What a person at a terminal meets: blink, bars, help, and words that do not matter where they stand."""
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import stat
import subprocess

import pytest
from astropy.io import fits, votable

from conftest import BIN, TARGET, Mount, wait_until, xattr

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


def test_a_bar_at_a_terminal_counts_files_bytes_and_failures(person, archive):
    archive.set_faults({"match": {"kind": "soda"}, "fault": "latency", "milliseconds": 200})   # what is done at once shows none
    code, out, seen = person.at_terminal("fetch", "Demo Star")
    assert code == 0 and re.search(r"\[#+\.*\] \d+ of 44 files, .*B, .*/s", seen), seen
    assert out.startswith("42 files fetched") and "Demo" in out.splitlines()[1]
    assert seen.replace("\r\n", "\n").rsplit("\r", 1)[1].startswith("\x1b[K")           # nothing of the bar is left
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


def test_query_shows_where_plates_differ_and_sums_up_what_they_have_in_common(person):
    person.types("fetch", "-q", "Demo Star@1890-1899")
    lines = person.types("query", "Demo Star").stdout.splitlines()
    assert lines[0].split()[:5] == ["plate", "exposure", 'scale["]', "offset[deg]", "cached"] and "archive" not in lines[0]
    assert lines[-1].startswith("44 plates from 1888 to 19") and lines[-1].endswith("archive demo")
    cached = [line.split()[0] for line in lines[1:-1] if " cached " in line]
    assert cached and all("1890" <= name[:4] <= "1899" for name in cached)


def test_query_selects_sorts_and_names_columns(person):
    def rows(*words):
        return person.types("query", "Demo Star", "--format", "csv", *words).stdout.splitlines()
    every = rows("--columns", "plate")[1:]
    few = rows("--columns", "plate,exposure", "--since", "1890", "--until", "1899-12")
    assert few[0] == "plate,t_exptime"
    assert [row.split(",")[0] for row in few[1:]] == [name for name in every if "1890" <= name[:4] <= "1899"]
    times = [float(row) for row in rows("--columns", "t_exptime", "--sort", "-exposure")[1:] if row]
    assert times == sorted(times, reverse=True) and len(times) > 20
    table = person.types("query", "Demo Star", "--columns", "plate,state", "--since", "1900").stdout.splitlines()
    assert table[0].split() == ["plate", "state"] and all(len(line.split()) == 2 for line in table[1:-1])
    assert "did you mean 't_exptime'" in person.types("query", "M31", "--columns", "t_exptim", code=2).stderr
    person.types("query", "M31", "--since", "May 1890", code=2)
    assert "none of its 5 plates" in person.types("query", "M31", "--since", "1990").stderr


def test_cache_list_names_files_as_the_mount_does_and_forget_takes_a_target_off_the_list(person, archive):
    mount = Mount(archive, person.home, cache=".cache/platefs")
    try:
        os.listdir(mount.path / "M31")
        os.listdir(mount.path / "M31@2m")
        person.types("fetch", "-q", "M31")
        listed = [line.split()[-1] for line in person.types("cache", "list").stdout.splitlines()[1:]]
        cutouts = [path for path in listed if path.endswith("/cutout.fits")]
        assert len(cutouts) == 5 and all((mount.path / path).stat().st_blocks > 0 for path in cutouts)
        wait_until(lambda: {"M31", "M31@2m"} <= set(os.listdir(mount.path)), what="both targets in the root")
        person.types("cache", "forget", "m 31@2m")
        assert "M31@2m" not in os.listdir(mount.path) and "M31" in os.listdir(mount.path)
        assert "not on the list" in person.types("cache", "forget", "M31@2m", code=1).stderr
        assert len(os.listdir(mount.path / "M31@2m/cutouts")) == 5
        wait_until(lambda: "M31@2m" in os.listdir(mount.path), what="the target that was entered again")
    finally:
        mount.down()


def test_a_size_without_a_unit_and_half_a_place_are_told_what_they_lack(person, archive):
    assert "say 3G or 3M" in person.types("query", "M31", "--cache-size", "3", code=2).stderr
    for half in ("156.011", "10:24:02.7", "156.011+", "10h24m02.7s"):
        assert "declination is missing" in person.types("query", half, code=2).stderr, half
    assert archive.requests() == []
    assert "looked up nowhere" in person.types("query", "AG Dra", "--resolver", "none", code=1).stderr


def test_every_help_has_examples_that_the_command_line_understands(person):
    for command in re.findall(r"^  (\w+) ", person.types("--help").stdout.split("Subcommands:")[1], re.M):
        if command == "completion":
            continue
        text = person.types(command, "--help").stdout
        examples = re.findall(r"^  (platefs .*?)(?:   .*)?$", text.split("Examples:")[1], re.M)
        assert examples, command
        for example in examples:
            assert example.split()[1] in (command, "--help"), example


def test_mount_says_at_a_terminal_what_is_where(person):
    (person.home / "plates").mkdir()
    code, _, seen = person.at_terminal("mount", person.home / "plates")
    try:
        assert code == 0 and "plates shows demo" in seen and "platefs unmount" in seen
    finally:
        person.types("unmount", person.home / "plates")


def test_status_says_for_whom_a_file_is_on_its_way_and_how_much_of_it_is_here(person, archive):
    mount = Mount(archive, person.home, cache=".cache/platefs")
    try:
        plate = mount.plates()[0]
        assert (mount.path / ".platefs/now.txt").read_text() == "nothing is under way\n"
        archive.set_faults({"match": {"kind": "file"}, "fault": "stall", "after_bytes": 300000})
        path = mount.target / plate / "full.fits"
        reader = subprocess.Popen(["cat", path], stdout=subprocess.DEVNULL)
        told = wait_until(lambda: [f for f in json.loads((mount.path / ".platefs/status.json").read_text())["files"]
                                   if f["bytes"] > 0 and f["state"] == "fetching"], what="the file in status.json")
        assert [(f["name"], f["program"], f["pid"], f["state"]) for f in told] == [
            (f"{TARGET}/{plate}/full.fits", "cat", reader.pid, "fetching")]
        assert 0 < told[0]["bytes"] < told[0]["total"] and told[0]["percent"] == 100 * told[0]["bytes"] // told[0]["total"]
        assert xattr(path, "state") == "fetching"
        assert f"← cat {reader.pid}" in (mount.path / ".platefs/now.txt").read_text()
        assert f"{plate}/full.fits" in person.types("status", mount.path).stdout
        watching = subprocess.Popen([BIN / "platefs", "status", "--watch", mount.path], stdout=subprocess.PIPE, text=True,
                                    env=person.environment)
        seen = "".join(watching.stdout.readline() for _ in range(20))
        watching.send_signal(signal.SIGINT)
        watching.communicate(timeout=20)
        assert seen.count("platefs 0.1.0, process") >= 2 and "cat" in seen
        reader.kill()
        reader.wait()
        # The kernel may wait for the bytes a while longer, but nobody does.
        wait_until(lambda: f"cat {reader.pid}" not in (mount.path / ".platefs/now.txt").read_text(), what="its end")
    finally:
        mount.down()


@pytest.mark.skipif(not shutil.which("mandoc"), reason="needs mandoc")
@pytest.mark.parametrize("page", ["platefs.1", "platefs.toml.5", "platefs-site.7", "mount.platefs.8"])
def test_manual_pages_are_without_fault(page):
    told = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", pathlib.Path(__file__).parents[2] / "tools/man" / page],
                          capture_output=True, text=True, timeout=60).stdout
    assert [line for line in told.splitlines() if "makewhatis" not in line] == []     # which knows of other programs' pages
