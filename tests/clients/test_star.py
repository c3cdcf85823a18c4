# SPDX-License-Identifier: BSD-3-Clause
"""The star through a century: positions, brightness and coordinates on aligned/, measured by other people's programs."""
import math
import re
import subprocess

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from conftest import DEC, RA, needs, picture
from mounted import TARGET

pytestmark = needs("source-extractor")
FIELD_STARS = 40
WCSCOMPARE_ANCILLARY = 1


def magnitude(mjd):
    """The law that the demo archive gives its variable star."""
    years = mjd / 365.25
    return 12 + math.sin(2 * math.pi * years / 31) + 0.5 * math.sin(2 * math.pi * years / 3.7)


@pytest.fixture(scope="module")
def epochs(tmp_path_factory, request):
    """Frames and cutouts of all good plates of the demo star, taken from the mount once."""
    archive = request.getfixturevalue("archive")
    from mounted import Mount
    base = tmp_path_factory.mktemp("star")
    mount = Mount(archive, base)
    found = []
    try:
        for path in sorted((mount.path / TARGET / "aligned").iterdir()):
            try:
                frame = path.read_bytes()
            except OSError:
                continue
            kept = base / path.name
            kept.write_bytes(frame)
            cutout = base / f"cutout-{path.name}"
            cutout.write_bytes((mount.path / TARGET / "cutouts" / path.name).read_bytes())
            stamp = base / f"{path.stem}.jpg"
            stamp.write_bytes((mount.path / TARGET / "stamps" / stamp.name).read_bytes())
            found.append((path.stem, kept, cutout, stamp))
        (base / "blink.gif").write_bytes((mount.path / TARGET / "blink.gif").read_bytes())
        (base / "contact.jpg").write_bytes((mount.path / TARGET / "contact.jpg").read_bytes())
    finally:
        mount.down()
    assert len(found) == 42
    return base, found


@pytest.fixture(scope="module")
def catalogues(epochs):
    """What SExtractor finds on each frame, turned so that stars are bright: X, Y, FLUX_AUTO, peak."""
    base, found = epochs
    (base / "p.param").write_text("XWIN_IMAGE\nYWIN_IMAGE\nFLUX_AUTO\nFLUX_MAX\n")
    (base / "p.conv").write_text("CONV NORM\n1 2 1\n2 4 2\n1 2 1\n")
    tables = []
    for name, frame, _, _ in found:
        with fits.open(frame) as file:
            data, header = file[0].data.astype(np.float32), file[0].header
        sky = np.nanmedian(data)
        fits.writeto(base / "turned.fits", np.where(np.isfinite(data), sky - data, 0).astype(np.float32), header,
                     overwrite=True)
        subprocess.run(["source-extractor", "turned.fits", "-PARAMETERS_NAME", "p.param", "-FILTER_NAME", "p.conv",
                        "-CATALOG_NAME", "p.cat", "-DETECT_MINAREA", "25", "-DETECT_THRESH", "5", "-BACK_SIZE", "128",
                        "-VERBOSE_TYPE", "QUIET"], cwd=base, check=True, timeout=60, capture_output=True)
        tables.append(np.atleast_2d(np.loadtxt(base / "p.cat")))
    return tables


def nearest(table, x, y, within):
    distance = np.hypot(table[:, 0] - x, table[:, 1] - y)
    at = int(distance.argmin())
    return table[at] if distance[at] <= within else None


def test_astropy_reads_one_and_the_same_wcs_from_all_frames(epochs):
    _, found = epochs
    first = WCS(fits.getheader(found[0][1]))
    for name, frame, _, _ in found:
        header = fits.getheader(frame)
        assert WCS(header).wcs.compare(first.wcs, WCSCOMPARE_ANCILLARY), name      # but for dates
        assert WCS(header).array_shape == first.array_shape and header["DATE-OBS" if not name.startswith("undated") else "OBJECT"]
    assert first.all_world2pix(RA, DEC, 1) == pytest.approx([(first.pixel_shape[0] + 1) / 2] * 2, abs=1e-6)


def test_the_star_is_in_the_middle_and_field_stars_stay_where_they_are(catalogues, epochs):
    """In pixels of the frame, 1 arc second; those of the plates are three times as large."""
    _, found = epochs
    size = fits.getheader(found[0][1])["NAXIS1"]
    middle = (size + 1) / 2
    off = [nearest(table, middle, middle, 6) for table in catalogues]
    offsets = {name: math.hypot(star[0] - middle, star[1] - middle) for (name, *_), star in zip(found, off) if star is not None}
    scratched = [name for name, offset in offsets.items() if offset > 0.5]
    print("star off the middle, pixels: median %.3f, worst %.3f" % (np.median(list(offsets.values())), max(offsets.values())))
    # One plate of the demo archive is scratched through the star itself.
    assert len(offsets) >= 41 and len(scratched) <= 1, (scratched, offsets)
    bright = sorted(catalogues[0], key=lambda star: -star[2])
    inner = [s for s in bright if 40 < math.hypot(s[0] - middle, s[1] - middle) < 0.8 * size / 2]
    lonely = [s for s in inner if sum(np.hypot(catalogues[0][:, 0] - s[0], catalogues[0][:, 1] - s[1]) < 30) == 1]
    held = 0
    for star in lonely:
        places = [nearest(table, star[0], star[1], 4) for table in catalogues]
        places = np.array([place[:2] for place in places if place is not None])
        if len(places) < 35:
            continue
        mean = np.median(places, axis=0)
        distances = np.hypot(*(places - mean).T)
        print("field star at %6.1f %6.1f on %d plates: median %.3f, worst %.3f" %
              (*mean, len(places), np.median(distances), distances.max()))
        assert np.median(distances) < 0.25 and np.sum(distances > 0.5) <= 2, (mean, sorted(distances)[-4:])
        held += 1
        if held == 6:
            break
    assert held == 6


def apertures(data, x, y, radius):
    """Sum within a circle above the median of a ring, pixels cut by the circle in part."""
    reach = int(3 * radius) + 2
    x0, y0 = int(round(x)), int(round(y))
    if x0 - reach < 0 or y0 - reach < 0 or x0 + reach >= data.shape[1] or y0 + reach >= data.shape[0]:
        return math.nan
    box = data[y0 - reach:y0 + reach + 1, x0 - reach:x0 + reach + 1]
    fine = (np.arange(5) - 2) / 5
    v, u = np.mgrid[-reach:reach + 1, -reach:reach + 1]
    weight = np.mean([np.hypot(u + a - (x - x0), v + b - (y - y0)) <= radius for a in fine for b in fine], axis=0)
    distance = np.hypot(u - (x - x0), v - (y - y0))
    ring = box[(distance > 1.6 * radius) & (distance < 3 * radius)]
    if not np.isfinite(box[weight > 0]).all() or not np.isfinite(ring).all():
        return math.nan
    return float(((np.median(ring) - box) * weight).sum())


def test_fluxes_on_frames_are_those_on_cutouts(epochs, catalogues):
    _, found = epochs
    middle = (fits.getheader(found[0][1])["NAXIS1"] + 1) / 2
    ratios = []
    for (name, frame, cutout, _), table in list(zip(found, catalogues))[::3]:
        with fits.open(frame) as one, fits.open(cutout) as other:
            ours, header = one[0].data, one[0].header
            theirs, solution = other[0].data.astype(float), WCS(other[0].header)
        grid, ratio = WCS(header), header["PIXRATIO"]
        brightest = sorted(table, key=lambda star: -star[2])[:3 * FIELD_STARS]
        here = []
        for star in brightest:
            x, y = star[0] - 1, star[1] - 1
            if np.sum(np.hypot(table[:, 0] - star[0], table[:, 1] - star[1]) < 34) > 1:
                continue                                # another one in the ring
            sky = grid.all_pix2world(x, y, 0)
            u, v = solution.all_world2pix(*sky, 0)
            flux = apertures(ours, x, y, 16.0) * ratio
            reference = apertures(theirs, float(u), float(v), 16.0 * math.sqrt(ratio))
            if math.isfinite(flux) and math.isfinite(reference) and reference > 20000:
                here.append(flux / reference)
        ratios.append(np.median(here[:FIELD_STARS]))
        print(f"{name}: {len(here)} stars, median ratio {ratios[-1]:.4f}, scatter {np.std(here):.3f}")
        assert len(here) >= 15, name
        assert abs(ratios[-1] - 1) < 0.02, (name, ratios[-1])
    assert abs(np.median(ratios) - 1) < 0.01


def is_scratched(data, middle):
    """Brighter than any sky within the aperture: the emulsion is gone there."""
    sky = np.nanmedian(data)
    noise = 1.4826 * np.nanmedian(np.abs(data - sky))
    at = int(middle)
    return np.nanmax(data[at - 12:at + 13, at - 12:at + 13]) > sky + 7 * noise


def test_brightness_on_frames_follows_the_law(epochs):
    _, found = epochs
    law, measured, scratched = [], [], []
    for name, frame, _, _ in found:
        if name.startswith("undated"):
            continue
        with fits.open(frame) as file:
            data, header = file[0].data, file[0].header
        row = re.match(r"(\d+)-(\d+)-(\d+)", name)
        assert row and header["DATE-OBS"].startswith(row[0])
        middle = (header["NAXIS1"] - 1) / 2
        if is_scratched(data, middle):
            scratched.append(name)
            continue
        # The demo archive draws its stars in pixels of the plate, whose scales differ.
        flux = apertures(data, middle, middle, 16.0) * header["PIXRATIO"] / abs(np.nanmedian(data))
        law.append(-magnitude(header["MJD-OBS"]))
        measured.append(flux)
    r = np.corrcoef(law, measured)[0, 1]
    print(f"r = {r:.3f} over {len(law)} plates")
    assert len(law) >= 39 and r >= 0.95, scratched


def shown_in(animation, found):
    """Which stamp each frame is most like: by the part that neither number nor date nor bar is on."""
    image = pytest.importorskip("PIL.Image")

    def field(picture):
        grey = np.asarray(picture.convert("L")).astype(float)[60:420, :]
        return (grey - grey.mean()) / grey.std()
    stamps = np.array([field(image.open(stamp)).ravel() for *_, stamp in found])
    shown = []
    with image.open(animation) as frames:
        for number in range(frames.n_frames):
            frames.seek(number)
            shown.append(int((stamps @ field(frames.convert("RGB")).ravel()).argmax()))
    return shown


@needs("identify")
def test_the_animation_and_the_sheet_have_a_frame_for_each_good_plate(epochs, artefacts):
    base, found = epochs
    told = subprocess.run(["identify", "-format", "%w %h %T\n", base / "blink.gif"], check=True, capture_output=True,
                          text=True, timeout=120).stdout.split("\n")
    frames = [line for line in told if line]
    assert len(frames) == len(found) and set(frames) == {"481 481 40"}
    assert shown_in(base / "blink.gif", found) == list(range(len(found)))
    size, levels = picture(base / "contact.jpg")
    assert min(size) > 1000 and levels > 100
    for name in ("blink.gif", "contact.jpg"):
        (artefacts / name).write_bytes((base / name).read_bytes())


def test_the_star_is_in_the_middle_of_every_stamp(epochs):
    image = pytest.importorskip("PIL.Image")
    _, found = epochs
    off = {}
    for name, _, _, stamp in found:
        shown = np.asarray(image.open(stamp).convert("L")).astype(float)
        assert shown.shape == (481, 481)
        box = (160 - shown[240 - 8:240 + 9, 240 - 8:240 + 9]).clip(min=0)
        v, u = np.mgrid[-8:9, -8:9]
        assert box.max() > 60, name
        off[name] = math.hypot((box * u).sum() / box.sum(), (box * v).sum() / box.sum())
    print("star off the middle of stamps, pixels: worst %.2f" % max(off.values()))
    assert sum(offset > 0.5 for offset in off.values()) <= 1, off
