# SPDX-License-Identifier: BSD-3-Clause
"""Servers that answer as no standard has it, and plates that change: never a mixture of bytes."""
import email.utils
import itertools
import os
import random
import socket
import threading
import time

import pytest
from conftest import Mount, wait_until, xattr
from file_server import FileServer, Front, Handler, ranges_of
from test_servers import DEC, PLATES, RA, check, plate

LARGE = 3 * 1024 * 1024


class OddHandler(Handler):
    """Leaves answers to server.answer(handler, content), once it is set."""

    def do_GET(self):
        content = self.server.files.get(self.path.lstrip("/"))
        with self.server.lock:
            self.server.asked.append((self.path, self.headers.get("Range"), self.headers.get("If-Range")))
        try:
            self.server.answer(self, content)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def send(self, status, body, **headers):
        self.send_response(status)
        for name, value in {"Content-Type": "image/fits", "Content-Length": len(body), **headers}.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def serve(self, content, ranged=True, **headers):
        """As a good server does: all of it, or the part asked for (several ranges: the whole)."""
        ranges = ranges_of(self.headers.get("Range"), len(content)) if ranged else []
        if len(ranges) != 1:
            return self.send(200, content, **headers)
        first, last = ranges[0]
        if first >= len(content):
            return self.send(416, b"", Content_Range=f"bytes */{len(content)}")
        return self.send(206, content[first:last + 1], Content_Range=f"bytes {first}-{last}/{len(content)}", **headers)


class OddServer(FileServer):
    def __init__(self, files):
        super().__init__(files)
        self.RequestHandlerClass = OddHandler
        self.answer = OddHandler.serve


class Site:
    def __init__(self, base, files, options=()):
        self.server = OddServer(files)
        self.front = Front(base, (RA, DEC), [
            {"id": f"ivo://test/plates/{name.split('.')[0]}", "url": self.server.url(name), "bytes": len(content),
             "t_min": 11504.5} for name, content in files.items()])
        self.mount = Mount(self.front, base, options=options)

    def folder(self, scan):
        target = self.mount.path / f"{RA}+{DEC}@120s"
        return next(target / name for name in os.listdir(target) if name.endswith("_" + scan))

    def close(self):
        self.mount.down()
        self.front.stop()
        self.server.close()


@pytest.fixture
def site(tmp_path):
    made = []

    def make(files, *options):
        made.append(Site(tmp_path, files, options))
        return made[-1]

    yield make
    for each in made:
        each.close()


def read_in_three_tries(path, content):
    """Never other bytes; the right ones at the third try at the latest."""
    for _ in range(3):
        try:
            served = path.read_bytes()
        except OSError:
            continue
        assert served == content
        return
    raise AssertionError("it could not be read in three tries")


def of_two_nodes(count=itertools.count()):
    return {"ETag": f'"node{next(count) % 2}"', "Last_Modified": "Sat, 17 May 2003 00:00:00 GMT"}


def of_a_new_tag_each_time():
    return {"ETag": f'"{random.random()}"'}


def of_this_moment(count=itertools.count()):
    return {"Last_Modified": email.utils.formatdate(time.time() + next(count), usegmt=True)}


@pytest.mark.parametrize("validators", [of_two_nodes, of_a_new_tag_each_time, of_this_moment])
@pytest.mark.parametrize("heeds_if_range", [True, False])
def test_a_file_whose_validators_differ_with_each_answer_is_readable_from_one_answer(site, validators, heeds_if_range):
    pixels, content = PLATES[0]
    here = site({"one.fits": content})

    def answer(handler, content):
        asked = handler.headers.get("If-Range") if heeds_if_range else None
        now = validators()
        handler.serve(content, ranged=not asked or asked in now.values(), **now)

    here.server.answer = answer
    read_in_three_tries(here.folder("one") / "full.fits", content)
    check(here.folder("one") / "cutout.fits", pixels)


def test_a_whole_answer_that_would_cure_goes_on_when_its_reader_has_closed(site):
    content = PLATES[0][1]
    here = site({"one.fits": content})
    here.server.answer = lambda handler, content: handler.serve(content, **of_a_new_tag_each_time())
    path = here.folder("one") / "full.fits"
    for _ in range(2):
        try:
            path.read_bytes()
        except OSError:
            pass
    wait_until(lambda: xattr(path, "state") == "cached", what="the whole file in the cache")
    asked = len(here.server.asked)
    assert path.read_bytes() == content
    assert len(here.server.asked) == asked


@pytest.mark.parametrize("manner", ["200", "412"])
def test_ranges_are_had_from_servers_that_misread_if_range(site, manner):
    pixels, content = PLATES[0]
    here = site({"one.fits": content})

    def answer(handler, content):
        if handler.headers.get("If-Range") and manner == "412":
            return handler.send(412, b"", ETag='"x"')
        return handler.serve(content, ranged=not handler.headers.get("If-Range"), ETag='"x"')

    here.server.answer = answer
    check(here.folder("one") / "cutout.fits", pixels)
    assert (here.folder("one") / "full.fits").read_bytes() == content


def test_the_cutout_of_a_plate_that_the_archive_replaced_is_that_of_the_new_one(site):
    (old_pixels, old), (new_pixels, new) = PLATES
    here = site({"one.fits": old})
    tag = ['"old"']
    here.server.answer = lambda handler, content: handler.serve(content, ETag=tag[0])
    folder = here.folder("one")
    with open(folder / "full.fits", "rb") as file:
        assert file.read(2880) == old[:2880]             # a part of the old version is kept
    here.server.files["one.fits"], tag[0] = new, '"new"'
    check(folder / "cutout.fits", new_pixels)
    read_in_three_tries(folder / "full.fits", new)


def test_a_file_that_shrank_is_found_anew(site):
    content = PLATES[0][1]
    here = site({"one.fits": content})
    path = here.folder("one") / "full.fits"
    with open(path, "rb") as file:
        file.read(2880)
    short = content[:-LARGE]
    here.server.files["one.fits"] = short
    with open(path, "rb") as file:
        file.seek(len(content) - 8192)
        with pytest.raises(OSError):
            file.read(4096)
    read_in_three_tries(path, short)


@pytest.mark.parametrize("lie", ["no range", "no total", "encoded", "another range", "a total that is too small"])
def test_a_part_that_does_not_say_what_it_is_makes_way_for_the_whole_and_one_that_lies_is_an_error(site, lie):
    content = PLATES[0][1]
    here = site({"one.fits": content})

    def answer(handler, content):
        ranges = ranges_of(handler.headers.get("Range"), len(content))
        if not ranges:
            return handler.serve(content)
        first, last = ranges[0]
        said = {"no range": None, "another range": f"bytes {first + 10}-{last + 10}/{len(content)}",
                "a total that is too small": f"bytes {first}-{last}/{last}", "no total": f"bytes {first}-{last}/*",
                "encoded": f"bytes {first}-{last}/{len(content)}"}[lie]
        encoding = "br" if lie == "encoded" else None
        return handler.send(206, content[first:last + 1], Content_Range=said, Content_Encoding=encoding)

    here.server.answer = answer
    path = here.folder("one") / "full.fits"
    if lie in ("another range", "a total that is too small"):
        with pytest.raises(OSError):
            path.read_bytes()
        assert "Content-Range" in xattr(path, "error")
    else:
        read_in_three_tries(path, content)


def test_a_body_longer_than_its_range_is_not_taken(site):
    content = PLATES[0][1]
    here = site({"one.fits": content}, "--cache-size", "64M")

    def answer(handler, content):
        handler.send_response(206)
        handler.send_header("Content-Range", "bytes 0-99/100")
        handler.send_header("Content-Length", str(300 << 20))
        handler.end_headers()
        for _ in range(300):
            handler.wfile.write(content[:1 << 20])

    here.server.answer = answer
    with pytest.raises(OSError):
        (here.folder("one") / "full.fits").read_bytes()
    used = sum(f.stat().st_blocks * 512 for f in here.mount.cache.rglob("*") if f.is_file())
    assert used < 64 << 20


class Forgetful:
    """A relay to a server whose connections die without a word: as a NAT that forgot them, or after a sleep."""

    def __init__(self, port):
        self.port, self.generation, self.lock = port, 0, threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    @property
    def base(self):
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def forget(self):
        with self.lock:
            self.generation += 1

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.port))
            for a, b in ((client, server), (server, client)):
                threading.Thread(target=self.pump, args=(a, b, self.generation), daemon=True).start()

    def pump(self, source, sink, generation):
        try:
            while data := source.recv(65536):
                if generation != self.generation:
                    continue                             # swallowed
                sink.sendall(data)
            if generation == self.generation:
                sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.listener.close()


def test_connections_that_died_unseen_cost_one_read_one_timeout(tmp_path):
    contents = {f"p{i}.fits": plate(i)[1] for i in range(4)}
    server = FileServer(contents)
    relay = Forgetful(server.server_port)
    front = Front(tmp_path, (RA, DEC), [
        {"id": f"ivo://test/plates/p{i}", "url": f"{relay.base}/p{i}.fits", "bytes": len(contents[f"p{i}.fits"]),
         "t_min": 11504.5 + i} for i in range(4)])
    mounted = Mount(front, tmp_path, options=["--timeout", "3"])
    try:
        target = mounted.path / f"{RA}+{DEC}@120s"
        files = [next(target / n for n in os.listdir(target) if n.endswith(f"_p{i}")) / "full.fits" for i in range(4)]
        assert files[0].read_bytes() == contents["p0.fits"]     # opens several connections
        relay.forget()
        began = time.monotonic()
        for i in (1, 2, 3):
            assert files[i].read_bytes() == contents[f"p{i}.fits"]
        assert time.monotonic() - began < 6
    finally:
        mounted.down()
        front.stop()
        server.close()
        relay.close()
