# SPDX-License-Identifier: BSD-3-Clause
"""The mounts of tests/integration for the programs of users.

PLATEFS_ARTEFACTS names a directory where pictures are kept for people to look at.
"""
import importlib.util
import os
import pathlib
import re
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

# What shows the tree over HTTP: tests/integration/served.py, whose conftest is that of its own folder.
_spec = importlib.util.spec_from_file_location(
    "serving", pathlib.Path(__file__).parents[1] / "integration" / "served.py")
serving = importlib.util.module_from_spec(_spec)
_own = sys.modules.get("conftest")
sys.modules["conftest"] = mounted
try:
    _spec.loader.exec_module(serving)
finally:
    sys.modules["conftest"] = _own
sys.modules["serving"] = serving

README = (pathlib.Path(__file__).parents[2] / "README.md").read_text()
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


def readme_command(beginning, mount, target="M31"):
    """What README.md tells to type that begins so: a line and the indented ones that follow it, without comments,
    on a mount and a target of the test."""
    lines = README.splitlines()
    found = [at for at, line in enumerate(lines) if line.startswith(beginning)]
    assert len(found) == 1, f"README.md has {len(found)} lines that begin with: {beginning}"
    end = found[0] + 1
    while lines[end].startswith("  "):
        end += 1
    command = "\n".join(re.sub(r" +# .*", "", line) for line in lines[found[0]:end])
    return as_here(command, mount, target)


def readme_python(mount, target="M31"):
    """The programme in Python of README.md."""
    return as_here(README.split("```python\n")[1].split("```")[0], mount, target)


def as_here(text, mount, target):
    path = mount if isinstance(mount, str) else str(mount.path)
    return text.replace("/mnt/plates", path).replace("M31", target)


def picture(path):
    """Size, and how many grey levels there are: an empty frame has one or two."""
    import numpy
    image = pytest.importorskip("PIL.Image", reason="needs python3-pil").open(path).convert("L")
    return image.size, len(set(numpy.asarray(image).ravel().tolist()))


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


class Person:
    """Somebody with a home, a configuration that names the demo archive, and a mount point."""

    def __init__(self, archive, home):
        self.home, self.plates, self.cache = home, str(home / "plates"), home / ".cache/platefs"
        (home / "plates").mkdir()
        (home / "work").mkdir()
        file = home / ".config/platefs/config.toml"
        file.parent.mkdir(parents=True)
        file.write_text(f'archives = ["demo"]\nresolver = "{archive.resolver}"\n[archive.demo]\nurl = "{archive.tap}"\n')

    def types(self, command, code=0, **variables):
        """What a command line answers on stdout; it ends with `code`."""
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.home / "work", capture_output=True, text=True, timeout=300,
            env={"PATH": f"{mounted.BIN.absolute()}:{os.environ['PATH']}", "HOME": str(self.home), **variables})
        assert done.returncode == code, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done.stdout

    def types_of_readme(self, beginning, target="M31", code=0):
        return self.types(readme_command(beginning, self.plates, target), code)

    def unmount(self):
        if os.path.ismount(self.plates):
            self.types(f"platefs unmount {self.plates}")


@pytest.fixture
def person(archive, tmp_path):
    archive.clear_faults()
    archive.forget_requests()
    somebody = Person(archive, tmp_path)
    yield somebody
    somebody.unmount()


@pytest.fixture
def server(archive, tmp_path):
    """A server of the tree, for WebDAV too."""
    archive.clear_faults()
    running = serving.Server(archive, tmp_path, "--webdav")
    yield running
    running.stop()
