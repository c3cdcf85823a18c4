# SPDX-License-Identifier: BSD-3-Clause
"""`--archive plates`: all archives that hold plates and need no key, each in its own time."""
import os
import subprocess
import threading
import time

import pytest
from conftest import BIN, TARGET, wait_until
from links_site import VOTABLE, LinksSite
from starglass_site import StarGlass, exposures_of

RA, DEC = (float(word) for word in TARGET.split("+"))
FORMS = {"poss1_red", "poss2ukstu_ir", "DSS1-blue"}     # some of the surveys behind forms


class Late(LinksSite):
    """Answers its queries when it is told to."""

    def __init__(self):
        super().__init__(access_url="http://127.0.0.1:1/late.fits", access_format="image/fits", s_ra=RA, s_dec=DEC,
                         s_region=f"Circle ICRS {RA} {DEC} 1")
        self.may_answer = threading.Event()

    def answer_query(self, form):
        self.may_answer.wait(60)
        return 200, VOTABLE, self.table(), {}


@pytest.fixture
def world(archive, tmp_path):
    """The built-in archives where they can be reached here; what asks nobody stays as it is."""
    archive.clear_faults()
    archive.forget_requests()
    late, harvard, closed = Late(), StarGlass(exposures_of(2)), "http://127.0.0.1:1/tap"
    folder = tmp_path / ".config" / "platefs"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(f"""
[archive.gavo]
url = "{archive.tap}"
[archive.gavo-dasch-wide]
url = "{closed}"
[archive.applause]
url = "{late.tap}"
[archive.starglass]
url = "{harvard.url}/public/dasch/dr7"
""")
    path = tmp_path / "mnt"
    path.mkdir()
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}

    def run(*words, code=0):
        done = subprocess.run([BIN / "platefs", *words], env=environment, capture_output=True, text=True, timeout=90)
        assert done.returncode == code, done.stderr
        return done

    run("mount", "--archive", "plates", "--resolver", "none", path)
    yield path, late, run
    late.may_answer.set()
    if os.path.ismount(path):
        run("unmount", path)
    late.close()
    harvard.stop()


def scans(target):
    return {entry.name.split("_", 1)[1] for entry in os.scandir(target) if entry.is_dir() and "_" in entry.name}


def test_each_archive_is_listed_when_it_answers_and_holds_up_no_other(world):
    path, late, _ = world
    began = time.monotonic()
    listed = scans(path / TARGET)
    assert time.monotonic() - began < 10
    wanted = {"b01941", "AG03152_y", "b00001m0s0"} | FORMS
    assert wanted <= listed and "one" not in listed, wanted - listed
    errors = (path / TARGET / "errors.txt").read_text()
    assert "applause has not answered yet" in errors and "gavo-dasch-wide failed" in errors
    assert "starglass" not in errors and "gavo failed" not in errors
    late.may_answer.set()
    wait_until(lambda: "one" in scans(path / TARGET), what="the plate of the archive that was late")
    errors = (path / TARGET / "errors.txt").read_text()
    assert "applause" not in errors and "gavo-dasch-wide failed" in errors


def test_a_command_waits_for_all_and_tells_which_failed(world):
    _, late, run = world
    late.may_answer.set()
    done = run("query", "--archive", "plates", "--resolver", "none", "--format", "csv", TARGET, code=3)
    assert "gavo-dasch-wide" in done.stderr and "applause" not in done.stderr
    assert all(word in done.stdout for word in ("b01941", "b00001m0s0", "poss1_red", "ivo://test/plates/one"))
