# SPDX-License-Identifier: BSD-3-Clause
"""`platefs demo`: an archive, and a server or a mount of it, that begin and end together."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import urllib.error
import urllib.request

import pytest
from conftest import BIN, TARGET, wait_until


class Demo:
    """One that runs; `star` is what it printed."""

    def __init__(self, base, *words):
        self.base, self.scratch = base, base / "tmp"
        self.scratch.mkdir(exist_ok=True)
        self.errors = base / "demo.err"
        self.process = subprocess.Popen([BIN / "platefs", "demo", *words], stdout=subprocess.PIPE, stderr=open(self.errors, "w"),
                                        text=True, env={**environment(base), "TMPDIR": str(self.scratch)})
        self.star = self.process.stdout.readline().strip()
        assert self.star, self.errors.read_text()
        self.archive, = children_of(self.process.pid, "platefs-demo")

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        return self.process.wait(timeout=20)

    def archive_is_gone(self):
        return not pathlib.Path(f"/proc/{self.archive}").exists()


def environment(base):
    return {**os.environ, "XDG_STATE_HOME": str(base.parent / "demo-state"), "XDG_CONFIG_HOME": str(base / "config"),
            "XDG_CACHE_HOME": str(base / "cache")}


def children_of(pid, name):
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            text = (entry / "stat").read_text() if entry.name.isdigit() else ""
        except OSError:
            continue
        told = re.match(r"\d+ \((.*)\) \S (\d+)", text)
        if told and told[1].startswith(name) and int(told[2]) == pid:
            found.append(int(entry.name))
    return found


@pytest.fixture
def demo(tmp_path):
    """demo("DIR") starts one."""
    running = []

    def start(*words):
        running.append(Demo(tmp_path, *words))
        return running[-1]

    yield start
    for each in running:
        if each.process.poll() is None:
            each.end()


def test_its_star_is_served_at_the_url_that_it_prints(demo):
    shown = demo()
    assert re.fullmatch(rf"http://127\.0\.0\.1:\d+/[0-9a-f]+/{re.escape(TARGET)}/", shown.star)
    rows = urllib.request.urlopen(shown.star + "plates.csv", timeout=30).read().decode().splitlines()
    assert len(rows) == 45
    plate = re.search(r"1890-\d\d-\d\d_\w+", "\n".join(rows))[0]
    assert urllib.request.urlopen(f"{shown.star}cutouts/{plate}.fits", timeout=30).read(6) == b"SIMPLE"
    named = shown.star.replace(TARGET, "Demo_Star")
    assert urllib.request.urlopen(named + "plates.csv", timeout=30).read()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all_of_it(demo, number):
    shown = demo()
    assert list(shown.scratch.iterdir())
    assert shown.end(number) == 0
    assert shown.archive_is_gone() and not list(shown.scratch.iterdir())
    assert shown.errors.read_text() == ""
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(shown.star, timeout=5)


def test_the_archive_does_not_outlive_a_demonstration_that_is_killed(demo):
    shown = demo()
    assert shown.end(signal.SIGKILL) == -signal.SIGKILL
    wait_until(shown.archive_is_gone, what="the end of the archive")


def test_the_star_is_mounted_where_a_place_is_given_until_that_is_unmounted(demo, tmp_path):
    place = tmp_path / "plates"
    place.mkdir()
    shown = demo(place)
    assert shown.star == f"{place}/{TARGET}"
    assert len(os.listdir(shown.star + "/cutouts")) >= 42
    subprocess.run([BIN / "platefs", "unmount", place], check=True, timeout=30)
    assert shown.process.wait(timeout=20) == 0
    assert shown.archive_is_gone() and not os.path.ismount(place) and not list(shown.scratch.iterdir())


def test_ctrl_c_lifts_the_mount(demo, tmp_path):
    place = tmp_path / "plates"
    place.mkdir()
    shown = demo(place)
    assert os.listdir(shown.star)
    assert shown.end() == 0
    assert not os.path.ismount(place) and shown.archive_is_gone()


def test_what_is_configured_is_not_asked_and_its_cache_is_left_alone(demo, tmp_path):
    (tmp_path / "config/platefs").mkdir(parents=True)
    (tmp_path / "config/platefs/config.toml").write_text(
        'archives = ["far"]\nresolver = "http://127.0.0.1:9/"\n[archive.far]\nurl = "http://127.0.0.1:9/tap"\n')
    shown = demo()
    rows = urllib.request.urlopen(shown.star + "plates.csv", timeout=30).read().decode().splitlines()
    assert len(rows) == 45 and not (tmp_path / "cache").exists()


def test_without_its_archive_it_says_what_is_missing(tmp_path):
    program = shutil.copy(BIN / "platefs", tmp_path / "platefs")
    done = subprocess.run([program, "demo"], capture_output=True, text=True, timeout=30, env=environment(tmp_path))
    assert done.returncode == 1 and done.stdout == ""
    assert f"{tmp_path}/platefs-demo-archive: No such file" in done.stderr


def test_a_place_that_is_none_ends_it_with_the_archive(tmp_path):
    done = subprocess.run([BIN / "platefs", "demo", tmp_path / "nowhere"], capture_output=True, text=True, timeout=60,
                          env={**environment(tmp_path), "TMPDIR": str(tmp_path)})
    assert done.returncode == 1 and "does not exist" in done.stderr
    assert not list(tmp_path.glob("platefs-demo-*"))
