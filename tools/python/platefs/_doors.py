# SPDX-License-Identifier: BSD-3-Clause
"""Ways to the tree of platefs: a mount of it, or a server of it over HTTP."""
from __future__ import annotations

import abc
import atexit
import errno
import html.parser
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request
from typing import Optional, Sequence

_ERRNO_OF_STATUS = {400: errno.EINVAL, 401: errno.EACCES, 403: errno.EACCES, 404: errno.ENOENT, 502: errno.EIO,
                    503: errno.EBUSY, 504: errno.ETIMEDOUT, 507: errno.ENOSPC}


class PlatefsError(OSError):
    """A file of the tree that could not be had.

    Attributes
    ----------
    path : str
        Its path in the tree, as "M31/1890-05-17_i00811/cutout.fits".
    reason : str
        What platefs says of it: what failed, at which archive.
    """

    def __init__(self, path: str, reason: str, number: int = errno.EIO):
        super().__init__(number, reason, path)
        self.path, self.reason = path, reason


class Door(abc.ABC):
    """A way to the tree. Paths are those of a mount, without a leading slash. Thread-safe."""

    @abc.abstractmethod
    def read(self, path: str, start: int = 0, end: Optional[int] = None) -> bytes:
        """The bytes [start, end) of a file.

        Raises
        ------
        PlatefsError
            With the reason where it can't be had.
        """

    @abc.abstractmethod
    def names(self, path: str) -> list[str]:
        """What a directory holds, those that are directories with a slash behind them."""

    @abc.abstractmethod
    def size(self, path: str) -> int:
        """Exact bytes of a file; it may have to be fetched or made for that."""

    @abc.abstractmethod
    def close(self) -> None:
        """Ends what was started for this door. A mount stays."""


class MountDoor(Door):
    """A mount of platefs.

    Parameters
    ----------
    path : path-like
        Where it is.
    """

    def __init__(self, path: os.PathLike | str):
        self.root = pathlib.Path(path)

    def _failure(self, path: str, error: OSError) -> PlatefsError:
        try:
            reason = os.getxattr(self.root / path, "user.platefs.error").decode(errors="replace")
        except OSError:
            reason = ""
        return PlatefsError(path, reason or os.strerror(error.errno or errno.EIO), error.errno or errno.EIO)

    def read(self, path, start=0, end=None):
        try:
            with open(self.root / path, "rb") as file:
                file.seek(start)
                return file.read(-1 if end is None else max(end - start, 0))
        except OSError as error:
            raise self._failure(path, error) from None

    def names(self, path):
        try:
            with os.scandir(self.root / path) as entries:
                return sorted(entry.name + ("/" if entry.is_dir() else "") for entry in entries)
        except OSError as error:
            raise self._failure(path, error) from None

    def size(self, path):
        try:
            with open(self.root / path, "rb") as file:
                return os.fstat(file.fileno()).st_size
        except OSError as error:
            raise self._failure(path, error) from None

    def close(self):
        pass


def _reason_in(page: str) -> str:
    """Of the text of an error, what stands below its status."""
    return "\n".join(page.strip().splitlines()[1:]).strip() or page.strip()


class _Links(html.parser.HTMLParser):
    """The names that a directory page links to."""

    def __init__(self):
        super().__init__()
        self.names = []

    def handle_starttag(self, tag, attrs):
        target = dict(attrs).get("href") if tag == "a" else None
        if target and not re.match(r"[a-z]+:|[/?#]|\.\.", target):
            self.names.append(urllib.parse.unquote(target[2:] if target.startswith("./") else target))


class ServerDoor(Door):
    """A server of the tree, `platefs serve`.

    Parameters
    ----------
    url : str
        As the server prints it, with its token.
    process : subprocess.Popen, optional
        The server, if it is to end with this door.
    """

    def __init__(self, url: str, process: Optional[subprocess.Popen] = None):
        self.url = url if url.endswith("/") else url + "/"
        self._process = process
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open  # it is on this computer

    def _ask(self, path: str, method: str = "GET", headers: Optional[dict] = None):
        request = urllib.request.Request(self.url + urllib.parse.quote(path), method=method, headers=headers or {})
        try:
            return self._open(request)
        except urllib.error.HTTPError as error:
            if error.code == 416:
                return io.BytesIO()
            reason = _reason_in(error.read(4096).decode(errors="replace")) or str(error)
            raise PlatefsError(path, reason, _ERRNO_OF_STATUS.get(error.code, errno.EIO)) from None
        except urllib.error.URLError as error:
            raise PlatefsError(path, f"the server does not answer: {error.reason}", errno.ECONNREFUSED) from None

    def read(self, path, start=0, end=None):
        if end is not None and end <= start:
            return b""
        is_part = start > 0 or end is not None
        headers = {"Range": f"bytes={start}-{'' if end is None else end - 1}"} if is_part else {}
        try:
            with self._ask(path, headers=headers) as answer:
                content = answer.read()
                is_whole = getattr(answer, "status", 206) == 200
        except OSError as error:
            if isinstance(error, PlatefsError):
                raise
            raise PlatefsError(path, f"the answer broke off: {error}") from None
        return content[start:end] if is_part and is_whole else content

    def names(self, path):
        links = _Links()
        with self._ask(path.rstrip("/") + "/" if path else "") as answer:
            links.feed(answer.read().decode())
        return sorted(set(links.names))

    def size(self, path):
        with self._ask(path, "HEAD") as answer:
            length = answer.headers.get("Content-Length")
        return int(length) if length is not None else len(self.read(path))

    def close(self):
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def program() -> str:
    """The program: of $PLATEFS, else in $PATH. Raises FileNotFoundError."""
    found = os.environ.get("PLATEFS") or shutil.which("platefs")
    if not found:
        raise FileNotFoundError(errno.ENOENT, "there is no program platefs in PATH; $PLATEFS may name it")
    return found


def _own_mounts() -> list[str]:
    done = subprocess.run([program(), "status", "--json"], capture_output=True, text=True, check=False, timeout=30)
    try:
        told = json.loads(done.stdout)
    except ValueError:
        return []
    mounts = told if isinstance(told, list) else told.get("mounts", [told])
    return [mount["mountpoint"] for mount in mounts if isinstance(mount, dict) and mount.get("mountpoint")]


def _serve(options: Sequence[str]) -> ServerDoor:
    process = subprocess.Popen([program(), "serve", "--port", "0", *options], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    first = process.stdout.readline()
    found = re.search(r"http://\S+", first)
    if not found:
        process.terminate()
        said = (first + process.stderr.read()).strip()
        process.wait()
        raise PlatefsError("", said or "platefs serve did not start", errno.EIO)
    for stream in (process.stdout, process.stderr):      # what it tells later is not to fill its pipe
        threading.Thread(target=_drain, args=(stream,), daemon=True).start()
    door = ServerDoor(found.group(0), process)
    atexit.register(door.close)
    return door


def _drain(stream) -> None:
    with stream:
        for _ in stream:
            pass


_lock = threading.Lock()
_servers: dict[tuple, Door] = {}


def connect(mount: os.PathLike | str | None = None, url: Optional[str] = None, options: Sequence[str] = ()) -> Door:
    """A way to the tree.

    Parameters
    ----------
    mount : path-like, optional
        A mount to use.
    url : str, optional
        A server to use, as `platefs serve` prints it.
    options : sequence of str
        For a server that is to be started: archives and options of `platefs serve`. Without any, and without `mount` and
        `url`, the server that $PLATEFS_URL names is used, or the one mount that runs if there is just one.

    Returns
    -------
    Door
        Of equal options the same, while it lives.
    """
    if mount is not None:
        return MountDoor(mount)
    if url is not None:
        return ServerDoor(url)
    key = tuple(options)
    with _lock:
        door = _servers.get(key)
        if isinstance(door, ServerDoor) and door._process is not None and door._process.poll() is None:
            return door
        if not options and os.environ.get("PLATEFS_URL"):
            return ServerDoor(os.environ["PLATEFS_URL"])
        if not options:
            mounts = _own_mounts()
            if len(mounts) == 1:
                return MountDoor(mounts[0])
        door = _servers[key] = _serve(options)
        return door
