# SPDX-License-Identifier: BSD-3-Clause
"""0 done, 1 failed, 2 wrong usage, 3 done in part, 130 interrupted; and a message that says what to do next."""
import json
import os
import signal
import subprocess

import pytest

from conftest import BIN, TARGET, wait_until

GONE = "http://127.0.0.1:9/tap"


@pytest.fixture
def platefs(archive, tmp_path):
    """Runs the command in a home of its own: its exit code, what it says on stdout and on stderr."""
    archive.clear_faults()
    archive.forget_requests()
    configuration = tmp_path / "config/platefs/config.toml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text(f'archives = ["demo"]\nresolver = "{archive.resolver}"\n[archive.demo]\nurl = "{archive.tap}"\n')
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config"),
                   "XDG_CACHE_HOME": str(tmp_path / "cache"), "XDG_STATE_HOME": str(tmp_path / "state")}

    def run(*words, interrupt_when=None):
        process = subprocess.Popen([BIN / "platefs", *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, env=environment, cwd=tmp_path)
        if interrupt_when:
            wait_until(interrupt_when, what="the moment of Ctrl-C")
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err
    yield run
    archive.clear_faults()


def test_what_is_done_is_0_and_says_nothing_on_stderr(archive, platefs):
    for words in (["query", TARGET], ["archives", "list"], ["cache", "status"],
                  ["fetch", "--dry-run", TARGET, "--json"], ["--help"], ["mount", "--help"],
                  ["--version"], ["completion", "bash"]):
        code, out, err = platefs(*words)
        assert (code, err) == (0, "") and out, words


@pytest.mark.parametrize("words, told", [
    ([], "--help"),
    (["mownt"], "did you mean 'mount'?"),
    (["query", TARGET, "--radus", "5m"], "did you mean '--radius'?"),
    (["query"], "TARGET"),
    (["query", "400+95"], "400+95"),
    (["query", TARGET, "--radius", "20"], "20"),
    (["query", TARGET, "--radius", "20x"], "20x"),
    (["query", TARGET, "--format", "pdf"], "pdf"),
    (["query", TARGET, "--archive", "gavoo"], "gavo"),
    (["query", TARGET, "--archive", "ftp://a/tap"], "ftp"),
    (["query", TARGET, "--cache-size", "many"], "many"),
    (["query", TARGET, "--jobs-per-host", "0"], "jobs-per-host"),
    (["query", TARGET, "--proxy", "gopher://a"], "gopher"),
    (["fetch"], "no targets"),
    (["fetch", "notes.txt"], "notes.txt"),
    (["fetch", TARGET, "--what", "everything"], "everything"),
    (["cache", "polish"], "polish"),
    (["cache", "pin"], "which files"),
    (["archives", "find"], "find"),
    (["mount"], "PLACES"),
    (["mount", "http://127.0.0.1:9/tap"], "where to mount"),
    (["mount", "/tmp", "-o", "radius=far"], "far"),
    (["completion", "csh"], "csh"),
])
def test_wrong_usage_is_2_and_names_what_is_wrong(archive, platefs, words, told):
    code, out, err = platefs(*words)
    assert code == 2 and out == "" and told in err, err
    assert archive.requests() == []


@pytest.mark.parametrize("words, told", [
    (["query", TARGET, "--archive", GONE], "127.0.0.1:9"),
    (["query", TARGET, "--config", "nowhere.toml"], "nowhere.toml"),
    (["query", TARGET, "--config", "/tmp"], "/tmp can't be read: Is a directory"),
    (["query", "Nosuch 42"], "check its spelling"),
    (["query", "Nosuch 42", "--resolver", "http://127.0.0.1:9/"], "--resolver"),
    (["query", "Nosuch 42", "--offline"], "coordinates"),
    (["fetch", TARGET, "--archive", GONE], "127.0.0.1:9"),
    (["fetch", "--targets", "stars.csv"], "platefs: stars.csv: No such file"),
    (["cache", "pin", "1+1"], "platefs fetch"),
    (["cache", "status", "--cache-dir", "/proc/1/x"], "/proc/1/x"),
    (["archives", "probe", GONE], "127.0.0.1:9"),
    (["archives", "discover", "--registry", GONE], "--registry"),
    (["status", "/tmp"], "/tmp"),
    (["unmount", "/tmp"], "/tmp"),
    (["mount", "/nowhere/at/all"], "/nowhere/at/all"),
])
def test_what_fails_is_1_and_says_on_what(archive, platefs, words, told):
    code, out, err = platefs(*words)
    assert code == 1 and told in out + err, out + err
    assert all(line.startswith("platefs: ") for line in err.splitlines() if line) or words[0] == "fetch", err


@pytest.mark.parametrize("action", ["status", "list", "verify", "clear"])
def test_looking_after_a_cache_makes_none(platefs, tmp_path, action):
    code, out, err = platefs("cache", action, "--cache-dir", tmp_path / "mistyped")
    assert (code, out) == (1, "") and "no cache in" in err and "mistyped" in err
    assert not (tmp_path / "mistyped").exists()


def test_what_is_done_in_part_is_3_and_says_what_is_missing(archive, platefs):
    code, out, err = platefs("query", TARGET, "--archive", "demo", "--archive", GONE)
    assert code == 3 and "i00811" in out and "127.0.0.1" in err and "what to do" in err
    archive.set_faults(*({"match": {"kind": kind, "path": "i00811"}, "fault": "status", "status": 404}
                         for kind in ("file", "soda")))
    code, out, _ = platefs("fetch", TARGET, "--json")
    assert code == 3 and json.loads(out.splitlines()[-1])["failed"] > 0


@pytest.mark.parametrize("words", [
    ["query", "20+20"], ["query", "20+20", "--json"], ["fetch", "20+20"], ["archives", "probe"], ["doctor"]])
def test_ctrl_c_is_130_at_once(archive, platefs, words):
    archive.set_faults({"match": {"kind": "tap"}, "fault": "stall"})
    code, _, err = platefs(*words, "--archive", "demo", interrupt_when=lambda: archive.requests("tap"))
    assert code in (130, -2) if words == ["doctor"] else code == 130, err


def test_ctrl_c_while_a_name_is_looked_up_is_130(archive, platefs):
    archive.set_faults({"match": {"kind": "sesame"}, "fault": "stall"})
    code, _, _ = platefs("query", "AG Dra", interrupt_when=lambda: archive.requests("sesame"))
    assert code == 130
