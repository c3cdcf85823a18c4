# SPDX-License-Identifier: BSD-3-Clause
"""A program gets exactly the file, whether it asks for the size or not.

Every file is read once, the first time it is touched: its size is an estimate until it is opened. By default each of
the 64 combinations of read size, cache size and estimate is tried once; PLATEFS_EXACT_ROUNDS=20 tries them 20 times.
"""
import ctypes
import mmap
import os
import random
import socket
import subprocess
import sys
import threading

import pytest
from conftest import Mount
from file_server import FileServer, Front

RA, DEC = 156.01124674021, 48.14753874736
ROUNDS = int(os.environ.get("PLATEFS_EXACT_ROUNDS", "1"))
READ_SIZES = (1, 61, 512, 4096, 10_000, 65_536, 131_072, 1 << 20)
CACHE_SIZES = ("4M", "16M", "256M", "20G")
ESTIMATES = {"too large": lambda size: 3 * size + (1 << 20), "too small": lambda size: size // 3}
LIBC = ctypes.CDLL(None, use_errno=True)


def content(seed):
    """A file that is no multiple of anything, without a zero in it."""
    chance = random.Random(seed)
    body = bytes(chance.randrange(1, 256) for _ in range(4096)) * 75
    return b"SIMPLE  =                    T".ljust(80) + body[:chance.randrange(20_000, len(body))]


class Site:
    """`count` plates of one place, and a mount of their archive."""

    def __init__(self, directory, estimate, count, *options, manner="proper"):
        directory.mkdir()
        self.files = {f"p{i:05}.fits": content(i) for i in range(count)}
        self.server = FileServer(self.files, manner)
        self.front = Front(directory, (RA, DEC), [
            {"id": f"ivo://test/plates/{name[:-5]}", "url": self.server.url(name),
             "bytes": ESTIMATES[estimate](len(data)), "t_min": 11504.5, "soda": False}
            for name, data in self.files.items()])
        self.mount = Mount(self.front, directory, options=options)
        self.unread = [self.file(name) for name in sorted(os.listdir(self.mount.target)) if "_p" in name]

    def file(self, plate):
        return self.mount.target / plate / "full.fits", self.files[plate[-6:] + ".fits"]

    def next(self):
        """A file that nobody has touched, and its bytes."""
        return self.unread.pop()

    def close(self):
        self.mount.down()
        self.front.stop()
        self.server.close()


@pytest.fixture(params=ESTIMATES)
def site(request, tmp_path):
    made = Site(tmp_path / "site", request.param, 24)
    yield made
    made.close()


def read_to_the_end(file, size):
    pieces = []
    while piece := os.read(file, size):
        pieces.append(piece)
    return b"".join(pieces)


def opened(path, flags=0):
    file = os.open(path, os.O_RDONLY | flags)
    return os.fdopen(file, "rb", buffering=0)


@pytest.mark.parametrize("manner", ["proper", "none"])
@pytest.mark.parametrize("estimate", ESTIMATES)
@pytest.mark.parametrize("cache_size", CACHE_SIZES)
def test_reading_to_the_end_gives_the_file(tmp_path, cache_size, estimate, manner):
    rounds = (ROUNDS + (manner == "proper")) // 2 if ROUNDS > 1 else 1
    site = Site(tmp_path / "site", estimate, len(READ_SIZES) * rounds, "--cache-size", cache_size, manner=manner)
    wrong = []
    try:
        for size in READ_SIZES * rounds:
            path, expected = site.next()
            file = os.open(path, os.O_RDONLY)
            got = read_to_the_end(file, size)
            os.close(file)
            if got != expected:
                wrong.append((size, len(got), len(expected)))
    finally:
        site.close()
    assert not wrong


def read_by_sendfile(file, _):
    ours, theirs = socket.socketpair()
    got = bytearray()

    def receive():
        while piece := theirs.recv(1 << 16):
            got.extend(piece)
    receiver = threading.Thread(target=receive)
    receiver.start()
    offset = 0
    while sent := os.sendfile(ours.fileno(), file.fileno(), offset, 1 << 20):
        offset += sent
    ours.close()
    receiver.join()
    theirs.close()
    return bytes(got)


def read_by_splice(file, _):
    source, sink = os.pipe()
    got = b""
    # 64 KiB are what a pipe takes without a reader.
    while moved := LIBC.splice(file.fileno(), None, sink, None, ctypes.c_size_t(1 << 16), 0):
        assert moved > 0
        got += os.read(source, moved)
    os.close(source)
    os.close(sink)
    return got


MAPPER = """
import ctypes, sys
file, size = int(sys.argv[1]), int(sys.argv[2])
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
at = libc.mmap(None, ctypes.c_size_t(size), 1, 1, file, ctypes.c_size_t(0))    # PROT_READ, MAP_SHARED
sys.stdout.buffer.write(ctypes.string_at(at, size))
"""


def read_by_mmap(file, expected):
    """Maps as many bytes as it knows the file to have, and asks for no size. In a process of its own: a thread of
    Python that waits for a page holds up all others, the archive's too."""
    return subprocess.run([sys.executable, "-c", MAPPER, str(file.fileno()), str(len(expected))],
                          pass_fds=[file.fileno()], capture_output=True, check=True).stdout


def read_direct(file, _):
    buffer = mmap.mmap(-1, 1 << 16)
    got = b""
    while count := os.preadv(file.fileno(), [buffer], len(got)):
        got += buffer[:count]
    return got


def read_after_looking_beyond(file, expected):
    assert os.pread(file.fileno(), 4096, len(expected)) == b""
    assert os.pread(file.fileno(), 4096, 8 << 20) == b""
    assert os.pread(file.fileno(), 1 << 20, len(expected) - 100) == expected[-100:]
    return read_to_the_end(file.fileno(), 50_000)


def read_after_advice(advice):
    def read(file, _):
        os.posix_fadvise(file.fileno(), 0, 0, advice)
        first = read_to_the_end(file.fileno(), 7777)
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        again = read_to_the_end(file.fileno(), 1 << 18)
        assert first == again
        return again
    return read


def read_by_copy_file_range(file, _):
    with open(os.memfd_create("copy"), "r+b", buffering=0) as copy:
        while True:
            try:
                if os.copy_file_range(file.fileno(), copy.fileno(), 1 << 20) == 0:
                    break
            except OSError:                        # from one file system to another it may not be possible
                return read_to_the_end(file.fileno(), 1 << 20)
        return os.pread(copy.fileno(), 1 << 22, 0)


@pytest.mark.parametrize("flags, read", [
    (0, read_by_sendfile), (0, read_by_splice), (0, read_by_mmap), (os.O_DIRECT, read_direct),
    (0, read_after_looking_beyond), (0, read_by_copy_file_range),
    (0, read_after_advice(os.POSIX_FADV_DONTNEED)), (0, read_after_advice(os.POSIX_FADV_WILLNEED)),
    (0, read_after_advice(os.POSIX_FADV_RANDOM)), (0, read_after_advice(os.POSIX_FADV_SEQUENTIAL))],
    ids=["sendfile", "splice", "mmap", "O_DIRECT", "beyond the end", "copy_file_range", "DONTNEED", "WILLNEED",
         "RANDOM", "SEQUENTIAL"])
def test_every_way_of_reading_gives_the_file(site, flags, read):
    for _ in range(4):
        path, expected = site.next()
        with opened(path, flags) as file:
            assert read(file, expected) == expected


def test_the_size_is_exact_for_seek_and_stat_of_what_is_open(site):
    for _ in range(4):
        path, expected = site.next()
        with opened(path) as file:
            assert os.lseek(file.fileno(), 0, os.SEEK_END) == len(expected)
            assert os.fstat(file.fileno()).st_size == len(expected)
            assert os.stat(path).st_size == len(expected)


def test_programs_that_open_a_file_at_once_get_the_file_each(site):
    for _ in range(6):
        path, expected = site.next()
        gate, wrong = threading.Barrier(8), []

        def read(asks_again):
            gate.wait()
            if asks_again:
                os.stat(path)
            file = os.open(path, os.O_RDONLY)
            got = read_to_the_end(file, 65_536)
            os.close(file)
            if got != expected:
                wrong.append((len(got), len(expected)))
        readers = [threading.Thread(target=read, args=(i % 2,)) for i in range(8)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        assert not wrong


def test_a_file_that_is_opened_without_its_name_is_the_file(site):
    for _ in range(4):
        path, expected = site.next()
        place = os.open(path, os.O_PATH)
        file = os.open(f"/proc/self/fd/{place}", os.O_RDONLY)
        assert read_to_the_end(file, 65_536) == expected
        os.close(file)
        os.close(place)


def test_texts_are_what_their_size_says(site):
    """The tables tell the states of files: they change while they are read."""
    for name in ("plates.csv", "plates.vot", "plates.fits", "index.html", "target.reg"):
        path = site.mount.target / name
        os.stat(path)
        with opened(site.next()[0]) as other:
            other.read(1)
        with opened(path) as file:
            got = read_to_the_end(file.fileno(), 4096)
            assert os.fstat(file.fileno()).st_size == len(got)
            assert read_by_sendfile(file, None) == got
        assert name == "plates.fits" or b"\0" not in got


def test_a_text_that_changes_while_it_is_open_is_another_file_under_its_name(site):
    path, _ = site.next()
    text = path.with_name("plate.json")
    with opened(text) as old_file:
        old = read_to_the_end(old_file.fileno(), 100)
        with opened(path) as file:                 # plate.json tells what is cached
            read_to_the_end(file.fileno(), 65_536)
        new = subprocess.run(["cat", text], capture_output=True, check=True).stdout
        assert b"\0" not in new and new != old
        assert os.stat(text).st_size == len(new)
        assert os.stat(text).st_ino != os.fstat(old_file.fileno()).st_ino
        assert os.fstat(old_file.fileno()).st_size == len(old)
        os.lseek(old_file.fileno(), 0, os.SEEK_SET)
        assert read_to_the_end(old_file.fileno(), 4096) == old
