# SPDX-License-Identifier: BSD-3-Clause
"""tools/examples/cluster, each with its engine: the parts of an array make what one process makes, and what was killed is
gone on with."""
import hashlib
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile

import pytest
from batch_engines import SLURM, Slurm, missing
from conftest import BIN, wait_until

EXAMPLES = pathlib.Path(__file__).parents[2] / "tools/examples/cluster"
TARGETS = int(os.environ.get("PLATEFS_SITE_TARGETS", 8))


class Work:
    """A list of targets, and what one process makes of it."""

    def __init__(self, archive, base):
        self.archive, self.base = archive, base
        self.targets = base / "stars.csv"
        self.targets.write_text("ra,dec,name\n" + "".join(f"{156.01 + 0.001 * i:.3f},48.147,star{i}\n" for i in range(TARGETS)))
        configuration = base / "config/platefs/config.toml"
        configuration.parent.mkdir(parents=True)
        configuration.write_text(f'archives = ["demo"]\nresolver = "none"\n[archive.demo]\nurl = "{archive.tap}"\n')
        self.environment = {**os.environ, "XDG_CONFIG_HOME": str(base / "config"), "XDG_STATE_HOME": str(base / "state"),
                            "PATH": f"{BIN}:{os.environ['PATH']}", "USER": "tester"}
        done = subprocess.run([BIN / "platefs", "fetch", "--targets", self.targets, "--cache-dir", base / "cache", "--what",
                               "cutout,preview", "--to", base / "one"], env=self.environment, capture_output=True, timeout=300)
        assert done.returncode in (0, 3), done.stderr
        self.expected = tree_of(base / "one")
        assert len(self.expected) > 40 * TARGETS
        archive.forget_requests()


def tree_of(folder):
    """Digests of all images, and of the manifest what it tells of each."""
    found = {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
             for path in folder.rglob("*") if path.is_file() and path.suffix in (".fits", ".jpg") and path.name != "plates.fits"}
    for entry in map(json.loads, (folder / "manifest.jsonl").read_text().splitlines()):
        found["manifest of " + entry["path"]] = entry.get("sha256", "none")
    return found


@pytest.fixture(scope="module")
def work(archive, tmp_path_factory):
    archive.clear_faults()
    return Work(archive, tmp_path_factory.mktemp("batch"))


def join(folder):
    with open(folder / "manifest.jsonl", "wb") as joined:
        subprocess.run([EXAMPLES / "join-manifests", folder], check=True, stdout=joined)


@pytest.fixture(scope="module")
def slurm():
    if why := missing(SLURM):
        pytest.skip(why)
    if os.geteuid() != 0:
        pytest.skip("needs root")
    with tempfile.TemporaryDirectory(prefix="platefs-slurm-") as folder:  # munge's user gets there
        running = Slurm(pathlib.Path(folder))
        yield running
        running.stop()


def test_an_array_of_slurm_makes_what_one_process_makes(slurm, work, tmp_path):
    (tmp_path / "tmp").mkdir()
    environment = {**work.environment, "TMPDIR": str(tmp_path / "tmp")}
    job = slurm.submit(EXAMPLES / "fetch.sbatch", work.targets, tmp_path / "out", "--what", "cutout,preview", environment=environment,
                       cwd=tmp_path)
    states = slurm.wait(job)
    logs = {path.name: path.read_text() for path in tmp_path.glob("platefs-*.log")}
    assert len(logs) == 4, (states, logs)
    join(tmp_path / "out")
    assert tree_of(tmp_path / "out") == work.expected, logs
    assert all("more than an archive should see" not in text for text in logs.values())


def test_a_task_that_was_killed_fetches_only_what_is_missing(slurm, work, archive, tmp_path):
    (tmp_path / "tmp").mkdir()
    environment = {**work.environment, "TMPDIR": str(tmp_path / "tmp")}
    submit = lambda: slurm.submit(EXAMPLES / "fetch.sbatch", work.targets, tmp_path / "out", "--what", "cutout,preview", "--jobs", "1",
                                  environment=environment, cwd=tmp_path)
    archive.set_faults({"match": {"kind": "preview"}, "fault": "latency", "milliseconds": 60, "times": 100000})
    job = submit()
    killed = set()

    def kill_one():
        """The first whose manifest has grown to ten lines."""
        for manifest in (tmp_path / "out").glob("manifest-*-of-4.jsonl"):
            if manifest.read_text().count("\n") < 10:
                continue
            shard = re.search(r"manifest-(\d)-of-4", manifest.name).group(1)
            for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    words = entry.read_bytes().split(b"\0")
                except OSError:
                    continue
                if b"--shard" in words and f"{shard}/4".encode() in words and str(tmp_path / "out").encode() in words:
                    os.kill(int(entry.parent.name), signal.SIGKILL)
                    killed.add(shard)
                    return True
        return False

    wait_until(kill_one, 60, "a task to be killed")
    slurm.wait(job)
    archive.clear_faults()
    shard = killed.pop()
    written = {entry["path"] for entry in map(json.loads, whole_lines(tmp_path / "out" / f"manifest-{shard}-of-4.jsonl"))
               if "error" not in entry}
    assert written
    times = {path: (tmp_path / "out" / path).stat().st_mtime_ns for path in written}
    archive.forget_requests()
    slurm.wait(submit())
    join(tmp_path / "out")
    assert tree_of(tmp_path / "out") == work.expected
    assert {path: (tmp_path / "out" / path).stat().st_mtime_ns for path in written} == times
    is_preview = re.compile(r"/preview\.jpg$").search
    all_of_shard = [entry["path"] for entry in map(json.loads, whole_lines(tmp_path / "out" / f"manifest-{shard}-of-4.jsonl"))
                    if "error" not in entry]
    assert len(archive.requests("preview")) <= len([path for path in all_of_shard if is_preview(path) and path not in written])


def whole_lines(path):
    return [line for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]


def test_gnu_parallel_makes_what_one_process_makes(work, tmp_path):
    if why := missing(["parallel"]):
        pytest.skip(why)
    (tmp_path / "tmp").mkdir()
    done = subprocess.run([EXAMPLES / "fetch-parallel", work.targets, tmp_path / "out", "--what", "cutout,preview"], cwd=tmp_path,
                          env={**work.environment, "TMPDIR": str(tmp_path / "tmp"), "HOME": str(tmp_path)}, capture_output=True,
                          text=True, timeout=300)
    join(tmp_path / "out")
    assert tree_of(tmp_path / "out") == work.expected, done.stderr
    assert (tmp_path / "platefs.joblog").read_text().count("\n") == 5


def test_snakemake_makes_what_one_process_makes(work, tmp_path):
    if why := missing(["snakemake"]):
        pytest.skip(why)
    (tmp_path / "tmp").mkdir()
    done = subprocess.run(["snakemake", "--snakefile", EXAMPLES / "Snakefile", "--cores", "4", "--resources", "archive=4", "--config",
                           f"targets={work.targets}", "to=out", "options=--what cutout,preview"], cwd=tmp_path,
                          env={**work.environment, "TMPDIR": str(tmp_path / "tmp"), "HOME": str(tmp_path)}, capture_output=True,
                          text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    assert tree_of(tmp_path / "out") == work.expected


def test_fetch_warns_of_an_array_that_is_too_large(work, tmp_path):
    def said(*words, **environment):
        done = subprocess.run([BIN / "platefs", "fetch", "--dry-run", "--cache-dir", work.base / "cache", *words,
                               "156.010+48.147"],
                              env={**work.environment, **environment}, capture_output=True, text=True, timeout=120)
        return done.stderr
    assert "more than an archive should see" in said(SLURM_ARRAY_TASK_COUNT="4")
    assert "more than an archive should see" not in said("--jobs-per-host", "1", SLURM_ARRAY_TASK_COUNT="4")
    assert "more than an archive should see" not in said("--gateway", "http://127.0.0.1:9", SLURM_ARRAY_TASK_COUNT="40")
    assert "more than an archive should see" not in said(SLURM_ARRAY_TASK_COUNT="1")
    assert "more than an archive should see" not in said()
