#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Draws the scanned plates that the DaCHS of this test publishes.

PLATES below says which there are and which trouble each of them makes. Written are, under DIRECTORY:

  dachs/scans/ID.fits[.fz]        whole scan           dachs/reduced/ID.fits[.fz]   4x4 binned
  dachs/pictures/ID.jpg           #preview-image       dachs/thumbs/ID.jpg          #preview
  dachs/COLLECTION.csv            what the resource descriptor imports
  files/scans/SET/ID.fits[.fz]    scans of the collection that lives on a file server of its own
  files/previews/SET/ID.jpg

Same arguments, same pixels: every plate has its own random seed. Scans are wider than high and the solutions are off
centre, so that swapped axes and misplaced reference pixels show.
"""

import argparse
import csv
import math
import pathlib
import subprocess
import warnings
import zlib
from dataclasses import dataclass, replace

import numpy as np
from astropy.io import fits
from astropy.time import Time
from astropy.wcs import WCS
from erfa import ErfaWarning
from PIL import Image

TARGET_RA, TARGET_DEC = 156.01124674021, 48.14753874736
TWICE = (200.0, 30.0)               # where a plate was exposed twice
BINNING = 4


@dataclass(frozen=True)
class Plate:
    """One exposure; `east` and `north` (arc minutes) place its centre relative to the target."""
    collection: str
    id: str
    begin: str                      # ISO, UTC; empty if the logbook is lost
    east: float = 0.0
    north: float = 0.0
    rotation: float = 0.0           # degrees
    bend: float = 0.0               # SIP: pixels of distortion at the edge
    mirrored: bool = False
    size: tuple = (620, 540)        # pixels
    scale: float = 3.0              # arc seconds per pixel
    centre: tuple = ()              # degrees, for plates of other fields
    packed: bool = False
    solution: str = "CD"            # or CDELT: matrix as CDELT and CROTA2
    dated_header: bool = True
    trouble: str = ""
    again: tuple = ()               # begin and centre of a second exposure on the same plate, tagged A in the header


DRAPER, BACHE, HAMBURG, LOOSE = "draper", "bache", "hamburg", "loose"
PLATES = [
    # A DataLink service of their own, with DaCHS's cutouts; #this is reduced, #coderived is the scan.
    Plate(DRAPER, "d00101", "1889-03-11T02:10:00", +1.5, -2.0),
    Plate(DRAPER, "d00102", "1890-05-17T00:00:00", -2.0, +1.0, rotation=-4.0, bend=0.6),     # integral MJD
    Plate(DRAPER, "d00245", "1891-11-02T07:21:30", +0.5, +1.0, rotation=45.0, size=(660, 640)),
    Plate(DRAPER, "d00318", "1893-01-17T05:31:00", -1.0, +0.5, rotation=90.0),
    Plate(DRAPER, "d00319", "1893-01-17T06:40:00", -1.0, +0.5, rotation=180.0, trouble="soda_fails"),
    Plate(DRAPER, "d00402", "1895-02-05T04:12:00", +2.0, +1.0, trouble="withdrawn"),
    Plate(DRAPER, "d00477", "1897-04-20T02:15:00", trouble="misplaced"),
    Plate(DRAPER, "d00512", "1899-12-31T08:02:00", +1.0, -1.0, rotation=7.0, bend=0.4, mirrored=True),
    Plate(DRAPER, "d00633", "1906-02-14T00:31:00", -1.5, -0.5, rotation=2.0, packed=True),
    Plate(DRAPER, "d00700", "1912-03-09T03:03:00", +11.0, +8.0, rotation=30.0),              # target near the edge
    Plate(DRAPER, "d00801", "1921-01-08T05:05:00", +0.3, +0.4, trouble="scan_is_this"),
    Plate(DRAPER, "d00850", "1924-12-01T06:00:00", +0.3, +0.4, trouble="unsolved"),
    Plate(DRAPER, "d00900", "1925-10-10T03:00:00", centre=(359.98, -30.2), rotation=33.0),
    # The same, but cutouts have one size whatever is asked for, and know only POS.
    Plate(BACHE, "x00011", "1901-01-20T04:44:00", +0.4, +0.7, rotation=1.0, size=(640, 600)),
    Plate(BACHE, "x00012", "1902-02-27T03:14:00", -1.0, +0.2, rotation=-60.0, mirrored=True, size=(640, 600)),
    # Files on another server, unsigned 16 bit, no DataLink service of their own.
    Plate(HAMBURG, "hs00021", "1911-02-27T21:40:00", +1.0, +0.5, dated_header=False),
    Plate(HAMBURG, "hs00022", "1913-03-04T20:30:00", -1.2, +0.8, rotation=2.0, bend=3.0),
    Plate(HAMBURG, "hs00023", "1927-04-12T22:05:00", +0.6, -1.1, rotation=90.0, mirrored=True),
    Plate(HAMBURG, "hs00024", "1931-03-19T00:00:00", +0.2, +1.0, trouble="no_size"),         # integral MJD
    Plate(HAMBURG, "hs00025", "1938-04-15T20:50:00", -0.5, -0.1, trouble="vanished"),
    Plate(HAMBURG, "hs00026", "1954-05-01T21:00:00", +0.2, -0.6, rotation=45.0, bend=2.0, packed=True,
          size=(660, 640)),
    Plate(HAMBURG, "hs00027", "1955-08-22T23:00:00", centre=(305.5, 40.2)),
    Plate(HAMBURG, "hs00028", "", -0.7, +0.3, rotation=-12.0),
    Plate(HAMBURG, "hs00029", "1932-04-02T21:00:00", centre=TWICE, rotation=3.0,
          again=("1933-05-11T22:30:00", (TWICE[0] + 0.13, TWICE[1] - 0.08))),
    # Plain FITS files in ObsCore's access_url.
    Plate(LOOSE, "lp00007", "1947-04-02T02:02:00", +0.6, +0.2, rotation=15.0, solution="CDELT"),
    Plate(LOOSE, "lp00008", "1949-03-08T01:11:00", -0.4, +0.9, rotation=6.0, trouble="embargoed"),
]
SETS = {"hs00021": "AG", "hs00022": "AG"}
EXPOSURE = 1800.0                   # seconds, of every plate
COLUMNS = ["id", "title", "ra", "dec", "diagonal", "outline", "nx", "ny", "scale", "t_min", "t_max", "exptime", "scan",
           "reduced", "picture", "thumb", "bytes", "trouble", "url", "preview_url", "telescope"]


def centre_of(plate):
    if plate.centre:
        return plate.centre
    dec = TARGET_DEC + plate.north / 60
    return TARGET_RA + plate.east / 60 / math.cos(math.radians(dec)), dec


def solution_of(plate):
    """The cards of the plate's astrometric solution."""
    cards = fits.Header()
    kind = "-SIP" if plate.bend else ""
    cards["CTYPE1"], cards["CTYPE2"] = "RA---TAN" + kind, "DEC--TAN" + kind
    cards["CUNIT1"], cards["CUNIT2"] = "deg", "deg"
    cards["CRVAL1"], cards["CRVAL2"] = centre_of(plate)
    cards["CRPIX1"], cards["CRPIX2"] = plate.size[0] / 2 + 7.25, plate.size[1] / 2 - 4.75
    add_matrix(cards, plate)
    if plate.bend:
        add_distortion(cards, plate)
    cards["RADESYS"], cards["EQUINOX"] = "ICRS", 2000.0
    return cards


def add_matrix(cards, plate):
    step = plate.scale / 3600
    if plate.solution == "CDELT":
        cards["CDELT1"], cards["CDELT2"], cards["CROTA2"] = -step, step, plate.rotation
        return
    cosine, sine = math.cos(math.radians(plate.rotation)), math.sin(math.radians(plate.rotation))
    sense = 1 if plate.mirrored else -1
    cards["CD1_1"], cards["CD1_2"] = sense * step * cosine, -step * sine
    cards["CD2_1"], cards["CD2_2"] = sense * step * sine, step * cosine


def add_distortion(cards, plate):
    unit = plate.bend / (max(plate.size) / 2) ** 2
    cards["A_ORDER"], cards["B_ORDER"] = 2, 2
    for name, factor in {"A_2_0": 0.7, "A_1_1": -0.4, "A_0_2": 0.2, "B_2_0": -0.3, "B_1_1": 0.5, "B_0_2": -0.6}.items():
        cards[name] = factor * unit


def binned_solution(cards):
    """The solution of an image in which BINNING x BINNING pixels became one."""
    binned = cards.copy()
    for axis in "12":
        binned["CRPIX" + axis] = (cards["CRPIX" + axis] - 0.5) / BINNING + 0.5
    for name in cards:
        if name.startswith(("CD1_", "CD2_", "CDELT")):
            binned[name] = cards[name] * BINNING
        elif name.startswith(("A_", "B_")) and name[2].isdigit():
            binned[name] = cards[name] * BINNING ** (int(name[2]) + int(name[4]) - 1)
    return binned


def outline_of(cards, size):
    """The corners on the sky, as the numbers of a DALI polygon."""
    nx, ny = size
    corners = [(0.5, 0.5), (nx + 0.5, 0.5), (nx + 0.5, ny + 0.5), (0.5, ny + 0.5)]
    return " ".join(f"{value:.9f}" for value in WCS(cards).all_pix2world(corners, 1).ravel())


def exposed(plate, cards):
    """The pixels: fog and grain everywhere, some field stars, and the target."""
    random = np.random.default_rng(zlib.crc32(plate.id.encode()))
    nx, ny = plate.size
    y, x = np.mgrid[0:ny, 0:nx]
    image = 2400 + 180 * random.standard_normal((ny, nx)) + 0.7 * x - 0.4 * y
    stars = [(random.uniform(0, nx), random.uniform(0, ny), random.uniform(500, 9000)) for _ in range(60)]
    if not plate.centre:
        stars.append((*WCS(cards).all_world2pix(TARGET_RA, TARGET_DEC, 0), 12000))
    for at_x, at_y, height in stars:
        add_star(image, float(at_x), float(at_y), height)
    return np.clip(image, 0, 32000).astype(np.int16)


def add_star(image, at_x, at_y, height, reach=9):
    ny, nx = image.shape
    rows = slice(max(0, int(at_y) - reach), min(ny, int(at_y) + reach))
    columns = slice(max(0, int(at_x) - reach), min(nx, int(at_x) + reach))
    y, x = np.mgrid[rows, columns]
    image[rows, columns] += height * np.exp(-((x - at_x) ** 2 + (y - at_y) ** 2) / 8)


def header_of(plate, solution):
    header = fits.Header()
    header["OBJECT"] = "test field"
    header["PLATENUM"] = plate.id
    header["TELESCOP"] = plate.collection
    if plate.begin and plate.dated_header:
        header["DATE-OBS"] = (plate.begin, "begin of exposure")
        header["MJD-OBS"] = (mjd_of(plate), "begin of exposure")
        header["EXPTIME"] = (EXPOSURE, "[s]")
    header["BUNIT"] = "adu"
    header.extend(solution.cards)
    header["SCANNER"] = ("none", "drawn, not scanned")
    for line in range(40):                           # archives' headers are long: take more than one block
        header.add_history(f"line {line} of a plate's long history")
    return header


def mjd_of(plate):
    return float(Time(plate.begin, format="isot", scale="utc").mjd)


def write_image(path, pixels, header, packed):
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = path.with_suffix("") if packed else path
    image = fits.PrimaryHDU(pixels, header)
    image.add_checksum(when="2000-01-01T00:00:00")
    image.writeto(plain, overwrite=True)
    if packed:
        path.unlink(missing_ok=True)
        subprocess.run(["fpack", "-r", "-D", "-Y", plain], check=True, stdout=subprocess.DEVNULL)


def write_jpeg(path, pixels, longest, caption_seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    negative = 255 - np.clip((pixels - 1800.0) / 24, 0, 255).astype(np.uint8)
    picture = Image.fromarray(negative[::-1])
    picture.thumbnail((longest, longest))
    picture.save(path, "JPEG", quality=70 + caption_seed % 20)


def binned(pixels):
    ny, nx = (length // BINNING for length in pixels.shape)
    blocks = pixels[:ny * BINNING, :nx * BINNING].reshape(ny, BINNING, nx, BINNING)
    return blocks.mean(axis=(1, 3)).astype(np.int16)


def paths_of(plate, root):
    suffix = ".fits.fz" if plate.packed else ".fits"
    if plate.collection == HAMBURG:
        folder = SETS.get(plate.id, "GS")
        return {"scan": root / "files/scans" / folder / (plate.id + suffix),
                "thumb": root / "files/previews" / folder / (plate.id + ".jpg")}
    return {"scan": root / "dachs/scans" / (plate.id + suffix), "reduced": root / "dachs/reduced" / (plate.id + suffix),
            "picture": root / "dachs/pictures" / (plate.id + ".jpg"), "thumb": root / "dachs/thumbs" / (plate.id + ".jpg")}


def second_exposure(plate):
    begin, centre = plate.again
    return replace(plate, begin=begin, centre=centre, rotation=plate.rotation + 2, again=())


def tagged(solution, letter):
    return fits.Header([(keyword + letter, value) for keyword, value in solution.items()])


def draw(plate, root, files_url):
    """Writes the plate's files and returns its rows of the collection's table, one for each exposure."""
    solution = solution_of(plate)
    outline = outline_of(solution, plate.size)
    pixels = exposed(plate, solution)
    if plate.trouble == "misplaced":                 # the catalogue is right, the solution in the file is not
        solution["CRVAL2"] += 3
    if plate.trouble == "unsolved":
        solution = fits.Header()
    if plate.again:
        solution.extend(tagged(solution_of(second_exposure(plate)), "A").cards)
    paths = paths_of(plate, root)
    if plate.trouble != "vanished":
        scan = pixels.astype(np.uint16) if plate.collection == HAMBURG else pixels
        write_image(paths["scan"], scan, header_of(plate, solution), plate.packed)
    if "reduced" in paths:
        small = binned_solution(solution) if solution else solution
        write_image(paths["reduced"], binned(pixels), header_of(plate, small), plate.packed)
        write_jpeg(paths["picture"], pixels, 320, 0)
    write_jpeg(paths["thumb"], pixels, 96, 5)
    rows = [row_of(plate, outline, paths, root, files_url)]
    if plate.again:
        second = second_exposure(plate)
        rows.append(row_of(second, outline_of(solution_of(second), plate.size), paths, root, files_url))
    return rows


def row_of(plate, outline, paths, root, files_url):
    ra, dec = centre_of(plate)
    begin = mjd_of(plate) if plate.begin else None
    row = dict.fromkeys(COLUMNS, "")
    row.update(id=plate.id, title=f"Plate {plate.id}", ra=repr(ra), dec=repr(dec), outline=outline, nx=plate.size[0],
               ny=plate.size[1], scale=plate.scale, diagonal=round(math.hypot(*plate.size) * plate.scale / 3600, 5),
               exptime=EXPOSURE, trouble=plate.trouble, telescope=plate.collection)
    if begin is not None:
        row.update(t_min=repr(begin), t_max=repr(begin + EXPOSURE / 86400))
    if plate.trouble != "no_size":
        row["bytes"] = paths["scan"].stat().st_size if paths["scan"].exists() else 679680
    if plate.collection == HAMBURG:
        row.update(url=f"{files_url}/{paths['scan'].relative_to(root)}",
                   preview_url=f"{files_url}/{paths['thumb'].relative_to(root)}")
    else:
        row.update({name: path.relative_to(root / "dachs") for name, path in paths.items()})
    return row


def write_tables(rows, root):
    for collection in (DRAPER, BACHE, HAMBURG, LOOSE):
        with open(root / "dachs" / f"{collection}.csv", "w", newline="", encoding="ascii") as table:
            writer = csv.DictWriter(table, COLUMNS)
            writer.writeheader()
            writer.writerows(row for row in rows if row["telescope"] == collection)


def main():
    parser = argparse.ArgumentParser(description="Draws the plates of the DaCHS test.")
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("files_url", help="where DIRECTORY is served, without the final slash")
    arguments = parser.parse_args()
    root = arguments.directory
    warnings.simplefilter("ignore", ErfaWarning)     # 1890 is before UTC
    (root / "dachs").mkdir(parents=True, exist_ok=True)
    write_tables([row for plate in PLATES for row in draw(plate, root, arguments.files_url)], root)


if __name__ == "__main__":
    main()
