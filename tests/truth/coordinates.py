# SPDX-License-Identifier: BSD-3-Clause
"""Headers as archives write them, and where their pixels lie on the sky by the conventions' formulae alone."""
import itertools
import math

import numpy as np

WIDTH, HEIGHT = 400, 360
REFERENCE = (200.5, 180.5)
SKY = (150.0, 20.0)
STEP = {"TAN": 0.01, "TPV": 0.01, "SIP": 0.01, "SCAMP": 0.01, "ZPN": 60 / 3600, "ZPN-SIP": 60 / 3600}  # deg per pixel
SIP = {"A_ORDER": 3, "B_ORDER": 3, "A_2_0": 3e-5, "A_1_1": 1e-5, "A_0_3": 1e-8, "B_0_2": -4e-5, "B_2_0": 1e-5, "B_2_1": 2e-8}
PV = {"PV1_0": 0.01, "PV1_1": 1.01, "PV1_2": 0.003, "PV1_4": 0.012, "PV1_5": 0.004, "PV1_7": 0.002, "PV2_0": -0.015, "PV2_1": 0.99,
      "PV2_2": -0.002, "PV2_4": -0.01, "PV2_6": 0.003, "PV2_8": 0.001}
ZPN = {"PV2_1": 1.0, "PV2_3": 1.9}
CODE = {"TAN": "TAN", "TPV": "TPV", "SIP": "TAN-SIP", "SCAMP": "TAN", "ZPN": "ZPN", "ZPN-SIP": "ZPN-SIP"}
OWN = {"TAN": {}, "TPV": PV, "SIP": SIP, "SCAMP": PV, "ZPN": ZPN, "ZPN-SIP": {**ZPN, **SIP}}

LEFT = {"nothing": {}, "SIP cards": SIP, "SCAMP's polynomial": PV, "a ZPN's parameters": ZPN,
        "PVs of zero": {f"PV{i}_{j}": 0.0 for i in (1, 2) for j in range(8)},
        "an amateur's plate cards": {"XPIXELSZ": 6.0, "YPIXELSZ": "6.0", "CNPIX1": 0, "PLTSCALE": 67.2, "PLTRAH": 10, "PPO3": 0.0},
        "PC identity and CDELT 1": {"PC1_1": 1.0, "PC1_2": 0.0, "PC2_1": 0.0, "PC2_2": 1.0, "CDELT1": 1.0, "CDELT2": 1.0},
        "CDELT and CROTA of another": {"CDELT1": -0.5, "CDELT2": 0.5, "CROTA1": 30.0, "CROTA2": 33.0},
        "CROTA1": {"CROTA1": 40.0}}


def is_left_over(kind, form, what):
    """Whether these cards, beside that description, mean nothing: else they are part of it."""
    cards, own = LEFT[what], {**OWN[kind], **FORMS[form](0.01)}
    if what == "SCAMP's polynomial":
        return kind == "SIP"
    if what == "a ZPN's parameters":
        return kind in ("TAN", "SIP")
    if what in ("PC identity and CDELT 1", "CDELT and CROTA of another"):
        return form == "CD"
    if what == "CROTA1":
        return form in ("CDELT", "CD", "PC and CDELT")
    return not set(cards) & set(own)


def rotation(form):
    return 0 if form == "CDELT" else 30


def turned(step, angle):
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return np.array([[-step * c, -step * s], [-step * s, step * c]])


def elements(spelling, matrix):
    return {spelling.format(i + 1, j + 1): float(matrix[i][j]) for i in (0, 1) for j in (0, 1)}


def pc_and_cdelt(spelling):
    def cards(step):
        return {"CDELT1": -step, "CDELT2": step, **elements(spelling, turned(step, 30) / np.array([[-step], [step]]))}
    return cards


FORMS = {"CD": lambda step: elements("CD{}_{}", turned(step, 30)),
         "CD001001": lambda step: elements("CD{:03d}{:03d}", turned(step, 30)),
         "PC": lambda step: elements("PC{}_{}", turned(step, 30)),
         "PC and CDELT": pc_and_cdelt("PC{}_{}"), "PC01_01": pc_and_cdelt("PC{:02d}_{:02d}"),
         "PC001001": pc_and_cdelt("PC{:03d}{:03d}"),
         "CROTA": lambda step: {"CDELT1": -step, "CDELT2": step, "CROTA2": 30.0},
         "CDELT": lambda step: {"CDELT1": -step, "CDELT2": step}}
ONLY_PRIMARY = ("CD001001", "PC001001")     # eight characters: no room for a letter


def description(kind, form, letter=""):
    axes = {"CTYPE1": "RA---" + CODE[kind], "CTYPE2": "DEC--" + CODE[kind], "CRVAL1": SKY[0], "CRVAL2": SKY[1],
            "CRPIX1": REFERENCE[0], "CRPIX2": REFERENCE[1], **FORMS[form](STEP[kind]), **OWN[kind]}
    return with_letter(axes, letter)


def with_letter(cards, letter):
    """SIP cards and those of plates know no letter."""
    alike = ("A_", "B_", "XPIX", "YPIX", "CNPIX", "PLT", "PPO")
    return {key if key.startswith(alike) else key + letter: value for key, value in cards.items()}


ELSEWHERE = {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 10.0, "CRVAL2": -40.0, "CRPIX1": 1.0, "CRPIX2": 1.0, "CDELT1": -0.001,
             "CDELT2": 0.001}


def headers():
    """(name, kind, letter, form, cards, the same as a primary description) of all combinations."""
    for kind, form, letter, left in itertools.product(OWN, FORMS, ("", "A"), LEFT):
        if letter and form in ONLY_PRIMARY or not is_left_over(kind, form, left):
            continue
        cards = {**with_letter(LEFT[left], letter), **description(kind, form, letter)}
        name = f"{kind}, {form}, {letter or 'primary'}, left: {left}"
        yield name, kind, letter, form, {**(ELSEWHERE if letter else {}), **cards}, {**LEFT[left], **description(kind, form)}


def polynomial(stem, u, v):
    return sum(value * u ** int(key[2]) * v ** int(key[4]) for key, value in SIP.items() if key.startswith(stem) and "ORDER" not in key)


def tpv(axis, own, other):
    r = np.hypot(own, other)
    terms = [1, own, other, r, own ** 2, own * other, other ** 2, own ** 3, own ** 2 * other, own * other ** 2, other ** 3]
    return sum(PV.get(f"PV{axis}_{i}", 0) * term for i, term in enumerate(terms))


def sky_of(kind, form, x, y):
    """Right ascension and declination of a pixel, in degrees."""
    u, v = x - REFERENCE[0], y - REFERENCE[1]
    if "SIP" in kind:
        u, v = u + polynomial("A_", u, v), v + polynomial("B_", u, v)
    xi, eta = turned(STEP[kind], rotation(form)) @ np.array([u, v])
    if kind in ("TPV", "SCAMP"):
        xi, eta = tpv(1, xi, eta), tpv(2, eta, xi)
    r = math.radians(math.hypot(xi, eta))
    distance = math.atan(r)
    if "ZPN" in kind:
        distance = r
        for _ in range(60):
            distance -= (ZPN["PV2_1"] * distance + ZPN["PV2_3"] * distance ** 3 - r) / (ZPN["PV2_1"] + 3 * ZPN["PV2_3"] * distance ** 2)
    angle = math.atan2(xi, eta)
    ra0, dec0 = map(math.radians, SKY)
    dec = math.asin(math.sin(dec0) * math.cos(distance) + math.cos(dec0) * math.sin(distance) * math.cos(angle))
    ra = ra0 + math.atan2(math.sin(distance) * math.sin(angle), math.cos(dec0) * math.cos(distance) - math.sin(dec0) * math.sin(distance) * math.cos(angle))
    return math.degrees(ra) % 360, math.degrees(dec)


def card(key, value):
    if isinstance(value, str):
        return f"{key:<8}= '{value:<8}'"
    return f"{key:<8}= {value!r:>20}".replace("e", "E")


def write(path, cards, width=WIDTH, height=HEIGHT, spell=card):
    """A plate of BITPIX 8 whose pixels are a hole in the file."""
    structure = ["SIMPLE  =                    T", card("BITPIX", 8), card("NAXIS", 2), card("NAXIS1", width), card("NAXIS2", height)]
    text = "".join(f"{line:<80}" for line in structure + [spell(*item) for item in cards.items()] + ["END"])
    text = text.ljust(-(-len(text) // 2880) * 2880)
    with open(path, "wb") as file:
        file.write(text.encode())
        file.truncate(len(text) + -(-width * height // 2880) * 2880)
    return path
