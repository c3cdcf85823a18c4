# SPDX-License-Identifier: BSD-3-Clause
"""Who is let in by `platefs serve`, and what is no request."""
import base64
import pathlib

import pytest
from conftest import TARGET
from served import plates_of, serve  # noqa: F401


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
