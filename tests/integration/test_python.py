# SPDX-License-Identifier: BSD-3-Clause
"""`import platefs`: tables, cutouts and stamps of a target in Python, over a mount or a server that it starts."""
import io
import os
import pathlib
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from astropy import units
from astropy.io import fits
from astropy.table import Table
from conftest import BIN, TARGET, wait_until

SOURCES = pathlib.Path(__file__).parents[2] / "tools" / "python"
sys.path.insert(0, str(SOURCES))
os.environ["PLATEFS"] = str(BIN / "platefs")
import platefs
import python_module


@pytest.fixture
def served(archive, tmp_path, monkeypatch):
    """Options of a server of the demo archive, which ends with the test."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    archive.clear_faults()
    options = ("--archive", archive.tap, "--resolver", archive.resolver, "--cache-dir", str(tmp_path / "cache"))
    yield options
    platefs.connect(options=options).close()


@pytest.fixture(params=["mount", "server"])
def star(request):
    if request.param == "mount":
        return platefs.target(TARGET, mount=request.getfixturevalue("mount").path)
    return platefs.target(TARGET, options=request.getfixturevalue("served"))


def test_plates_are_a_table_with_units_in_the_order_of_their_dates(star):
    assert len(star) >= 44 and star.plates["s_ra"].unit == units.deg
    assert list(star.plates["plate"]) == sorted(star.plates["plate"])
    assert "44" in repr(star) or str(len(star)) in repr(star)


def test_cutouts_are_those_of_the_tree_and_a_dead_plate_is_noted(star):
    seen = []
    for plate, hdus in star.cutouts():
        assert hdus[0].data is not None or len(hdus) > 1
        seen.append(str(plate["plate"]))
    assert len(seen) >= 42 and seen == sorted(seen)
    assert len(seen) + len(star.errors) == len(star) and star.errors
    assert all(reason for reason in star.errors.values())


def test_a_dead_plate_ends_it_where_that_is_asked_for(star):
    with pytest.raises(platefs.PlatefsError) as failure:
        for _ in star.cutouts(errors="raise"):
            pass
    assert failure.value.reason and failure.value.path.startswith(TARGET) and failure.value.errno
    with pytest.raises(ValueError):
        next(star.files(errors="ignore"))


def test_stamps_and_frames_are_pictures_and_one_grid(star):
    stamps = list(star.stamps())
    assert len(stamps) >= 40 and all(content.startswith(b"\xff\xd8\xff") for _, content in stamps)
    shapes = {hdus[0].data.shape for _, hdus in star.aligned()}
    assert len(shapes) == 1


def test_the_notebook_shows_stamps_and_what_failed(star):
    page = star._repr_html_()
    assert page.count("data:image/jpeg;base64,") >= 40 and "failed" in page and "<script>" in page


def test_what_is_prefetched_is_there(star, archive, capsys):
    assert star.prefetch("previews").result(120) >= 42
    assert "of" in capsys.readouterr().err
    archive.forget_requests()
    assert len(list(star.files("previews"))) >= 42
    assert not archive.requests("preview", "file")


def test_both_ways_give_the_same_bytes(mount, served):
    ways = [platefs.target(TARGET, mount=mount.path), platefs.target(TARGET, options=served)]
    one, other = ({str(plate["plate"]): content for plate, content in way.files()} for way in ways)
    assert one == other and len(one) >= 42
    path = next(iter(platefs.target(TARGET, mount=mount.path).plates["plate"]))
    for way in ways:
        whole = way.door.read(way.path(str(path)))
        assert way.door.read(way.path(str(path)), 100, 2000) == whole[100:2000]
        assert way.door.read(way.path(str(path)), len(whole) + 5, len(whole) + 9) == b""
        assert way.door.size(way.path(str(path))) == len(whole)
        assert "stamps/" in way.door.names(TARGET) and "plates.vot" in way.door.names(TARGET)


def test_urls_open_in_astropy(served):
    fsspec = pytest.importorskip("fsspec")
    from platefs.filesystem import PlatefsFileSystem
    fsspec.register_implementation("platefs", PlatefsFileSystem, clobber=True)
    files = fsspec.filesystem("platefs", options=served)
    path = next(each for each in files.ls(f"{TARGET}/cutouts", detail=False) if each.endswith(".fits"))
    with fits.open(f"platefs://{path}", use_fsspec=True, fsspec_kwargs={"options": served}) as hdus:
        pixels = np.array(hdus[0].data)
    with fits.open(io.BytesIO(files.cat_file(path))) as hdus:
        assert np.array_equal(hdus[0].data, pixels)
    assert files.info(path)["size"] == len(files.cat_file(path)) and files.isdir(TARGET)
    with pytest.raises(FileNotFoundError):
        files.cat_file(f"{TARGET}/nothing/cutout.fits")


@pytest.fixture
def by_fsspec():
    """As the installed module's entry point does."""
    fsspec = pytest.importorskip("fsspec")
    from platefs.filesystem import PlatefsFileSystem
    fsspec.register_implementation("platefs", PlatefsFileSystem, clobber=True)
    return fsspec


@pytest.mark.parametrize("name, form", [("plates.vot", "votable"), ("plates.fits", "fits"), ("plates.csv", "ascii.csv")])
def test_tables_are_read_by_url(by_fsspec, served, name, form):
    with by_fsspec.open(f"platefs://{TARGET}/{name}", options=served) as file:
        assert len(Table.read(file, format=form)) == 44


def test_dask_reads_a_plate_in_blocks(by_fsspec, served):
    dask_bytes = pytest.importorskip("dask.bytes", reason="needs python3-dask")
    star = platefs.target(TARGET, options=served)
    path = star.path(star.plates[3], "full")
    _, (blocks,) = dask_bytes.read_bytes(f"platefs://{path}", blocksize=200_000, sample=False, options=served)
    assert len(blocks) > 3
    assert b"".join(block.compute() for block in blocks) == star.door.read(path)


def test_the_server_ends_with_the_program(served, tmp_path):
    script = f"import platefs; d = platefs.connect(options={served!r}); print(d._process.pid, len(d.names({TARGET!r})))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "PYTHONPATH": str(SOURCES)})
    assert done.returncode == 0, done.stderr
    pid = int(done.stdout.split()[0])
    wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists(), what="the end of the server")


def test_what_is_wrong_with_the_server_is_told(tmp_path):
    with pytest.raises(platefs.PlatefsError, match="no archive"):
        platefs.target("M31", options=("--archive", "nowhere")).plates


def test_the_module_is_of_the_release_of_the_program():
    told = subprocess.run([BIN / "platefs", "--version"], capture_output=True, text=True, check=True).stdout
    assert platefs.__version__ in told


def test_the_wheel_has_the_package_and_installs_without_a_network(served, tmp_path):
    wheel = python_module.build_wheel(tmp_path)
    names = zipfile.ZipFile(wheel).namelist()
    assert "platefs/__init__.py" in names and "platefs/filesystem.py" in names and wheel.name.endswith("-py3-none-any.whl")
    python = python_module.install(wheel, tmp_path / "venv")
    script = f"""import fsspec, platefs
print(platefs.__file__, len(fsspec.filesystem("platefs", options={served!r}).ls({TARGET!r} + "/cutouts")))"""
    place, count = python_module.run(python, "-c", script, cwd=tmp_path, env={**os.environ, "PYTHONPATH": ""}).split()
    assert place.startswith(str(tmp_path / "venv")) and int(count) >= 42


def test_a_server_that_the_environment_names_is_used(served, monkeypatch):
    own = platefs.connect(options=served)
    monkeypatch.setenv("PLATEFS_URL", own.url)
    assert platefs.connect().url == own.url and len(platefs.target(TARGET)) == 44
