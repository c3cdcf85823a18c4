# SPDX-License-Identifier: BSD-3-Clause
"""A mount of platefs on the DaCHS that `server` started, and what pyvo gets from the same.

Environment: PLATEFS_BIN_DIR is where `platefs` is, PLATEFS_DACHS_STATE the state directory of a started `server`.
"""
import json
import os
import pathlib
import signal
import sys
import types
import warnings

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import oracle
from astropy.utils.exceptions import AstropyWarning
from make_plates import TARGET_DEC, TARGET_RA
from mounts import Mount
from server_logs import Logs

STATE = os.environ["PLATEFS_DACHS_STATE"]
TARGET = f"{TARGET_RA!r}+{TARGET_DEC!r}"
LIMIT_SECONDS = 240                 # of a test: a file system that hangs is to fail here, not to hang the suite
IMAGE_FILES = ("cutout.fits", "full.fits", "preview.jpg")
warnings.simplefilter("ignore", AstropyWarning)


@pytest.fixture(autouse=True)
def _time_limit(request):
    def too_long(*_):
        raise TimeoutError(f"{request.node.name} took longer than {LIMIT_SECONDS} s")
    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(LIMIT_SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session", name="facts")
def _facts():
    return json.loads(pathlib.Path(STATE, "server.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session", name="asked")
def _asked(facts):
    """What pyvo finds: (plates, table)."""
    return oracle.plates(facts["tap"])


@pytest.fixture(scope="session", name="plates")
def _plates(asked):
    return asked[0]


@pytest.fixture(scope="session", name="mounted_at")
def _mounted_at(facts):
    """Mounts the server below a directory, with the cache there: once more is the same mount again."""
    server = types.SimpleNamespace(tap=facts["tap"], resolver="none")
    return lambda root: Mount(server, root, place=TARGET)


@pytest.fixture(scope="session", name="mount")
def _mount(mounted_at, tmp_path_factory):
    with mounted_at(tmp_path_factory.mktemp("mount")) as mount:
        yield mount


@pytest.fixture(name="fresh")
def _fresh(mounted_at, tmp_path):
    """Makes mounts with a cache that nothing is in yet: enter it as often as a remount is wanted."""
    return lambda: mounted_at(tmp_path)


@pytest.fixture(scope="session", name="where")
def _where(mount):
    """The directory of a plate of the oracle's."""
    names = names_of(mount)
    return lambda plate: mount.target / names[plate.did]


@pytest.fixture(name="logs")
def _logs(facts):
    return Logs(facts)


def table_of(mount):
    return oracle.table((mount.target / "plates.vot").read_bytes())


def names_of(mount):
    """The directory of each plate, by DID: as the table of the target says."""
    return {oracle.text(row["obs_publisher_did"]): oracle.text(row["plate"]) for row in table_of(mount)}


def those(plates, *how):
    """The plates whose cutout is expected to come about in one of these ways; some there must be."""
    chosen = [plate for plate in plates if plate.expected.how in how]
    assert chosen, f"the server has no plate for {how}: make_plates.py and this test do not agree"
    return chosen


def corner(part, whole):
    """The pixel (x, y, 0-based) of `whole` that is the first pixel of `part`: reference pixels move by whole pixels."""
    moved = [whole.header[key] - part.header[key] for key in ("CRPIX1", "CRPIX2")]
    assert all(abs(shift - round(shift)) < 1e-9 for shift in moved), f"the reference pixel moved by {moved}"
    return [round(shift) for shift in moved]
