# SPDX-License-Identifier: BSD-3-Clause
"""tools/examples: notebooks and scripts, run as they are on a server of the demo archive, without a mount; and the first
notebook beside the same done with pyvo."""
import json
import os
import pathlib
import re
import subprocess
import sys

import numpy
import pytest
from astropy.io import fits
from astropy.table import Table
from conftest import DEC, RA, mounted, needs
import python_module

TOP = pathlib.Path(__file__).parents[2]
EXAMPLES = TOP / "tools/examples"
TARGET = f"{RA}+{DEC}"
LONGEST_CELL = 12


def cells_of(name):
    notebook = json.loads((EXAMPLES / name).read_text())
    assert notebook["nbformat"] == 4
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


RUN = """
import ast, json, sys
def run(cell, names):
    tree = ast.parse(cell)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    value = eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None
    show = getattr(value, "_repr_html_", None)
    return show() if show else repr(value)
names = {}
print(json.dumps([run(cell, names) for cell in json.load(sys.stdin)]), file=sys.stderr)
"""


class Notebook:
    """Runs the cells of a notebook as Jupyter would, the last expression of each shown."""

    def __init__(self, archive, server, folder, python):
        config = folder / "config/platefs/config.toml"
        config.parent.mkdir(parents=True)
        config.write_text(f'archives = ["demo"]\nresolver = "{archive.resolver}"\ncache-dir = "{server.base / "cache"}"\n'
                          f'[archive.demo]\nurl = "{archive.tap}"\n')
        self.folder, self.python = folder, python
        self.environment = {**os.environ, "PLATEFS_URL": server.url, "PYTHONPATH": "", "XDG_CONFIG_HOME": str(folder / "config"),
                            "PATH": f"{mounted.BIN}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"}

    def run(self, name):
        done = subprocess.run([self.python, "-W", "ignore", "-c", RUN], input=json.dumps(cells_of(name)), capture_output=True, text=True,
                              timeout=600, cwd=self.folder, env=self.environment)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stderr.splitlines()[-1]), done.stdout


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """One that has the module as users install it, by which fsspec knows platefs://."""
    pytest.importorskip("fsspec")
    base = tmp_path_factory.mktemp("python")
    return python_module.install(python_module.build_wheel(base), base / "venv")


@pytest.fixture
def notebook(archive, server, tmp_path, python):
    (tmp_path / "work").mkdir()
    return Notebook(archive, server, tmp_path / "work", python)


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.ipynb")))
def test_no_job_takes_more_lines_than_one_remembers(name):
    for cell in cells_of(name):
        assert len([line for line in cell.splitlines() if line.strip()]) <= LONGEST_CELL, cell


def test_the_history_of_a_star_has_plates_cutouts_and_pictures(notebook):
    shown, _ = notebook.run("history_of_a_star.ipynb")
    plates = notebook.folder / "plates"
    assert len(list(plates.glob("*.jpg"))) >= 43
    assert len([path for path in plates.glob("*.fits") if not path.name.endswith("_full.fits")]) >= 42
    assert len(list(plates.glob("*_full.fits"))) == 3
    assert len(Table.read(notebook.folder / "table.txt", format="ascii")) == 44
    assert "1890-05" in (notebook.folder / "table_dates.txt").read_text()
    assert any("platefs-player" in each for each in shown)
    assert fits.getdata(notebook.folder / "field.fits").size > 100


def test_precovery_finds_the_star_on_most_plates(notebook):
    _, told = notebook.run("precovery.ipynb")
    seen = Table.read(notebook.folder / "precovery.ecsv")
    assert len(seen) >= 38
    assert (seen["signal_to_noise"] > 5).sum() >= 25
    assert re.search(r"first seen: 18\d\d-", told)


def test_500_targets_become_a_table(notebook, archive):
    archive.forget_requests()
    notebook.run("many_targets.ipynb")
    table = Table.read(notebook.folder / "history.ecsv")
    assert len(table) == 500 and table["plates"].max() >= 40
    assert len(archive.requests("tap")) < 100                          # not one for each of them


# -- beside pyvo


PYVO = """
import json, sys, warnings
import pyvo, requests
from pyvo.utils import vocabularies
terms = ("this", "coderived", "preview", "preview-image", "thumbnail", "proc")   # else it would ask ivoa.net
vocabularies.get_vocabulary = lambda *_, **__: {"terms": {term: {"narrower": []} for term in terms}}
tap, ra, dec = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
counts = {"cutouts": 0, "previews": 0}
result = pyvo.dal.TAPService(tap).search(f"SELECT * FROM ivoa.ObsCore WHERE dataproduct_type = 'image' AND CONTAINS(POINT('ICRS', {ra}, {dec}), "
                                         "s_region) = 1 AND NOT obs_collection LIKE '%RASS%' ORDER BY t_min")

def get(url, **parameters):
    answer = requests.get(url, params=parameters, timeout=60)
    answer.raise_for_status()
    return answer.content

def soda(links):
    link = next(links.bysemantics("#proc"))
    values = {item.name: item.value for resource in links.votable.resources for group in resource.groups if group.ID == "inputParams"
              for item in group.iter_fields_and_params()}
    url = next(parameter.value for resource in links.votable.resources for parameter in resource.params if parameter.name == "accessURL")
    return get(url, ID=values.get("ID") or link["ID"], CIRCLE=f"{ra} {dec} {10 / 60}")

for row in result:
    try:
        links = row.getdatalink()
    except Exception:
        continue
    for kind, ways in {"cutouts": [soda, "#this"], "previews": ["#preview-image", "#preview"]}.items():
        for way in ways:
            try:
                content = way(links) if callable(way) else get(list(links.bysemantics(way))[0]["access_url"])
            except Exception:
                continue
            if content:
                counts[kind] += 1
                break
print(json.dumps(counts))
"""


OURS = """
import json, sys, platefs
counts = {}
for what in ("cutouts", "previews"):
    counts[what] = len(list(platefs.target(sys.argv[1], options=sys.argv[2:], jobs=8).files(what)))
print(json.dumps(counts))
"""


def timed(script, *words, **environment):
    """What it counts, and the seconds that it takes after its imports."""
    clocked = script.replace("counts = {", "import time; begin = time.monotonic(); counts = {", 1) + "print(time.monotonic() - begin)\n"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", clocked, *map(str, words)], capture_output=True, text=True, check=True, timeout=600,
                          env={**os.environ, **environment})
    counts, seconds = done.stdout.splitlines()[-2:]
    return json.loads(counts), float(seconds)


def test_cutouts_and_previews_are_as_many_as_with_pyvo_in_a_quarter_of_the_time(archive, tmp_path):
    """An archive takes 150 ms to answer, as one far away does. Both ask for the plates, a cutout and a preview of each;
    pyvo one after the other, as its user writes it."""
    pytest.importorskip("pyvo", reason="needs python3-pyvo")
    archive.set_faults({"match": {}, "fault": "latency", "milliseconds": 150})
    try:
        by_pyvo, slow = timed(PYVO, archive.tap, RA, DEC)
        by_platefs, fast = timed(OURS, TARGET, "--archive", archive.tap, "--resolver", "none", "--cache-dir", tmp_path / "cache",
                                 PYTHONPATH=str(TOP / "tools/python"), PLATEFS=str(mounted.BIN / "platefs"), XDG_CONFIG_HOME=str(tmp_path))
    finally:
        archive.clear_faults()
    print(f"pyvo {by_pyvo} in {slow:.1f} s, platefs {by_platefs} in {fast:.1f} s: {fast / slow:.2f}")
    assert by_platefs["cutouts"] >= max(42, by_pyvo["cutouts"]) and by_platefs["previews"] >= max(43, by_pyvo["previews"])
    assert fast <= slow / 4


# -- scripts


def script(name, *words, cwd):
    done = subprocess.run([EXAMPLES / name, *words], cwd=cwd, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@needs("source-extractor", "imcopy", "gethead", "wget")
def test_the_light_curve_is_that_of_the_star(server, tmp_path):
    script("light-curve", f"{server.url}{TARGET}/", tmp_path / "out", cwd=tmp_path)
    rows = [line.split() for line in (tmp_path / "out/curve.txt").read_text().splitlines()]
    assert len(rows) >= 25
    assert [float(row[0]) for row in rows] == sorted(float(row[0]) for row in rows)
    from test_star import magnitude
    law, measured = [magnitude(float(row[0])) for row in rows], [float(row[1]) for row in rows]
    ranks = [numpy.argsort(numpy.argsort(values)) for values in (law, measured)]
    print(f"{len(rows)} epochs, rank correlation {numpy.corrcoef(*ranks)[0, 1]:.2f}")
    assert numpy.corrcoef(*ranks)[0, 1] > 0.3


@needs("SWarp", "wget")
def test_the_stack_has_the_field_of_the_cutouts(server, tmp_path):
    script("stack", f"{server.url}{TARGET}/", tmp_path / "stack.fits", cwd=tmp_path)
    with fits.open(tmp_path / "stack.fits") as stacked:
        assert numpy.count_nonzero(stacked[0].data) > 0.4 * stacked[0].data.size
        header = stacked[0].header
    from astropy.wcs import WCS
    x, y = WCS(header).world_to_pixel_values(RA, DEC)
    assert 0 < x < header["NAXIS1"] and 0 < y < header["NAXIS2"]


@needs("SWarp", "source-extractor", "imcopy", "gethead")
def test_scripts_take_what_fetch_wrote_as_well(archive, tmp_path):
    archive.clear_faults()
    subprocess.run([mounted.BIN / "platefs", "fetch", "-q", "--archive", archive.tap, "--resolver", "none", "--cache-dir", tmp_path / "cache", "--to",
                    tmp_path / "out", TARGET], timeout=120)
    script("stack", tmp_path / "out" / TARGET, cwd=tmp_path)
    assert (tmp_path / "stack.fits").stat().st_size > 10000
    script("light-curve", tmp_path / "out" / TARGET, cwd=tmp_path)
    assert len((tmp_path / "light-curve/curve.txt").read_text().splitlines()) >= 25
