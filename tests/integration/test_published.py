# SPDX-License-Identifier: BSD-3-Clause
"""A cache that was published: read where it can't be written, as a cache or as a base below one."""
import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from conftest import TARGET, Archive, Mount, wait_until
from mounts import BIN

MANY = 40
MOST_MEMORY = 30 << 20


def tree_of(folder):
    """Path, size, and time of change of what is below a folder."""
    return {str(path.relative_to(folder)): (path.lstat().st_size, path.lstat().st_mtime_ns) for path in folder.rglob("*")}


def digests(mounted):
    """Every file of the lesson's folders by its bytes, and how many plates there are."""
    found = {}
    for folder in ("cutouts", "previews"):
        for path in sorted((mounted / TARGET / folder).iterdir()):
            with contextlib.suppress(OSError):  # of a plate that no cutout can be made of
                found[f"{folder}/{path.name}"] = hashlib.sha256(path.read_bytes()).hexdigest()
    found["plates"] = len((mounted / TARGET / "plates.csv").read_text().splitlines())  # which tells states and paths, too
    return found


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    """An archive, the cache of a lesson fetched from it, and what a mount of that shows."""
    base = tmp_path_factory.mktemp("lesson")
    archive = Archive(base / "archive-state")
    with Mount(archive, base) as teacher:
        shown = digests(teacher.path)
    assert len(shown) > 40
    archive.forget_requests()
    yield archive, base / "cache", shown
    archive.stop()


@contextlib.contextmanager
def read_only(cache, place):
    """The cache as a squashfs by a loop device or squashfuse; where a machine has neither, a read-only bind mount."""
    place.mkdir()
    image = place.with_suffix(".squashfs")
    subprocess.run(["mksquashfs", cache, image, "-quiet", "-no-progress", "-all-root", "-action", "chmod(a+rX)@true"],
                   check=True, stdout=subprocess.DEVNULL)
    ways = [["mount", "-t", "squashfs", "-o", "loop,ro", image, place], ["squashfuse", image, place],
            ["mount", "--bind", cache, place]]
    for way in ways:
        if shutil.which(way[0]) and subprocess.run(way, stderr=subprocess.DEVNULL).returncode == 0:
            break
    else:
        pytest.skip("nothing can be mounted read-only here: no loop device, no squashfuse, no right to bind")
    if "--bind" in way:
        subprocess.run(["mount", "-o", "remount,ro,bind", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def mount(archive, base, *options):
    """Mounts with those options alone."""
    base.mkdir()
    mounted = base / "mnt"
    mounted.mkdir()
    environment = {**os.environ, "XDG_STATE_HOME": str(base / "state"), "XDG_CONFIG_HOME": str(base / "config"),
                   "XDG_CACHE_HOME": str(base / "xdg-cache")}
    log = base / "log"
    with open(log, "wb") as output:
        process = subprocess.Popen([BIN / "platefs", "mount", "-f", "--archive", archive.tap, "--resolver", "none", *options,
                                    mounted], stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment)
    wait_until(lambda: os.path.ismount(mounted) or process.poll() is not None, what="the mount")
    assert process.poll() is None, log.read_text()
    return process, mounted


def end(process, mounted):
    subprocess.run([BIN / "platefs", "unmount", mounted], check=True, stdout=subprocess.DEVNULL, timeout=60)
    process.wait(timeout=60)


def peak_memory(process):
    return int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{process.pid}/status").read_text()).group(1)) << 10


def test_forty_read_a_lesson_without_a_network(lesson, tmp_path):
    archive, cache, shown = lesson
    with read_only(cache, tmp_path / "published") as published:
        before = tree_of(published)
        mounts = [mount(archive, tmp_path / f"student{i}", "--offline", "--cache-dir", published) for i in range(MANY)]
        try:
            for process, mounted in mounts:
                assert digests(mounted) == shown
            assert max(peak_memory(process) for process, _ in mounts) <= MOST_MEMORY
        finally:
            for process, mounted in mounts:
                end(process, mounted)
        assert archive.requests() == []
        assert tree_of(published) == before
        assert not (tmp_path / "student0" / "xdg-cache").exists()


def test_a_lesson_below_a_cache_of_ones_own_is_not_copied(lesson, tmp_path):
    archive, cache, shown = lesson
    with read_only(cache, tmp_path / "published") as published:
        before = tree_of(published)
        own = tmp_path / "own"
        process, mounted = mount(archive, tmp_path / "student", "--offline", "--cache-base", published, "--cache-dir", own)
        try:
            assert digests(mounted) == shown
            assert (mounted / TARGET / "plates.csv").stat().st_size > 0
        finally:
            end(process, mounted)
        assert archive.requests() == []
        written = sum(path.stat().st_blocks * 512 for path in own.rglob("*") if path.is_file())
        assert written < 1 << 20, written
        assert tree_of(published) == before


def test_what_a_lesson_lacks_is_fetched_into_the_own_cache(lesson, tmp_path):
    archive, cache, shown = lesson
    archive.forget_requests()
    with read_only(cache, tmp_path / "published") as published:
        own = tmp_path / "own"
        process, mounted = mount(archive, tmp_path / "student", "--cache-base", published, "--cache-dir", own)
        try:
            plate = next(path for path in sorted((mounted / TARGET).iterdir())
                         if path.is_dir() and (path / "full.fits").exists())
            whole = (plate / "full.fits").read_bytes()
            assert digests(mounted) == shown
        finally:
            end(process, mounted)
        assert archive.requests("tap") == [], "the lesson has the plates of its target"
        fresh = tmp_path / "fresh"
        process, mounted = mount(archive, tmp_path / "other", "--cache-dir", fresh)
        try:
            assert (mounted / TARGET / plate.name / "full.fits").read_bytes() == whole
        finally:
            end(process, mounted)
        # Without the lesson the own cache has what was fetched, and knows no more.
        process, mounted = mount(archive, tmp_path / "third", "--offline", "--cache-base", published, "--cache-dir", own)
        try:
            assert (mounted / TARGET / plate.name / "full.fits").read_bytes() == whole
        finally:
            end(process, mounted)
    archive.forget_requests()


def test_a_forgotten_target_of_a_lesson_is_not_listed_again(lesson, tmp_path):
    archive, cache, _ = lesson
    with read_only(cache, tmp_path / "published") as published:
        own = tmp_path / "own"
        config = tmp_path / "config.toml"
        config.write_text(f'cache-base = ["{published}"]\n')
        process, mounted = mount(archive, tmp_path / "student", "--offline", "--config", config, "--cache-dir", own)
        try:
            assert TARGET in os.listdir(mounted)
        finally:
            end(process, mounted)
        subprocess.run([BIN / "platefs", "cache", "--config", config, "--cache-dir", own, "forget", TARGET], check=True,
                       stderr=subprocess.DEVNULL)
        process, mounted = mount(archive, tmp_path / "again", "--offline", "--config", config, "--cache-dir", own)
        try:
            assert TARGET not in os.listdir(mounted)
        finally:
            end(process, mounted)


def test_a_cache_moves_between_sites_by_the_id_of_its_archive(lesson, tmp_path):
    archive, _, _ = lesson
    config = tmp_path / "here.toml"
    config.write_text(f'[archive.demo]\nurl = "{archive.tap}"\nid = "ivo://example.org/plates"\n')
    cache = tmp_path / "cache"
    said = ["fetch", "--archive", "demo", "--cache-dir", cache, "--resolver", "none", "--what", "preview", TARGET]
    subprocess.run([BIN / "platefs", *said, "--config", config], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, timeout=120)
    archive.forget_requests()
    # The same archive by another URL.
    elsewhere = tmp_path / "there.toml"
    elsewhere.write_text(f'[archive.demo]\nurl = "{archive.tap.replace("127.0.0.1", "localhost")}"\n'
                         'id = "ivo://example.org/plates"\n')
    subprocess.run([BIN / "platefs", *said, "--config", elsewhere], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, timeout=120)
    assert archive.requests() == []


def test_a_file_system_of_a_program_is_refused_for_writing_before_anything_is_made(lesson, tmp_path):
    archive, cache, shown = lesson
    if not shutil.which("bindfs"):
        pytest.skip("no bindfs")
    real, far = tmp_path / "real", tmp_path / "far"
    real.mkdir()
    far.mkdir()
    subprocess.run(["bindfs", real, far], check=True)
    try:
        done = subprocess.run([BIN / "platefs", "query", "--archive", archive.tap, "--resolver", "none", "--cache-dir",
                               far / "cache" / "mine", TARGET], capture_output=True, text=True, timeout=60)
        assert done.returncode == 1
        assert "fuse.bindfs" in done.stderr or "FUSE" in done.stderr
        assert "--cache-dir" in done.stderr
        assert list(real.iterdir()) == []
    finally:
        subprocess.run(["fusermount3", "-u", far], check=True)
    shutil.copytree(cache, real / "lesson")
    subprocess.run(["bindfs", "-o", "ro", real, far], check=True)
    try:
        process, mounted = mount(archive, tmp_path / "student", "--offline", "--cache-dir", far / "lesson")
        try:
            assert digests(mounted) == shown
        finally:
            end(process, mounted)
    finally:
        subprocess.run(["fusermount3", "-u", far], check=True)
    archive.forget_requests()
