# SPDX-License-Identifier: BSD-3-Clause
"""A table of rows as an archive: from files on a web server, or on a disk, to the pixels of a cutout."""
import gzip
import json
import os

import pytest
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS
from shelf import Commands, Shelf, check_cutout, plate, plate_folders, write_plate

PLATES = 24


def rows_of_plates():
    rows = {"file": [], "jd": [], "outline": [], "arcmin": []}
    for number in range(PLATES):
        header, pixels = plate(number)
        corners = WCS(header).calc_footprint(axes=pixels.shape[::-1])
        rows["file"].append(f"p{number:02d}.fits")
        rows["jd"].append(2415400.5 + number)
        rows["outline"].append("polygon " + " ".join(f"{value:.7f}" for value in corners.ravel()))
        rows["arcmin"].append(240.0)
    return Table(rows)


COLUMNS = ('{ access_url = "file", t_min = "jd - 2400000.5", s_fov = "arcmin / 60", s_region = "outline", '
           'instrument_name = "\'Bruce\'", access_format = "\'image/fits\'" }')


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("shelf")
    for number in range(PLATES):
        write_plate(made / f"p{number:02d}.fits", number)
    return made


@pytest.fixture
def shelf(folder):
    server = Shelf(folder)
    yield server
    server.close()


@pytest.fixture
def commands(tmp_path):
    made = Commands(tmp_path, COLUMNS)
    yield made
    made.unmount()


FORMS = {"plates.csv": "ascii.csv", "plates.tsv": "ascii.tab", "plates.ecsv": "ascii.ecsv", "plates.fits": "fits"}


def write_table(folder, form):
    table = rows_of_plates()
    if form.endswith(".vot"):
        table.write(folder / form, format="votable", overwrite=True,
                    tabledata_format="binary2" if form.startswith("binary2") else "tabledata")
    else:
        table.write(folder / form, format=FORMS[form.removesuffix(".gz")], overwrite=True)
    return form


@pytest.mark.parametrize("form", ["plates.csv", "plates.tsv", "plates.ecsv", "plates.fits", "plates.vot", "binary2.vot"])
def test_plates_are_found_in_a_table_of_each_form(commands, shelf, folder, form):
    commands.configure(shelf.url(write_table(folder, form)))
    assert len(commands.names()) == PLATES


def test_a_gzipped_table_is_the_same(commands, shelf, folder):
    (folder / "plates.csv.gz").write_bytes(gzip.compress((folder / write_table(folder, "plates.csv")).read_bytes()))
    commands.configure(shelf.url("plates.csv.gz"))
    assert len(commands.names()) == PLATES


def test_from_a_table_on_a_server_to_the_pixels_of_its_plates(commands, shelf, folder):
    commands.configure(shelf.url(write_table(folder, "plates.csv")))
    target = commands.mount()
    folders = plate_folders(target)
    assert len(folders) == PLATES
    for name in folders[:5]:
        number = int(name.split("_p")[1])
        check_cutout(target / name / "cutout.fits", number)
        assert (target / name / "full.fits").read_bytes() == (folder / f"p{number:02d}.fits").read_bytes()


def test_a_target_outside_every_plate_has_none(commands, shelf, folder):
    commands.configure(shelf.url(write_table(folder, "plates.csv")))
    assert commands.names(target="263.6+22") == []
    assert commands.names(target="83.6+89") == []


def test_the_table_is_fetched_once_then_asked_for_by_its_version(commands, shelf, folder):
    commands.configure(shelf.url(write_table(folder, "plates.csv")))
    commands.names()
    commands.names(target="83.7+22.1")
    assert [request[2] for request in shelf.asked("plates.csv")] == [200], "another target, another process"
    assert len(commands.names("--refresh")) == PLATES
    assert [request[2] for request in shelf.asked("plates.csv")] == [200, 304]
    lines = (folder / "plates.csv").read_text().splitlines()
    (folder / "plates.csv").write_text("\n".join(lines[:-4]) + "\n")
    assert len(commands.names("--refresh")) == PLATES - 4
    assert [request[2] for request in shelf.asked("plates.csv")] == [200, 304, 200]


def test_a_table_that_can_not_be_asked_for_anew_is_that_of_before_and_says_so(commands, shelf, folder):
    commands.configure(shelf.url(write_table(folder, "plates.csv")))
    commands.names()
    (folder / "plates.csv").rename(folder / "away.csv")
    done = commands.query("--refresh", check=False)
    assert done.stdout.count("_p") == PLATES
    assert "404" in done.stderr
    assert commands.names("--offline"), "without any connection"


def test_a_local_table_is_relative_to_the_configuration_and_read_anew_when_it_changes(commands, shelf, folder):
    table = rows_of_plates()
    table["file"] = [shelf.url(name) for name in table["file"]]
    table.write(commands.base / "plates.csv", format="ascii.csv")
    commands.configure("plates.csv")
    assert len(commands.names()) == PLATES
    table[:5].write(commands.base / "plates.csv", format="ascii.csv", overwrite=True)
    assert len(commands.names("--refresh")) == 5


def test_the_index_of_a_published_cache_is_used_where_ones_own_has_none(commands, shelf, folder):
    commands.configure(shelf.url(write_table(folder, "plates.csv")))
    names = commands.names()
    published, own = commands.base / "published", commands.base / "own"
    (commands.base / "cache").rename(published)
    [index] = (published / "tables").iterdir()
    before = index.stat().st_mtime_ns
    shelf.forget()
    assert commands.names("--cache-dir", own, "--cache-base", published) == names
    assert shelf.asked("plates.csv") == []
    os.utime(index, (before / 1e9 - 2 * 86400, before / 1e9 - 2 * 86400))
    elsewhere = "83.7+22.1"
    assert commands.names("--cache-dir", own, "--cache-base", published, target=elsewhere) != []
    assert [status for _, _, status, _ in shelf.asked("plates.csv")] == [304], "it is a day old"
    index.write_bytes(b"no index")
    assert commands.names("--cache-dir", own, "--cache-base", published, "--refresh") == names
    assert [path.name for path in (own / "tables").iterdir()] == [index.name]
    assert index.read_bytes() == b"no index"


def test_an_index_that_is_damaged_is_made_again(commands, shelf, folder):
    commands.configure(shelf.url(write_table(folder, "plates.csv")))
    commands.names()
    (index,) = (commands.base / "cache" / "tables").iterdir()
    sound = index.read_bytes()
    index.write_bytes(sound[:-3])
    assert len(commands.names(target="83.7+22.1")) == PLATES
    index.write_bytes(sound[:100] + bytes(200) + sound[300:])
    assert len(commands.names(target="83.8+22.1")) == PLATES
    assert index.read_bytes()[100:300] != bytes(200)


def test_a_column_that_the_table_does_not_have_is_named_with_the_table(commands, shelf, folder):
    commands.configure(shelf.url(write_table(folder, "plates.csv")), '{ access_url = "path" }')
    done = commands.query(check=False)
    assert done.returncode != 0
    assert "plates.csv" in done.stderr and "'path'" in done.stderr and "outline" in done.stderr


def test_a_table_without_places_or_files_says_what_is_wanted(commands, shelf, folder):
    commands.configure(shelf.url(write_table(folder, "plates.csv")), None)
    assert "access_url" in commands.query(check=False).stderr


def test_a_table_from_a_server_names_no_local_files(commands, shelf, folder):
    secret = commands.base / "p99.fits"
    write_plate(secret, 0)
    table = rows_of_plates()[:3]
    table["file"] = [f"file://{secret}", str(secret), "file:p00.fits"]
    table.write(folder / "hostile.csv", format="ascii.csv", overwrite=True)
    commands.configure(shelf.url("hostile.csv"))
    target = commands.mount()
    for entry in os.scandir(target):
        if "_" not in entry.name:
            continue
        with pytest.raises(OSError):
            (target / entry.name / "full.fits").read_bytes()


def test_excluded_collections_and_other_kinds_of_data_are_left_out(commands, shelf, folder):
    table = rows_of_plates()
    table["obs_collection"] = ["RASS 1" if n % 2 else "Bruce" for n in range(PLATES)]
    table["dataproduct_type"] = ["timeseries" if n == 0 else "image" for n in range(PLATES)]
    table.write(folder / "mixed.csv", format="ascii.csv", overwrite=True)
    commands.configure(shelf.url("mixed.csv"))
    assert len(commands.names()) == PLATES // 2 - 1


def test_list_and_probe_tell_what_a_table_holds(commands, shelf, folder):
    table = rows_of_plates()
    table["outline"][3] = ""
    table.write(folder / "holes.csv", format="ascii.csv", overwrite=True)
    commands.configure(shelf.url("holes.csv"))
    where = ("--config", commands.config, "--cache-dir", commands.base / "cache", "--json")
    (listed,) = [each for each in json.loads(commands.run("archives", "list", *where).stdout) if each["archive"] == "mine"]
    assert listed["kind"] == "table" and listed["holds"] == "" and shelf.asked("holes.csv") == []
    (probed,) = json.loads(commands.run("archives", "probe", "mine", *where).stdout)
    assert probed["answered"] and probed["holds"].startswith(f"{PLATES} rows, {PLATES - 1} of them with a place; as of 20")
    (listed,) = [each for each in json.loads(commands.run("archives", "list", *where).stdout) if each["archive"] == "mine"]
    assert listed["holds"] == probed["holds"]
    assert len(shelf.asked("holes.csv")) == 1


def test_the_index_of_a_table_is_told_by_cache_status_and_cleared_with_the_cache(commands, shelf, folder):
    commands.configure(shelf.url(write_table(folder, "plates.csv")))
    commands.names()
    (index,) = (commands.base / "cache" / "tables").iterdir()
    where = ("--config", commands.config, "--cache-dir", commands.base / "cache")
    status = json.loads(commands.run("cache", "status", "--json", *where).stdout)
    assert (status["tables"], status["table_bytes"]) == (1, index.stat().st_size)
    assert "1 index of tables that are archives, " in commands.run("cache", "status", *where).stdout
    commands.run("cache", "clear", *where)
    assert not index.exists()
    assert json.loads(commands.run("cache", "status", "--json", *where).stdout)["tables"] == 0
    assert len(commands.names()) == PLATES


def test_light_curves_are_not_asked_of_a_table(commands, shelf, folder):
    commands.configure(shelf.url(write_table(folder, "plates.csv")))
    target = commands.mount()
    assert sorted(os.listdir(target / "timeseries")) == ["timeseries.csv", "timeseries.fits", "timeseries.vot"]
    assert shelf.asked("plates.csv") == []
