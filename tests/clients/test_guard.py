# SPDX-License-Identifier: BSD-3-Clause
"""File managers may look at a directory of plates without fetching it."""
import ctypes
import errno
import os
import shutil
import subprocess
import time

import pytest
from conftest import IMAGES, needs, picture
from mounted import wait_until
from screen import Screen


def as_program(name, action):
    """What `action` returns in a process that calls itself `name`; the errno if it fails."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        ctypes.CDLL(None).prctl(15, name.encode(), 0, 0, 0)
        try:
            action()
            result = 0
        except OSError as problem:
            result = problem.errno
        os.write(write_end, bytes([result]))
        os._exit(0)
    os.close(write_end)
    os.waitpid(child, 0)
    with os.fdopen(read_end, "rb") as told:
        return told.read()[0]


def test_only_what_is_cached_can_be_opened_by_a_thumbnailer(mount, archive):
    plate = mount.target / mount.plates()[1]
    archive.forget_requests()
    for name in ("thunar", "nautilus", "tumblerd", "pool-tumblerd"):
        for file in ("cutout.fits", "full.fits", "preview.jpg"):
            assert as_program(name, (plate / file).read_bytes) == errno.EACCES
    assert archive.requests(*IMAGES) == []
    assert as_program("thunar", (mount.target / "plates.vot").read_bytes) == 0
    (plate / "cutout.fits").read_bytes()
    assert as_program("thunar", (plate / "cutout.fits").read_bytes) == 0
    assert as_program("cp", (plate / "preview.jpg").read_bytes) == 0


def test_the_list_of_programs_can_be_given(mount_with):
    mounted = mount_with("--guard", "nosy*", "--guard", "peeper")
    preview = mounted.target / mounted.plates()[1] / "preview.jpg"
    assert as_program("nosyparker", preview.read_bytes) == errno.EACCES
    assert as_program("peeper", preview.read_bytes) == errno.EACCES
    assert as_program("thunar", preview.read_bytes) == 0


def processor_time(pid):
    """Clock ticks that a process has used; 0 when it is gone."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    except OSError:
        return 0


def is_at_rest(pid, seconds=2.0):
    """Has the process used no time for so long? For wait_until."""
    used, since = -1, time.monotonic()

    def ask():
        nonlocal used, since
        if processor_time(pid) != used:
            used, since = processor_time(pid), time.monotonic()
        return time.monotonic() - since > seconds
    return ask


# A second type for *.fits, as programs that show images bring it: then the name is not enough for GIO to tell what a
# file is, and it looks into it.
SECOND_TYPE = """<?xml version="1.0"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
<mime-type type="image/fits"><glob pattern="*.fits"/></mime-type></mime-info>
"""


@pytest.fixture
def two_types_of_fits(tmp_path):
    packages = tmp_path / ".local/share/mime/packages"
    packages.mkdir(parents=True)
    (packages / "fits.xml").write_text(SECOND_TYPE)
    subprocess.run(["update-mime-database", packages.parent], check=True)


@pytest.fixture
def thunar(two_types_of_fits, tmp_path, request):
    """Opens a directory in Thunar on a screen of its own and waits until it has drawn it."""
    def open_directory(directory):
        screen = Screen()
        environment = {**os.environ, "DISPLAY": screen.display, "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
        manager = subprocess.Popen(["dbus-run-session", "--", "thunar", directory], env=environment,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

        def close():
            os.killpg(manager.pid, 15)
            manager.wait(timeout=20)
            screen.close()
        request.addfinalizer(close)

        def windows():
            return subprocess.run(["xwininfo", "-root", "-tree"], env=environment, capture_output=True, text=True).stdout
        wait_until(lambda: f'"{directory.name}' in windows(), seconds=60, what="Thunar's window of the directory")
        process = subprocess.run(["pgrep", "-P", str(manager.pid), "thunar"], capture_output=True, text=True).stdout
        wait_until(is_at_rest(int(process.split()[0])), seconds=60, what="Thunar having drawn it")
        return environment
    return open_directory


THUNAR = needs("thunar", "Xvfb", "dbus-run-session", "xwininfo", "pgrep", "import", "update-mime-database")


@THUNAR
@pytest.mark.parametrize("folder", ["cutouts", "previews"])
def test_thunar_draws_a_directory_of_cold_plates_without_fetching_one(mount, archive, thunar, artefacts, folder):
    directory = mount.target / folder
    assert len(os.listdir(directory)) > 40
    archive.forget_requests()
    environment = thunar(directory)
    shot = artefacts / f"thunar-{folder}.png"
    subprocess.run(["import", "-window", "root", shot], env=environment, check=True)
    # It did open them, as its log tells, and got nothing to read.
    log = (mount.path / ".platefs/log.txt").read_text()
    assert folder == "previews" or ("thunar" in log and "may only open files that are in the cache" in log)
    assert archive.requests(*IMAGES) == [], log
    size, levels = picture(shot)
    assert min(size) > 500 and levels > 50


@THUNAR
def test_without_the_guard_thunar_would_fetch_them_all(mount_with, archive, thunar):
    """What the guard is for; and that the other test would notice if it did nothing."""
    unguarded = mount_with("--guard", "")
    os.listdir(unguarded.target / "cutouts")
    archive.forget_requests()
    thunar(unguarded.target / "cutouts")
    assert len(archive.requests("soda", "file")) > 20
