# SPDX-License-Identifier: BSD-3-Clause
"""What the links of a plate lead to: documents where files were promised, documents in documents, copies that not
everybody may have."""
import errno
import os
import urllib.parse

import pytest
from conftest import Mount, wait_until, xattr
from links_site import DATALINK, DID, LinksSite, soda
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


def test_documents_are_followed_three_deep(site, mount):
    site.row = {"access_url": site.base + "/links", "access_format": DATALINK}
    chain = ["/links", "/a", "/b", "/c", "/d"]
    for here, further in zip(chain, chain[1:] + ["/e"]):
        site.pages[here] = site.links(site.link("#this", here + ".txt", "text/plain"),
                                      site.link("#progenitor", further, DATALINK))
        site.pages[here + ".txt"] = "text/plain", here.encode()
    folder = plate_of(mount()) / "links"
    assert sorted(path.read_bytes() for path in folder.iterdir()) == [b"/a", b"/b", b"/c", b"/links"]
    assert [len(site.requests(path)) for path in chain] == [1, 1, 1, 1, 0]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_url_that_was_told_before_and_is_refused_now_is_asked_for_again_once(site, mount, status):
    site.row = {"access_url": site.base + "/links", "access_format": DATALINK}
    site.pages = {"/links": site.links(site.link("#this", "/signed/1.fits")),
                  "/signed/1.fits": ("image/fits", FITS)}
    mounted = mount()
    os.listdir(plate_of(mounted) / "links")
    mounted.down()
    site.pages = {"/links": site.links(site.link("#this", "/signed/2.fits")),
                  "/signed/1.fits": ("text/plain", b"over", status), "/signed/2.fits": ("image/fits", FITS)}
    site.forget_requests()
    mounted.up()
    plate = plate_of(mounted)
    assert not site.requests("/links"), "the answer of before is good"
    assert (plate / "full.fits").read_bytes() == FITS
    assert [len(site.requests(path)) for path in ("/signed/1.fits", "/links")] == [1, 1]
    assert xattr(plate / "full.fits", "error") == ""


def test_what_the_caller_may_not_have_gives_way_to_what_it_may(site, mount):
    site.row = {"access_url": site.base + "/links", "access_format": DATALINK}
    site.pages = {"/links": site.links(site.link("#this", "/closed.fits", link_authorized="false", content_length=9999),
                                       site.link("#this", "/ours.fits", link_authorized="true", content_length=2000)),
                  "/ours.fits": ("image/fits", FITS), "/closed.fits": ("text/plain", b"not yours", 403)}
    plate = plate_of(mount())
    assert (plate / "full.fits").read_bytes() == FITS
    assert not site.requests("/closed.fits")


def test_the_free_copy_is_taken_first(site, mount):
    site.row = {"access_url": site.base + "/links", "access_format": DATALINK}
    site.pages = {"/links": site.links(site.link("#this", "/closed.fits", link_auth="true", content_length=9999),
                                       site.link("#this", "/free.fits", link_auth="false", content_length=2000)),
                  "/free.fits": ("image/fits", FITS), "/closed.fits": ("text/plain", b"log in", 401)}
    plate = plate_of(mount())
    assert (plate / "full.fits").read_bytes() == FITS
    assert xattr(plate / "full.fits", "error") == ""
    assert not site.requests("/closed.fits")


def test_a_fault_of_datalink_is_the_errno_of_the_file(site, mount):
    site.row = {"access_url": site.base + "/links", "access_format": DATALINK}
    for fault, expected in (("AuthorizationFault: not yours", errno.EACCES), ("NotFoundFault: gone", errno.ENOENT),
                            ("UsageFault: that is no ID of ours", errno.EINVAL)):
        site.pages = {"/links": site.links({"ID": DID, "semantics": "#this", "error_message": fault})}
        mounted = mount("--refresh")
        plate = plate_of(mounted)
        for name in ("full.fits", "cutout.fits"):
            with pytest.raises(OSError) as failure:
                (plate / name).read_bytes()
            assert failure.value.errno == expected, (name, fault)
        mounted.down()


def test_the_next_best_file_stands_in_until_the_best_comes_back(site, mount):
    site.row = {"access_url": site.base + "/links", "access_format": DATALINK}
    site.pages = {"/links": site.links(site.link("#coderived", "/best.fits", content_length=9999),
                                       site.link("#this", "/small.fits", content_length=2000)),
                  "/best.fits": ("text/plain", b"gone", 410), "/small.fits": ("image/fits", FITS)}
    mounted = mount()
    plate = plate_of(mounted)
    assert (plate / "full.fits").read_bytes() == FITS
    assert "next best" in xattr(plate / "full.fits", "error")
    assert "410" in xattr(plate / "full.fits", "error")
    assert "next best" in (plate.parent / "errors.txt").read_text()
    check(plate / "cutout.fits", PLATES[0][0])


class Jobs:
    """A SODA service that answers by jobs alone (UWS)."""

    def __init__(self, site, answer):
        self.site, self.answer, self.phase, self.deleted, self.asked = site, answer, "PENDING", 0, None
        site.pages.update({"/jobs": self.create, "/jobs/1": self.job, "/jobs/1/phase": self.run,
                           "/jobs/1/results/cutout": ("image/fits", answer)})

    def create(self, handler, form):
        self.asked = urllib.parse.parse_qs(form)
        return "text/plain", b"", 303, {"Location": self.site.base + "/jobs/1"}

    def run(self, handler, form):
        assert "PHASE=RUN" in form
        self.phase = "COMPLETED"
        return "text/plain", b"", 303, {"Location": self.site.base + "/jobs/1"}

    def job(self, handler, form):
        self.deleted += "ACTION=DELETE" in form
        return "text/xml", (f'<uws:job xmlns:uws="http://www.ivoa.net/xml/UWS/v1.0" xmlns:xlink="http://www.w3.org/1999/xlink">'
                            f"<uws:jobId>1</uws:jobId><uws:phase>{self.phase}</uws:phase><uws:results>"
                            '<uws:result id="cutout" xlink:href="/jobs/1/results/cutout"/></uws:results></uws:job>').encode()


def test_a_soda_service_that_answers_by_jobs_alone_cuts(site, mount):
    site.row = {"access_url": site.base + "/links", "access_format": DATALINK}
    cutout = {"ID": DID, "semantics": "#cutout", "service_def": "soda"}
    site.pages = {"/links": site.links(cutout, services=soda(site.base, "soda", "ivo://ivoa.net/std/SODA#async-1.0",
                                                             "/jobs"))}
    jobs = Jobs(site, FITS)
    plate = plate_of(mount())
    check(plate / "cutout.fits", PLATES[0][0])
    assert xattr(plate / "cutout.fits", "source") == "soda"
    assert jobs.asked["CIRCLE"][0].startswith(f"{RA} {DEC} ")
    wait_until(lambda: jobs.deleted, what="the deletion of the job")
