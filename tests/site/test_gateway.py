# SPDX-License-Identifier: BSD-3-Clause
"""nginx-gateway.conf between the mounts of a site and an archive: each byte right, and asked for once."""
import functools
import http.server
import pathlib
import re
import signal
import subprocess
import threading
import time
import urllib.request

import pytest
from conftest import (CLIENTS, PLATES, SLACK, Clients, at_once, digest, needs_haproxy, needs_nginx, needs_openssl, read_all,
                      wait_until)
from engines import HAPROXY, SHIPPED, Gateway, Queue

pytestmark = [needs_nginx, needs_openssl]


@pytest.fixture
def gateway(tmp_path):
    with Gateway(tmp_path / "gateway") as running:
        yield running


def check_cost(cost, of_one):
    assert cost.bytes <= 1.05 * of_one.bytes, (cost, of_one)
    assert cost.requests <= 2 * of_one.requests + SLACK, (cost, of_one)


def test_cold_clients_cost_the_archive_one(archive, gateway, one_client, tmp_path):
    found, of_one = one_client
    archive.forget_requests()
    with Clients(archive, tmp_path, CLIENTS, "--gateway", gateway.url) as clients:
        assert clients.read() == [found] * CLIENTS
        cost = archive.tally()
        told = clients.status()
    print(f"{CLIENTS} clients, {PLATES} plates: {cost}; one direct client: {of_one}")
    assert all(status["answered"] > 0 and status["failures"] == 0 for status in told), told
    assert sum(r["kind"] == "tap" for r in archive.requests()) == 1, "the query is kept, too"
    assert CLIENTS < 3 or sum(status["hits"] for status in told) > sum(status["answered"] for status in told) / 2
    check_cost(cost, of_one)


def test_cold_clients_of_an_archive_by_https_cost_it_one(archive, tls_archive, certificate, one_client, tmp_path):
    """The gateway verifies the archive's certificate, and platefs the gateway's."""
    found, of_one = one_client
    archive.forget_requests()
    with Gateway(tmp_path / "gateway", ca=certificate, tls=certificate) as gateway:
        with Clients(tls_archive, tmp_path, CLIENTS, "--gateway", gateway.url, "--ca-file", certificate) as clients:
            assert clients.read() == [found] * CLIENTS
            cost = archive.tally()
            assert all(status["answered"] > 0 and status["failures"] == 0 for status in clients.status())
    print(f"{CLIENTS} clients, {PLATES} plates, https: {cost}; one direct client: {of_one}")
    check_cost(cost, of_one)


def test_a_gateway_with_another_certificate_is_not_used(archive, certificate, one_client, tmp_path):
    with Gateway(tmp_path / "gateway", tls=certificate) as gateway:
        with Clients(archive, tmp_path, 1, "--gateway", gateway.url) as clients:
            assert clients.read() == [one_client[0]]
            [status] = clients.status()
            assert status["answered"] == 0 and status["failures"] > 0
            assert clients.log().count("warning the gateway") == 1 and "certificate" in clients.log()
        assert not gateway.log()


@needs_haproxy
def test_haproxy_queues_for_the_whole_site(archive, one_client, tmp_path):
    found, of_one = one_client
    archive.forget_requests()
    origins = [url.split("/")[2] for url in (archive.tap, archive.files)]
    with Queue(tmp_path / "queue", [("http", origin) for origin in dict.fromkeys(origins)]) as queue:
        with Gateway(tmp_path / "gateway", next_hop=queue.url) as gateway:
            with Clients(archive, tmp_path, CLIENTS, "--gateway", gateway.url) as clients:
                warm_up = archive.tally()          # nobody has asked for a file yet: queries go to the archive itself
                assert clients.read() == [found] * CLIENTS
                cost = archive.tally()
                assert all(status["failures"] == 0 for status in clients.status())
            files = [r for r in archive.requests() if r["kind"] not in ("control", "tap")]
    print(f"{CLIENTS} clients, {PLATES} plates, HAProxy: {cost}; one direct client: {of_one}; before: {warm_up}")
    check_cost(cost, of_one)
    for origin in set(origins):
        steps = sorted(step for r in files for step in ((r["started"], 1), (r["ended"], -1)))
        total = most = 0
        for _, step in steps:
            total += step
            most = max(most, total)
        assert most <= 4 * len(set(origins)), (origin, most)


@needs_haproxy
def test_the_queue_as_it_is_shipped_is_understood():
    done = subprocess.run([HAPROXY, "-c", "-f", SHIPPED / "haproxy.cfg"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_what_the_gateway_keeps_has_a_place_on_every_machine():
    """nginx makes the last folder of a path, and no other."""
    kept = re.search(r"^proxy_cache_path (\S+)", (SHIPPED / "nginx-gateway.conf").read_text(), re.MULTILINE)[1]
    assert pathlib.Path(kept).parent == pathlib.Path("/var/cache")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_gateway_that_dies_while_clients_read(archive, gateway, one_client, tmp_path, how):
    found, _ = one_client
    archive.set_faults({"match": {"kind": "file"}, "fault": "latency", "milliseconds": 100})
    with Clients(archive, tmp_path, CLIENTS, "--gateway", gateway.url) as clients:
        seconds = []

        def read(mount):
            got = {}
            for path in sorted(found):
                began = time.monotonic()
                got[path] = digest(path, (mount.target / path).read_bytes())
                seconds.append(time.monotonic() - began)
            return got

        def die():
            wait_until(lambda: sum(status["answered"] for status in clients.status()) > 3 * CLIENTS, what="readers")
            gateway.signal(how)

        results = at_once(lambda work: work(), [functools.partial(read, mount) for mount in clients.mounts] + [die])[:-1]
        said = clients.log()
    assert results == [found] * CLIENTS
    print(f"{CLIENTS} clients, {how.name}: the slowest of {len(seconds)} reads took {max(seconds):.1f} s")
    assert max(seconds) < 10
    assert 1 <= said.count("warning the gateway") <= CLIENTS, said


def test_what_was_replaced_and_what_is_no_file_is_over_after_one_question_more(archive, gateway, one_client, tmp_path):
    """A page that the gateway keeps in place of a plate: the archive is asked again, past the cache."""
    found, _ = one_client
    archive.set_faults({"match": {"kind": "file"}, "fault": "html", "times": 1})
    with Clients(archive, tmp_path, 2, "--gateway", gateway.url) as clients:
        assert [read_all(mount) for mount in clients.mounts] == [found] * 2


def test_an_answer_to_a_query_that_is_none_is_asked_for_once_more(archive, gateway, one_client, tmp_path):
    archive.set_faults({"match": {"kind": "tap"}, "fault": "html", "times": 1})
    with Clients(archive, tmp_path, 2, "--gateway", gateway.url) as clients:
        assert [read_all(mount) for mount in clients.mounts] == [one_client[0]] * 2


def test_an_archive_that_is_not_listed_is_asked_itself(archive, one_client, tmp_path):
    with Gateway(tmp_path / "gateway", hosts=("archive.example",)) as gateway:
        with Clients(archive, tmp_path, 1, "--gateway", gateway.url) as clients:
            assert clients.read() == [one_client[0]]
            [status] = clients.status()
            assert status["answered"] == 0 and status["left_alone_for_seconds"] == 0
            assert "gateway" not in clients.log()
        assert all(" 421 " in line for line in gateway.log())


def test_answers_with_a_cookie_or_for_a_password_are_not_kept(gateway):
    """Asked by hand, as other programs of the site may."""
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.path)
            self.send_response(200)
            if self.path == "/cookie":
                self.send_header("Set-Cookie", "who=me")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": gateway.url}))

    def ask(path, **headers):
        request = urllib.request.Request(f"http://127.0.0.1:{server.server_port}{path}", headers=headers)
        with opener.open(request, timeout=10) as answer:
            assert answer.read() == b"ok"
            return answer.headers["Cache-Status"].split("; ", 1)[1]

    try:
        assert ask("/plain") == "fwd=miss; fwd-status=200"
        assert ask("/plain") == "hit"
        assert ask("/plain", **{"Cache-Control": "no-cache"}) == "fwd=request; fwd-status=200"
        for path, headers in (("/cookie", {}), ("/private", {"Authorization": "Basic bWU6eA=="}), ("/mine", {"Cookie": "who=me"})):
            assert "hit" not in ask(path, **headers) + ask(path, **headers)
        assert "hit" not in ask("/private"), "what came for a password is not kept for others"
        assert len(seen) == 9
    finally:
        server.shutdown()
        server.server_close()
