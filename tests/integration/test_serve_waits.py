# SPDX-License-Identifier: BSD-3-Clause
"""What `platefs serve` does where an archive fails, stalls or is slow, and how it ends."""
import concurrent.futures
import hashlib
import json
import re
import signal
import subprocess
import time

import pytest
from conftest import BIN, TARGET, Archive, wait_until
from served import Server, in_flight, plates_of, serve, STALL_FILES  # noqa: F401


@pytest.mark.parametrize("fault, status", [("html", 502), ({"fault": "status", "status": 404}, 404), ({"fault": "status", "status": 403}, 403),
                                           ({"fault": "status", "status": 500}, 503)])
def test_a_failure_is_a_status_and_says_why_and_what_to_do(serve, archive, fault, status):
    server = serve("--timeout", "2")
    plate = plates_of(server)[0]
    archive.set_faults({"match": {"kind": "file"}, **(fault if isinstance(fault, dict) else {"fault": fault})})
    got, headers, body = server.get(f"/{TARGET}/{plate}/full.fits")
    assert got == status, body
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert b"full.fits" in body and b"what to do: " in body
    assert ("retry-after" in headers) == (status == 503)
    told = server.get(f"/{TARGET}/errors.txt")[2].decode()
    assert "full.fits" in told


def test_a_stalled_file_is_a_gateway_timeout(serve, archive):
    server = serve("--timeout", "1")
    plate = plates_of(server)[0]
    archive.set_faults(STALL_FILES)
    assert server.get(f"/{TARGET}/{plate}/full.fits")[0] == 504


def test_offline_is_told_and_what_is_cached_is_served(serve, archive):
    server = serve()
    plates = plates_of(server)
    body = server.get(f"/{TARGET}/cutouts/{plates[0]}.fits")[2]
    server.stop()
    offline = serve("--offline")
    assert offline.get(f"/{TARGET}/cutouts/{plates[0]}.fits")[2] == body
    status, _, why = offline.get(f"/{TARGET}/cutouts/{plates[1]}.fits")
    assert status == 503
    assert b"offline" in why
    assert archive.requests() == []


def test_a_cache_that_is_too_small_for_what_is_read_serves_it_all_the_same(serve, archive):
    whole = serve(cache="other")
    plates = plates_of(whole)[:8]
    expected = [whole.get(f"/{TARGET}/{plate}/full.fits")[::2] for plate in plates]
    assert sum(len(body) for _, body in expected) > 4 << 20
    small = serve("--cache-size", "2M")
    for _ in range(2):
        assert [small.get(f"/{TARGET}/{plate}/full.fits")[::2] for plate in plates] == expected
    path = f"/{TARGET}/{plates[0]}/full.fits"
    assert small.get(path, Range="bytes=1000-99999")[2] == expected[0][1][1000:100000]
    used = sum(file.stat().st_blocks * 512 for file in (small.base / "cache").rglob("*") if file.is_file() and file.name != "index.mdb")
    assert used < 4 << 20


def test_placeholders_say_why(serve, archive):
    server = serve("--placeholders")
    plate = plates_of(server)[0]
    archive.set_faults({"fault": "status", "status": 404, "match": {"kind": "file"}}, {"fault": "status", "status": 404, "match": {"kind": "soda"}})
    status, _, body = server.get(f"/{TARGET}/cutouts/{plate}.fits")
    assert status == 200
    assert body.startswith(b"SIMPLE") and b"404" in body


@pytest.mark.parametrize("after", [None, 150000], ids=["opening", "reading"])
def test_the_download_ends_when_its_client_goes(serve, archive, after):
    """Whether the client waits for the first byte, or for one in the middle: there the little that is asked for is left
    to come for as long as bytes do."""
    server = serve("--timeout", "2")
    path = f"/{TARGET}/{plates_of(server)[0]}/full.fits"
    server.get("/README.txt")
    threads = server.threads()
    archive.set_faults({**STALL_FILES, **({"after_bytes": after} if after else {})})
    client = subprocess.Popen(["curl", "-s", "-o", "/dev/null", server.url.rstrip("/") + path])
    wait_until(lambda: in_flight(archive, "file"), what="the stalled request")
    assert [f["name"] for f in server.status()["files"]] == [path[1:]]
    client.send_signal(signal.SIGINT)
    client.wait(timeout=5)
    wait_until(lambda: server.status()["transfers"] == [], seconds=1 if after is None else 5, what="the end of the transfer")
    wait_until(lambda: server.status()["files"] == [], seconds=5, what="the end of the request")
    assert server.threads() == threads


def test_what_waits_holds_up_nobody_and_no_thread(serve, archive):
    server = serve()
    plates = plates_of(server)
    cached = server.get(f"/{TARGET}/cutouts/{plates[0]}.fits")[2]
    threads = server.threads()
    archive.set_faults(STALL_FILES)
    clients = [subprocess.Popen(["curl", "-s", "-o", "/dev/null", f"{server.url}{TARGET}/{plate}/full.fits"]) for plate in plates[:32]]
    def waiting():  # one of the plates is dead, which may be heard before all stalls
        return [client for client in clients if client.poll() is None]
    wait_until(lambda: len(server.status()["files"]) == len(waiting()) >= 24, what="waiting clients")
    begin = time.monotonic()
    for _ in range(20):
        assert server.get(f"/{TARGET}/cutouts/{plates[0]}.fits")[2] == cached
    assert time.monotonic() - begin < 2
    assert server.threads() <= threads + 2
    for client in clients:
        client.kill()
        client.wait()
    wait_until(lambda: server.status()["files"] == [], seconds=10, what="the end of the requests")


@pytest.mark.parametrize("number, code", [(signal.SIGTERM, 0), (signal.SIGINT, 0)])
def test_a_signal_ends_it_at_once_while_clients_wait(serve, archive, number, code):
    server = serve()
    plates = plates_of(server)
    archive.set_faults(STALL_FILES)
    clients = [subprocess.Popen(["curl", "-s", "-o", "/dev/null", f"{server.url}{TARGET}/{plate}/full.fits"]) for plate in plates[:6]]
    wait_until(lambda: len(server.status()["files"]) == 6, what="waiting clients")
    begin = time.monotonic()
    assert server.stop(number) == code
    assert time.monotonic() - begin < 2
    for client in clients:
        assert client.wait(timeout=5) != 0


def test_a_server_that_is_killed_loses_nothing_and_the_next_has_no_wrong_byte(serve, archive):
    server = serve()
    plates = plates_of(server)[:8]
    paths = [f"/{TARGET}/{plate}/full.fits" for plate in plates]
    before = {path: server.get(path)[::2] for path in paths[:4]}
    archive.set_faults({"match": {"kind": "file"}, "fault": "drip", "bytes_per_second": 200_000})
    clients = [subprocess.Popen(["curl", "-s", "-o", "/dev/null", server.url.rstrip("/") + path]) for path in paths[4:]]
    wait_until(lambda: len([f for f in server.status()["files"]]) >= 3, what="files on their way")
    whole = [path for path in paths[:4] if before[path][0] == 200]

    def complete():
        told = subprocess.run([BIN / "platefs", "cache", "list", "--json", "--cache-dir", server.base / "cache"], capture_output=True, text=True)
        return [file for file in json.loads(told.stdout) if file["size"] and file["held_bytes"] >= file["size"]]
    wait_until(lambda: len(complete()) >= len(whole) >= 3, what="what came first on the disk")
    assert server.stop(signal.SIGKILL) == -signal.SIGKILL
    for client in clients:
        client.wait(timeout=10)
    archive.clear_faults()
    archive.forget_requests()
    again = serve()
    assert {path: again.get(path)[::2] for path in whole} == {path: before[path] for path in whole}
    assert archive.requests("file") == []
    other = serve(cache="other")
    for path in paths[4:]:
        assert again.get(path)[::2] == other.get(path)[::2], path


def test_a_port_that_is_taken_is_named(serve, archive, tmp_path):
    server = serve()
    other = subprocess.run([BIN / "platefs", "serve", "--archive", archive.tap, "--cache-dir", tmp_path / "other", "--port", str(server.port)],
                           capture_output=True, text=True, timeout=10)
    assert other.returncode == 1
    assert f"127.0.0.1:{server.port}" in other.stderr and "--port 0" in other.stderr
    assert other.stdout == ""


@pytest.mark.parametrize("limit", [None, 256])
def test_64_clients_at_once_get_their_bytes(serve, limit):
    server = serve(before=["prlimit", f"--nofile={limit}:{limit}"] if limit else [])
    plates = plates_of(server)
    paths = [f"/{TARGET}/{plate}/full.fits" for plate in plates[:4]] + [f"/{TARGET}/cutouts/{plate}.fits" for plate in plates[:12]]

    def digests(number):
        return {path: hashlib.sha256(server.get(path)[2]).hexdigest() for path in paths[number % 16:] + paths[:number % 16]}

    with concurrent.futures.ThreadPoolExecutor(64) as clients:
        first, *others = clients.map(digests, range(64))
    assert len(set(first.values())) == len(paths)
    assert all(other == first for other in others)


def test_a_file_among_many_plates_is_sent_as_soon_as_one_among_few(tmp_path):
    """Between two requests of a client nobody else holds the target: its plates are not named anew for each."""
    many = Archive(tmp_path / "many", "--plates", "10000")
    server = Server(many, tmp_path, "--timeout", "60")
    try:
        def milliseconds(target):
            plate = next(link[:-1] for link in server.links(f"/{target}/") if re.match(r"\d{4}-.*/$", link))
            path = f"/{target}/{plate}/full.fits"
            assert server.get(path, Range="bytes=0-99")[0] == 206

            def one():
                begin = time.monotonic()
                server.get(path, Range="bytes=0-99")
                return 1000 * (time.monotonic() - begin)
            return min(one() for _ in range(25))
        few, crowded = milliseconds(TARGET), milliseconds("83.6324+22.0174")
        assert crowded < 4 * few + 10, f"{few:.1f} ms of one among 44, {crowded:.1f} ms of one among 10,000"
    finally:
        server.stop()
        many.stop()
