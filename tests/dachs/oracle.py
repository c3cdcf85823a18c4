#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What an astronomer gets with pyvo, astropy and requests, without platefs: the measure that platefs is held against.

The steps are those of a notebook that looks a variable star up on every plate that shows it: one ObsCore query, DataLink for
each row, a cutout by SODA if the plate has such a service, else one from the whole FITS file with astropy. Run by hand, it
prints what each plate gives:  oracle.py TAPURL
"""

import functools
import io
import json
import sys
import warnings
from dataclasses import dataclass

import numpy as np
import pyvo
import requests
from astropy import units
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.io.fits.verify import VerifyWarning
from astropy.io.votable import parse_single_table
from astropy.nddata import Cutout2D
from astropy.utils.exceptions import AstropyWarning
from astropy.wcs import WCS
from pyvo.utils import vocabularies

from make_plates import TARGET_DEC, TARGET_RA

RADIUS = 10 / 60                    # degrees: platefs's default
FITS_TYPES = ("image/fits", "application/fits")
TRIMMED_ABOVE = 4                   # pixels that an answer may exceed the region by and still count as what was asked for

# pyvo would fetch the vocabulary from ivoa.net; without narrower terms `#preview` is `#preview` alone.
TERMS = ("this", "coderived", "preview", "preview-image", "thumbnail", "proc")
vocabularies.get_vocabulary = lambda *_, **__: {"terms": {term: {"narrower": []} for term in TERMS}}

QUERY = """
SELECT * FROM ivoa.ObsCore
WHERE dataproduct_type = 'image'
  AND 1 = CONTAINS(POINT('ICRS', {ra!r}, {dec!r}), s_region)
  AND NOT obs_collection LIKE '%RASS%'
ORDER BY t_min
"""


def target():
    return SkyCoord(TARGET_RA * units.deg, TARGET_DEC * units.deg)


def plates(tap_url):
    """One OraclePlate per row that the notebook's query finds, and the whole table."""
    found = pyvo.dal.TAPService(tap_url).search(QUERY.format(ra=TARGET_RA, dec=TARGET_DEC))
    return [OraclePlate(record) for record in found], found.to_table()


@functools.lru_cache(maxsize=None)
def fetch(url, *parameters):
    """Status and bytes of a GET as platefs would send it."""
    answer = requests.get(url, params=parameters, timeout=60, headers={"Accept-Encoding": "identity"})
    return answer.status_code, answer.content


class Image:
    """The first two-dimensional image of a FITS file: pixels and header as stored (no BZERO applied), and the solution."""

    def __init__(self, content):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AstropyWarning)
            with fits.open(io.BytesIO(content), do_not_scale_image_data=True) as hdus:
                hdu = next(hdu for hdu in hdus if hdu.header.get("NAXIS") == 2 and hdu.is_image)
                self.header, self.pixels = hdu.header.copy(), np.array(hdu.data)
            self.wcs = WCS(self.header)

    @property
    def shape(self):
        return self.pixels.shape

    def shows_target(self):
        if not self.wcs.has_celestial:
            return False
        try:
            x, y = self.wcs.all_world2pix(TARGET_RA, TARGET_DEC, 0)
        except Exception:           # wcslib has many names for "not here"
            return False
        return -0.5 <= x < self.shape[1] - 0.5 and -0.5 <= y < self.shape[0] - 0.5

    def region_bounds(self, radius=RADIUS):
        """First and last pixel (0-based, per axis x, y) of the circle around the target, clipped to the image."""
        angles = np.linspace(0, 360, 721) * units.deg
        rim = target().directional_offset_by(angles, radius * units.deg)
        xy = self.wcs.all_world2pix(np.column_stack([rim.ra.deg, rim.dec.deg]), 0)
        first = np.maximum(np.floor(xy.min(axis=0) + 0.5), 0)
        last = np.minimum(np.floor(xy.max(axis=0) + 0.5), [self.shape[1] - 1, self.shape[0] - 1])
        return first.astype(int), last.astype(int)

    def notebook_cutout(self, radius=RADIUS):
        return Cutout2D(self.pixels, position=target(), size=2 * radius * units.deg, wcs=self.wcs, mode="trim")

    def section(self, first, shape):
        """Cutout2D of exactly `shape` (rows, columns) whose first pixel (x, y) is `first`."""
        rows, columns = shape
        centre = first[0] + (columns - 1) / 2, first[1] + (rows - 1) / 2
        return Cutout2D(self.pixels, position=centre, size=(rows, columns), wcs=self.wcs, mode="strict")


def image_of(content):
    """An Image, or None if these bytes are none."""
    try:
        return Image(content)
    except (OSError, StopIteration, ValueError, VerifyWarning):
        return None


@dataclass(frozen=True)
class Expected:
    """What cutout.fits should be: `how` is soda, trimmed, cutout, failed or absent; `content` is SODA's or the whole plate."""
    how: str
    content: bytes = b""
    tried: tuple = ()


class OraclePlate:
    def __init__(self, record):
        self.record = record
        self.did = str(record["obs_publisher_did"])
        self.t_min = float(record["t_min"]) if np.isfinite(record["t_min"]) else None
        self.access_url, self.access_format = str(record["access_url"]), str(record["access_format"])

    def __repr__(self):
        return self.did.rpartition("/")[2]

    @functools.cached_property
    def datalink(self):
        return self.record.getdatalink()

    @functools.cached_property
    def links(self):
        """(semantics, access_url, content_type, content_length, error_message) of each row."""
        return [(text(row["semantics"]), text(row["access_url"]), text(row["content_type"]), length(row["content_length"]),
                 text(row["error_message"])) for row in self.datalink]

    def urls(self, semantics):
        return [text(row["access_url"]) for row in self.datalink.bysemantics(semantics) if text(row["access_url"])]

    @functools.cached_property
    def scans(self):
        """Bytes of every FITS file among #this and #coderived that can be had, largest image first.

        Where DataLink has none, ObsCore's own access_url counts if it is said to be FITS."""
        answers = [fetch(url) for url in self.scan_urls]
        contents = [content for status, content in answers if status == 200 and image_of(content)]
        return sorted(contents, key=lambda content: -image_of(content).pixels.size)

    @functools.cached_property
    def scan_urls(self):
        linked = [url for semantics, url, kind, *_ in self.links if url and semantics in ("#this", "#coderived")
                  and kind.startswith(FITS_TYPES)]
        return linked or ([self.access_url] if self.access_format.startswith(FITS_TYPES) else [])

    @functools.cached_property
    def full(self):
        return self.scans[0] if self.scans else None

    @functools.cached_property
    def preview(self):
        """Bytes of #preview-image, else #preview; None if there is neither."""
        for url in self.urls("#preview-image") + self.urls("#preview"):
            status, content = fetch(url)
            if status == 200:
                return content
        return None

    def soda(self):
        """URL and parameters of the plate's synchronous SODA service; None if it has none."""
        for row in self.datalink.bysemantics("#proc"):
            service = resource_of(self.datalink.votable, text(row["service_def"]))
            facts = {param.name: text(param.value) for param in service.params}
            if facts.get("standardID", "").lower().startswith("ivo://ivoa.net/std/soda#sync"):
                inputs = {param.name: text(param.value) for group in service.groups
                          for param in group.iter_fields_and_params()}
                return facts["accessURL"], inputs
        return None

    def soda_answer(self, radius=RADIUS):
        """Status and bytes of the cutout by SODA, asked as platefs asks; None without such a service."""
        service = self.soda()
        if service is None:
            return None
        url, inputs = service
        circle = f"{TARGET_RA!r} {TARGET_DEC!r} {radius!r}"
        region = ("CIRCLE", circle) if "CIRCLE" in inputs else ("POS", "CIRCLE " + circle)
        return fetch(url, ("ID", inputs["ID"]), region)

    @functools.cached_property
    def expected(self):
        tried = []
        answer = self.soda_answer()
        if answer is not None:
            status, content = answer
            tried.append(f"SODA {status}")
            image = image_of(content) if status == 200 else None
            if image and image.shows_target():
                return Expected("trimmed" if self.is_larger(image) else "soda", content, tuple(tried))
        tried += [f"GET {fetch(url)[0]}" for url in self.scan_urls]
        for content in self.scans:
            if image_of(content).shows_target():
                return Expected("cutout", content, tuple(tried))
        return Expected("failed" if tried else "absent", b"", tuple(tried))

    @staticmethod
    def is_larger(image):
        first, last = image.region_bounds()
        return bool(np.any(np.array(image.shape[::-1]) > last - first + 1 + TRIMMED_ABOVE))


def resource_of(votable, identifier):
    return next(resource for resource in votable.resources if resource.ID == identifier)


def table(content):
    """The first table of a VOTable."""
    return parse_single_table(io.BytesIO(content)).to_table()


def text(value):
    if value is None or np.ma.is_masked(value):
        return ""
    return value.decode() if isinstance(value, bytes) else str(value)


def length(value):
    return None if value is None or np.ma.is_masked(value) or int(value) < 0 else int(value)


def report(plate):
    return {"did": plate.did, "t_min": plate.t_min, "links": [semantics for semantics, *_ in plate.links],
            "errors": [error for *_, error in plate.links if error],
            "full": plate.full and [len(plate.full), image_of(plate.full).shape], "preview": plate.preview and len(plate.preview),
            "cutout": [plate.expected.how, len(plate.expected.content), *plate.expected.tried]}


def main():
    warnings.simplefilter("ignore", AstropyWarning)
    for plate in plates(sys.argv[1])[0]:
        print(json.dumps(report(plate)))


if __name__ == "__main__":
    main()
