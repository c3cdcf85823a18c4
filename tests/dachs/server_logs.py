# SPDX-License-Identifier: BSD-3-Clause
"""What DaCHS and nginx served, from their logs."""
import pathlib
import re
import time
import uuid

import requests


class Logs:
    """The requests that DaCHS and nginx served, as (method, path with query, status)."""
    DACHS = re.compile(r"\"'(\w+)' '([^']*)' 'HTTP/[\d.]+'\" (\d+)")
    FILES = re.compile(r"^(\w+) (\S+) (\d+) \d+")

    def __init__(self, facts):
        self.facts = facts
        self.paths = {pathlib.Path(facts["dachs_log"]): self.DACHS, pathlib.Path(facts["files_log"]): self.FILES}
        self.sizes = {}

    def mark(self):
        self.settle()
        self.sizes = {path: path.stat().st_size for path in self.paths}

    def since(self):
        """Requests since mark()."""
        self.settle()
        found = []
        for path, pattern in self.paths.items():
            with open(path, "rb") as log:
                log.seek(self.sizes[path])
                lines = log.read().decode(errors="replace").splitlines()
            found += [match.groups() for match in map(pattern.search, lines) if match]
        return [request for request in found if "settled" not in request[1]]

    def settle(self):
        """Both log at the end of a request: once a request of our own is logged, so are all that ended before it."""
        token = f"settled-{uuid.uuid4().hex}"
        for base in (self.facts["url"] + "/static/", self.facts["files"] + "/"):
            requests.get(base + token, timeout=30)
        deadline = time.monotonic() + 20
        while not all(token.encode() in path.read_bytes() for path in self.paths):
            assert time.monotonic() < deadline, "a server does not write its log"
            time.sleep(0.05)


def queries(served):
    return [request for request in served if re.match(r"/+tap/(a?sync)", request[1])]


def images(served):
    """Those that were answered with an image: a product that is a DataLink is redirected to its document."""
    return [request for request in served
            if re.search(r"/getproduct/|/static/|/dlget|/files/", request[1]) and request[2][0] != "3"]
