# SPDX-License-Identifier: BSD-3-Clause
"""Random headers as a chain of programs leaves them: descriptions of several exposures under letters, beside cards that count no
more, in spellings old and new. Each comes with the one description that holds the target, put as plainly as can be."""
import math
import re

import numpy as np

import coordinates
import strangers
from strangers import one_of

KINDS = ("TAN", "TAN", "SIP", "SIP", "TPV", "SCAMP", "SCAMP", "ZPN", "ZPN-SIP", "SIN", "ARC", "STG", "ZEA", "ZEA-SIP", "SCAMP of degree 1")
CODE = {"SIP": "TAN-SIP", "SCAMP": "TAN", "SCAMP of degree 1": "TAN"}
PLAIN = {"SIP": "TAN-SIP", "SCAMP": "TPV", "SCAMP of degree 1": "TPV"}
DEGREE_1 = {"PV1_0": 0.01, "PV1_1": 1.02, "PV1_2": 0.01, "PV2_0": -0.004, "PV2_1": 0.99, "PV2_2": 0.003}
UNITS = {"deg": 1.0, "arcsec": 3600.0, "ARCSEC": 3600.0, "arcseconds": 3600.0, '"': 3600.0, "asec": 3600.0, "arcmin": 60.0,
         "rad": math.pi / 180, "degree": 1.0, "Degrees": 1.0, "degr": 1.0, "d": 1.0, "": 1.0}
NOTHING = None                              # an undefined value
BESIDE = ({"XPIXELSZ": 6.0, "YPIXELSZ": "6.0", "CNPIX1": 0}, {"PLTSCALE": 67.2, "PLTRAH": 10}, {"EPOCH": 1890.37}, {"LTV1": 0.0, "LTM1_1": 1.0},
          {"CO1_1": 1e-4, "CO2_2": 1e-4}, {"DP1": "NAXES: 2"}, {"RADESYS": "ICRS", "EQUINOX": 1950.0},
          {"WAT0_001": "system=image"}, {"OBJECT": NOTHING}, {"DATE-OBS": NOTHING}, {"DATE-OBS": "unknown"}, {"MJD-OBS": NOTHING},
          {"TIMESYS": "GMT"}, {"WCSNAME": "x"}, {"EQUINOX": "J2000"}, {"RADECSYS": "fk5"}, {"RADESYS": "UNKNOWN"},
          {"LONPOLE": 180.0, "LATPOLE": 0.0}, {"LATPOLE": NOTHING})
WITHOUT_LETTER = re.compile("[AB]P?_|CROTA|(CD|PC)00")


def matrix_cards(random, step, has_letter):
    """(cards, the matrix), in any form, beside another form that does not count."""
    matrix = coordinates.turned(step, random.uniform(0, 360)) @ np.diag([one_of(random, -1, 1), one_of(random, 1, 1, 1.3)])
    cd, one = coordinates.elements("CD{}_{}", matrix), {"CDELT1": 1.0, "CDELT2": 1.0}
    scaled = {"CDELT1": step, "CDELT2": step}
    angle = random.uniform(-180, 180)
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    forms = [(cards, matrix) for cards in (
        cd, {**cd, **one}, {**cd, "CDELT1": 0.0, "CDELT2": 0.0}, {**cd, "PC1_1": 1.0, "PC2_2": 1.0, "PC1_2": 0.0, "PC2_1": 0.0, **one},
        coordinates.elements("CD{:02d}_{:02d}", matrix), coordinates.elements("PC{}_{}", matrix),
        {**coordinates.elements("PC{}_{}", matrix / step), **scaled}, {**coordinates.elements("PC{:02d}_{:02d}", matrix / step), **scaled})]
    forms.append(({"CDELT1": -step, "CDELT2": step}, np.diag([-step, step])))
    if not has_letter:
        forms += [({**cd, "CDELT1": -0.3, "CDELT2": 0.3, "CROTA2": 77.0}, matrix), ({**cd, "CD001001": 3 * step, "CD001002": 0.0}, matrix),
                  ({**cd, "PC001001": 1.0, "PC001002": 0.0, "PC002001": 0.0, "PC002002": 1.0, **scaled}, matrix),
                  ({**coordinates.elements("PC{:03d}{:03d}", matrix / step), **scaled}, matrix),
                  ({**coordinates.elements("PC{}_{}", matrix / step), **scaled, "PC001001": 1.0, "PC002002": 1.0}, matrix),
                  ({"CDELT1": -step, "CDELT2": 1.1 * step, "CROTA2": angle}, step * np.array([[-c, -1.1 * s], [-s, 1.1 * c]]))]
    return forms[random.integers(len(forms))]


def sip_cards(random):
    return {**strangers.sip_cards(random), "A_ORDER": one_of(random, 2, 3, 4), "B_ORDER": one_of(random, 2, 3, 4)}


def polynomial_cards(random):
    top = one_of(random, 6, 7, 10, 11)
    cards = {f"PV{axis}_{i}": one_of(random, 0.0, float(random.uniform(-0.02, 0.02))) for axis in (1, 2) for i in range(top) if i != 3}
    return {**cards, "PV1_1": 1.003, "PV2_1": 0.996, f"PV1_{top}": 0.012, f"PV2_{top}": 0.009}


def in_units(random, cards):
    """Reference and matrix in another unit of angles, or in another word for degrees."""
    unit = one_of(random, *UNITS)
    is_scaled = any(key.startswith("CDELT") for key in cards) and not any(key.startswith("CD0") or key.startswith("CD1") for key in cards)
    pattern = "CRVAL|CDELT" if is_scaled else "CRVAL|CDELT|CD|PC"
    return {**{key: value * UNITS[unit] if re.match(pattern, key) else value for key, value in cards.items()}, "CUNIT1": unit, "CUNIT2": unit}


def left_overs(random, kind):
    cards = {}
    if not kind.endswith("SIP"):
        cards |= one_of(random, {}, strangers.sip_cards(random), {"A_ORDER": 1, "B_ORDER": 0, "A_1_0": 0.01, "B_0_1": 0.02})
    if kind == "SIP":
        cards |= one_of(random, {}, polynomial_cards(random))
    if kind == "TAN":
        cards |= one_of(random, {}, {f"PV{axis}_{i}": 0.0 for axis in (1, 2) for i in range(8)}, {"PV1_3": 180.0})
    return cards


def description(random, sky, step, letter, sip):
    """(cards, the same in plain words). `sip` are the cards of all descriptions, if they have some."""
    kind = one_of(random, *KINDS)
    linear, matrix = matrix_cards(random, step, bool(letter))
    own = {"SCAMP of degree 1": DEGREE_1, "ZPN": {"PV2_1": 1.0, "PV2_3": 1.2}, "ZPN-SIP": {"PV2_1": 1.0, "PV2_3": 0.7, "PV2_5": 1.0}}.get(kind, {})
    if kind in ("TPV", "SCAMP"):
        own = polynomial_cards(random)
    if kind.endswith("SIP"):
        own = {**own, **(sip or sip_cards(random))}
    place = {"CRVAL1": sky[0], "CRVAL2": sky[1], "CRPIX1": float(random.uniform(0, 400)), "CRPIX2": float(random.uniform(0, 360))}
    code = CODE.get(kind, kind)
    code = code.lower() if random.random() < 0.1 else code
    located = {**place, **linear}
    if random.random() < 0.5:
        located = in_units(random, located)
    cards = {"CTYPE1": f"RA---{code}", "CTYPE2": f"DEC--{code}", **located}
    left = {} if letter or sip else left_overs(random, kind)
    plain = PLAIN.get(kind, kind)
    return {**left, **cards, **own}, {"CTYPE1": f"RA---{plain}", "CTYPE2": f"DEC--{plain}", **place, **coordinates.elements("CD{}_{}", matrix), **own}


def with_letter(cards, letter):
    return {key if WITHOUT_LETTER.match(key) else key + letter: value for key, value in cards.items()}


def header(random):
    """(cards, the description that holds the target in plain words, its letter, degrees per pixel); the others are elsewhere."""
    step = float(10 ** random.uniform(-3.2, -1.9))
    letters = ["", *random.permutation(list("ABCDEXZS"))[:one_of(random, 0, 0, 1, 2, 3)]]
    wanted = one_of(random, *letters)
    sip = sip_cards(random) if len(letters) > 1 else None
    sky = (float(one_of(random, 150.0, random.uniform(0, 360), 0.0)), float(one_of(random, 20.0, random.uniform(-85, 85), 89.9, -89.95)))
    opposite = ((sky[0] + 180) % 360, -sky[1] if abs(sky[1]) > 30 else -60.0)
    cards, plain = dict(sip or {}), {}
    for letter in letters:
        found, said = description(random, sky if letter == wanted else opposite, step, letter, sip)
        cards |= with_letter(found, letter)
        if letter == wanted:
            plain = said
    for beside in BESIDE:
        if random.random() < 0.08:
            cards = {**beside, **cards}
    items = list(cards.items())
    return dict(items[i] for i in random.permutation(len(items))), plain, wanted, step


def number(random, value):
    return one_of(random, repr(value).upper(), f"{value:.17E}", f"{value:.17E}".replace("E", "D"), f"{value:+.16e}")


def card(random, key, value):
    """Fixed or free format, E or D, with a comment or without."""
    if value is NOTHING:
        return f"{key:<8}= " + one_of(random, "", "/ undefined")
    if isinstance(value, str):
        return f"{key:<8}= '{value:<8}'"
    text = str(value) if isinstance(value, int) else number(random, value)
    return f"{key:<8}= " + one_of(random, text, f"{text:>20}", f"{text} / an observer's remark")
