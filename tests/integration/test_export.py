# SPDX-License-Identifier: BSD-3-Clause
"""`platefs fetch --to DIR` and `--to FILE.tar`: plain files for a machine without platefs, and a manifest of them."""
import csv
import hashlib
import json
import os
import signal
import subprocess
import tarfile

import pytest
from conftest import BIN, TARGET, Mount, wait_until

WHAT = ["--what", "cutout,preview,stamp"]


@pytest.fixture
def fetch(archive, tmp_path):
    """Runs it with a cache of its own: the lines of JSON that it tells, of files by their path."""
    archive.clear_faults()
    archive.forget_requests()

    def run(*words, cache="cache", code=(0, 3)):
        done = subprocess.run(command(archive, tmp_path / cache, *words), capture_output=True, text=True, timeout=120)
        assert done.returncode in code, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    yield run
    archive.clear_faults()


def command(archive, cache, *words):
    return [BIN / "platefs", "fetch", "--archive", archive.tap, "--resolver", archive.resolver, "--cache-dir", cache, "--json",
            *words]


def manifest_of(directory, name="manifest.jsonl"):
    return {entry["path"]: entry for entry in map(json.loads, (directory / name).read_text().splitlines())}


def files_below(directory):
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_the_files_are_those_of_a_mount_and_the_manifest_tells_their_digests(archive, fetch, tmp_path):
    out = tmp_path / "out"
    fetch("--to", out, *WHAT, TARGET)
    mount = Mount(archive, tmp_path)
    entries = manifest_of(out)
    good = {path: entry for path, entry in entries.items() if "error" not in entry}
    assert len(good) > 100 and len(entries) > len(good)          # some plates of any archive fail, and are told
    for path, entry in good.items():
        content = (out / path).read_bytes()
        assert (mount.path / path).read_bytes() == content, path
        assert (len(content), hashlib.sha256(content).hexdigest()) == (entry["bytes"], entry["sha256"]), path
        assert entry["did"] and entry["source"]
    names = [path for path in good if path.endswith("/cutout.fits")]
    for path in names:                                           # the second name that a mount has of it
        plate = path.split("/")[1]
        assert (out / TARGET / "cutouts" / f"{plate}.fits").stat().st_ino == (out / path).stat().st_ino
    mount.down()


def test_tables_and_pages_name_the_files_from_where_they_are(fetch, tmp_path):
    out = tmp_path / "out"
    fetch("--to", out, *WHAT, TARGET)
    with open(out / TARGET / "plates.csv", newline="", encoding="utf-8") as file:
        paths = [row["cutout_path"] for row in csv.DictReader(file)]
    there = [path for path in paths if (out / TARGET / path).is_file()]
    assert len(there) >= 40 and not any(path.startswith("/") for path in paths)
    page = (out / TARGET / "index.html").read_text(encoding="utf-8")
    assert 'src="/' not in page and "stamps/" in page
    assert list((out / TARGET).glob("*/plate.json"))


def test_again_asks_nobody_and_writes_nothing(archive, fetch, tmp_path):
    out = tmp_path / "out"
    fetch("--to", out, *WHAT, TARGET)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.fits")}
    lines = (out / "manifest.jsonl").read_text()
    archive.forget_requests()
    told = fetch("--to", out, *WHAT, TARGET)
    assert not archive.requests("file", "soda", "preview", "tap")
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.fits")} == before
    assert (out / "manifest.jsonl").read_text() == lines
    assert not [event for event in told if event.get("state") == "fetched"]


def test_what_is_missing_is_written_again_alone(archive, fetch, tmp_path):
    out = tmp_path / "out"
    fetch("--to", out, *WHAT, TARGET)
    missing = sorted(out.glob(f"{TARGET}/*/cutout.fits"))[3]
    content = missing.read_bytes()
    missing.unlink()
    archive.forget_requests()
    fetch("--to", out, *WHAT, TARGET)
    assert missing.read_bytes() == content
    assert not archive.requests("file", "soda", "preview")       # the cache has it


def test_a_run_that_is_killed_leaves_whole_files_and_the_next_goes_on(archive, fetch, tmp_path):
    out = tmp_path / "out"
    running = subprocess.Popen(command(archive, tmp_path / "cache", "--to", out, *WHAT, TARGET), stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    wait_until(lambda: (out / "manifest.jsonl").exists() and (out / "manifest.jsonl").read_text().count("\n") >= 10)
    running.send_signal(signal.SIGKILL)
    running.wait()
    for path, entry in manifest_of(out).items():
        if "error" not in entry:
            assert hashlib.sha256((out / path).read_bytes()).hexdigest() == entry["sha256"], path
    fetch("--to", out, *WHAT, TARGET)
    fetch("--to", tmp_path / "whole", *WHAT, TARGET, cache="other")
    assert {path: content for path, content in files_below(out).items() if path.endswith((".fits", ".jpg"))} == \
           {path: content for path, content in files_below(tmp_path / "whole").items() if path.endswith((".fits", ".jpg"))}


def test_shards_make_together_what_one_run_makes(fetch, tmp_path):
    targets = [f"{156.01 + 0.001 * i:.3f}+48.147" for i in range(7)]
    fetch("--to", tmp_path / "one", *targets)
    for shard in ("1/3", "2/3", "3/3"):
        fetch("--to", tmp_path / "parts", "--shard", shard, *targets, cache=f"cache-{shard[0]}")
    whole, parts = files_below(tmp_path / "one"), files_below(tmp_path / "parts")
    kept = {path for path in whole if path.endswith(".fits") and "/plates." not in path}
    assert kept == {path for path in parts if path.endswith(".fits") and "/plates." not in path}
    assert all(whole[path] == parts[path] for path in kept)
    joined = {}
    for number in (1, 2, 3):
        part = manifest_of(tmp_path / "parts", f"manifest-{number}-of-3.jsonl")
        assert not joined.keys() & part.keys()
        joined.update(part)
    digests = {path: entry.get("sha256") for path, entry in manifest_of(tmp_path / "one").items()}
    assert {path: entry.get("sha256") for path, entry in joined.items()} == digests


@pytest.mark.parametrize("words", [["--shard", "0/3"], ["--shard", "4/3"], ["--shard", "1"], ["--shard", "x/2"], ["--shard", "1/"]])
def test_a_shard_that_is_none_is_refused(fetch, words):
    fetch(*words, TARGET, code=(2,))


def test_a_part_without_targets_has_a_manifest_without_lines(fetch, tmp_path):
    empty = 0
    for number in range(1, 5):
        fetch("--what", "cutout", "--shard", f"{number}/4", TARGET)
        fetch("--to", tmp_path / "out", "--shard", f"{number}/4", TARGET)
        empty += not manifest_of(tmp_path / "out", f"manifest-{number}-of-4.jsonl")
    assert empty == 3


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root for a small file system")
def test_a_full_disk_is_told_and_leaves_no_half_of_a_file(archive, fetch, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], check=True)
    try:
        fetch("--to", disk / "out", *WHAT, TARGET, code=(1, 3))
        left = files_below(disk / "out")
        assert not [path for path in left if path.endswith(".part")]
        for path, entry in manifest_of(disk / "out").items():
            if "error" not in entry:
                assert hashlib.sha256(left[path]).hexdigest() == entry["sha256"], path
    finally:
        subprocess.run(["umount", disk], check=True)


# -- a tar


def members_of(file):
    """The bytes of all names, those of further names of a file too."""
    with tarfile.open(file) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}


def test_a_tar_is_the_tree_of_a_directory(fetch, tmp_path):
    targets = [TARGET, "156.02+48.15@2m"]
    fetch("--to", tmp_path / "out", *WHAT, *targets)
    fetch("--to", tmp_path / "out.tar", *WHAT, *targets)
    members, files = members_of(tmp_path / "out.tar"), files_below(tmp_path / "out")
    assert sorted(members) == sorted(files) and len(files) > 250
    assert {name for name in files if members[name] != files[name]} <= {"manifest.jsonl"} | {
        name for name in files if name.endswith(("errors.txt", "index.html", "plates.csv", "plates.vot", "plates.fits"))}   # what tell states and times
    lines = {entry["path"]: entry for entry in map(json.loads, members["manifest.jsonl"].decode().splitlines())}
    assert lines == manifest_of(tmp_path / "out")
    with tarfile.open(tmp_path / "out.tar") as tar:
        assert tar.getmember(f"{TARGET}/cutouts/{sorted(n for n in members if n.startswith(TARGET + '/cutouts/'))[0].split('/')[-1]}").islnk()
    assert sorted(path.name for path in tmp_path.iterdir() if "tar" in path.name) == ["out.tar"]


def test_the_system_s_tar_reads_it(fetch, tmp_path):
    fetch("--to", tmp_path / "out.tar", TARGET)
    (tmp_path / "taken").mkdir()
    done = subprocess.run(["tar", "-C", tmp_path / "taken", "-xf", tmp_path / "out.tar"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stderr == ""
    for path, entry in manifest_of(tmp_path / "taken").items():
        if "error" not in entry:
            assert hashlib.sha256((tmp_path / "taken" / path).read_bytes()).hexdigest() == entry["sha256"], path


def test_a_tar_made_again_asks_nobody(archive, fetch, tmp_path):
    fetch("--to", tmp_path / "out.tar", *WHAT, TARGET)
    first = members_of(tmp_path / "out.tar")
    archive.forget_requests()
    fetch("--to", tmp_path / "out.tar", *WHAT, TARGET)
    assert not archive.requests("file", "soda", "preview", "tap")
    again = members_of(tmp_path / "out.tar")
    assert sorted(again) == sorted(first)
    assert all(again[name] == first[name] for name in first if name.endswith((".fits", ".jpg", ".jsonl")) and "/plates." not in name)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_tar_that_is_broken_off_is_none_and_the_one_before_stays(archive, fetch, tmp_path, number):
    out, part = tmp_path / "out.tar", tmp_path / ".out.tar.part"
    out.write_bytes(b"of yesterday")
    fetch("--what", "cutout", TARGET)
    archive.set_faults({"match": {"kind": "file"}, "fault": "stall"})    # some of it never comes
    running = subprocess.Popen(command(archive, tmp_path / "cache", "--to", out, "--what", "cutout,full", TARGET),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # Of few files only: soon all that fetch are waiting for what stalls.
    wait_until(lambda: part.exists() and part.stat().st_size > 4096, what="the beginning of the tar")
    running.send_signal(number)
    assert running.wait(timeout=20) == (130 if number == signal.SIGINT else -number)
    assert out.read_bytes() == b"of yesterday"
    assert part.exists() == (number == signal.SIGKILL)
    archive.clear_faults()
    fetch("--to", out, TARGET)
    assert len(members_of(out)) > 80 and not part.exists()


def test_the_tar_of_one_part_is_not_replaced_by_that_of_another(fetch, tmp_path):
    targets = [f"{156.01 + 0.001 * i:.3f}+48.147" for i in range(7)]
    fetch("--to", tmp_path / "out.tar", "--shard", "1/3", *targets)
    members = members_of(tmp_path / "out.tar")
    assert "manifest-1-of-3.jsonl" in members
    fetch("--to", tmp_path / "out.tar", "--shard", "2/3", *targets, code=(2,))
    assert members_of(tmp_path / "out.tar") == members
    fetch("--to", tmp_path / "out.tar", "--shard", "1/3", *targets)          # its own again


def test_two_runs_do_not_write_one_tar_at_once(archive, fetch, tmp_path):
    out, part = tmp_path / "out.tar", tmp_path / ".out.tar.part"
    fetch("--what", "cutout", TARGET)
    archive.set_faults({"match": {"kind": "file"}, "fault": "stall"})
    first = subprocess.Popen(command(archive, tmp_path / "cache", "--to", out, "--what", "cutout,full", TARGET),
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: part.exists() and part.stat().st_size > 4096, what="the beginning of the tar")
    before = part.stat().st_size
    fetch("--to", out, "156.02+48.15@2m", cache="other", code=(2,))
    assert part.stat().st_size >= before and not out.exists()
    first.send_signal(signal.SIGINT)
    assert first.wait(timeout=20) == 130
    assert not part.exists()


@pytest.mark.parametrize("place", ["out.tar.gz", "out.tgz", "s3://bucket/out"])
def test_a_place_that_can_not_be_written_is_refused(fetch, tmp_path, place):
    fetch("--to", place if "://" in place else tmp_path / place, TARGET, code=(2,))
    assert not list(tmp_path.glob("out*"))
