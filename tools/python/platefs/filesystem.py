# SPDX-License-Identifier: BSD-3-Clause
"""platefs:// for fsspec: `fits.open("platefs://M31/cutouts/1890-05-17_i00811.fits", use_fsspec=True)`, dask, pandas.

Storage options: `mount`, `url`, `options`, as of `platefs.connect`.
"""
from __future__ import annotations

import contextlib
import errno

from fsspec.spec import AbstractBufferedFile, AbstractFileSystem

from ._doors import PlatefsError, connect


@contextlib.contextmanager
def _as_fsspec_says():
    """What is not there is a FileNotFoundError, of which fsspec makes its answers."""
    try:
        yield
    except PlatefsError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR):
            raise
        raise FileNotFoundError(errno.ENOENT, error.reason, error.path) from error


class PlatefsFileSystem(AbstractFileSystem):
    """The tree of platefs, read-only."""

    protocol = "platefs"
    root_marker = ""

    def __init__(self, mount=None, url=None, options=(), **storage_options):
        super().__init__(**storage_options)
        self.door = connect(mount, url, options)

    def info(self, path, **_):
        path = self._strip_protocol(path)
        parent, _, name = path.rpartition("/")
        with _as_fsspec_says():
            # A target need not be listed: any place is one.
            if not parent or f"{name}/" in self.door.names(parent):
                self.door.names(path)
                return {"name": path, "size": 0, "type": "directory"}
            return {"name": path, "size": self.door.size(path), "type": "file"}

    def ls(self, path, detail=True, **_):
        """Sizes of files are None: a file that nobody asked for yet may have none."""
        path = self._strip_protocol(path).rstrip("/")
        below = f"{path}/" if path else ""
        with _as_fsspec_says():
            names = self.door.names(path)
        found = [{"name": below + name.rstrip("/"), "size": 0 if name.endswith("/") else None,
                  "type": "directory" if name.endswith("/") else "file"} for name in names]
        return found if detail else [each["name"] for each in found]

    def cat_file(self, path, start=None, end=None, **_):
        path = self._strip_protocol(path)
        with _as_fsspec_says():
            if (start or 0) < 0 or (end or 0) < 0:
                size = self.door.size(path)
                start = None if start is None else start + size if start < 0 else start
                end = None if end is None else end + size if end < 0 else end
            return self.door.read(path, start or 0, end)

    def _open(self, path, mode="rb", block_size=None, autocommit=True, cache_options=None, **more):
        if mode != "rb":
            raise ValueError("platefs:// can only be read")
        with _as_fsspec_says():
            size = self.door.size(self._strip_protocol(path))
        return PlatefsFile(self, path, mode, block_size or "default", cache_options=cache_options, size=size, **more)


class PlatefsFile(AbstractBufferedFile):
    """A file of the tree, read by ranges."""

    def _fetch_range(self, start, end):
        return self.fs.door.read(self.path, start, end)
