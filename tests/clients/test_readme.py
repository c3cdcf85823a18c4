# SPDX-License-Identifier: BSD-3-Clause
"""Every command of README.md and of the manual's examples, as it stands there, on a star of which two plates are dead; and
what came of it. A command without a test here fails."""
import csv
import json
import math
import os
import pathlib
import re
import shutil
import subprocess

import numpy
import pytest
from astropy.io import fits, votable
from conftest import DEC, RA, README, Person, as_here, mounted, picture
from ds9 import Ds9
from mounted import Archive, wait_until

GOOD, ALL = 42, 44
MAN = (pathlib.Path(__file__).parents[2] / "tools/man/platefs.1").read_text()
STARS = "name,ra,dec\nAndromeda,10.6847,41.2688\nnowhere,10,-85\n"


def commands_in(block):
    """A line and the indented ones that follow it, without comments."""
    commands = []
    for line in block.splitlines():
        if line.startswith("  ") and commands:
            commands[-1] += "\n" + line
        elif line:
            commands.append(re.sub(r" +# .*", "", line))
    return commands


JOBS = README.split("## What to do with it")[1].split("## Installing")[0]
SHELL = commands_in(JOBS.split("```\n")[1])
LOOP = JOBS.split("```\n")[3]
PYTHON = JOBS.split("```python\n")[1].split("```")[0]
EXAMPLES = MAN.split(".Sh EXAMPLES")[1].split(".Ed")[0].split(".Bd -literal -offset indent\n")[1].splitlines()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Somebody who has fetched the star and mounted it: what can't be had is known, so that patterns find good files."""
    base = tmp_path_factory.mktemp("readme")
    archive = Archive(base / "archive")
    somebody = Person(archive, base / "home" if (base / "home").mkdir() is None else base)
    somebody.types("platefs fetch --what cutout,stamp,aligned,preview -q 'Demo Star'")
    somebody.types(f"platefs mount {somebody.plates}")
    os.listdir(somebody.plates + "/Demo_Star")
    yield somebody
    somebody.unmount()
    archive.stop()


def here(home, command):
    return as_here(command, home.plates, "Demo_Star").replace("~/plates", home.plates).replace("156.011+48.148", "Demo_Star")


def run(home, command):
    return home.types(here(home, command), **{"PATH": f"{home.home}/bin:{mounted.BIN.absolute()}:{os.environ['PATH']}"})


class Frames:
    """What DS9 shows after a command."""

    def __init__(self, home, tmp_path, command):
        self.ds9 = Ds9(tmp_path, f"env PATH={mounted.BIN.absolute()}:$PATH XDG_CONFIG_HOME={home.home}/.config "
                                 f"XDG_CACHE_HOME={home.home}/.cache {here(home, command)}")

    def check(self, is_tiled=False, count=GOOD):
        try:
            self.ds9.wait_for_frames(count)
            wait_until(lambda: self.ds9.get("tile" if is_tiled else "blink") == "yes", what="DS9 showing them")
            self.ds9.set("blink", "no")
            names = []
            for number in self.ds9.frames():
                self.ds9.set("frame", number)
                assert self.ds9.get("scale", "mode") == "zscale", number
                names.append(pathlib.Path(self.ds9.get("file").split("[")[0]).name)
            assert names == sorted(names) and len(set(names)) == count
        finally:
            self.ds9.close()


def work(home, name):
    return home.home / "work" / name


def check_gif(home, name):
    frames = subprocess.run(["identify", work(home, name)], capture_output=True, text=True, check=True).stdout
    assert len(frames.splitlines()) == GOOD


def opened_by(home, program):
    """The file that a stand-in for a program with a window was given."""
    (home.home / "bin").mkdir(exist_ok=True)
    stand_in = home.home / "bin" / program
    stand_in.write_text('#!/bin/sh\necho "$1" > "$HOME/opened"\n')
    stand_in.chmod(0o755)
    return lambda: pathlib.Path((home.home / "opened").read_text().strip())


def ds9_cutouts(home, tmp_path, command):
    Frames(home, tmp_path, command).check()


def ds9_tiles(home, tmp_path, command):
    Frames(home, tmp_path, command).check(is_tiled=True)


def talk(home, tmp_path, command):
    run(home, command)
    check_gif(home, "blink.gif")
    assert picture(work(home, "contact.jpg"))[1] > 50


def leaf(home, tmp_path, command):
    page = opened_by(home, "xdg-open")
    run(home, command)
    assert page().read_text().count('class="card"') == ALL


def topcat(home, tmp_path, command):
    table = opened_by(home, "topcat")
    run(home, command)
    rows = votable.parse_single_table(str(table())).to_table()
    assert len(rows) == ALL and (rows["state"] == "cached").sum() == GOOD


def timeline(home, tmp_path, command):
    run(home, command)
    size, levels = picture(work(home, "timeline.png"))
    assert min(size) > 200 and levels > 3


def deep(home, tmp_path, command):
    run(home, command)
    rows = list(csv.DictReader(open(work(home, "deep.csv"))))
    assert len(rows) > 10 and all(float(row["t_exptime"]) >= 1800 for row in rows)


def before(home, tmp_path, command):
    count, *late = run(home, command).split()
    assert int(count) >= GOOD and len(late) == 5 and late == sorted(late)


def script(home, tmp_path, command):
    names = run(home, command).split()
    assert names and all(name[:4] < "1920" for name in names)


def many(home, tmp_path, command):
    work(home, "stars.csv").write_text(STARS)
    assert run(home, command).strip() == "0"
    lines = [json.loads(line) for line in work(home, "report.jsonl").read_text().splitlines()]
    assert lines[-1]["event"] == "summary" and lines[-1]["targets"] == 2 and lines[-1]["failed"] == 0


def copies(home, tmp_path, command):
    run(home, command)
    names = sorted(path.name for path in work(home, "work").iterdir())
    assert len(names) >= 12 and all(name.startswith("189") for name in names)
    for name in names:
        assert work(home, f"work/{name}").read_bytes() == pathlib.Path(home.plates, "Demo_Star/cutouts", name).read_bytes()


def stack(home, tmp_path, command):
    run(home, command)
    with fits.open(work(home, "stack.fits")) as stacked:
        assert numpy.count_nonzero(stacked[0].data) > 0.4 * stacked[0].data.size


def share(home, tmp_path, command):
    home.unmount()
    assert "every user" not in run(home, command + " 2>/dev/null") and os.path.ismount(home.plates)


def blink(home, tmp_path, command):
    Frames(home, tmp_path, command).check()


def blink_gif(home, tmp_path, command):
    run(home, command)
    check_gif(home, command.split()[3])


def pin(home, tmp_path, command):
    run(home, command)
    files = json.loads(home.types("platefs cache list --json Demo_Star"))
    assert sum(file["pinned"] for file in files if file["file"] == "cutout.fits") == GOOD


def offline(home, tmp_path, command):
    home.unmount()
    run(home, command)
    cutouts = sorted(pathlib.Path(home.plates, "Demo_Star/cutouts").iterdir())
    assert len(cutouts) == GOOD and all(path.read_bytes()[:6] == b"SIMPLE" for path in cutouts)
    home.unmount()
    home.types(f"platefs mount {home.plates}")


def chart(home, tmp_path, command):
    drawing = here(home, command).replace(" -export", " -regions system wcs -regions save drawn.reg -export")
    home.types(f"xvfb-run -a {drawing}")
    size, levels = picture(work(home, "chart.png"))
    assert min(size) > 300 and levels > 50
    drawn = work(home, "drawn.reg").read_text()
    ra, dec, radius = map(float, re.search(r"circle\(([\d.]+),([\d.]+),([\d.]+)\"\)", drawn).groups())
    assert math.hypot((ra - RA) * math.cos(math.radians(DEC)), dec - DEC) < 1e-4 and abs(radius - 600) < 0.1
    assert "point(" in drawn


def citations(home, tmp_path, command):
    run(home, command)
    refs = work(home, "refs.bib").read_text()
    assert refs.count("@") >= 3 and refs.count("{") == refs.count("}")


TESTS = {"ds9 -zscale /mnt/plates/M31/cutouts/*.fits -match frame wcs -single": ds9_cutouts,
         "ds9 -zscale /mnt/plates/M31/aligned": ds9_cutouts, "cp /mnt/plates/M31/blink.gif": talk,
         "ds9 -zscale /mnt/plates/M31/cutouts/*.fits -match frame wcs -tile": ds9_tiles, "xdg-open": leaf, "topcat": topcat,
         "stilts plot2time": timeline, "stilts tpipe": deep, "cd ": before, "platefs query": script,
         "platefs fetch --targets": many, "rsync": copies, "SWarp": stack, "platefs mount --allow-other": share,
         "platefs blink M31": blink, "platefs blink --gif": blink_gif, "platefs fetch --pin": pin,
         "platefs mount --offline": offline, "ds9 -zscale /mnt/plates/M31/cutouts/1888": chart, "cat ": citations}
PROGRAMS = {"xdg-open", "topcat", "cd", "platefs", "cp", "cat"}          # stand-ins, or always there


@pytest.mark.parametrize("command", SHELL, ids=lambda command: " ".join(command.split()[:3]))
def test_a_command_of_the_readme(home, tmp_path, command):
    found = [test for beginning, test in TESTS.items() if command.startswith(beginning)]
    assert len(found) == 1, f"README.md has a command that nothing here tests: {command}"
    program = "ds9" if command.startswith("platefs blink M31") else command.split()[0]
    if program not in PROGRAMS and not shutil.which(program):
        pytest.skip(f"needs {program}")
    found[0](home, tmp_path, command)


@pytest.mark.skipif(not shutil.which("source-extractor") or not shutil.which("imcopy"), reason="needs source-extractor, imcopy")
def test_the_loop_of_the_readme_measures_every_plate(home):
    work(home, "default.param").write_text("NUMBER\nALPHA_J2000\nDELTA_J2000\nMAG_AUTO\n")
    home.types("cp /usr/share/source-extractor/default.{sex,conv,nnw} .")
    lines = run(home, LOOP + " 2>/dev/null").splitlines()
    assert len(lines) == GOOD
    rows = [sum(1 for row in work(home, f"{line.split()[-1]}.cat").open() if not row.startswith("#")) for line in lines]
    assert sum(count > 10 for count in rows) >= 38, rows


def magnitude(mjd):
    """The law that the demo archive gives its variable star, as in test_star.py."""
    from test_star import magnitude as law
    return law(mjd)


def test_the_python_of_the_readme_measures_the_star_as_bright_as_it_was(home):
    pytest.importorskip("photutils.aperture", reason="needs python3-photutils")
    place = f"{RA}d {DEC}d"
    programme = here(home, PYTHON).replace('"00:42:44.3 +41:16:08", unit=("hourangle", "deg")', f'"{place}"')
    assert place in programme
    work(home, "photometry.py").write_text(programme)
    lines = [line.split() for line in home.types("/usr/bin/python3 -W ignore photometry.py").splitlines()]
    assert len(lines) == GOOD
    dated = [(float(mjd), float(flux)) for mjd, flux in lines if mjd != "undated"]
    assert len(dated) >= 35 and sum(flux > 0 for _, flux in dated) >= 0.9 * len(dated)
    assert [mjd for mjd, _ in dated] == sorted(mjd for mjd, _ in dated)
    brightness = [-magnitude(mjd) for mjd, flux in dated if flux > 0]
    fluxes = [math.log(flux) for _, flux in dated if flux > 0]
    ranks = [numpy.argsort(numpy.argsort(values)) for values in (brightness, fluxes)]
    assert numpy.corrcoef(*ranks)[0, 1] > 0.3                   # scans differ in scale and depth


def test_the_examples_of_the_manual_run(home, tmp_path):
    work(home, "stars.csv").write_text(STARS)
    home.unmount()
    for example in EXAMPLES:
        if example.startswith(("ds9", "platefs blink M31")):
            continue                                           # as in README.md
        if example.startswith("platefs mount"):
            home.unmount()
        command = here(home, example.replace(" gavo ", " "))
        out = home.types(command)
        assert out or example.startswith(("platefs mount", "platefs query")), example
    assert len(work(home, "m31.csv").read_text().splitlines()) == ALL + 1
    check_gif(home, "m31.gif")
    home.unmount()
    home.types(f"platefs mount {home.plates}")
