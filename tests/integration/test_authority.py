# SPDX-License-Identifier: BSD-3-Clause
"""Two archives that list one identifier, and one that is known by two spellings."""
import csv
import os
import subprocess

import pytest
from conftest import BIN, Mount, xattr
from file_server import FileServer, Front
from test_servers import DEC, PLATES, RA, check

DID = "ivo://test/plates/one"


class Archives:
    """Two archives on one computer, each with a plate of its own under the same identifier."""

    def __init__(self, base):
        self.base, self.mounts, self.servers, self.fronts = base, [], [], []
        for i, (_, content) in enumerate(PLATES):
            folder = base / f"archive{i}"
            folder.mkdir()
            server = FileServer({"one.fits": content, "note.txt": b"note %d" % i})
            self.servers.append(server)
            self.fronts.append(Front(folder, (RA, DEC), [
                {"id": DID, "url": server.url("one.fits"), "bytes": len(content), "t_min": 11504.5}]))

    def mount(self, *archives, name="mnt"):
        """One mount of these, by their numbers; all mounts share a cache."""
        words = [word for i in archives[1:] for word in ("--archive", self.fronts[i].tap)]
        mounted = Mount(self.fronts[archives[0]], self.base, name=name, options=words)
        self.mounts.append(mounted)
        return mounted

    def close(self):
        for each in self.mounts:
            each.down()
        for each in self.fronts:
            each.stop()
        for each in self.servers:
            each.close()


@pytest.fixture
def archives(tmp_path):
    made = Archives(tmp_path)
    yield made
    made.close()


def folders(mounted):
    target = mounted.path / f"{RA}+{DEC}@120s"
    return [target / name for name in sorted(os.listdir(target)) if "_one" in name]


def check_plate(folder, i):
    pixels, content = PLATES[i]
    assert (folder / "full.fits").read_bytes() == content
    check(folder / "cutout.fits", pixels)
    assert (folder / "preview.jpg").read_bytes()[:2] == b"\xff\xd8"
    return (folder / "preview.jpg").read_bytes(), (folder / "datalink.vot").read_bytes()


def test_two_mounts_on_one_cache_serve_each_archives_own_files_of_one_identifier(archives):
    first = check_plate(folders(archives.mount(0, name="a"))[0], 0)
    second = check_plate(folders(archives.mount(1, name="b"))[0], 1)
    assert first[0] != second[0] and first[1] != second[1]
    for each in archives.mounts:
        each.again()
    assert check_plate(folders(archives.mounts[1])[0], 1) == second
    assert check_plate(folders(archives.mounts[0])[0], 0) == first


def test_one_mount_of_both_shows_and_serves_both_plates_of_one_identifier(archives):
    both = folders(archives.mount(0, 1))
    assert len(both) == 2
    for folder in both:
        served = (folder / "full.fits").read_bytes()
        check_plate(folder, 0 if served == PLATES[0][1] else 1)
    contents = {(folder / "full.fits").read_bytes() for folder in both}
    assert contents == {content for _, content in PLATES}
    with open(both[0].parent / "plates.csv") as file:
        rows = list(csv.DictReader(file))
    assert [row["obs_publisher_did"] for row in rows] == [DID, DID]
    assert {row["plate"] for row in rows} == {folder.name for folder in both}
    archives.mounts[0].again()
    assert folders(archives.mounts[0]) == both


def test_an_archive_is_the_same_by_its_name_and_by_its_url(archives):
    folder = folders(archives.mount(0, name="a"))[0]
    check_plate(folder, 0)
    config = archives.base / "named.toml"
    config.write_text(f'archives = ["mine"]\n[archive.mine]\nurl = "{archives.fronts[0].tap}/"\n')
    archives.mounts[0].down()                       # what it fetched is in the index then
    archives.servers[0].forget()
    listed = subprocess.run([BIN / "platefs", "fetch", "--config", config, "--cache-dir", archives.mounts[0].cache,
                             "--what", "full,cutout", f"{RA}+{DEC}@120s"], timeout=60, capture_output=True, text=True)
    assert listed.returncode == 0, listed.stderr
    assert archives.servers[0].asked == []


def test_a_failure_is_told_of_the_archive_that_failed(archives):
    archives.servers[1].files.clear()
    both = folders(archives.mount(0, 1))
    for folder in both:
        try:
            (folder / "full.fits").read_bytes()
        except OSError:
            pass
    failed = [folder for folder in both if "404" in xattr(folder, "error")]
    assert len(failed) == 1
    assert (next(f for f in both if f not in failed) / "full.fits").read_bytes() == PLATES[0][1]
