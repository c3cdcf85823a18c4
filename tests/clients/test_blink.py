# SPDX-License-Identifier: BSD-3-Clause
"""DS9 as a blink comparator: the first thing that people do with plates."""
import pathlib

import numpy
import pytest
from conftest import needs, picture, readme_command
from ds9 import Ds9
import mounted
from mounted import wait_until

pytestmark = needs("ds9", "Xvfb", "xpaget", "xpaset")


@pytest.fixture
def blinking(mount, tmp_path, request):
    """Starts the README's command on a target, and waits until all is loaded."""
    def start(target):
        command = readme_command("ds9 -zscale /mnt/plates/M31/cutouts/*.fits -match frame wcs -single", mount, target)
        assert command == f"ds9 -zscale {mount.path}/{target}/cutouts/*.fits -match frame wcs -single -blink yes"
        ds9 = Ds9(tmp_path, command)
        request.addfinalizer(ds9.close)
        return ds9
    return start


def test_aligned_frames_blink_without_matching(mount, tmp_path, request, artefacts):
    """The target is at one pixel of all frames."""
    names = sorted(p.name for p in (mount.path / "M31/aligned").iterdir())
    ds9 = Ds9(tmp_path, readme_command("ds9 -zscale /mnt/plates/M31/aligned/*.fits", mount))
    request.addfinalizer(ds9.close)
    ds9.wait_for_frames(len(names))
    wait_until(lambda: ds9.get("blink") == "yes", what="DS9 blinking")
    ds9.set("blink", "no")
    places = set()
    for number in ds9.frames():
        ds9.set("frame", number)
        assert ds9.get("scale", "mode") == "zscale"
        ds9.set("crosshair", "10.6847", "41.2688", "wcs", "icrs")
        places.add(tuple(round(float(word), 2) for word in ds9.get("crosshair", "image").split()))
    assert len(names) == 5 and len(places) == 1, places
    ds9.picture(tmp_path / "aligned.png")
    (artefacts / "aligned-m31.png").write_bytes((tmp_path / "aligned.png").read_bytes())


def test_all_epochs_are_loaded_in_order_aligned_and_blink(mount, blinking, tmp_path, artefacts):
    ra, dec = 10.68470833, 41.26875
    names = sorted(p.name for p in (mount.path / "M31/cutouts").iterdir())
    ds9 = blinking("M31")
    ds9.wait_for_frames(len(names))
    assert len(names) == 5 and [n[:4] for n in names] == ["1900", "1911", "1913", "1923", "1942"]
    wait_until(lambda: ds9.get("blink") == "yes", what="DS9 blinking")
    seen = set()                                      # it goes from epoch to epoch by itself
    wait_until(lambda: seen.add(ds9.get("frame")) or len(seen) == len(names), seconds=60, what="every epoch in its turn")
    ds9.set("blink", "no")
    centres = []
    for number, name in zip(ds9.frames(), names):
        ds9.set("frame", number)
        assert pathlib.Path(ds9.get("file").split("[")[0]).name == name
        ds9.set("crosshair", str(ra), str(dec), "wcs", "icrs")
        x, y = map(float, ds9.get("crosshair", "image").split())
        width, height = map(int, ds9.get("fits", "size").split()[:2])
        assert abs(x - width / 2) < 3 and abs(y - height / 2) < 3, name
        # Matched: the same part of the sky under the middle of the window.
        centres.append(list(map(float, ds9.get("pan", "wcs", "icrs", "degrees").split())))
    centres = numpy.array(centres)
    assert numpy.ptp(centres[:, 0]) < 3e-3 and numpy.ptp(centres[:, 1]) < 3e-3, centres
    ds9.picture(tmp_path / "m31.png")
    size, levels = picture(tmp_path / "m31.png")
    assert min(size) > 300 and levels > 50
    (artefacts / "blink-m31.png").write_bytes((tmp_path / "m31.png").read_bytes())


def test_platefs_blink_shows_the_good_plates_by_epoch_matched_and_marked(person, request, artefacts):
    """`platefs blink` as it stands in README.md, on a star of which two plates are dead."""
    environment = f"PATH={mounted.BIN.absolute()}:$PATH"
    ds9 = Ds9(person.home, f"env {environment} {readme_command('platefs blink M31 ', person.plates, 'Demo_Star')}")
    request.addfinalizer(ds9.close)
    ds9.wait_for_frames(42)
    wait_until(lambda: ds9.get("blink") == "yes", what="DS9 blinking")
    ds9.set("blink", "no")
    names, centres = [], []
    for number in ds9.frames():
        ds9.set("frame", number)
        assert ds9.get("scale", "mode") == "zscale"
        regions = ds9.get("regions", "-format", "ds9", "-system", "wcs")
        assert "circle(" in regions and "point(" in regions, (number, regions)
        names.append(pathlib.Path(ds9.get("file").split("[")[0]).stem)
        centres.append(list(map(float, ds9.get("pan", "wcs", "icrs", "degrees").split())))
    assert names == sorted(names)
    centres = numpy.array(centres)
    assert numpy.ptp(centres[:, 0]) < 3e-3 and numpy.ptp(centres[:, 1]) < 3e-3, centres
    ds9.picture(person.home / "star.png")
    (artefacts / "platefs-blink.png").write_bytes((person.home / "star.png").read_bytes())
