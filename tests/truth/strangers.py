# SPDX-License-Identifier: BSD-3-Clause
"""Random headers: forms of coordinates as they come, beside cards that other programs may have left."""
import numpy as np

import coordinates

CODES = ("TAN", "TAN", "TAN-SIP", "TPV", "ZPN", "ZPN-SIP", "SIN", "SIN-SIP", "ARC", "STG", "ZEA", "ZEA-SIP", "CAR", "SFL", "AIT", "MER", "CEA",
         "NCP", "GLS", "COE", "COP", "AZP", "SZP", "AIR")
PARAMETERS = {"ZPN": {"PV2_1": 1.0, "PV2_3": 1.2}, "ZPN-SIP": {"PV2_1": 1.0, "PV2_3": 0.7, "PV2_5": 1.0}, "CEA": {"PV2_1": 0.8},
              "COE": {"PV2_1": 40.0, "PV2_2": 5.0}, "COP": {"PV2_1": 30.0, "PV2_2": 5.0}, "AZP": {"PV2_1": 2.0, "PV2_2": 30.0},
              "SZP": {"PV2_1": 2.0, "PV2_2": 180.0, "PV2_3": 60.0}}


def one_of(random, *choices):
    return choices[random.integers(len(choices))]


def matrix_cards(random, step):
    matrix = coordinates.turned(step, random.uniform(0, 360)) @ np.diag([one_of(random, -1, 1), one_of(random, 1, 1, 1.3)])
    spelling = one_of(random, "PC{}_{}", "PC{:02d}_{:02d}", "PC{:03d}{:03d}")
    cd, one = coordinates.elements("CD{}_{}", matrix), {"CDELT1": 1.0, "CDELT2": 1.0}
    return one_of(random, cd, {**cd, **one}, {**cd, "CDELT1": -0.3, "CDELT2": 0.3, "CROTA2": 77.0}, {**cd, "PC1_1": 1.0, "PC2_2": 1.0},
                  {**cd, **coordinates.elements("PC{}_{}", matrix), **one}, coordinates.elements("PC{}_{}", matrix),
                  {**coordinates.elements(spelling, matrix / step), "CDELT1": step, "CDELT2": step},
                  coordinates.elements("CD{:03d}{:03d}", matrix),
                  {"CDELT1": -step, "CDELT2": 1.1 * step, one_of(random, "CROTA1", "CROTA2"): float(random.uniform(-180, 180))})


def sip_cards(random):
    order = int(random.integers(0, 5))
    cards = {"A_ORDER": order, "B_ORDER": one_of(random, order, order, 2)}
    for stem in "AB":
        for i in range(5):
            for j in range(5 - i):
                if random.random() < 0.5:
                    cards[f"{stem}_{i}_{j}"] = float(random.uniform(-1, 1)) * 2.5e-4 / 400.0 ** max(i + j - 2, 0)
    return cards


def polynomial_cards(random):
    top = one_of(random, 2, 4, 7, 10, 11)
    return {f"PV{axis}_{i}": 1.0 if i == 1 else one_of(random, 0.0, float(random.uniform(-0.02, 0.02)))
            for axis in (1, 2) for i in range(top + 1)}


def swapped(cards):
    """The same with the declination in front."""
    def other(keyword):
        if keyword.startswith(("CTYPE", "CRVAL", "CDELT", "CROTA")):
            return keyword[:5] + "21"[int(keyword[5]) - 1]
        if keyword.startswith("PV"):
            return "PV" + "21"[int(keyword[2]) - 1] + keyword[3:]
        if keyword.startswith(("CD", "PC")):
            at = keyword.index("_") - 1 if "_" in keyword else 4
            return keyword[:at] + "21"[int(keyword[at]) - 1] + keyword[at + 1:]
        return keyword
    return {other(keyword): value for keyword, value in cards.items()}


def header(random):
    """(cards, degrees per pixel)."""
    code, step = one_of(random, *CODES), 10 ** random.uniform(-3.5, -1.8)
    is_flat = code in ("CAR", "SFL", "AIT", "MER", "CEA") and random.random() < 0.7
    cards = {"CTYPE1": f"RA---{code}", "CTYPE2": f"DEC--{code}", "CRVAL1": float(one_of(random, 150.0, random.uniform(-400, 700), 0.0)),
             "CRVAL2": 0.0 if is_flat else float(one_of(random, 20.0, random.uniform(-89, 89), 90.0, -90.0)),
             "CRPIX1": float(random.uniform(0, 400)), "CRPIX2": float(random.uniform(0, 360)), **matrix_cards(random, step)}
    if random.random() < 0.3:
        cards["LONPOLE"] = float(one_of(random, 180.0, 170.0, 0.0))
    if "SIP" in code or random.random() < 0.15:
        cards |= sip_cards(random)
    if code == "TPV" or (code.startswith("TAN") and random.random() < 0.35):
        cards |= polynomial_cards(random)
    cards |= PARAMETERS.get(code, {})
    return (swapped(cards) if random.random() < 0.15 else cards), float(step)
