# SPDX-License-Identifier: BSD-3-Clause
"""Services that answer only so much, only sometimes, or only those who have logged in."""
import collections
import json
import os
import re
import subprocess
import time
import urllib.parse

import pytest
from conftest import BIN, Mount, xattr
from links_site import VOTABLE, LinksSite
from test_servers import DEC, PLATES, RA, check

FITS = PLATES[0][1]


class TapSite(LinksSite):
    """Answers queries for places by `refusal(ra)`, a (status, media type, body, headers), or nothing: then with a plate."""

    def __init__(self, refusal):
        super().__init__(access_url="http://127.0.0.1:1/a.fits", access_format="image/fits")
        self.refusal, self.statuses = refusal, collections.Counter()

    def answer_query(self, form):
        ra = float(re.search(r"'ICRS', ([\d.]+)", urllib.parse.parse_qs(form)["QUERY"][0])[1])
        with self.lock:
            answer = self.refusal(ra) or (200, VOTABLE, self.table(), {})
            self.statuses[answer[0]] += 1
        return answer


@pytest.fixture
def tap():
    made = []

    def make(refusal=lambda ra: None):
        made.append(TapSite(refusal))
        return made[-1]

    yield make
    for each in made:
        each.close()


def fetch_plan(site, base, positions, *options, config=None):
    """`platefs fetch --dry-run` of many targets: (failed labels with their reasons, summary)."""
    (base / "targets.csv").write_text("ra,dec\n" + "".join(f"{ra},{dec}\n" for ra, dec in positions))
    (base / "empty.toml").write_text("")
    archive = ["--config", config] if config else ["--archive", site.tap, "--config", base / "empty.toml"]
    run = subprocess.run([BIN / "platefs", "fetch", "--targets", base / "targets.csv", "--dry-run", "--json",
                          "--cache-dir", base / "cache", "--resolver", "none", *archive, *options],
                         capture_output=True, text=True, timeout=120)
    events = [json.loads(line) for line in run.stdout.splitlines()]
    assert events, run.stderr
    failed = {each["target"]: each["error"] for each in events if each["event"] == "target" and each.get("error")}
    return failed, events[-1]


@pytest.mark.parametrize("status", [500, 503])
def test_queries_that_always_fail_are_the_only_ones_that_fail(tap, tmp_path, status):
    positions = [(100 + i / 100, 10) for i in range(200)]
    bad = {ra for i, (ra, _) in enumerate(positions) if i % 20 == 7}
    site = tap(lambda ra: (status, "text/plain", b"the index of this place is broken", {}) if ra in bad else None)
    failed, summary = fetch_plan(site, tmp_path, positions, "--timeout", "20")
    assert summary["failed_targets"] == len(bad)
    assert {float(re.match(r"[\d.]+", target)[0]) for target in failed} == bad
    assert all(str(status) in reason for reason in failed.values())


def test_a_batch_waits_for_a_service_that_limits_its_queries(tap, tmp_path):
    answered = collections.deque()

    def limit(ra):
        now = time.monotonic()
        while answered and answered[0] < now - 1:
            answered.popleft()
        if len(answered) >= 10:
            return 429, "text/plain", b"too many", {"Retry-After": "1"}
        answered.append(now)
        return None

    site = tap(limit)
    failed, _ = fetch_plan(site, tmp_path, [(100 + i / 100, 10) for i in range(40)])
    assert not failed
    assert site.statuses[200] == 40
    assert site.statuses[429] <= 8, "those that were under way when it complained"


def test_a_mirror_is_asked_where_the_archive_is_out_of_order(tap, tmp_path):
    broken = tap(lambda ra: (502, "text/plain", b"", {}))
    mirror = tap()
    config = tmp_path / "config.toml"
    config.write_text(f'archives = ["mine"]\n[archive.mine]\nurl = "{broken.tap}"\nmirrors = ["{mirror.tap}"]\n'
                      "max_requests = 1\n")
    failed, _ = fetch_plan(broken, tmp_path, [(100, 10), (101, 10), (102, 10)], "--timeout", "10", config=config)
    assert not failed
    assert mirror.statuses[200] == 3
    assert broken.statuses[502] > 0


def test_a_service_that_wants_a_login_gets_one(tmp_path):
    site = LinksSite(access_format="image/fits")
    site.row["access_url"] = site.base + "/tap/plate.fits"
    logins = []

    def login(handler, form):
        logins.append(urllib.parse.parse_qs(form))
        return "text/html", b"", 302, {"Location": "/home", "Set-Cookie": "session=4711; Path=/"}

    def plate(handler, form):
        if "session=4711" not in (handler.headers.get("Cookie") or ""):
            return "text/plain", b"log in", 401
        return "image/fits", FITS

    site.pages = {"/login": login, "/home": ("text/html", b"welcome"), "/tap/plate.fits": plate}
    (tmp_path / "form").write_text("# of the page\nusername=me\npassword=a secret\n")
    (tmp_path / "config" / "platefs").mkdir(parents=True)
    (tmp_path / "config" / "platefs" / "config.toml").write_text(
        f'[archive.members]\nurl = "{site.tap}"\nlogin-url = "{site.base}/login"\nlogin-file = "{tmp_path}/form"\n')

    class Named:
        tap, resolver = "members", "none"

    mounted = Mount(Named, tmp_path)
    try:
        target = mounted.path / f"{RA}+{DEC}@120s"
        folder = next(target / name for name in os.listdir(target) if name.endswith("_one"))
        check(folder / "cutout.fits", PLATES[0][0])
        assert (folder / "full.fits").read_bytes() == FITS
        assert xattr(folder / "full.fits", "error") == ""
        assert logins == [{"username": ["me"], "password": ["a secret"]}]
        assert "a secret" not in (mounted.path / ".platefs" / "config.toml").read_text()
    finally:
        mounted.down()
        site.close()


CREDENTIALS = [({"token-file": "abc"}, "Authorization", "Bearer abc"),
               ({"token-file": "Token abc"}, "Authorization", "Token abc"),
               ({"token-file": "X-Archive-Key: abc"}, "X-Archive-Key", "abc"),
               ({"token-env": "Bearer abc"}, "Authorization", "Bearer abc"),
               ({"netrc": "machine 127.0.0.1 login me password abc"}, "Authorization", "Basic bWU6YWJj")]


@pytest.mark.parametrize("keys, header, value", CREDENTIALS)
def test_credentials_are_sent_as_the_archive_wants_them_and_to_its_origin_alone(tmp_path, monkeypatch, keys, header, value):
    site, elsewhere = LinksSite(access_format="image/fits"), LinksSite()
    site.row["access_url"] = site.base + "/plate.fits"
    seen = []

    def plate(handler, form):
        if handler.headers.get(header) != value:
            return "text/plain", b"who are you", 401
        return "text/plain", b"", 302, {"Location": elsewhere.base + "/plate.fits"}

    def mirrored(handler, form):
        seen.append({name.lower(): text for name, text in handler.headers.items()})
        return "image/fits", FITS

    site.pages, elsewhere.pages = {"/plate.fits": plate}, {"/plate.fits": mirrored}
    config = tmp_path / "config" / "platefs" / "config.toml"
    config.parent.mkdir(parents=True)
    (name, secret), = keys.items()
    if name == "token-env":
        monkeypatch.setenv("ARCHIVE_TOKEN", secret)
    else:
        (tmp_path / "secret").write_text(secret + "\n")
        (tmp_path / "secret").chmod(0o600)
    stands_for = "ARCHIVE_TOKEN" if name == "token-env" else tmp_path / "secret"
    config.write_text(f'[archive.members]\nurl = "{site.tap}"\n{name} = "{stands_for}"\n')

    class Named:
        tap, resolver = "members", "none"

    mounted = Mount(Named, tmp_path)
    try:
        target = mounted.path / f"{RA}+{DEC}@120s"
        folder = next(target / entry for entry in os.listdir(target) if entry.endswith("_one"))
        assert (folder / "full.fits").read_bytes() == FITS
        assert seen and not any({header.lower(), "authorization", "x-archive-key"} & set(each) for each in seen)
        assert "abc" not in (mounted.path / ".platefs" / "config.toml").read_text()
    finally:
        mounted.down()
        site.close()
        elsewhere.close()


def test_500_positions_of_which_one_in_twenty_always_fails_fail_for_exactly_those(tap, tmp_path):
    positions = [(100 + i / 100, 10) for i in range(500)]
    bad = {ra for i, (ra, _) in enumerate(positions) if i % 20 == 3}
    site = tap(lambda ra: (500, "text/plain", b"the index of this place is broken", {}) if ra in bad else None)
    failed, summary = fetch_plan(site, tmp_path, positions, "--timeout", "20")
    assert {float(re.match(r"[\d.]+", target)[0]) for target in failed} == bad
    assert summary["failed_targets"] == len(bad) == 25
    assert all("the index of this place is broken" in reason for reason in failed.values())


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_service_that_has_moved_is_asked_the_same_question_there(tap, tmp_path, status):
    there = tap()
    here = tap(lambda ra: (status, "text/plain", b"", {"Location": there.tap + "/sync"}))
    failed, _ = fetch_plan(here, tmp_path, [(100, 10)])
    assert not failed
    (method, _, form), = there.requests("/tap/sync")
    assert method == "POST" and "CONTAINS" in urllib.parse.unquote(form)


def test_a_query_has_a_patience_of_its_own(tap, tmp_path):
    """The first byte of an answer may come later than that of anything else."""
    site = tap(lambda ra: time.sleep(2.5))
    failed, _ = fetch_plan(site, tmp_path, [(100, 10)], "--timeout", "1")
    assert not failed
    failed, _ = fetch_plan(site, tmp_path, [(101, 10)], "--timeout", "60", "--query-timeout", "1")
    (reason,) = failed.values()
    assert "1 s" in reason


def test_a_first_byte_after_a_minute_is_nothing_out_of_the_ordinary(tap, tmp_path):
    failed, _ = fetch_plan(tap(lambda ra: time.sleep(61)), tmp_path, [(100, 10)])
    assert not failed
