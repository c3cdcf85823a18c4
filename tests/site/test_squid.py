# SPDX-License-Identifier: BSD-3-Clause
"""Squid as the proxy of many clients. It is no gateway (it keeps no parts of files, and may hand out one client's part to
another), but it is what a site may have: nothing is wrong behind it, and nothing fails."""
import re

import pytest
from conftest import CLIENTS, PLATES, Clients, needs_squid, read_all
from engines import Squid

pytestmark = needs_squid


@pytest.fixture(params=["on", "off"], ids=["collapsed", "apart"])
def squid(request, tmp_path):
    with Squid(tmp_path / "squid", collapsed_forwarding=request.param) as running:
        yield running


def test_many_clients_read_what_one_reads_directly(archive, squid, one_client, tmp_path):
    found, of_one = one_client
    archive.forget_requests()
    with Clients(archive, tmp_path, CLIENTS, "--proxy", squid.url) as clients:
        assert clients.read() == [found] * CLIENTS
    print(f"{CLIENTS} clients, {PLATES} plates: {archive.tally()}; one direct client: {of_one}")
    cones = [line for line in squid.log() if re.search(r" (GET|POST) \S+/tap/sync", line)]
    assert len(cones) >= CLIENTS, "every client asks by way of the proxy"
    if squid.is_collapsed:
        assert sum(r["kind"] == "tap" for r in archive.requests()) == 1


def test_a_page_that_squid_keeps_in_place_of_a_plate_is_over_after_one_question_more(archive, squid, one_client, tmp_path):
    archive.set_faults({"match": {"kind": "file"}, "fault": "html", "times": 1})
    with Clients(archive, tmp_path, 2, "--proxy", squid.url) as clients:
        assert [read_all(mount) for mount in clients.mounts] == [one_client[0]] * 2
