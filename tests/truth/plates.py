# SPDX-License-Identifier: BSD-3-Clause
"""The matrix of plates: every kind of coordinates, turned and mirrored, in every kind of pixel and place."""
import itertools
import math

import numpy as np
from astropy.io import fits

WIDTH, HEIGHT = 181, 143
SCALE = 10 / 3600                           # degrees
SKY = (156.011, 48.148)
ROTATIONS = (0, 37, 90, 200)
PARITIES = (-1, 1)                          # -1: east is left
BITPIX = {8: np.uint8, 16: np.int16, 32: np.int32, 64: np.int64, -32: np.float32, -64: np.float64}
PLACES = ("primary", "extension", "behind a table", "one plane", "cube")
# The target as a fraction of the image's size: the middle, an edge, a corner.
TARGETS = ((0.5, 0.5), (0.98, 0.4), (0.02, 0.03), (0.3, 0.99))


def linear(rotation, parity, scale=SCALE):
    c, s = math.cos(math.radians(rotation)), math.sin(math.radians(rotation))
    return np.array([[parity * scale * c, -scale * s], [parity * scale * s, scale * c]])


def cd_cards(matrix):
    return {f"CD{i + 1}_{j + 1}": float(matrix[i][j]) for i in (0, 1) for j in (0, 1)}


def base(code, sky=SKY, axes=("RA--", "DEC-")):
    return {"CTYPE1": f"{axes[0]}-{code}", "CTYPE2": f"{axes[1]}-{code}", "CRVAL1": sky[0], "CRVAL2": sky[1],
            "CRPIX1": 88.4, "CRPIX2": 70.7, "CUNIT1": "deg", "CUNIT2": "deg"}


def projected(code, **more):
    def cards(rotation, parity):
        return {**base(code), **cd_cards(linear(rotation, parity)), **more}
    return cards


def sip(rotation, parity):
    return {**base("TAN-SIP"), **cd_cards(linear(rotation, parity)), "A_ORDER": 3, "B_ORDER": 3, "A_2_0": 2.1e-5,
            "A_1_1": -1.3e-5, "A_0_2": 0.7e-5, "A_3_0": 3e-8, "B_2_0": -0.9e-5, "B_1_1": 1.8e-5, "B_0_2": 1.1e-5,
            "B_0_3": -2e-8}


def tpv(rotation, parity):
    return {**base("TPV"), **cd_cards(linear(rotation, parity)), "PV1_0": 1e-5, "PV1_1": 1.001, "PV1_4": 0.02,
            "PV1_7": 0.1, "PV2_0": -2e-5, "PV2_1": 0.999, "PV2_5": 0.03, "PV2_6": 0.01}


def pc(rotation, parity):
    matrix = linear(rotation, parity, 1.0)
    matrix[:, 0] *= parity
    return {**base("TAN"), "CDELT1": parity * SCALE, "CDELT2": SCALE,
            **{f"PC{i + 1}_{j + 1}": float(m * (1 if i == j else (parity if i == 0 else parity)))
               for (i, j), m in np.ndenumerate(matrix)}}


def crota(rotation, parity):
    return {**base("TAN"), "CDELT1": parity * SCALE, "CDELT2": SCALE, "CROTA2": float(rotation)}


def swapped(rotation, parity):
    cards = {**base("TAN"), **cd_cards(linear(rotation, parity)[::-1])}
    cards["CTYPE1"], cards["CTYPE2"] = cards["CTYPE2"], cards["CTYPE1"]
    cards["CRVAL1"], cards["CRVAL2"] = cards["CRVAL2"], cards["CRVAL1"]
    return cards


def framed(axes=("RA--", "DEC-"), **frame):
    def cards(rotation, parity):
        return {**base("TAN", axes=axes), **cd_cards(linear(rotation, parity)), **frame}
    return cards


def two_solutions(rotation, parity):
    elsewhere = {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 10.0, "CRVAL2": -20.0, "CRPIX1": 88.4,
                 "CRPIX2": 70.7, **cd_cards(linear(rotation, parity))}
    here = {**base("TAN"), **cd_cards(linear(rotation, parity))}
    return {**elsewhere, **{key + "A": value for key, value in here.items()}}


def at(code, sky):
    def cards(rotation, parity):
        return {**base(code, sky), **cd_cards(linear(rotation, parity))}
    return cards


def dss(rotation, parity):
    """A plate solution as the Digitized Sky Survey has it; rotation sits in the polynomial, and so does the parity
    of a scan through the back of the plate."""
    c, s = math.cos(math.radians(rotation)), math.sin(math.radians(rotation))
    scale = 67.2                            # arcsec per mm
    x = [-parity * scale * c, -parity * scale * s, 3.7, 2e-5, -1e-5, 3e-5, 0, 2e-6, 0, 1e-6, 0, 0, 0]
    y = [scale * c, -scale * s, -5.2, -3e-5, 2e-5, 1e-5, 0, 1e-6, 0, 2e-6, 0, 0, 0]
    ra, dec = SKY[0] / 15, SKY[1]
    pixel = SCALE * 3600 / scale * 1000     # microns
    return {"PLTRAH": int(ra), "PLTRAM": int(ra % 1 * 60), "PLTRAS": round(ra * 3600 % 60, 6), "PLTDECSN": "+",
            "PLTDECD": int(dec), "PLTDECM": int(dec % 1 * 60), "PLTDECS": round(dec * 3600 % 60, 6),
            "EQUINOX": 2000.0, "PLTSCALE": scale, "XPIXELSZ": pixel, "YPIXELSZ": pixel, "CNPIX1": 1200, "CNPIX2": 900,
            **{f"PPO{i}": 0.0 for i in (1, 2, 4, 5)}, "PPO3": (1200 + 88.4) * pixel, "PPO6": (900 + 70.7) * pixel,
            **{f"AMDX{i + 1}": v for i, v in enumerate(x)}, **{f"AMDY{i + 1}": v for i, v in enumerate(y)}}


COORDINATES = {
    "TAN": projected("TAN"), "SIP": sip, "TPV": tpv, "ZPN": projected("ZPN", PV2_1=1.0, PV2_3=0.4),
    "SIN": projected("SIN"), "ARC": projected("ARC"), "STG": projected("STG"), "CAR": at("CAR", (156.011, 1.2)),
    "PC": pc, "CROTA": crota, "swapped": swapped, "two solutions": two_solutions, "DSS": dss,
    "galactic": framed(("GLON", "GLAT")), "FK4": framed(RADESYS="FK4", EQUINOX=1950.0),
    "FK4 1875": framed(RADECSYS="FK4", EQUINOX=1875.0), "FK5 1975": framed(RADESYS="FK5", EQUINOX=1975.0),
    "across RA 0": at("TAN", (0.01, -33.0)), "over the north pole": at("TAN", (77.0, 89.95)),
    "over the south pole": at("ARC", (77.0, -89.97)), "CAR across RA 0": at("CAR", (0.05, 2.0)),
}
COMPRESSIONS = ("RICE_1", "GZIP_1", "GZIP_2", "HCOMPRESS_1", "PLIO_1")
TILES = ((WIDTH, 1), (50, 37), (64, 64), (WIDTH, HEIGHT))


def pixels(bitpix, shape, seed):
    """Noise and a few stars, and in floats some undefined."""
    random = np.random.default_rng(seed)
    values = random.normal(1000, 30, shape)
    if bitpix == 8:
        values = values / 10
    for _ in range(20):
        y, x = random.integers(0, shape[-2]), random.integers(0, shape[-1])
        values[..., max(y - 1, 0):y + 2, max(x - 1, 0):x + 2] *= 2
    if bitpix == 64:
        values = values * 2.0 ** 40
    made = values.astype(BITPIX[bitpix])
    if bitpix < 0:
        made[..., 11::17, 5::23] = np.nan
    return made


def dressed(hdu, cards, bitpix):
    for key, value in cards.items():
        hdu.header[key] = value
    hdu.header["OBJECT"] = ("a plate", "kept")
    if bitpix in (16, 32):
        hdu.header["BLANK"] = -999
    return hdu


def plain_file(path, cards, bitpix, place, seed):
    shape = {"one plane": (1, HEIGHT, WIDTH), "cube": (3, HEIGHT, WIDTH)}.get(place, (HEIGHT, WIDTH))
    data = pixels(bitpix, shape, seed)
    if place in ("extension", "behind a table"):
        hdus = [fits.PrimaryHDU(), dressed(fits.ImageHDU(data), cards, bitpix)]
        hdus[0].header["TELESCOP"] = "a refractor"
        if place == "behind a table":
            hdus.insert(1, fits.BinTableHDU.from_columns([fits.Column("n", "J", array=np.arange(1000))]))
    else:
        hdus = [dressed(fits.PrimaryHDU(data), cards, bitpix)]
    fits.HDUList(hdus).writeto(path)
    return len(hdus) - 1


def compressed_file(path, cards, bitpix, compression, tile, seed, **options):
    data = pixels(bitpix, (HEIGHT, WIDTH), seed)
    hdu = dressed(fits.CompImageHDU(data, compression_type=compression, tile_size=tile, **options), cards, 8)
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(path)
    return 1


def compressions():
    """(name, BITPIX, algorithm, tile, options) of all that cfitsio can write."""
    for compression, tile in itertools.product(COMPRESSIONS, TILES):
        if compression == "HCOMPRESS_1" and min(tile) < 4:
            continue
        kinds = [(8, {}), (16, {}), (32, {})]
        if compression != "PLIO_1":
            kinds += [(-32, {"quantize_level": 16.0, "quantize_method": method, "dither_seed": seed})
                      for method, seed in ((-1, 0), (1, 77), (2, 9999))]
        if compression.startswith("GZIP"):
            kinds += [(-32, {"quantize_level": 0.0}), (-64, {"quantize_level": 0.0})]
        for bitpix, options in kinds:
            yield f"{compression} {tile} {bitpix} {options}", bitpix, compression, tile, options
