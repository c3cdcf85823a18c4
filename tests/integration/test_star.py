# SPDX-License-Identifier: BSD-3-Clause
"""The star on every plate: stamps/, aligned/, blink.gif, contact.jpg, chart.png; and what is known to fail, which no
folder lists."""
import errno
import json
import os
import signal
import subprocess

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS
from conftest import BIN, TARGET, Mount, wait_until, xattr

IMAGES = ("file", "soda", "preview")
FOLDERS = {"cutouts": ".fits", "stamps": ".jpg", "aligned": ".fits"}
NOTHING_THERE = [{"match": {"kind": kind}, "fault": "status", "status": 404} for kind in ("soda", "file")]
STALLED = [{"match": {"kind": kind}, "fault": "stall"} for kind in ("soda", "file")]
BAD = ("1894-03-12_i08382", "1919-05-01_AG03255_y")     # withdrawn by the archive; without coordinates


def listed(mount, folder):
    return sorted(name.rsplit(".", 1)[0] for name in os.listdir(mount.target / folder))


def opened(directory):
    """Names that can be read to the end, and those that can't."""
    good, bad = [], []
    for name in sorted(os.listdir(directory)):
        try:
            (directory / name).read_bytes()
            good.append(name)
        except OSError:
            bad.append(name)
    return good, bad


def test_stamps_and_aligned_list_every_plate_by_epoch_and_fetch_nothing(mount, archive):
    plates = mount.plates()
    for folder, suffix in FOLDERS.items():
        names = [entry.name for entry in os.scandir(mount.target / folder)]
        assert sorted(names) == [plate + suffix for plate in plates]
        for name in names[:3]:
            assert os.stat(mount.target / folder / name).st_size > 0
    subprocess.run(["ls", "-lR", mount.target], check=True, stdout=subprocess.DEVNULL)
    assert archive.requests(*IMAGES) == []


def test_one_fetch_serves_cutout_stamp_aligned_and_chart(mount, archive):
    plate = mount.plates()[0]
    archive.forget_requests()
    assert (mount.target / "stamps" / f"{plate}.jpg").read_bytes().startswith(b"\xff\xd8\xff")
    first = len(archive.requests("file", "soda"))
    assert first >= 1
    for path in (f"aligned/{plate}.fits", f"cutouts/{plate}.fits", f"{plate}/chart.png"):
        assert len((mount.target / path).read_bytes()) > 10000
    assert len(archive.requests("file", "soda")) == first


def test_what_was_made_is_there_after_a_remount_without_the_archive(mount, archive):
    plate = mount.plates()[3]
    paths = [f"stamps/{plate}.jpg", f"aligned/{plate}.fits", f"{plate}/chart.png"]
    before = [(mount.target / path).read_bytes() for path in paths]
    mount.options.append("--offline")
    mount.again()
    archive.forget_requests()
    assert [(mount.target / path).read_bytes() for path in paths] == before
    assert archive.requests() == []


def test_attributes_tell_what_it_is_and_the_size_is_exact_once_open(mount):
    plate = mount.plates()[0]
    for path, kind in ((f"stamps/{plate}.jpg", "image/jpeg"), (f"aligned/{plate}.fits", "image/fits"),
                       (f"{plate}/chart.png", "image/png")):
        path = mount.target / path
        assert xattr(path, "state") == "remote" and xattr(path, "source") == "cutout"
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            assert len(file.read()) == size == os.stat(path).st_size
        assert os.getxattr(path, "user.mime_type").decode() == kind
        assert xattr(path, "state") == "cached" and xattr(path, "did") and xattr(path, "region").startswith("CIRCLE ")
        assert os.stat(path).st_mtime < 0               # of 1888


def test_aligned_frames_have_one_wcs_about_the_target(mount):
    headers = []
    for plate in mount.plates()[:6]:
        with fits.open(mount.target / "aligned" / f"{plate}.fits") as file:
            assert file[0].data.dtype.newbyteorder("=") == np.float32
            headers.append(file[0].header.copy())
    place = SkyCoord(156.01124674021, 48.14753874736, unit="deg")
    for header in headers:
        assert WCS(header).wcs.compare(WCS(headers[0]).wcs, 1)     # all but dates
        assert WCS(header).world_to_pixel(place) == pytest.approx([(header["NAXIS1"] - 1) / 2] * 2, abs=1e-6)
        assert any(line.startswith("Resampled by platefs") for line in header["HISTORY"])
        assert header["DATE-OBS"] and header["RTRESID"] < 0.01 and 0 < header["PIXRATIO"] < 1


def test_options_turn_the_tone_and_the_kernel(mount_with):
    usual, turned = mount_with(), mount_with("--positive", "--kernel", "lanczos3", name="turned")
    plate = usual.plates()[0]

    def kernel(mount):
        return [line for line in fits.getheader(mount.target / "aligned" / f"{plate}.fits")["HISTORY"] if "kernel" in line]
    assert "bilinear" in kernel(usual)[0] and "lanczos3" in kernel(turned)[0]
    stamps = [(mount.target / "stamps" / f"{plate}.jpg").read_bytes() for mount in (usual, turned)]
    assert stamps[0] != stamps[1]


def test_what_is_known_to_fail_is_not_listed_but_can_be_opened_by_its_name(mount):
    plates = mount.plates()
    assert set(BAD) < set(plates)
    good, bad = opened(mount.target / "cutouts")
    assert tuple(name[:-5] for name in bad) == BAD
    for folder in FOLDERS:
        assert listed(mount, folder) == [plate for plate in plates if plate not in BAD]
    assert mount.plates() == plates
    # All that a program's pattern finds can be read now.
    assert opened(mount.target / "cutouts") == (good, [])
    told = (mount.target / "errors.txt").read_text()
    for plate in BAD:
        for path in (f"cutouts/{plate}.fits", f"stamps/{plate}.jpg", f"{plate}/cutout.fits"):
            with pytest.raises(OSError) as failed:
                (mount.target / path).read_bytes()
            assert failed.value.errno in (errno.EIO, errno.ENOENT)
        assert f"{plate}/cutout.fits failed" in told
        assert xattr(mount.target / "cutouts" / f"{plate}.fits", "error")


def test_a_stamp_that_fails_is_told_once_as_its_cutout(mount):
    mount.plates()
    with pytest.raises(OSError):
        (mount.target / "stamps" / f"{BAD[1]}.jpg").read_bytes()
    told = (mount.target / "errors.txt").read_text()
    assert told.count(BAD[1] + "/cutout.fits failed") == 1 and "stamp" not in told.replace("making stamp.jpg", "")
    assert BAD[1] not in listed(mount, "stamps") and BAD[1] not in listed(mount, "cutouts")


def test_what_fetch_found_out_a_mount_knows_before_and_after(mount, archive):
    plates = mount.plates()
    assert listed(mount, "cutouts") == plates
    done = subprocess.run([BIN / "platefs", "fetch", "--archive", archive.tap, "--cache-dir", mount.cache, TARGET],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, 3), done.stderr
    expected = [plate for plate in plates if plate not in BAD]
    wait_until(lambda: listed(mount, "cutouts") == expected, what="the listing without what fetch could not get")
    mount.again()
    assert listed(mount, "cutouts") == listed(mount, "stamps") == expected


def test_what_works_again_is_listed_again(mount, archive):
    plate = mount.plates()[0]
    name = mount.target / "cutouts" / f"{plate}.fits"
    archive.set_faults(*NOTHING_THERE)
    with pytest.raises(OSError):
        name.read_bytes()
    assert plate not in listed(mount, "cutouts") and plate not in listed(mount, "aligned")
    archive.clear_faults()
    wait_until(lambda: attempt(name), seconds=30, what="the file to be there again")
    assert plate in listed(mount, "cutouts") and plate in listed(mount, "aligned")


def attempt(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_albums_show_the_good_plates_and_say_how_many(mount, archive):
    plates = mount.plates()
    blink, sheet = mount.target / "blink.gif", mount.target / "contact.jpg"
    assert os.stat(blink).st_size > 0 and xattr(blink, "state") == "remote"
    gif = blink.read_bytes()
    assert gif.startswith(b"GIF89a") and gif.endswith(b";") and os.stat(blink).st_size == len(gif)
    good = len(plates) - len(BAD)
    assert gif.count(b"\x21\xf9\x04\x04\x28\x00") == good
    assert f"{good} of {len(plates)} plates".encode() in gif[:2000]
    archive.forget_requests()
    assert sheet.read_bytes().startswith(b"\xff\xd8\xff")
    assert [r for r in archive.requests(*IMAGES) if r["status"] == 200] == []     # the stamps were all there
    assert os.getxattr(blink, "user.mime_type") == b"image/gif" and xattr(blink, "state") == "cached"


def test_an_album_stays_the_file_that_it_was_when_it_is_first_opened(mount, tmp_path):
    names = [mount.target / "blink.gif", mount.target / "contact.jpg"]
    before = [os.stat(name).st_ino for name in names]
    subprocess.run(["cp", *names, tmp_path], check=True)    # which looks whether the file is still the same
    assert [os.stat(name).st_ino for name in names] == before
    assert [(tmp_path / name.name).read_bytes() for name in names] == [name.read_bytes() for name in names]


def test_an_album_is_the_same_file_until_other_plates_are_in_it(mount):
    first = (mount.target / "blink.gif").read_bytes()
    inode = os.stat(mount.target / "blink.gif").st_ino
    mount.again()
    assert (mount.target / "blink.gif").read_bytes() == first
    assert os.stat(mount.target / "blink.gif").st_ino == inode


def test_a_place_without_a_good_plate_has_an_album_that_says_why_not(mount, archive):
    archive.set_faults(*NOTHING_THERE)
    place = mount.path / "M31@3m"
    assert "blink.gif" in os.listdir(place)
    with pytest.raises(OSError):
        (place / "blink.gif").read_bytes()
    assert xattr(place / "blink.gif", "error")


def test_an_empty_place_has_no_album(mount):
    assert "blink.gif" not in os.listdir(mount.path / "10.5-85")
    assert os.listdir(mount.path / "10.5-85" / "stamps") == []


def test_ctrl_c_frees_who_waits_for_an_album(mount, archive):
    mount.plates()
    archive.set_faults(*STALLED)
    reader = subprocess.Popen(["cat", mount.target / "blink.gif"], stdout=subprocess.DEVNULL)
    wait_until(lambda: archive.requests("soda", "file"), what="a request for a cutout")
    reader.terminate()
    assert reader.wait(timeout=2) != 0


def test_the_cache_names_what_is_made_here(mount):
    plate = mount.plates()[0]
    for path in (f"stamps/{plate}.jpg", f"aligned/{plate}.fits"):
        (mount.target / path).read_bytes()
    mount.down()
    told = subprocess.run([BIN / "platefs", "cache", "list", "--cache-dir", mount.cache, "--json"], check=True,
                          capture_output=True, text=True).stdout
    text = json.dumps(json.loads(told))
    assert "stamp.jpg" in text and "aligned.fits" in text and "cutout.fits" in text


def test_placeholders_stand_for_what_fails_and_say_why(mount_with, archive):
    mount = mount_with("--placeholders")
    plates = mount.plates()
    for folder in ("cutouts", "aligned"):
        headers = {plate: fits.getheader(mount.target / folder / f"{plate}.fits") for plate in plates}
        assert [plate for plate, header in headers.items() if header.get("PLACEHLD")] == list(BAD)
        for plate in BAD:
            path = mount.target / folder / f"{plate}.fits"
            with fits.open(path) as file:
                file.verify("exception")
                assert np.isnan(file[0].data).all() and file[0].header["DATE-OBS"][:10] == plate[:10]
                why = "".join(file[0].header["COMMENT"])
            assert xattr(path, "state") == "placeholder"
            assert why.replace(" ", "").endswith(xattr(path, "error").replace(" ", ""))
            assert len(path.read_bytes()) == os.stat(path).st_size < 20000
    assert listed(mount, "cutouts") == [plate for plate in plates if plate not in BAD]
    told = (mount.target / "errors.txt").read_text()
    assert all(f"{plate}/cutout.fits failed" in told for plate in BAD)
    for plate in BAD:
        with pytest.raises(OSError):
            (mount.target / "stamps" / f"{plate}.jpg").read_bytes()
    assert "placeholders = true" in (mount.path / ".platefs/config.toml").read_text()


def test_a_placeholder_is_never_kept_and_gives_way_to_the_image(mount_with, archive):
    mount = mount_with("--placeholders")
    plate = mount.plates()[0]
    path = mount.target / "cutouts" / f"{plate}.fits"
    archive.set_faults(*NOTHING_THERE)
    blank = path.read_bytes()
    assert fits.getheader(path)["PLACEHLD"] and path.read_bytes() == blank
    assert os.stat(path).st_size == len(blank) and os.stat(path).st_blocks == 0
    archive.clear_faults()
    wait_until(lambda: not fits.getheader(path).get("PLACEHLD"), what="the image in place of its placeholder")
    image = path.read_bytes()
    assert len(image) == os.stat(path).st_size != len(blank) and xattr(path, "state") == "cached"
    fits.open(path).verify("exception")
    plain = mount_with(name="plain")
    assert (plain.target / "cutouts" / f"{plate}.fits").read_bytes() == image
    archive.set_faults(*NOTHING_THERE)
    other = f"cutouts/{mount.plates()[1]}.fits"
    assert fits.getheader(mount.target / other)["PLACEHLD"]
    with pytest.raises(OSError):
        (plain.target / other).read_bytes()


def test_ctrl_c_is_no_reason_for_a_placeholder(mount_with, archive):
    mount = mount_with("--placeholders")
    path = mount.target / "cutouts" / f"{mount.plates()[0]}.fits"
    archive.set_faults(*STALLED)
    reader = subprocess.Popen(["cat", path], stdout=subprocess.PIPE)
    wait_until(lambda: archive.requests("file", "soda"), what="the request")
    reader.send_signal(signal.SIGINT)
    assert reader.communicate(timeout=10)[0] == b"" and reader.returncode != 0
    archive.clear_faults()
