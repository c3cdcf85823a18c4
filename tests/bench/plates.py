# SPDX-License-Identifier: BSD-3-Clause
"""Draws the plates that the benchmark reads; they are kept for the next run.

    big.fits           int16, 23170 x 23170 pixels of 1 arc second, TAN: 1 GiB
    big.fits.fz        the same, tile-compressed by fpack (Rice, a tile for each row)
    small/NAME.fits    2,000 files of 20 kB
    cutout.fits        what the SODA service answers
"""
import pathlib
import shutil
import subprocess
from dataclasses import dataclass

import numpy as np

TARGET_RA, TARGET_DEC = 156.01124674021, 48.14753874736
CUTOUT_CENTRE = (83.75, 22.0)         # of what the SODA service answers, whatever it is asked for
RECIPE = 2                               # counts the changes of what is drawn here: kept plates have it in their name
BLOCK, CARD = 2880, 80


@dataclass(frozen=True)
class Sizes:
    """How large the plates are; pixels and numbers of files."""
    side: int = 23170
    small_files: int = 2000
    window: int = 1200                  # side of the cutout of W5, pixels

    @property
    def target_pixel(self):
        """Where the target is on the plate, counted from 1: off centre, so that a mix-up shows."""
        return (round(self.side * 0.34335), round(self.side * 0.36918))

    @property
    def big_bytes(self):
        return BLOCK + padded(2 * self.side * self.side)


FULL, TINY = Sizes(), Sizes(side=1700, small_files=20, window=240)


def padded(size):
    return (size + BLOCK - 1) // BLOCK * BLOCK


def header(width, height, crpix, name, centre, scale):
    cards = [("SIMPLE", "T"), ("BITPIX", "16"), ("NAXIS", "2"), ("NAXIS1", str(width)), ("NAXIS2", str(height)),
             ("CTYPE1", "'RA---TAN'"), ("CTYPE2", "'DEC--TAN'"), ("CUNIT1", "'deg     '"), ("CUNIT2", "'deg     '"),
             ("CRVAL1", repr(centre[0])), ("CRVAL2", repr(centre[1])),
             ("CRPIX1", str(crpix[0])), ("CRPIX2", str(crpix[1])),
             ("CD1_1", repr(-scale / 3600)), ("CD1_2", "0.0"), ("CD2_1", "0.0"), ("CD2_2", repr(scale / 3600)),
             ("RADESYS", "'ICRS    '"), ("OBJECT", f"'{name}'")]
    text = "".join(f"{key:8}= {value:>20}".ljust(CARD) for key, value in cards) + "END".ljust(CARD)
    return text.ljust(padded(len(text))).encode("ascii")


def rows(width, height, seed=1):
    """Sky and grain, row by row: noise that does not compress away, and slow waves below it."""
    random = np.random.default_rng(seed)
    grain = random.normal(9000, 20, (256, width + 4096)).astype(np.int16)
    wave = (500 * np.sin(np.arange(width) / 4000)).astype(np.int16)
    for y in range(height):
        start = int(random.integers(4096))
        row = grain[random.integers(256), start:start + width] + wave + np.int16(300 * np.cos(y / 5000))
        row[random.integers(0, width, 12)] += 3000
        yield row.astype(">i2").tobytes()


def write_image(path, width, height, crpix, name, seed=1, centre=(TARGET_RA, TARGET_DEC), scale=1):
    """`scale` is in arc seconds per pixel; `crpix` shows `centre` (degrees)."""
    written = 0
    part = path.with_suffix(".part")
    with open(part, "wb", buffering=1 << 20) as file:
        file.write(header(width, height, crpix, name, centre, scale))
        for row in rows(width, height, seed):
            written += file.write(row)
        file.write(bytes(padded(written) - written))
    part.rename(path)


def make(directory, sizes):
    """Writes what is missing below `directory` (a pathlib.Path)."""
    (directory / "small").mkdir(parents=True, exist_ok=True)
    big = directory / "big.fits"
    if not big.exists() or big.stat().st_size != sizes.big_bytes:
        write_image(big, sizes.side, sizes.side, sizes.target_pixel, "BIG")
        (directory / "big.fits.fz").unlink(missing_ok=True)
    if not (directory / "big.fits.fz").exists() and shutil.which("fpack"):
        part = directory / "fz.part"
        with open(part, "wb") as output:
            subprocess.run(["fpack", "-r", "-S", big], stdout=output, check=True)
        part.rename(directory / "big.fits.fz")
    for i in range(sizes.small_files):
        path = directory / "small" / f"p{i:05d}.fits"
        if not path.exists():
            write_image(path, 144, 60, (72, 30), "SMALL", seed=i)
    if not (directory / "cutout.fits").exists():
        # As wide as the circle of 10 arc minutes: nothing to trim.
        write_image(directory / "cutout.fits", 202, 202, (101, 101), "CUTOUT", centre=CUTOUT_CENTRE, scale=6)


def window_rows(sizes):
    """(offset, bytes) in big.fits of each row of W5's cutout."""
    x, y = (p - sizes.window // 2 - 1 for p in sizes.target_pixel)
    return [(BLOCK + 2 * ((y + i) * sizes.side + x), 2 * sizes.window) for i in range(sizes.window)]


def window_pixels(directory, sizes):
    """The pixels of that window as a numpy array."""
    pixels = np.memmap(pathlib.Path(directory) / "big.fits", dtype=">i2", mode="r", offset=BLOCK,
                       shape=(sizes.side, sizes.side))
    x, y = (p - sizes.window // 2 - 1 for p in sizes.target_pixel)
    return pixels[y:y + sizes.window, x:x + sizes.window]


def needed_bytes(directory, sizes, name):
    """What W5's cutout of big.fits or big.fits.fz can't do without: headers, the window's rows; of the packed one
    the descriptors and bytes of the tiles that the window touches."""
    if name == "big.fits":
        return BLOCK + sum(size for _, size in window_rows(sizes))
    from astropy.io import fits
    with fits.open(pathlib.Path(directory) / name, disable_image_compression=True) as file:
        head, where = file[1].header, file[1].fileinfo()
    if head["ZTILE1"] != sizes.side or head.get("ZTILE2", 1) != 1:
        raise RuntimeError("not one tile for each row")
    table = np.memmap(pathlib.Path(directory) / name, dtype=">i4", mode="r", offset=where["datLoc"],
                      shape=(head["NAXIS2"], head["NAXIS1"] // 4))
    first = sizes.target_pixel[1] - sizes.window // 2 - 1
    return where["datLoc"] + sizes.window * head["NAXIS1"] + int(table[first:first + sizes.window, 0].sum())
