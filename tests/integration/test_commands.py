# SPDX-License-Identifier: BSD-3-Clause
"""The commands beside mount and query: fetch, cache, archives, doctor, configuration."""
import json
import os
import pathlib
import signal
import subprocess

import pytest

from conftest import BIN, TARGET, Mount, wait_until


class Platefs:
    """The command with a cache, a configuration and a home of its own."""

    def __init__(self, archive, base):
        self.archive = archive
        self.base = base
        self.cache = base / "cache"
        self.environment = {**os.environ, "HOME": str(base), "XDG_CONFIG_HOME": str(base / "config"),
                            "XDG_STATE_HOME": str(base / "state")}

    def words(self, command, *arguments):
        words = [str(BIN / "platefs"), command, *map(str, arguments), "--cache-dir", str(self.cache)]
        return words + (["--archive", self.archive.tap] if command in ("fetch", "query") else [])

    def __call__(self, command, *arguments, stdin=None):
        return subprocess.run(self.words(command, *arguments), capture_output=True, text=True, timeout=120,
                              env=self.environment, input=stdin)

    def json(self, command, *arguments, code=0):
        done = self(command, *arguments, "--json")
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout)

    def fetched(self, *arguments, **how):
        """The exit code and the lines of JSON, the summary apart."""
        done = self("fetch", *arguments, "--json", **how)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode, [l for l in lines if l["event"] == "file"], lines[-1]

    def configure(self, text):
        file = self.base / "config/platefs/config.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


@pytest.fixture
def platefs(archive, tmp_path):
    archive.clear_faults()
    archive.forget_requests()
    yield Platefs(archive, tmp_path)
    archive.clear_faults()


@pytest.fixture
def mounted(archive, platefs, tmp_path):
    """A mount on the command's own cache."""
    mount = Mount(archive, tmp_path)
    yield mount
    mount.down()


def test_fetch_brings_previews_once_and_they_are_there_without_the_archive(archive, platefs, tmp_path):
    code, files, summary = platefs.fetched(TARGET, "--what", "preview")
    good = [f for f in files if f["state"] == "fetched"]
    assert good and summary["fetched"] == len(good) and summary["bytes"] == sum(f["size"] for f in good)
    archive.forget_requests()
    again_code, again, _ = platefs.fetched(TARGET, "--what", "preview")
    assert again_code == code
    assert {f["state"] for f in again if f["plate"] in {g["plate"] for g in good}} == {"cached"}
    assert archive.requests("preview", "tap") == []
    mount = Mount(archive, tmp_path, options=("--offline",))
    try:
        preview = mount.target / good[0]["plate"] / "preview.jpg"
        assert preview.read_bytes()[:2] == b"\xff\xd8"
        assert preview.stat().st_size == good[0]["size"]
    finally:
        mount.down()


def test_fetch_says_in_its_exit_code_that_some_files_failed(archive, platefs):
    archive.set_faults(*({"match": {"kind": kind, "path": "i00811"}, "fault": "status", "status": 404}
                         for kind in ("file", "soda")))
    code, files, summary = platefs.fetched(TARGET, "--what", "cutout")
    failed = [f for f in files if f["state"] == "failed"]
    assert failed and summary["failed"] == len(failed) and code == 3
    assert all(f["error"] for f in failed)


def test_fetch_of_nothing_but_failures_fails(archive, platefs):
    archive.set_faults({"match": {"kind": "tap"}, "fault": "status", "status": 500})
    assert platefs("fetch", "10+10").returncode == 1


def test_dry_run_counts_bytes_and_fetches_no_file(archive, platefs):
    code, files, summary = platefs.fetched(TARGET, "--what", "full", "--dry-run")
    assert code == 0 and summary["planned"] == len(files) > 0
    assert summary["bytes"] == sum(f["bytes"] for f in files) > 0
    assert {r["kind"] for r in archive.requests()} == {"tap"}


def test_fetch_reads_targets_from_a_table(platefs, tmp_path):
    ra, dec = TARGET.split("+")
    table = tmp_path / "stars.csv"
    table.write_text(f"name,RAJ2000,DEJ2000\nthe star,{ra},{dec}\nnowhere,10,-80\n")
    _, files, summary = platefs.fetched("--targets", table, "--dry-run")
    assert summary["targets"] == 2
    assert {f["target"] for f in files} == {"the star"}
    _, piped, _ = platefs.fetched("--targets", "-", "--dry-run", stdin=f"{TARGET}\n")
    assert len(piped) == len(files)


def test_fetch_goes_on_after_a_row_without_a_position(platefs, tmp_path):
    ra, dec = TARGET.split("+")
    table = tmp_path / "stars.csv"
    table.write_text(f"name,ra,dec\nnowhere,,\nthe star,{ra},{dec}\nnor here,null,null\n")
    done = platefs("fetch", "--targets", table, "--dry-run", "--json")
    assert done.returncode == 0
    assert [r["target"] for r in map(json.loads, done.stdout.splitlines()) if r["event"] == "target"] == ["the star"]
    assert "line 2, line 4" in done.stderr and "no position" in done.stderr


def test_fetch_refuses_what_is_no_target_before_it_asks_anybody(archive, platefs, tmp_path):
    assert platefs("fetch", "400+95").returncode == 2
    table = tmp_path / "stars.csv"
    table.write_text("ra,dec\n1,2\n400,3\n")
    done = platefs("fetch", "--targets", table)
    assert done.returncode == 2 and "line 3" in done.stderr
    assert archive.requests() == []


def test_ctrl_c_keeps_what_was_fetched_and_the_next_fetch_goes_on(platefs):
    process = subprocess.Popen(platefs.words("fetch", TARGET, "--what", "full", "--json", "--jobs", "1"),
                               stdout=subprocess.PIPE, text=True, env=platefs.environment)
    first = [json.loads(process.stdout.readline()) for _ in range(4)]
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=30)[0]
    assert process.returncode == 130
    before = [l for l in first + [json.loads(l) for l in rest.splitlines()] if l.get("state") == "fetched"]
    assert before
    _, files, _ = platefs.fetched(TARGET, "--what", "full")
    states = {f["plate"]: f["state"] for f in files}
    assert {states[f["plate"]] for f in before} == {"cached"}


def test_the_cache_is_looked_after_while_a_mount_uses_it(platefs, mounted):
    plate = mounted.plates()[0]
    preview = mounted.target / plate / "preview.jpg"
    bytes_before = preview.read_bytes()
    listed = wait_until(lambda: platefs.json("cache", "list"), what="the file in the index")
    listed = [f for f in listed if f["file"] == "preview.jpg"]
    assert len(listed) == 1 and listed[0]["held_bytes"] >= len(bytes_before)
    assert platefs.json("cache", "pin", preview)["files"][0]["did"] == listed[0]["did"]
    assert platefs.json("cache", "status")["pinned_files"] == 1
    kept = platefs.json("cache", "evict", TARGET, code=3)
    assert kept["kept"][0]["why"] == "pinned" and kept["files"] == []
    platefs.json("cache", "unpin", listed[0]["did"])
    assert len(platefs.json("cache", "evict", str(listed[0]["number"]))["files"]) == 1
    assert not [f for f in platefs.json("cache", "list") if f["file"] == "preview.jpg"]
    assert preview.read_bytes() == bytes_before


def test_a_file_that_is_being_read_is_not_evicted(platefs, mounted):
    preview = mounted.target / mounted.plates()[0] / "preview.jpg"
    with open(preview, "rb") as open_file:
        open_file.read()
        wait_until(lambda: platefs.json("cache", "list"), what="the file in the index")
        kept = platefs.json("cache", "evict", "*", code=3)["kept"]
        assert [k["why"] for k in kept] == ["being read"]


def test_verify_finds_and_drops_bytes_that_changed_on_disk(platefs):
    platefs.fetched(TARGET, "--what", "preview")
    assert platefs.json("cache", "verify")["bad_bytes"] == 0
    number = next(f["number"] for f in platefs.json("cache", "list") if f["file"] == "preview.jpg")
    (damaged,) = (platefs.cache / "objects").glob(f"*-{number // 4096:x}/{number % 4096:x}")
    with open(damaged, "r+b") as file:
        file.seek(100)
        byte = file.read(1)
        file.seek(100)
        file.write(bytes([byte[0] ^ 1]))
    found = platefs.json("cache", "verify", code=1)
    assert found["bad_bytes"] > 0 and len(found["bad"]) == 1
    assert platefs.json("cache", "verify")["bad_bytes"] == 0
    _, files, summary = platefs.fetched(TARGET, "--what", "preview")
    assert summary["fetched"] == 1


def test_clear_leaves_nothing_but_what_is_pinned(platefs):
    _, files, _ = platefs.fetched(TARGET, "--what", "preview")
    did = next(f["did"] for f in files if f["state"] == "fetched")
    platefs.json("cache", "pin", did)
    platefs.json("cache", "clear")
    assert [f["did"] for f in platefs.json("cache", "list")] == [did]
    platefs.json("cache", "clear", "--pinned")
    status = platefs.json("cache", "status")
    assert status["files"] == 0 and status["documents"] == 0


def test_targets_for_completion_come_from_the_cache(archive, platefs):
    platefs.fetched(TARGET, "--what", "preview")
    archive.forget_requests()
    assert platefs("cache", "list", "--targets").stdout.split() == [TARGET]
    script = platefs_completion("bash")
    asked = ('compopt() { :; }; eval "$SCRIPT"; COMP_WORDS=(platefs query 156); COMP_CWORD=2; _platefs; '
             'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "--norc", "-c", asked], capture_output=True, text=True, timeout=30,
                          env={**platefs.environment, "SCRIPT": script, "XDG_CACHE_HOME": str(default_cache(platefs)),
                               "PATH": f"{BIN.absolute()}:{os.environ['PATH']}"})
    assert done.stdout.split() == [TARGET], done.stderr
    assert archive.requests() == []


def platefs_completion(shell):
    return subprocess.run([BIN / "platefs", "completion", shell], capture_output=True, text=True, check=True).stdout


def default_cache(platefs):
    """The command's cache as one that needs no --cache-dir."""
    home = platefs.base / "xdg"
    home.mkdir()
    (home / "platefs").symlink_to(platefs.cache)
    return home


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_are_read_by_their_shell(shell):
    if subprocess.run(["sh", "-c", f"command -v {shell}"], capture_output=True).returncode != 0:
        pytest.skip(f"{shell} is not installed")
    done = subprocess.run([shell, "-n"], input=platefs_completion(shell), text=True, capture_output=True, timeout=30)
    assert done.returncode == 0 and done.stderr == ""


def test_archives_are_listed_without_asking_and_probed_by_asking(archive, platefs):
    platefs.configure(f'archives = ["mine"]\n[archive.mine]\nurl = "{archive.tap}"\n'
                      '[archive.gone]\nurl = "http://127.0.0.1:9/tap"\n')
    listed = {a["archive"]: a for a in platefs.json("archives")}
    assert listed["mine"]["asked"] and not listed["gavo"]["asked"]
    assert listed["mine"]["from"].endswith("config.toml:2")
    assert archive.requests() == []
    probed = {a["archive"]: a for a in platefs.json("archives", "probe", "mine", "gone", "--timeout", "2", code=3)}
    assert probed["mine"]["answered"] and not probed["gone"]["answered"]
    assert len(archive.requests("tap")) == 1


def test_the_configuration_names_the_archive_that_is_asked(archive, platefs):
    platefs.configure(f'archives = ["mine"]\n[archive.mine]\nurl = "{archive.tap}"\n')
    words = [w for w in platefs.words("query", TARGET, "--json") if w not in ("--archive", archive.tap)]
    answer = json.loads(subprocess.run(words, capture_output=True, check=True, env=platefs.environment).stdout)
    assert [a["archive"] for a in answer["archives"]] == ["mine"] and answer["plates"]


def test_a_wrong_key_is_told_with_line_and_nearest_key(platefs):
    platefs.configure("radius = '20m'\ncache-sise = '1G'\n")
    done = platefs("query", TARGET)
    assert done.returncode == 2
    assert "config.toml:2: unknown key 'cache-sise'; did you mean 'cache-size'?" in done.stderr


def test_a_mount_shows_the_configuration_in_effect_without_secrets(archive, platefs, tmp_path):
    token = tmp_path / "token"
    token.write_text("s3cr3t\n")
    file = tmp_path / "my.toml"
    file.write_text(f'radius = "20m"\narchives = ["mine"]\n[archive.mine]\nurl = "{archive.tap}"\n'
                    f'token-file = "{token}"\n')
    point = tmp_path / "mnt"
    point.mkdir()
    subprocess.run([BIN / "platefs", "mount", "--config", file, "--cache-dir", platefs.cache, "-o",
                    "cache_size=1G,mtime=fetched", point], check=True, timeout=30, env=platefs.environment)
    try:
        text = (point / ".platefs/config.toml").read_text()
        os.listdir(point / TARGET)
    finally:
        subprocess.run([BIN / "platefs", "unmount", point], check=True, timeout=30)
    assert "s3cr3t" not in text and str(token) in text
    for line in ("radius = '20m'", "cache-size = '1G'", "mtime = 'fetched'"):
        assert line in text
    again = tmp_path / "again.toml"
    again.write_text(text)
    listed = platefs.json("archives", "--config", again)
    assert [a["archive"] for a in listed if a["asked"]] == ["mine"]


def test_doctor_finds_a_healthy_mount_healthy_and_says_how_to_mend(archive, platefs):
    healthy = platefs.json("doctor", "--archive", archive.tap)
    assert {f["health"] for f in healthy} == {"good"}
    ill = platefs.json("doctor", "--archive", "http://127.0.0.1:9/tap", "--timeout", "2", code=1)
    bad = [f for f in ill if f["health"] == "bad"]
    assert [f["what"] for f in bad] == ["archive 127.0.0.1"] and bad[0]["remedy"]
    platefs.configure("radius = 5\n")
    broken = platefs.json("doctor", code=1)
    assert any(f["what"] == "configuration" and "config.toml:1" in f["found"] for f in broken)


def test_the_mount_helper_takes_what_a_line_of_fstab_says(archive, platefs, tmp_path):
    helper = tmp_path / "mount.platefs"
    helper.symlink_to((BIN / "platefs").absolute())
    point = tmp_path / "mnt"
    point.mkdir()
    subprocess.run([helper, archive.tap, point, "-o", f"rw,nofail,radius=20m,cache_dir={platefs.cache}"], check=True,
                   timeout=30, env=platefs.environment)
    try:
        assert "radius = '20m'" in (point / ".platefs/config.toml").read_text()
    finally:
        subprocess.run([BIN / "platefs", "unmount", point], check=True, timeout=30)


def test_a_mount_whose_process_was_killed_is_mounted_anew(mounted):
    status = json.loads((mounted.path / ".platefs/status.json").read_text())
    os.stat(mounted.path)                             # the kernel knows the root's attributes for a while
    os.kill(status["pid"], signal.SIGKILL)
    wait_until(lambda: not os.path.exists(mounted.path / "README.txt"), what="the end of the process")
    mounted.up()
    assert json.loads((mounted.path / ".platefs/status.json").read_text())["pid"] != status["pid"]
    assert len(mounted.plates()) > 40


def test_what_is_mounted_is_not_mounted_again(archive, mounted, platefs):
    again = subprocess.run([BIN / "platefs", "mount", "--archive", archive.tap, mounted.path], capture_output=True,
                           text=True, timeout=30, env=platefs.environment)
    assert again.returncode == 2 and f"`platefs unmount {mounted.path}` first" in again.stderr
