# SPDX-License-Identifier: BSD-3-Clause
"""Every program gets the same bytes the first time it touches a file."""
import hashlib
import os
import subprocess
import tarfile

import numpy
import pytest
from astropy.io import fits


def digest(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def reference(archive, tmp_path):
    """Bytes of some cutouts as a plain read through another mount gives them."""
    from conftest import Mount
    mount = Mount(archive, tmp_path, name="reference", cache="reference-cache")
    good = {}
    for plate in mount.plates():
        try:
            good[plate] = (mount.target / "cutouts" / f"{plate}.fits").read_bytes()
        except OSError:
            continue
        if len(good) == 5:
            break
    mount.down()
    assert len(good) == 5
    return good


def check_all(reference, read):
    for plate, expected in reference.items():
        assert digest(read(plate)) == digest(expected), plate


def test_cat(mount, reference):
    check_all(reference, lambda p: subprocess.run(
        ["cat", mount.target / p / "cutout.fits"], check=True, capture_output=True).stdout)


def test_cp(mount, reference, tmp_path):
    def copy(plate):
        subprocess.run(["cp", mount.target / plate / "cutout.fits", tmp_path / plate], check=True)
        return (tmp_path / plate).read_bytes()
    check_all(reference, copy)


def test_tar(mount, reference, tmp_path):
    names = [f"cutouts/{plate}.fits" for plate in reference]
    subprocess.run(["tar", "-cf", tmp_path / "all.tar", "-C", mount.target, *names], check=True)
    with tarfile.open(tmp_path / "all.tar") as tar:
        check_all(reference, lambda p: tar.extractfile(f"cutouts/{p}.fits").read())


def test_rsync(mount, reference, tmp_path):
    sources = [str(mount.target / "cutouts" / f"{plate}.fits") for plate in reference]
    subprocess.run(["rsync", "-a", *sources, f"{tmp_path}/copied/"], check=True)
    check_all(reference, lambda p: (tmp_path / "copied" / f"{p}.fits").read_bytes())


def test_dd_and_tail(mount, reference):
    def both(plate):
        path = mount.target / plate / "cutout.fits"
        head = subprocess.run(["head", "-c", "2880", path], check=True, capture_output=True).stdout
        rest = subprocess.run(["tail", "-c", "+2881", path], check=True, capture_output=True).stdout
        return head + rest
    check_all(reference, both)


def test_fitscopy(mount, reference, tmp_path):
    for plate, expected in reference.items():
        out = tmp_path / f"{plate}.copy.fits"
        subprocess.run(["fitscopy", mount.target / plate / "cutout.fits", out], check=True)
        with fits.open(out) as copied, fits.HDUList.fromstring(expected) as original:
            assert len(copied) == len(original)
            for one, other in zip(copied, original):
                assert (one.data is None and other.data is None) or numpy.array_equal(one.data, other.data)


@pytest.mark.parametrize("memmap", [True, False])
def test_astropy(mount, reference, memmap):
    for plate, expected in reference.items():
        with fits.open(mount.target / plate / "cutout.fits", memmap=memmap,
                       do_not_scale_image_data=True) as served, \
                fits.HDUList.fromstring(expected, do_not_scale_image_data=True) as original:
            for one, other in zip(served, original):
                assert one.header == other.header
                assert (one.data is None and other.data is None) or numpy.array_equal(one.data, other.data)


def test_full_plates_and_previews_are_what_the_archive_serves(mount, archive):
    import urllib.request
    checked, made = 0, []
    for plate in mount.plates():
        for name in ("full.fits", "preview.jpg"):
            path = mount.target / plate / name
            try:
                got = path.read_bytes()
            except OSError:
                continue
            if os.getxattr(path, "user.platefs.source") == b"cutout":
                # No preview at the archive: made here from the FITS that the URL names.
                assert name == "preview.jpg" and got.startswith(b"\xff\xd8\xff"), path
                made.append(path)
                continue
            url = os.getxattr(path, "user.xdg.origin.url").decode()
            with urllib.request.urlopen(url) as direct:
                assert digest(direct.read()) == digest(got), path
            checked += 1
    assert checked >= 60
    assert made, "every plate of the demo archive has a preview"


def test_parts_read_out_of_order_are_the_parts_of_the_whole(mount):
    path = mount.target / mount.plates()[0] / "full.fits"
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        pieces = {at: os.pread(file.fileno(), 5000, at) for at in (size - 5000, size // 2, 0, 70000)}
    whole = path.read_bytes()
    assert len(whole) == size
    for at, piece in pieces.items():
        assert piece == whole[at:at + 5000]


def test_many_cutouts_at_once_before_anybody_listed_their_plates(mount_with):
    mount = mount_with("--jobs-per-host", "1")
    names = sorted(os.listdir(mount.target / "cutouts"))[:12]
    readers = [subprocess.Popen(["cat", mount.target / "cutouts" / name], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL) for name in names]
    codes = [reader.wait(timeout=60) for reader in readers]
    assert codes.count(0) > len(codes) // 2
