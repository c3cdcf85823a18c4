# SPDX-License-Identifier: BSD-3-Clause
"""A plate that the archive replaces while a gateway, or Squid, keeps parts of the old one."""
import errno
import io
import os
import subprocess

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from conftest import BIN, needs_nginx, needs_squid
from engines import Gateway, Nginx, Squid, free_port

pytestmark = needs_nginx

CENTRE = (83.6, 22.0)


def write_plate(path, seed, when):
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval, wcs.wcs.crpix = ["RA---TAN", "DEC--TAN"], list(CENTRE), [1000, 1000]
    wcs.wcs.cdelt = [-0.001, 0.001]
    header = wcs.to_header()
    header["DATE-OBS"] = "1953-05-01T03:00:00"
    fits.writeto(path.with_suffix(".part"), np.random.default_rng(seed).integers(0, 30000, (2000, 2000)).astype("i2"), header)
    os.utime(path.with_suffix(".part"), (when, when))
    path.with_suffix(".part").rename(path)


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "plates"
    folder.mkdir()
    write_plate(folder / "plate.fits", 1, 1_500_000_000)
    subprocess.run([BIN / "platefs", "archives", "index", folder, "-o", folder / "plates.vot", "--cache-dir",
                    tmp_path / "index-cache"], check=True, capture_output=True, timeout=60)
    port = free_port()
    with Nginx(tmp_path / "server", port, f"  server {{ listen 127.0.0.1:{port}; root {folder}; }}") as running:
        running.folder = folder
        yield running


class Client:
    """A mount with a cache of its own."""

    def __init__(self, base, server, way):
        base.mkdir()
        (base / "mnt").mkdir()
        self.config, self.mountpoint = base / "config.toml", base / "mnt"
        proxy, gateway = (f'proxy = "{way.url}"\n', "") if isinstance(way, Squid) else ("", f'[gateway]\nurl = "{way.url}"\n')
        self.config.write_text(f'archives = ["mine"]\nallow-private-addresses = true\nresolver = "none"\n{proxy}'
                               f'[archive.mine]\nkind = "table"\nurl = "{server.url}/plates.vot"\n{gateway}')
        self.environment = {**os.environ, "XDG_STATE_HOME": str(base), "XDG_CONFIG_HOME": str(base)}
        self.run("mount", "--config", self.config, "--cache-dir", base / "cache", self.mountpoint)

    def run(self, *words):
        subprocess.run([BIN / "platefs", *words], check=True, timeout=60, env=self.environment, stdout=subprocess.DEVNULL)

    def read(self, size=-1, name="full.fits"):
        with open(self.mountpoint / f"{CENTRE[0]}+{CENTRE[1]}" / "1953-05-01_plate" / name, "rb", buffering=0) as file:
            return file.read(size) if size >= 0 else b"".join(iter(lambda: file.read(1 << 20), b""))

    def read_in_two_attempts(self, name="full.fits"):
        """Whoever has read the beginning of the old one is told that it has changed, and opens it again."""
        try:
            return self.read(name=name)
        except OSError as error:
            assert error.errno == errno.ESTALE
            return self.read(name=name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.run("unmount", self.mountpoint)


KEPT_BY = pytest.mark.parametrize("kept_by", [Gateway, pytest.param(Squid, marks=needs_squid)])


@KEPT_BY
def test_a_replaced_plate_is_whole_for_cold_clients_of_who_keeps_the_old_one(server, tmp_path, kept_by):
    with kept_by(tmp_path / "between") as between:
        with Client(tmp_path / "first", server, between) as first:
            old = first.read(300_000)
            assert old == (server.folder / "plate.fits").read_bytes()[:300_000]
        write_plate(server.folder / "plate.fits", 2, 1_600_000_000)
        for name in ("second", "third"):
            with Client(tmp_path / name, server, between) as client:
                assert client.read_in_two_attempts() == (server.folder / "plate.fits").read_bytes()


def pixels(cutout):
    return fits.getdata(io.BytesIO(cutout))


@KEPT_BY
def test_a_cutout_is_of_the_new_plate_where_who_keeps_parts_of_both_gives_the_beginning_of_that(server, tmp_path, kept_by):
    with kept_by(tmp_path / "between") as between:
        with Client(tmp_path / "first", server, between) as first:
            old = pixels(first.read(name="cutout.fits"))
        write_plate(server.folder / "plate.fits", 2, 1_600_000_000)
        plate = fits.getdata(server.folder / "plate.fits")
        with Client(tmp_path / "second", server, between) as second:
            assert second.read_in_two_attempts() == (server.folder / "plate.fits").read_bytes()
        for name in ("third", "fourth"):
            with Client(tmp_path / name, server, between) as client:
                got = pixels(client.read_in_two_attempts("cutout.fits"))
                assert got.shape == old.shape
                corner = np.argwhere(plate == got[0, 0])
                assert any(np.array_equal(plate[y:y + got.shape[0], x:x + got.shape[1]], got) for y, x in corner)
