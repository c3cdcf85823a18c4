# SPDX-License-Identifier: BSD-3-Clause
"""The module for Python as users have it: the wheel, installed without a network into a venv that sees Debian's packages."""
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

SOURCES = pathlib.Path(__file__).parents[2] / "tools/python"


def run(*words, **more):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=180, **more)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def build_wheel(directory):
    """By python3-build, which fetches nothing; skips the test where that is missing."""
    if subprocess.run([sys.executable, "-c", "import build, setuptools, wheel"], capture_output=True).returncode:
        pytest.skip("needs python3-build, python3-setuptools, python3-wheel")
    shutil.copytree(SOURCES, directory / "source", ignore=shutil.ignore_patterns("__pycache__"))
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", directory, "source", cwd=directory)
    wheel, = directory.glob("*.whl")
    return wheel


def without_network():
    """Words in front of a command that leave it no network, where that can be had."""
    can = os.geteuid() == 0 and subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode == 0
    return ["unshare", "-n"] if can else []


def install(wheel, directory):
    """The python of a new venv in `directory` that has the wheel."""
    if subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True).returncode:
        pytest.skip("needs python3-venv")
    run(*without_network(), sys.executable, "-m", "venv", "--system-site-packages", directory)
    pip = [*without_network(), directory / "bin/pip", "install", "--no-index", "--disable-pip-version-check"]
    # Debian 13's astropy wants a later astropy-iers-data than Debian 13 has: pip then installs nothing that wants astropy.
    is_whole = subprocess.run([str(word) for word in [*pip, "astropy"]], capture_output=True).returncode == 0
    run(*pip, *([] if is_whole else ["--no-deps"]), wheel)
    return directory / "bin/python"
