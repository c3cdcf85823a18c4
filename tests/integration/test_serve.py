# SPDX-License-Identifier: BSD-3-Clause
"""The tree over HTTP: the same names and bytes as in a mount, for the programs that speak it, without FUSE or root."""
import base64
import concurrent.futures
import hashlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse
import xml.etree.ElementTree

import pytest
from conftest import BIN, TARGET, Archive, Mount, wait_until

STALL_FILES = {"match": {"kind": "file"}, "fault": "stall"}


class Server:
    """A `platefs serve` on a port of its own."""

    def __init__(self, archive, base, *options, cache="cache", before=(), program=BIN / "platefs", environment=None):
        self.base = base
        self.process = subprocess.Popen(
            [*before, program, "serve", "--archive", archive.tap, "--resolver", archive.resolver, "--cache-dir",
             base / cache, *options], stdout=subprocess.PIPE, stderr=open(base / "serve.err", "w"), text=True,
            env={**os.environ, "XDG_STATE_HOME": str(base / "state"), "XDG_CONFIG_HOME": str(base / "config"), **(environment or {})})
        self.url = self.process.stdout.readline().strip()
        assert self.url.startswith("http://127.0.0.1:"), (base / "serve.err").read_text()
        parts = urllib.parse.urlsplit(self.url)
        self.port, self.prefix = parts.port, parts.path.rstrip("/")

    def request(self, method, path, headers=None, body=None, prefix=None, timeout=30):
        """One request on a connection of its own: status, headers, body. `path` is encoded already."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, (self.prefix if prefix is None else prefix) + path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, dict((k.lower(), v) for k, v in answer.getheaders()), answer.read()
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.request("GET", path, {k.replace("_", "-"): v for k, v in headers.items()})

    def links(self, path):
        """What a directory's page links to, as encoded there."""
        status, _, page = self.get(path)
        assert status == 200, page
        return re.findall(r'<a href="([^"]*)"', page.decode())

    def raw(self, text):
        """Whatever bytes, as a client that is no good may send them; all that comes back."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(text)
            answer = b""
            while more := connection.recv(65536):
                answer += more
            return answer

    def status(self):
        return json.loads(self.get("/.platefs/status.json")[2])

    def threads(self):
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=10)


@pytest.fixture
def serve(archive, tmp_path):
    """Starts servers with options: serve("--webdav"). Faults begin anew."""
    archive.clear_faults()
    started = []

    def start(*options, **more):
        started.append(Server(archive, tmp_path, *options, **more))
        archive.forget_requests()
        return started[-1]

    yield start
    archive.clear_faults()
    for server in started:
        server.stop()


def plates_of(server):
    return [link[:-1] for link in server.links(f"/{TARGET}/") if re.match(r"\d{4}-.*/$", link)]


# -- bytes


def test_every_file_of_a_target_is_byte_for_byte_that_of_a_mount(archive, tmp_path, serve):
    """All kinds, through a server and a mount of one cache; tables and the README name their own place."""
    before = serve()
    assert before.links(f"/{TARGET}/")
    before.stop()  # both show one answer
    server = serve()
    mount = Mount(archive, tmp_path)
    try:
        names = sorted(os.listdir(mount.target))
        listed = sorted(urllib.parse.unquote(link).rstrip("/") for link in server.links(f"/{TARGET}/"))
        assert listed == names
        plate = mount.plates()[0]
        whole = [f"{folder}/{name}" for folder in ("cutouts", "previews", "stamps", "aligned")
                 for name in os.listdir(mount.target / folder)]
        inside = [f"{plate}/{name}" for name in os.listdir(mount.target / plate) if name not in ("links", "plate.json")]
        links = [f"{plate}/links/{name}" for name in os.listdir(mount.target / plate / "links")]
        own = ["index.html", "target.reg", "CITATION.bib", "blink.gif", "contact.jpg"]
        assert len(whole) > 100 and len(inside) >= 5
        for path in [*whole, *inside, *links, *own]:
            status, headers, body = server.get(f"/{TARGET}/" + urllib.parse.quote(path))
            try:
                expected = (mount.target / path).read_bytes()
            except OSError:
                assert status >= 400, path
                continue
            if path == "index.html":  # says when each of them heard the answer
                body, expected = (re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"", each) for each in (body, expected))
            assert status == 200 and body == expected, path
            assert path == "index.html" or int(headers["content-length"]) == len(expected)
    finally:
        mount.down()


def test_a_file_that_was_made_over_http_first_is_the_same_in_a_mount(archive, tmp_path, serve):
    server = serve()
    plate = plates_of(server)[1]
    got = {name: server.get(f"/{TARGET}/{plate}/{name}")[2] for name in ("full.fits", "cutout.fits", "preview.jpg")}
    server.stop()
    mount = Mount(archive, tmp_path, options=["--offline"])
    try:
        for name, body in got.items():
            assert (mount.target / plate / name).read_bytes() == body, name
    finally:
        mount.down()


def test_the_readme_tells_what_to_do_with_urls(serve):
    server = serve()
    text = server.get("/README.txt")[2].decode()
    assert f"wget -r -np -nH --cut-dirs=1 {server.url}PLACE/cutouts/" in text
    assert "unmount" not in text and "{" not in text


def test_types_are_told(serve):
    server = serve()
    plate = plates_of(server)[0]
    for path, kind in {"": "text/html; charset=utf-8", "plates.vot": "application/x-votable+xml",
                       "plates.csv": "text/csv; charset=utf-8", "plates.fits": "application/fits",
                       "index.html": "text/html; charset=utf-8", "blink.gif": "image/gif", "contact.jpg": "image/jpeg",
                       f"{plate}/full.fits": "image/fits", f"stamps/{plate}.jpg": "image/jpeg",
                       f"{plate}/plate.json": "application/json"}.items():
        status, headers, _ = server.get(f"/{TARGET}/{path}")
        assert (status, headers["content-type"]) == (200, kind), path


# -- names


@pytest.mark.parametrize("name", [TARGET, TARGET.replace("+", "%2B"), TARGET + "%402m", "10h24m02.7s%2B48d08m51s"])
def test_any_target_is_a_url_by_its_name(serve, name):
    assert any(link.startswith("18") for link in serve().links(f"/{name}/"))


def test_a_name_that_is_no_target_says_where_to_read_why(serve):
    status, _, body = serve().get("/nonsense")
    assert status == 404
    assert b"README.txt" in body


@pytest.mark.parametrize("path", ["/..", "/../", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/M31/..%2f..%2fetc",
                                  "/M31/%2E%2E/.platefs/log.txt", "/%00", "/M31%"])
def test_no_path_leads_out(serve, path):
    status, _, body = serve().request("GET", path)
    assert status == 400
    assert b"root:" not in body


def test_a_directory_without_its_slash_is_sent_on(serve):
    server = serve()
    status, headers, _ = server.get(f"/{TARGET}/cutouts")
    assert status == 301
    assert headers["location"].endswith("/cutouts/")
    assert server.request("GET", headers["location"], prefix="")[0] == 200


def test_links_of_the_tree_lead_to_their_plates(serve):
    server = serve()
    plate = plates_of(server)[0]
    decade = server.links(f"/{TARGET}/by-decade/")[0]
    assert f"{plate}/" in server.links(f"/{TARGET}/by-decade/{decade}")
    status, headers, _ = server.get(f"/{TARGET}/by-decade/{decade}{plate}/plate.json")
    assert status == 302
    assert headers["location"] == f"{server.prefix}/{TARGET.replace('+', '%2B')}/{plate}/plate.json"


# -- ranges and conditions


@pytest.fixture
def cached(serve):
    """A server with a plate that is in the cache, its path and its bytes."""
    server = serve()
    path = f"/{TARGET}/{plates_of(server)[0]}/full.fits"
    return server, path, server.get(path)[2]


@pytest.mark.parametrize("asked, first, end", [("0-0", 0, 1), ("100-199", 100, 200), ("-100", -100, None), ("1000-", 1000, None),
                                               ("100000-299999", 100000, 300000), ("5-99999999999", 5, None)])
def test_a_range_is_those_bytes(cached, asked, first, end):
    server, path, whole = cached
    status, headers, body = server.get(path, Range=f"bytes={asked}")
    assert status == 206
    assert body == whole[first:end]
    begin = first % len(whole)
    assert headers["content-range"] == f"bytes {begin}-{begin + len(body) - 1}/{len(whole)}"


def test_a_range_behind_the_end_is_416_and_several_are_the_whole(cached):
    server, path, whole = cached
    status, headers, _ = server.get(path, Range=f"bytes={len(whole)}-")
    assert (status, headers["content-range"]) == (416, f"bytes */{len(whole)}")
    assert server.get(path, Range="bytes=0-1,5-6")[::2] == (200, whole)


def test_a_range_of_what_is_not_cached_fetches_no_more_than_it_needs(serve, archive):
    server = serve()
    plate = plates_of(server)[2]
    status, headers, body = server.get(f"/{TARGET}/{plate}/full.fits", Range="bytes=0-2879")
    size = int(headers["content-range"].split("/")[1])
    assert (status, len(body)) == (206, 2880)
    assert body.startswith(b"SIMPLE")
    assert sum(r.get("sent", 0) for r in archive.requests("file")) < size


def test_a_version_that_the_client_has_is_not_sent_again(cached):
    server, path, whole = cached
    _, headers, _ = server.get(path)
    tag, date = headers["etag"], headers["last-modified"]
    status, again, body = server.get(path, If_None_Match=tag)
    assert (status, body, again["etag"]) == (304, b"", tag)
    assert server.get(path, If_Modified_Since=date)[0] == 304
    assert server.get(path, If_None_Match='"other"')[::2] == (200, whole)
    assert server.get(path, If_Match='"other"')[0] == 412
    assert server.get(path, Range="bytes=0-9", If_Range=tag)[::2] == (206, whole[:10])
    assert server.get(path, Range="bytes=0-9", If_Range='"other"')[::2] == (200, whole)


def test_a_file_that_the_archive_replaced_has_another_tag(serve, archive):
    server = serve("--refresh")
    path = f"/{TARGET}/{plates_of(server)[0]}/full.fits"
    tag = server.get(path)[1]["etag"]
    archive.set_faults({"match": {"kind": "file"}, "fault": "changed"})
    server.stop()
    subprocess.run([BIN / "platefs", "cache", "clear", "--cache-dir", server.base / "cache"], check=True, capture_output=True)
    server = serve()
    status, headers, _ = server.get(path, If_None_Match=tag)
    assert status == 200
    assert headers["etag"] != tag


def test_a_text_has_a_tag_of_its_bytes(serve):
    server = serve()
    path = f"/{TARGET}/index.html"
    _, headers, body = server.get(path)
    assert server.get(path)[1]["etag"] == headers["etag"]
    assert server.get(path, If_None_Match=headers["etag"])[0] == 304
    assert server.get(path, Range="bytes=0-14")[2] == body[:15] == b"<!DOCTYPE html>"


def test_curl_goes_on_where_it_was(cached, tmp_path):
    server, path, whole = cached
    file = tmp_path / "full.fits"
    file.write_bytes(whole[:12345])
    subprocess.run(["curl", "-sSf", "-C", "-", "-o", file, server.url.rstrip("/") + path], check=True, timeout=30)
    assert file.read_bytes() == whole


# -- HEAD


def test_head_tells_what_get_would_and_fetches_no_whole_file(serve, archive):
    server = serve()
    plate = plates_of(server)[3]
    status, headers, body = server.request("HEAD", f"/{TARGET}/{plate}/full.fits")
    assert (status, body) == (200, b"")
    size = int(headers["content-length"])
    assert sum(r.get("sent", 0) for r in archive.requests("file")) < size / 2
    got = server.get(f"/{TARGET}/{plate}/full.fits")
    assert len(got[2]) == size
    assert got[1]["etag"] == headers["etag"]


def test_head_of_a_file_that_has_to_be_made_asks_nobody(serve, archive):
    server = serve()
    plate = plates_of(server)[4]
    archive.forget_requests()
    status, headers, _ = server.request("HEAD", f"/{TARGET}/cutouts/{plate}.fits")
    assert status == 200
    assert "content-length" not in headers
    assert archive.requests() == []
    body = server.get(f"/{TARGET}/cutouts/{plate}.fits")[2]
    assert int(server.request("HEAD", f"/{TARGET}/cutouts/{plate}.fits")[1]["content-length"]) == len(body)


# -- who is let in


def test_without_the_token_nothing_is_told(serve):
    server = serve()
    for path in ("/", f"/{TARGET}/", "/README.txt", "/.platefs/log.txt", "/" + "0" * 32 + "/", server.prefix[:-1] + "/"):
        status, headers, body = server.request("GET", path, prefix="")
        assert status == 401, path
        assert headers["www-authenticate"].startswith("Basic")
        assert server.prefix.encode() not in body
    assert server.request("PROPFIND", "/", {"Depth": "0"}, prefix="")[0] == 401


def test_the_token_may_come_as_a_password_a_bearer_or_a_parameter(serve):
    server = serve()
    token = server.prefix[1:]
    basic = base64.b64encode(f"me:{token}".encode()).decode()
    for value in (f"Bearer {token}", f"Basic {basic}"):
        status, _, page = server.request("GET", f"/{TARGET}/", {"Authorization": value}, prefix="")
        assert status == 200
        assert token.encode() not in page
    status, headers, _ = server.request("GET", f"/{TARGET}/?token={token}", prefix="")
    assert (status, headers["location"]) == (302, f"/{token}/{TARGET.replace('+', '%2B')}/")


def test_every_start_has_another_token(serve):
    assert serve().prefix != serve(cache="other").prefix


def test_open_lets_everybody_in_who_names_this_host(serve):
    server = serve("--open")
    assert server.prefix == ""
    assert server.get("/README.txt")[0] == 200
    assert server.get("/README.txt", Host="localhost:1234")[0] == 200
    assert server.get("/README.txt", Host="evil.example")[0] == 421


def test_another_host_is_told_nothing_even_with_the_token(serve):
    server = serve()
    assert server.get("/README.txt", Host="rebound.example")[0] == 421
    assert server.request("GET", f"http://evil.example{server.prefix}/README.txt", prefix="")[0] == 421


def test_what_an_archive_wrote_runs_in_a_sandbox_and_no_url_is_told_elsewhere(serve):
    server = serve()
    plate = plates_of(server)[0]
    for path, sandboxed in {f"/{TARGET}/{plate}/preview.jpg": True, f"/{TARGET}/index.html": False, "/": False}.items():
        headers = server.get(path)[1]
        assert (headers.get("content-security-policy") == "sandbox") == sandboxed
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")


def test_it_listens_on_this_computer_alone(serve):
    server = serve()
    table = pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
    listening = [line.split()[1] for line in table if line.split()[3] == "0A" and int(line.split()[1].split(":")[1], 16) == server.port]
    assert listening == [f"0100007F:{server.port:04X}"]


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "PROPPATCH", "NONSENSE"])
def test_nothing_can_be_changed(serve, method):
    status, headers, _ = serve("--webdav").request(method, f"/{TARGET}/x", body=b"x" * 100)
    assert status == 405
    assert headers["allow"] == "GET, HEAD, OPTIONS, PROPFIND"


def test_a_large_body_is_not_read(serve):
    server = serve()
    head = f"PUT {server.prefix}/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999\r\n\r\n"
    assert server.raw(head.encode()).startswith(b"HTTP/1.1 405")


@pytest.mark.parametrize("head, status", [
    (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 100000 + b"\r\n\r\n", (b"431", b"413", b"414")),
    (b"GET /" + b"x" * 100000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", (b"414", b"431")),
    (b"GET / HTTP/1.1\r\n\r\n", (b"400",)),
    (b"GET  HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", (b"400",)),  # newer libmicrohttpd keeps it
])
def test_what_is_too_much_or_no_request_is_refused_and_it_goes_on(serve, head, status):
    server = serve()
    answer = server.raw(head)
    assert any(answer[9:12] == each for each in status), answer[:100]
    assert server.get("/README.txt")[0] == 200


# -- failures and waits


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


def in_flight(archive, kind):
    return [r for r in archive.requests(kind) if r.get("ended") is None]


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


# -- programs


def can_unshare():
    return os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0


def as_nobody(home):
    """Words in front of a command that runs it as nobody, who can't open /dev/fuse."""
    device = home / "no-fuse"
    device.touch(mode=0o600)
    return ["unshare", "-m", "sh", "-c", f"mount --bind {device} /dev/fuse && exec setpriv --reuid=65534 --regid=65534 --clear-groups -- \"$@\"", "sh"]


@pytest.mark.skipif(not can_unshare(), reason="wants to be root, to be another user without /dev/fuse")
def test_another_user_without_fuse_gets_the_same(serve, archive, tmp_path):
    home = pathlib.Path(tempfile.mkdtemp(prefix="platefs-nobody-"))
    try:
        program = shutil.copy(BIN / "platefs", home / "platefs")
        os.chmod(program, 0o755)
        os.chmod(home, 0o777)
        server = Server(archive, home, program=program, environment={"HOME": str(home)}, before=as_nobody(home))
        try:
            plate = plates_of(server)[0]
            status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
            assert re.search(r"^Uid:\t65534", status, re.M)
            (home / "mnt").mkdir(mode=0o777)
            for words in (["doctor", "--offline"], ["mount", "--offline", home / "mnt"]):
                refused = subprocess.run([*as_nobody(home), program, *words, "--cache-dir", home / "other"], capture_output=True, text=True,
                                         env={"HOME": str(home), "PATH": os.environ["PATH"]}, timeout=30)
                assert refused.returncode == 1
                assert "/dev/fuse: Permission denied" in refused.stdout + refused.stderr
                assert "no FUSE here? `platefs serve`" in refused.stdout + refused.stderr
            other = serve()
            for name in ("cutout.fits", "preview.jpg"):
                body = server.get(f"/{TARGET}/{plate}/{name}")[2]
                assert body and body == other.get(f"/{TARGET}/{plate}/{name}")[2]
        finally:
            assert server.stop() == 0
    finally:
        shutil.rmtree(home)


@pytest.mark.skipif(not shutil.which("wget"), reason="wants wget")
def test_wget_takes_a_target_with_all_its_links_and_comes_to_an_end(serve, tmp_path):
    server = serve()
    plates = plates_of(server)
    folder = tmp_path / "taken"
    subprocess.run(["wget", "-q", "-r", "-nH", "--cut-dirs=1", "-e", "robots=off", "-R", "full.fits,*.fits", "-P", folder,
                    f"{server.url}{TARGET}/"], timeout=300)
    assert sorted(p.name for p in folder.iterdir()) == [TARGET], "nothing beside the target"
    taken = folder / TARGET
    for plate in plates:
        assert (taken / plate / "plate.json").is_file()
    stamps = sorted(taken.glob("stamps/*.jpg"))
    assert len(stamps) > 30
    assert stamps[0].read_bytes() == server.get(f"/{TARGET}/stamps/{stamps[0].name}")[2]
    assert b'class="player"' in (taken / "index.html").read_bytes(), "the page of the stamps, not the list of names"


def test_astropy_reads_by_url(serve):
    from astropy.io import fits
    from astropy.io.votable import parse_single_table
    server = serve()
    plate = plates_of(server)[0]
    with fits.open(f"{server.url}{TARGET}/cutouts/{plate}.fits", cache=False) as image:
        assert image[0].data is not None
    table = parse_single_table(f"{server.url}{TARGET}/plates.vot")
    paths = [str(value) for value in table.to_table()["cutout"]] if "cutout" in table.to_table().colnames else []
    for path in paths[:3]:
        assert path.startswith(server.url)


def test_fsspec_reads_a_header_without_the_file(serve, archive):
    pytest.importorskip("fsspec")
    pytest.importorskip("aiohttp")
    from astropy.io import fits
    import fsspec
    server = serve()
    plate = plates_of(server)[5]
    url = f"{server.url}{TARGET}/{plate}/full.fits"
    with fsspec.open(url, "rb", block_size=8192, cache_type="readahead").open() as file:
        with fits.open(file, lazy_load_hdus=True) as image:
            assert image[0].header["SIMPLE"]
            size = file.size
    assert sum(r.get("sent", 0) for r in archive.requests("file")) < size


# -- WebDAV

DAV = "{DAV:}"


def propfind(server, path, depth, body=None, **more):
    status, headers, text = server.request("PROPFIND", path, {"Depth": depth}, body, **more)
    return status, xml.etree.ElementTree.fromstring(text) if text.startswith(b"<?xml") else text


def test_webdav_lists_what_a_directory_holds(serve):
    server = serve("--webdav")
    assert server.request("OPTIONS", "/")[1]["dav"] == "1"
    status, tree = propfind(server, f"/{TARGET}/", "1")
    assert status == 207
    hrefs = [element.text for element in tree.iter(f"{DAV}href")]
    assert hrefs[0] == f"{server.prefix}/{TARGET}/", "as the client wrote it"
    escaped = f"/{TARGET.replace('+', '%2B')}/"
    assert next(propfind(server, escaped, "0")[1].iter(f"{DAV}href")).text == server.prefix + escaped
    assert [href[len(hrefs[0]):] for href in hrefs[1:]] == server.links(f"/{TARGET}/")
    collections = [r.find(f"{DAV}href").text for r in tree if r.find(f".//{DAV}collection") is not None]
    assert hrefs[0] + "cutouts/" in collections and hrefs[0] + "plates.vot" not in collections
    assert len(list(propfind(server, f"/{TARGET}", "0")[1])) == 1


def test_webdav_tells_sizes_that_are_exact_and_no_others(serve):
    server = serve("--webdav")
    plate = plates_of(server)[0]
    path = f"/{TARGET}/cutouts/{plate}.fits"
    assert propfind(server, path, "0")[1].find(f".//{DAV}getcontentlength") is None
    _, headers, body = server.get(path)
    tree = propfind(server, path, "0")[1]
    assert int(tree.find(f".//{DAV}getcontentlength").text) == len(body)
    assert tree.find(f".//{DAV}getetag").text == headers["etag"]


def test_webdav_says_no_to_what_is_endless_or_not_there(serve):
    server = serve("--webdav")
    for headers in ({"Depth": "infinity"}, {}):
        status, _, text = server.request("PROPFIND", "/", headers)
        assert status == 403 and b"propfind-finite-depth" in text
    assert propfind(server, "/nonsense", "0")[0] == 404
    assert propfind(server, "/", "0", b"<no xml")[0] == 400
    assert serve(cache="other").request("PROPFIND", "/", {"Depth": "0"})[0] == 405


@pytest.mark.skipif(not shutil.which("rclone"), reason="wants rclone")
def test_rclone_copies_by_webdav_and_by_http(serve, tmp_path):
    server = serve("--webdav")
    plates = plates_of(server)
    environment = {**os.environ, "RCLONE_CONFIG": "/dev/null"}
    for kind in (["--webdav-url", server.url, f":webdav:{TARGET}/previews"], ["--http-url", server.url, f":http:{TARGET}/previews"]):
        folder = tmp_path / kind[0][2:]
        subprocess.run(["rclone", "copy", "--ignore-size", *kind[:2], kind[2], folder], env=environment, check=True, timeout=120)
        assert len(list(folder.iterdir())) >= len(plates) - 8
        for file in sorted(folder.iterdir())[:5]:
            assert file.read_bytes() == server.get(f"/{TARGET}/previews/{file.name}")[2]
