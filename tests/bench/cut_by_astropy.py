#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""cut_by_astropy.py memmap|fsspec SOURCE X1 X2 Y1 Y2: cuts a window (pixels from 1) as an astronomer would."""
import json
import sys
import time
import warnings

from astropy.io import fits
import numpy as np

how, source = sys.argv[1:3]
x1, x2, y1, y2 = map(int, sys.argv[3:])
options = {"use_fsspec": True} if how == "fsspec" else {"memmap": True}
if how == "fsspec":
    import aiohttp, fsspec  # noqa: E401, F401  imported before the clock starts
warnings.simplefilter("ignore")
start = time.perf_counter()
with fits.open(source, **options) as file:
    image = file[0] if file[0].header["NAXIS"] else file[1]
    pixels = image.section if how == "fsspec" else image.data
    cut = np.array(pixels[y1 - 1:y2, x1 - 1:x2])
print(json.dumps({"wall": time.perf_counter() - start, "read": cut.nbytes, "sum": int(cut.astype("i8").sum())}))
