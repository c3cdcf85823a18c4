# SPDX-License-Identifier: BSD-3-Clause
"""One mount for a site, as platefs-site.service makes it, and nginx-mount.conf over it."""
import os
import re
import shlex
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from conftest import CLIENTS, PLATES, SLACK, TARGET, Mount, at_once, digest, needs_nginx, wait_until
from engines import SHIPPED, MountServer

pytestmark = needs_nginx


def options_of_the_unit():
    """Of the mount that the unit makes, without the places on the machine."""
    command = re.search(r"^ExecStart=(.*)$", (SHIPPED / "platefs-site.service").read_text(), re.MULTILINE)[1]
    words = shlex.split(command)
    assert words[:2] == ["/usr/bin/platefs", "mount"] and words[-1] == "/srv/plates"
    at = words.index("--cache-dir")
    assert words[at + 1] == "/var/cache/platefs"
    del words[at:at + 2]
    if os.geteuid() != 0:
        words.remove("--allow-other")              # /etc/fuse.conf may not allow it
    return words[2:-1]


@pytest.fixture
def site(archive, tmp_path):
    with Mount(archive, tmp_path, options=options_of_the_unit()) as mount:
        with MountServer(tmp_path / "nginx", mount.path) as server:
            server.mount = mount
            yield server


def get(site, path, timeout=60):
    with urllib.request.urlopen(f"{site.url}/{urllib.parse.quote(f'{TARGET}/{path}')}", timeout=timeout) as answer:
        content = answer.read()
        assert int(answer.headers["Content-Length"]) == len(content)
        return content


def test_cold_clients_over_one_mount_cost_the_archive_one(archive, site, one_client):
    found, of_one = one_client
    archive.forget_requests()

    def read(_):
        urllib.request.urlopen(f"{site.url}/{urllib.parse.quote(TARGET)}/", timeout=60).read()
        return {path: digest(path, get(site, path)) for path in found}

    results = at_once(read, range(CLIENTS))
    cost = archive.tally()
    print(f"{CLIENTS} clients, {PLATES} plates, over one mount: {cost}; one direct client: {of_one}")
    assert results == [found] * CLIENTS
    assert cost.bytes <= 1.02 * of_one.bytes and cost.at_once <= 4
    assert cost.requests <= 1.1 * of_one.requests + SLACK


def test_a_plate_that_stalls_keeps_nobody_else(archive, site, one_client):
    kept = sorted(path for path in one_client[0] if path.endswith("full.fits"))
    known = {path.split("/")[0] for path in kept}
    stalled = next(name for name in site.mount.plates() if name not in known and "_i0" in name)
    for path in kept:
        get(site, path)
    archive.set_faults({"match": {"kind": "file"}, "fault": "stall", "after_bytes": 9000})
    waiting = [threading.Thread(target=lambda: urllib.request.urlopen(
        f"{site.url}/{urllib.parse.quote(f'{TARGET}/{stalled}/full.fits')}", timeout=60).read(), daemon=True) for _ in range(4)]
    threading.excepthook, hook = (lambda _: None), threading.excepthook
    try:
        for thread in waiting:
            thread.start()
        wait_until(lambda: any(r["kind"] == "file" and r["bytes_sent"] and not r["ended"] for r in archive.requests()),
                   what="a stalled answer")
        slowest = 0.0
        for _ in range(20):
            for path in kept:
                began = time.monotonic()
                assert digest(path, get(site, path)) == one_client[0][path]
                slowest = max(slowest, time.monotonic() - began)
        assert slowest < 3, slowest
        assert any(thread.is_alive() for thread in waiting), "nothing stalled"
    finally:
        archive.clear_faults()
        for thread in waiting:
            thread.join(60)
        threading.excepthook = hook


def test_what_the_mount_does_is_not_for_everybody(site):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{site.url}/.platefs/status.json", timeout=10)
    assert refused.value.code == 403
