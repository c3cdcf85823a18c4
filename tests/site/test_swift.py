# SPDX-License-Identifier: BSD-3-Clause
"""`platefs fetch --to s3://…` into a bucket of Swift's S3 service."""
import hashlib
import json
import os
import subprocess

import pytest
from batch_engines import SWIFT, Swift, missing
from conftest import BIN, TARGET

WHAT = ["--what", "cutout,preview,full"]


@pytest.fixture(scope="module")
def swift(tmp_path_factory):
    if why := missing(SWIFT):
        pytest.skip(why)
    running = Swift(tmp_path_factory.mktemp("swift"))
    running.ask("PUT", "plates")
    yield running
    running.stop()


def fetch(archive, base, swift, *words, code=(0, 3), environment=None):
    done = subprocess.run([BIN / "platefs", "fetch", "--archive", archive.tap, "--resolver", "none", "--cache-dir", base / "cache",
                           *words, TARGET], capture_output=True, text=True, timeout=300,
                          env={**os.environ, **swift.environment(), "XDG_CONFIG_HOME": str(base / "config"), **(environment or {})})
    assert done.returncode in code, done.stderr
    return done.stdout + done.stderr


def test_a_bucket_has_the_files_of_a_directory(archive, swift, tmp_path):
    archive.clear_faults()
    fetch(archive, tmp_path, swift, *WHAT, "--to", tmp_path / "out")
    archive.forget_requests()
    fetch(archive, tmp_path, swift, *WHAT, "--to", "s3://plates/lesson")
    lines = [json.loads(line) for line in swift.ask("GET", "plates/lesson/manifest.jsonl").splitlines()]
    good = [line for line in lines if "error" not in line]
    assert len(good) > 100
    expected = {json.loads(line)["path"]: json.loads(line).get("sha256")
                for line in (tmp_path / "out/manifest.jsonl").read_text().splitlines()}
    assert {line["path"]: line.get("sha256") for line in lines} == expected
    for line in good[::10]:
        sent = swift.ask("GET", "plates/lesson/" + line["path"])
        assert hashlib.sha256(sent).hexdigest() == line["sha256"]
    seconds = [path.relative_to(tmp_path / "out") for path in sorted((tmp_path / "out" / TARGET / "cutouts").iterdir())[:3]]
    for path in seconds:
        assert swift.ask("GET", f"plates/lesson/{path}") == (tmp_path / "out" / path).read_bytes()


def test_a_second_run_sends_nothing_and_asks_no_archive(archive, swift, tmp_path):
    archive.clear_faults()
    fetch(archive, tmp_path, swift, "--what", "preview", "--to", "s3://plates/twice")
    before = swift.ask("GET", "plates/twice/manifest.jsonl")
    archive.forget_requests()
    told = fetch(archive, tmp_path, swift, "--what", "preview", "--json", "--to", "s3://plates/twice")
    assert archive.requests() == []
    assert swift.ask("GET", "plates/twice/manifest.jsonl") == before
    assert '"fetched":0' in told


def test_what_it_refuses_is_told_as_it_says_it(archive, swift, tmp_path):
    archive.forget_requests()
    told = fetch(archive, tmp_path, swift, "--to", "s3://nowhere/x", code=(1,))
    assert "404 NoSuchBucket: The specified bucket does not exist" in told
    told = fetch(archive, tmp_path, swift, "--to", "s3://plates/x", code=(1,), environment={"AWS_SECRET_ACCESS_KEY": "another"})
    assert "403 SignatureDoesNotMatch" in told
    assert archive.requests() == []
