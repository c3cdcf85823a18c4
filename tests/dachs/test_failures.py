# SPDX-License-Identifier: BSD-3-Clause
"""What cannot be had is an error with its reason."""
import errno

from conftest import those
from mounts import error_of, xattr


def test_a_cutout_that_cannot_be_had_is_an_error_with_its_reason(plates, where):
    for plate in those(plates, "failed"):
        path = where(plate) / "cutout.fits"
        refused = "GET 401" in plate.expected.tried
        assert error_of(path) in ((errno.EIO, errno.EACCES) if refused else (errno.EIO,)), plate
        assert xattr(path, "error"), plate
        assert xattr(path, "state") == "failed", plate


def test_a_plate_that_no_link_leads_to_has_no_cutout(plates, where):
    for plate in those(plates, "absent"):
        assert error_of(where(plate) / "cutout.fits") in (errno.ENOENT, errno.EIO), plate


def test_a_vanished_scan_is_an_error_and_never_a_file(plates, where):
    vanished = [plate for plate in plates if plate.expected.tried == ("GET 404",)]
    assert vanished
    for plate in vanished:
        path = where(plate) / "full.fits"
        assert error_of(path) in (errno.EIO, errno.ENOENT), plate
        if path.exists():
            assert "404" in xattr(path, "error"), plate


def test_a_scan_that_is_not_public_is_eacces(plates, where):
    private = [plate for plate in plates if "GET 401" in plate.expected.tried]
    assert private
    for plate in private:
        assert error_of(where(plate) / "full.fits") == errno.EACCES, plate


def test_errors_txt_names_every_plate_that_failed(mount, plates, where):
    failed = those(plates, "failed")
    for plate in failed:
        error_of(where(plate) / "cutout.fits")
    said = (mount.target / "errors.txt").read_text(encoding="utf-8")
    lacking = [plate for plate in failed if where(plate).name not in said and plate.did not in said]
    assert not lacking, f"errors.txt does not speak of {lacking}:\n{said}"


def test_previews_work_where_the_cutout_fails(plates, where):
    shown = [plate for plate in those(plates, "failed") if plate.preview is not None]
    assert shown
    for plate in shown:
        assert (where(plate) / "preview.jpg").read_bytes() == plate.preview, plate
