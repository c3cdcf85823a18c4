# SPDX-License-Identifier: BSD-3-Clause
"""What the links of a plate lead to: documents where files were promised, documents in documents, copies that not
everybody may have."""
import os

import pytest
from conftest import Mount, xattr
from links_site import DATALINK, DID, LinksSite
from test_servers import DEC, PLATES, RA, check

FITS = PLATES[0][1]


@pytest.fixture
def site():
    running = LinksSite()
    yield running
    running.close()


@pytest.fixture
def mount(site, tmp_path):
    mounted = []

    def make(*options):
        mounted.append(Mount(site, tmp_path, options=options))
        return mounted[-1]

    yield make
    for each in mounted:
        each.down()


def plate_of(mounted):
    target = mounted.path / f"{RA}+{DEC}@120s"
    return next(target / name for name in os.listdir(target) if name.endswith("_one"))


@pytest.mark.parametrize("said", ["", "image/fits"])
def test_an_access_url_that_turns_out_to_be_datalink_is_read_as_such(site, mount, said):
    site.row = {"access_url": site.base + "/links?ID=" + DID, "access_format": said}
    site.pages = {"/links": site.links(site.link("#this", "/plate.fits"), site.link("#log", "/log.txt", "text/plain")),
                  "/plate.fits": ("image/fits", FITS), "/log.txt": ("text/plain", b"written in 1890")}
    mounted = mount()
    plate = plate_of(mounted)
    assert not site.requests("/links"), "a listing asks for no file"
    check(plate / "cutout.fits", PLATES[0][0])
    assert (plate / "full.fits").read_bytes() == FITS
    assert (plate / "links" / "log.txt").read_bytes() == b"written in 1890"
    site.forget_requests()
    mounted.again()
    assert os.listdir(plate_of(mounted) / "links") == ["log.txt"], "another process knows"
    assert not site.requests("/links")


def test_documents_in_documents_are_files_of_the_plate(site, mount):
    site.row = {"access_url": site.base + "/links", "access_format": DATALINK}
    site.pages = {"/links": site.links(site.link("#this", "/inner", DATALINK),
                                       site.link("#progenitor", "/raw", DATALINK)),
                  "/inner": site.links(site.link("#this", "/plate.fits"), site.link("#this", "/links", DATALINK)),
                  "/raw": site.links(site.link("#this", "/raw.fits"), site.link("#flat", "/flat.fits")),
                  "/plate.fits": ("image/fits", FITS), "/raw.fits": ("image/fits", PLATES[1][1]),
                  "/flat.fits": ("image/fits", PLATES[1][1])}
    plate = plate_of(mount())
    assert sorted(os.listdir(plate / "links")) == ["progenitor-flat.fits", "progenitor.fits"]
    assert (plate / "full.fits").read_bytes() == FITS
    assert (plate / "links" / "progenitor.fits").read_bytes() == PLATES[1][1]
    assert len(site.requests("/links")) == 1, "what leads back is not followed"


def test_the_free_copy_is_taken_first(site, mount):
    site.row = {"access_url": site.base + "/links", "access_format": DATALINK}
    site.pages = {"/links": site.links(site.link("#this", "/closed.fits", link_auth="true", content_length=9999),
                                       site.link("#this", "/free.fits", link_auth="false", content_length=2000)),
                  "/free.fits": ("image/fits", FITS), "/closed.fits": ("text/plain", b"log in", 401)}
    plate = plate_of(mount())
    assert (plate / "full.fits").read_bytes() == FITS
    assert xattr(plate / "full.fits", "error") == ""
    assert not site.requests("/closed.fits")
