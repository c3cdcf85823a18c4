# SPDX-License-Identifier: BSD-3-Clause
"""A target: the plates that show a place on the sky."""
from __future__ import annotations

import base64
import collections
import concurrent.futures
import html
import io
import json
import sys
from typing import Iterator, Optional

from astropy import units
from astropy.io import fits
from astropy.table import Row, Table

from ._doors import Door, PlatefsError, connect

_FILES = {"cutouts": "{plate}/cutout.fits", "previews": "{plate}/preview.jpg", "full": "{plate}/full.fits",
          "stamps": "stamps/{plate}.jpg", "aligned": "aligned/{plate}.fits"}
_PICTURES_IN_HTML = 200


def target(name: str, radius=None, *, mount=None, url: Optional[str] = None, options=(), jobs: int = 4) -> "Target":
    """The plates of an object or a place.

    Parameters
    ----------
    name : str
        "M31", "156.011+48.148", "10:24:02.7 +48:08:51", as a directory of a mount is named.
    radius : str, Quantity or float, optional
        Of what cutouts show: "5m", 5 * u.arcmin, or degrees. Ten arc minutes, or what the mount says, if left out.
    mount, url, options
        Where the tree is: see `connect`.
    jobs : int
        Files that are asked for at once.

    Returns
    -------
    Target
    """
    return Target(connect(mount, url, options), _directory(name, radius), jobs)


def _directory(name: str, radius) -> str:
    directory = name.strip().replace(" ", "_")
    if radius is None:
        return directory
    if isinstance(radius, units.Quantity):
        radius = float(radius.to_value(units.deg))
    return f"{directory}@{radius}" if isinstance(radius, str) else f"{directory}@{radius!r}d"


class Target:
    """The plates of one place, in the order of their dates. Nothing is asked for before it is used.

    Attributes
    ----------
    errors : dict of str to str
        By path, why a file that was asked for could not be had.
    """

    def __init__(self, door: Door, directory: str, jobs: int = 4):
        self.door, self.directory, self.jobs = door, directory, max(jobs, 1)
        self.errors: dict[str, str] = {}
        self._plates: Optional[Table] = None

    @property
    def plates(self) -> Table:
        """What the archives tell of the plates, one row each, with units and descriptions; masked where they are silent."""
        if self._plates is None:
            self._plates = Table.read(io.BytesIO(self.door.read(f"{self.directory}/plates.vot")), format="votable")
            self._plates.sort("plate")
        return self._plates

    def __len__(self) -> int:
        return len(self.plates)

    def __repr__(self) -> str:
        return f"<platefs.Target {self.directory}: {len(self)} plates>"

    def path(self, plate, what: str = "cutouts") -> str:
        """The path of a file of a plate in the tree.

        Parameters
        ----------
        plate : Row or str
            A row of `plates`, or the plate's name.
        what : {"cutouts", "previews", "full", "stamps", "aligned"}
        """
        name = plate if isinstance(plate, str) else str(plate["plate"])
        return f"{self.directory}/{_FILES[what].format(plate=name)}"

    def files(self, what: str = "cutouts", errors: str = "skip") -> Iterator[tuple[Row, bytes]]:
        """The files of all plates, by date; the next ones are fetched meanwhile.

        Parameters
        ----------
        what : {"cutouts", "previews", "full", "stamps", "aligned"}
        errors : {"skip", "raise"}
            Whether a plate that can't be had is left out and noted in `errors`, or ends it all by a PlatefsError.

        Yields
        ------
        (Row, bytes)
        """
        if errors not in ("skip", "raise"):
            raise ValueError(f"errors is 'skip' or 'raise', not {errors!r}")
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            ahead = collections.deque()
            rows = iter(self.plates)
            try:
                while True:
                    for row in rows:
                        ahead.append((row, pool.submit(self.door.read, self.path(row, what))))
                        if len(ahead) >= 2 * self.jobs:
                            break
                    if not ahead:
                        return
                    row, answer = ahead.popleft()
                    try:
                        content = answer.result()
                    except PlatefsError as error:
                        self.errors[error.path] = error.reason
                        if errors == "raise":
                            raise
                        continue
                    self.errors.pop(self.path(row, what), None)
                    yield row, content
            finally:
                for _, answer in ahead:
                    answer.cancel()

    def cutouts(self, errors: str = "skip") -> Iterator[tuple[Row, fits.HDUList]]:
        """The cutouts, opened: see `files`."""
        for row, content in self.files("cutouts", errors):
            with fits.open(io.BytesIO(content)) as hdus:
                yield row, hdus

    def aligned(self, errors: str = "skip") -> Iterator[tuple[Row, fits.HDUList]]:
        """The same on the grid of all epochs: north up, one scale, NaN outside of the plate."""
        for row, content in self.files("aligned", errors):
            with fits.open(io.BytesIO(content)) as hdus:
                yield row, hdus

    def stamps(self, errors: str = "skip") -> Iterator[tuple[Row, bytes]]:
        """Pictures (JPEG) of the target on each plate: see `files`."""
        return self.files("stamps", errors)

    def prefetch(self, what: str = "cutouts", progress: bool = True) -> concurrent.futures.Future:
        """Brings the files into the cache in the background.

        Parameters
        ----------
        what : {"cutouts", "previews", "full", "stamps", "aligned"}
        progress : bool
            Whether a line on stderr tells how far it is.

        Returns
        -------
        Future
            Of the number of files that are there; `errors` has the others.
        """
        pool = concurrent.futures.ThreadPoolExecutor(1)
        future = pool.submit(self._fetch_all, what, progress)
        pool.shutdown(wait=False)
        return future

    def _fetch_all(self, what: str, progress: bool) -> int:
        total, done = len(self), 0
        failed = len(self.errors)
        for done, _ in enumerate(self.files(what), 1):
            if progress:
                bad = len(self.errors) - failed
                print(f"\r{self.directory}: {done} of {total} {what}" + (f", {bad} failed" if bad > 0 else ""), end="",
                      file=sys.stderr, flush=True)
        if progress:
            print(file=sys.stderr)
        return done

    def _repr_html_(self) -> str:
        """Stamps by date, and a player that blinks them: for notebooks."""
        frames = []
        for row, content in self.stamps():
            frames.append({"title": str(row["plate"]), "src": "data:image/jpeg;base64," + base64.b64encode(content).decode()})
            if len(frames) == _PICTURES_IN_HTML:
                break
        pictures = "".join(f'<img title="{html.escape(frame["title"])}" src="{frame["src"]}" style="width:8em;margin:2px">'
                           for frame in frames)
        titles = json.dumps([frame["title"] for frame in frames]).replace("<", "\\u003c")
        failed = "".join(f"<li>{html.escape(path)}: {html.escape(reason)}</li>" for path, reason in sorted(self.errors.items()))
        return (f"<div><b>{html.escape(self.directory)}</b>: {len(self)} plates, {len(frames)} stamps"
                f'<div><img class="platefs-player" style="width:16em"> <span></span></div><div class="platefs-stamps">'
                f"{pictures}</div>" + (f"<details><summary>{len(self.errors)} failed</summary><ul>{failed}</ul></details>"
                                       if failed else "") +
                "<script>{const root=document.currentScript.parentElement,player=root.querySelector('.platefs-player'),"
                "label=player.nextElementSibling,all=root.querySelectorAll('.platefs-stamps img'),titles=" + titles +
                ";let at=0;const step=()=>{if(!player.isConnected||!all.length)return clearInterval(timer);"
                "player.src=all[at].src;label.textContent=titles[at];at=(at+1)%all.length};"
                "const timer=setInterval(step,250);step()}</script></div>")
