# SPDX-License-Identifier: BSD-3-Clause
"""DS9 under Xvfb blinks the cutouts of a target by epoch."""
import os
import pathlib
import shutil
import subprocess

import pytest
from astropy.io import fits
from conftest import wait_until

RA, DEC = 156.01124674021, 48.14753874736


class Ds9:
    """A DS9 on a virtual screen, spoken to by XPA."""

    def __init__(self, directory, files):
        self.env = {**os.environ, "XPA_METHOD": "local", "XPA_TMPDIR": str(directory / "xpa"),
                    "HOME": str(directory)}
        (directory / "xpa").mkdir()
        read_end, write_end = os.pipe()
        self.screen = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
            pass_fds=[write_end], stderr=subprocess.DEVNULL)
        os.close(write_end)
        with os.fdopen(read_end) as number:
            self.env["DISPLAY"] = f":{number.readline().strip()}"
        self.process = subprocess.Popen(["ds9", "-title", "platefs", *map(str, files)], env=self.env,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def get(self, *words):
        return subprocess.run(["xpaget", "platefs", *words], env=self.env, capture_output=True, text=True,
                              timeout=20).stdout.strip()

    def set(self, *words):
        subprocess.run(["xpaset", "-p", "platefs", *words], env=self.env, check=True, timeout=20,
                       capture_output=True)

    def close(self):
        for process in (self.process, self.screen):
            process.terminate()
            process.wait(timeout=20)


@pytest.fixture
def good_cutouts(mount):
    """The target's cutouts that open, in the order of the shell's *."""
    good = []
    for path in sorted((mount.target / "cutouts").iterdir()):
        try:
            path.read_bytes()
            good.append(path)
        except OSError:
            continue
    return good


@pytest.mark.skipif(not shutil.which("ds9") or not shutil.which("Xvfb"), reason="needs saods9 and xvfb")
def test_ds9_shows_every_cutout_in_a_frame_of_its_own_by_epoch(mount, good_cutouts, tmp_path):
    assert len(good_cutouts) >= 30
    ds9 = Ds9(tmp_path, good_cutouts)
    try:
        wait_until(lambda: len(ds9.get("frame", "all").split()) == len(good_cutouts), seconds=90,
                   what="one frame for each cutout")
        ds9.set("frame", "first")
        ds9.set("match", "frame", "wcs")
        for number, path in enumerate(good_cutouts, start=1):
            ds9.set("frame", str(number))
            assert pathlib.Path(ds9.get("file").split("[")[0]).name == path.name
            if not ds9.get("fits", "header", "keyword", "CTYPE1"):
                continue                              # a plate without coordinates has nothing to align
            ds9.set("crosshair", str(RA), str(DEC), "wcs", "icrs")
            ra, dec = map(float, ds9.get("crosshair", "wcs", "icrs", "degrees").split())
            assert abs(ra - RA) < 1e-4 and abs(dec - DEC) < 1e-4
            x, y = map(float, ds9.get("crosshair", "image").split())
            width, height = map(int, ds9.get("fits", "size").split()[:2])
            assert 0.5 <= x <= width + 0.5 and 0.5 <= y <= height + 0.5, path.name
    finally:
        ds9.close()


@pytest.mark.skipif(not shutil.which("ds9") or not shutil.which("Xvfb"), reason="needs saods9 and xvfb")
@pytest.mark.parametrize("scan", ["AG03170_y", "HS00417_x", "GS00711_y"])      # distorted, CDELT, mirrored
def test_ds9_reads_the_same_sky_from_cutout_and_plate(mount, tmp_path, scan):
    folder = mount.plate_with(lambda did: scan in did)
    assert os.getxattr(folder / "cutout.fits", "user.platefs.source") == b"cutout"
    headers = [fits.getheader(folder / name) for name in ("cutout.fits", "full.fits")]
    moved = [headers[1][f"CRPIX{axis}"] - headers[0][f"CRPIX{axis}"] for axis in (1, 2)]
    ds9 = Ds9(tmp_path, [folder / "cutout.fits", folder / "full.fits"])

    def place(frame, x, y):
        ds9.set("frame", str(frame))
        ds9.set("crosshair", str(x), str(y), "image")
        return list(map(float, ds9.get("crosshair", "wcs", "icrs", "degrees").split()))
    try:
        wait_until(lambda: len(ds9.get("frame", "all").split()) == 2, seconds=60, what="two frames")
        for x, y in ((1, 1), (headers[0]["NAXIS1"], 1), (20, headers[0]["NAXIS2"])):
            here, there = place(1, x, y), place(2, x + moved[0], y + moved[1])
            assert abs(here[0] - there[0]) < 1e-6 and abs(here[1] - there[1]) < 1e-6
    finally:
        ds9.close()
