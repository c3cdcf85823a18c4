# SPDX-License-Identifier: BSD-3-Clause
"""The tree over HTTP: the same names and bytes as in a mount, for the programs that speak it, without FUSE or root."""
import os
import re
import subprocess
import urllib.parse

import pytest
from conftest import BIN, TARGET, Mount
from served import plates_of, serve  # noqa: F401


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
