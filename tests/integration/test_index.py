# SPDX-License-Identifier: BSD-3-Clause
"""`platefs archives index`: from FITS files on a web server, or in a folder, to a table that is an archive."""
import gzip
import os
import re
import signal
import socket
import subprocess

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from astropy.time import Time
from astropy.wcs import WCS
from conftest import BIN, wait_until
from shelf import Commands, Shelf, check_cutout, plate, plate_folders, write_plate

PLATES = 24


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "shelf"
    made.mkdir()
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
    made = Commands(tmp_path)
    yield made
    made.unmount()

def index(commands, *words, check=True, more=()):
    return commands.run("archives", "index", *words, "-o", commands.base / "plates.vot", "--cache-dir",
                        commands.base / "cache", *more, check=check)


def rows_of(commands):
    return Table.read(commands.base / "plates.vot", format="votable")


def use_index(commands):
    commands.configure("plates.vot", None)


def test_an_index_of_files_on_a_server_is_an_archive(commands, shelf, folder):
    done = index(commands, shelf.url())
    assert f"{PLATES} of {PLATES} files" in done.stdout
    use_index(commands)
    target = commands.mount()
    folders = plate_folders(target)
    assert len(folders) == PLATES
    for name in folders[:3]:
        check_cutout(target / name / "cutout.fits", int(re.search(r"_p(\d\d)", name)[1]))


def test_the_rows_say_what_the_headers_say(commands, shelf, folder):
    index(commands, shelf.url(), more=("--collection", "Bruce"))
    for row in rows_of(commands):
        number = int(row["access_url"].split("/p")[-1][:2])
        header, pixels = plate(number)
        sky = WCS(header)
        corners = sky.calc_footprint(axes=pixels.shape[::-1])
        outline = np.array(row["s_region"].split()[2:], float).reshape(-1, 2)
        for corner in corners:
            # FITS counts from the middle of a pixel: its corner is half a pixel farther.
            assert np.min(np.hypot(outline[:, 0] - corner[0], outline[:, 1] - corner[1])) < 0.012
        assert row["t_min"] == pytest.approx(Time(header["DATE-OBS"]).mjd, abs=1e-6)
        assert row["t_exptime"] == 600 and row["t_max"] == pytest.approx(row["t_min"] + 600 / 86400, abs=1e-7)
        assert row["s_pixel_scale"] == pytest.approx(36) and (row["s_xel1"], row["s_xel2"]) == pixels.shape[::-1]
        assert row["obs_collection"] == "Bruce" and row["target_name"] == f"field {number}"
        assert row["s_fov"] == pytest.approx(4 * 2**0.5, abs=0.03)


def test_headers_alone_are_read_and_the_second_time_nothing(commands, shelf, folder):
    index(commands, shelf.url())
    headers = sum(2880 * -(-len(fits.getheader(path).tostring()) // 2880) for path in folder.glob("*.fits"))
    assert sum(request[3] for request in shelf.asked(".fits")) <= 1.2 * headers + 4 * 2880
    shelf.forget()
    again = index(commands, shelf.url())
    assert f"{PLATES} unchanged" in again.stdout
    assert {request[2] for request in shelf.asked(".fits")} == {304}
    assert sum(request[3] for request in shelf.asked(".fits")) == 0


def test_a_plate_that_changed_is_read_anew_and_the_others_are_not(commands, shelf, folder):
    index(commands, shelf.url())
    write_plate(folder / "p03.fits", 3, centre=(200.0, -30.0))
    (folder / "p04.fits").unlink()
    write_plate(folder / "p77.fits", 77)
    shelf.forget()
    done = index(commands, shelf.url())
    assert "2 read" in done.stdout and f"{PLATES - 2} unchanged" in done.stdout
    rows = {row["access_url"].split("/")[-1]: row for row in rows_of(commands)}
    assert set(rows) == {path.name for path in folder.glob("*.fits")}
    assert rows["p03.fits"]["s_ra"] == pytest.approx(200.3, abs=0.1)


def test_folders_below_and_packed_files_are_found(commands, shelf, folder):
    below = folder / "year 1901" / "b"
    below.mkdir(parents=True)
    write_plate(below / "p30.fits", 30)
    header, pixels = plate(31)
    fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(pixels, header, compression_type="RICE_1")]).writeto(below / "p31.fits.fz")
    (below / "p32.fits.gz").write_bytes(gzip.compress(write_plate(commands.base / "p32.fits", 32).read_bytes()))
    index(commands, shelf.url())
    rows = {row["access_url"].split("/")[-1]: row for row in rows_of(commands)}
    assert len(rows) == PLATES + 3
    for name in ("p30.fits", "p31.fits.fz", "p32.fits.gz"):
        assert "year%201901/b/" in rows[name]["access_url"]
        assert rows[name]["s_region"].startswith("Polygon ICRS")
        assert int(rows[name]["s_xel1"]) == 400
    use_index(commands)
    target = commands.mount()
    for name in plate_folders(target):
        number = int(re.search(r"_p(\d\d)", name)[1])
        if number in (30, 31, 32):
            check_cutout(target / name / "cutout.fits", number)


def test_plates_without_a_solution_are_named_with_the_reason(commands, shelf, folder):
    fits.writeto(folder / "p50.fits", np.zeros((50, 50), "i2"))
    (folder / "p51.fits").write_bytes(b"this is no FITS file" * 1000)
    done = index(commands, shelf.url(), check=False)
    assert done.returncode == 3
    assert "p51.fits" in done.stderr and "no FITS file" in done.stderr
    assert re.search(r"no place in the sky: \S*p50.fits \(.+\)", done.stderr)
    problems = {row["access_url"].split("/")[-1]: str(row["problem"]) for row in rows_of(commands)}
    assert problems["p50.fits"] and "p51.fits" not in problems
    use_index(commands)
    assert len(commands.names()) == PLATES


def test_a_list_of_urls_and_files_is_indexed(commands, shelf, folder):
    (commands.base / "list.txt").write_text(f"# my plates\n{shelf.url('p00.fits')}\n\n{folder / 'p01.fits'}\n"
                                            f"{shelf.url('absent.fits')}\n")
    done = index(commands, commands.base / "list.txt", check=False)
    assert done.returncode == 3 and "absent.fits" in done.stderr and "404" in done.stderr
    assert len(rows_of(commands)) == 2


def test_a_folder_is_indexed_and_served_with_its_table(commands, shelf, folder):
    commands.run("archives", "index", folder, "-o", folder / "plates.vot")
    commands.configure(shelf.url("plates.vot"), None)
    target = commands.mount()
    assert len(plate_folders(target)) == PLATES
    check_cutout(target / plate_folders(target)[0] / "cutout.fits", int(re.search(r"_p(\d\d)", plate_folders(target)[0])[1]))
    again = commands.run("archives", "index", folder, "-o", folder / "plates.vot")
    assert f"0 read (0 B), {PLATES} unchanged" in again.stdout


def test_a_file_of_another_kind_is_not_overwritten(commands, shelf, folder):
    (commands.base / "plates.vot").write_text("my notes\nof plates\n")
    done = index(commands, shelf.url(), check=False)
    assert done.returncode not in (0, 3)
    assert (commands.base / "plates.vot").read_text() == "my notes\nof plates\n"


def test_an_index_that_is_interrupted_goes_on_from_there(commands, shelf, folder):
    shelf.hold_after = 10
    running = subprocess.Popen([BIN / "platefs", "archives", "index", shelf.url(), "-o", commands.base / "plates.vot"],
                               env=commands.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: len(shelf.asked(".fits")) >= 10, what="ten plates")
    wait_until(lambda: shelf.held > 0, what="a request that is held")
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=20)
    shelf.release()
    assert running.returncode == 130 and "goes on from there" in said
    done = len(rows_of(commands))
    assert 0 < done < PLATES
    shelf.forget()
    again = index(commands, shelf.url())
    assert f"{done} unchanged" in again.stdout and f"{PLATES - done} read" in again.stdout


def test_plates_and_table_on_this_machine_need_no_server(commands, folder):
    commands.run("archives", "index", folder, "-o", folder / "plates.vot")
    commands.configure(folder / "plates.vot")
    target = commands.mount()
    folders = plate_folders(target)
    assert len(folders) == PLATES
    for name in folders[:3]:
        number = int(re.search(r"_p(\d\d)", name)[1])
        assert (target / name / "full.fits").read_bytes() == (folder / f"p{number:02d}.fits").read_bytes()
        check_cutout(target / name / "cutout.fits", number)
    name = folders[5]
    check_cutout(target / name / "cutout.fits", int(re.search(r"_p(\d\d)", name)[1]))


def test_a_local_table_names_no_files_outside_of_its_folder(commands, folder):
    write_plate(commands.base / "secret.fits", 0)
    (folder / "link.fits").symlink_to(commands.base / "secret.fits")
    commands.run("archives", "index", folder, "-o", folder / "plates.vot")
    table = (folder / "plates.vot").read_text()
    (folder / "plates.vot").write_text(table.replace("<TD>p00.fits<", "<TD>../secret.fits<").replace(
        "<TD>p01.fits<", f"<TD>{commands.base / 'secret.fits'}<"))
    commands.configure(folder / "plates.vot")
    target = commands.mount()
    refused = 0
    for name in (entry.name for entry in target.iterdir() if "_" in entry.name):
        try:
            (target / name / "full.fits").read_bytes()
        except OSError:
            refused += 1
            assert "not below" in (target / "errors.txt").read_text()
    assert refused >= 2


class Nginx:
    """The folder as nginx serves it, with pages of its folders, and what its log tells."""

    def __init__(self, base, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = base / "access.log"
        (base / "nginx.conf").write_text(f"""
{"user root;" if os.geteuid() == 0 else ""} pid {base}/nginx.pid; error_log {base}/error.log; daemon off; worker_processes 1;
events {{ worker_connections 256; }}
http {{
  log_format told '$status $body_bytes_sent $uri';
  access_log {self.log} told; client_body_temp_path {base}/body; proxy_temp_path {base}/proxy;
  fastcgi_temp_path {base}/fastcgi; uwsgi_temp_path {base}/uwsgi; scgi_temp_path {base}/scgi;
  server {{ listen 127.0.0.1:{self.port}; root {folder}; autoindex on; }}
}}
""")
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-p", base, "-c", base / "nginx.conf"], stderr=subprocess.DEVNULL)
        wait_until(self.answers, what="nginx")

    def answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def told(self, least, ending=".fits"):
        """(status, bytes) of each request for such a file since the last call: so many at least."""
        wait_until(lambda: self.log.read_text().count(ending + "\n") >= least, what="the log")
        lines = [line.split(" ", 2) for line in self.log.read_text().splitlines()]
        self.log.write_text("")
        return [(int(status), int(sent)) for status, sent, path in lines if path.endswith(ending)]

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=10)


@pytest.mark.skipif(not os.path.exists("/usr/sbin/nginx"), reason="nginx is not installed")
def test_a_folder_of_500_plates_on_nginx(commands, tmp_path):
    """Headers once, then what has changed; cutouts by range."""
    folder = tmp_path / "plates"
    folder.mkdir()
    for number in range(1, 500):
        write_plate(folder / f"p{number:03d}.fits", number, size=200, scale=0.02)
    write_plate(folder / "p00.fits", 0, size=3000, scale=0.0015)
    nginx = Nginx(tmp_path, folder)
    try:
        assert "500 of 500 files" in index(commands, nginx.url()).stdout
        headers = sum(2880 * -(-len(fits.getheader(path).tostring()) // 2880) for path in folder.glob("*.fits"))
        asked = nginx.told(500)
        assert sum(sent for _, sent in asked) <= 1.2 * headers
        assert "500 unchanged" in index(commands, nginx.url()).stdout
        assert {status for status, _ in nginx.told(500)} == {304}
        write_plate(folder / "p007.fits", 7, size=200, scale=0.02, centre=(200.0, -30.0))
        (folder / "p008.fits").unlink()
        done = index(commands, nginx.url())
        assert "1 read" in done.stdout and "498 unchanged" in done.stdout
        assert [status for status, _ in nginx.told(499) if status != 304] == [206]
        use_index(commands)
        target = commands.mount()
        folders = plate_folders(target)
        assert len(folders) > 400
        large = next(name for name in folders if name.endswith("_p00"))
        header, pixels = plate(0, size=3000, scale=0.0015)
        with fits.open(target / large / "cutout.fits") as hdus:
            x, y = WCS(header).all_world2pix(*WCS(hdus[0].header).all_pix2world(0, 0, 0), 0)
            x, y = round(float(x)), round(float(y))
            height, width = hdus[0].data.shape
            assert width > 200 and np.array_equal(hdus[0].data, pixels[y:y + height, x:x + width])
        asked = nginx.told(1, "p00.fits")
        assert {status for status, _ in asked} == {206} and sum(sent for _, sent in asked) < pixels.nbytes / 5
    finally:
        nginx.close()
