# SPDX-License-Identifier: BSD-3-Clause
"""A cutout of 20 arc minutes out of a plate of 1 GiB, whose archive has no service that cuts: clients of a gateway take
the same ranges, and the archive gives each once."""
import os
import shutil
import subprocess

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from conftest import BIN, CLIENTS, at_once, needs_nginx, without_header
from engines import Gateway, Nginx, free_port

pytestmark = needs_nginx

CENTRE, SIDE, AT = (83.6, 22.0), 23200, (9000, 14000)   # degrees; pixels of 1 arc second, and the one at the centre
HALF = 700


def write_plate(path):
    """Sparse: sky at the target, zeros elsewhere, which nobody asks for."""
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval, wcs.wcs.crpix = ["RA---TAN", "DEC--TAN"], list(CENTRE), list(AT)
    wcs.wcs.cdelt = [-1 / 3600, 1 / 3600]
    header = fits.Header([("SIMPLE", True), ("BITPIX", 16), ("NAXIS", 2), ("NAXIS1", SIDE), ("NAXIS2", SIDE)])
    header.update(wcs.to_header())
    header["DATE-OBS"] = "1953-05-01T03:00:00"
    text = header.tostring().encode("ascii")
    random = np.random.default_rng(1)
    with open(path, "wb") as file:
        file.write(text)
        for y in range(AT[1] - HALF, AT[1] + HALF):
            file.seek(len(text) + 2 * (y * SIDE + AT[0] - HALF))
            file.write(random.integers(0, 30000, 2 * HALF).astype(">i2").tobytes())
        file.truncate(len(text) + -(-2 * SIDE * SIDE // 2880) * 2880)


class PlateServer(Nginx):
    def __init__(self, base, folder):
        port = free_port()
        super().__init__(base, port, f"""
  log_format sent '$body_bytes_sent $uri';
  server {{ listen 127.0.0.1:{port}; root {folder}; access_log {base}/sent.log sent; }}""")

    def take(self):
        """Requests for the plate, and the bytes that were sent, since the last time."""
        lines = [line.split() for line in (self.base / "sent.log").read_text().splitlines()]
        (self.base / "sent.log").write_text("")
        sent = [int(size) for size, path in lines if path == "/plate.fits"]
        return len(sent), sum(sent)


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "plates"
    folder.mkdir()
    write_plate(folder / "plate.fits")
    subprocess.run([BIN / "platefs", "archives", "index", folder, "-o", folder / "plates.vot", "--cache-dir",
                    tmp_path / "index-cache"], check=True, capture_output=True, timeout=60)
    with PlateServer(tmp_path / "plate-server", folder) as running:
        yield running
    shutil.rmtree(folder)


def cutouts(server, base, count, *options):
    """The cutout that each of so many cold clients gets."""
    base.mkdir()
    config = base / "config.toml"
    config.write_text('archives = ["mine"]\nallow-private-addresses = true\nresolver = "none"\n'
                      f'[archive.mine]\nkind = "table"\nurl = "{server.url}/plates.vot"\n')

    def fetch(number):
        home = base / f"client{number}"
        done = subprocess.run([BIN / "platefs", "fetch", "--config", config, "--cache-dir", home / "cache", "--what", "cutout",
                               "--radius", "10m", "--to", home / "out", *options, f"{CENTRE[0]}+{CENTRE[1]}"],
                              capture_output=True, text=True, timeout=120,
                              env={**os.environ, "XDG_STATE_HOME": str(home), "XDG_CONFIG_HOME": str(home)})
        assert done.returncode == 0, done.stderr
        [cutout] = (home / "out").rglob("*cutout.fits")
        return cutout.read_bytes()

    return at_once(fetch, range(count))


def test_the_same_cutout_is_taken_from_the_archive_once(server, tmp_path):
    clients = max(10, CLIENTS // 2)
    [direct] = cutouts(server, tmp_path / "direct", 1)
    requests, of_one = server.take()
    assert of_one < 5e6
    with Gateway(tmp_path / "gateway") as gateway:
        got = cutouts(server, tmp_path / "site", clients, "--gateway", gateway.url)
    asked, cost = server.take()
    print(f"{clients} clients: {asked} requests, {cost / 1e6:.2f} MB; one direct client: {requests}, {of_one / 1e6:.2f} MB")
    assert {without_header(each) for each in got} == {without_header(direct)}
    assert cost <= 5e6 and cost <= 1.5 * of_one
