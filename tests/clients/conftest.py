# SPDX-License-Identifier: BSD-3-Clause
"""The mounts of tests/integration for the programs of users.

PLATEFS_ARTEFACTS names a directory where pictures are kept for people to look at.
"""
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

_spec = importlib.util.spec_from_file_location(
    "mounted", pathlib.Path(__file__).parents[1] / "integration" / "conftest.py")
mounted = importlib.util.module_from_spec(_spec)
sys.modules["mounted"] = mounted
_spec.loader.exec_module(mounted)
archive, mount, mount_with = mounted.archive, mounted.mount, mounted.mount_with

RA, DEC = 156.01124674021, 48.14753874736
IMAGES = ("file", "soda", "preview")


def needs(*programs):
    """Skips the test where a program is missing."""
    missing = [p for p in programs if not shutil.which(p)]
    return pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)}")


def shell(script, cwd, timeout=300, **variables):
    """What a user would type, in bash; fails the test when it fails."""
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=cwd, capture_output=True, text=True,
                          timeout=timeout, env={**os.environ, **{k: str(v) for k, v in variables.items()}})
    assert done.returncode == 0, f"{script}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture
def artefacts(tmp_path):
    kept = pathlib.Path(os.environ.get("PLATEFS_ARTEFACTS", tmp_path / "artefacts"))
    kept.mkdir(parents=True, exist_ok=True)
    return kept


@pytest.fixture
def star(mount):
    """The target by its name, as a person would enter it."""
    return mount.path / "Demo_Star"


@pytest.fixture
def good_cutouts(star):
    """The cutouts that open: some plates of the demo archive are broken, as some of any archive are."""
    good = []
    for path in sorted((star / "cutouts").iterdir()):
        try:
            path.read_bytes()
            good.append(path)
        except OSError:
            continue
    assert len(good) >= 30
    return good


@pytest.fixture
def solved_cutouts(good_cutouts):
    """Those of them that say where on the sky they are."""
    from astropy.io import fits
    return [p for p in good_cutouts if "CTYPE1" in fits.getheader(p)]
