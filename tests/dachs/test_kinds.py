# SPDX-License-Identifier: BSD-3-Clause
"""However DaCHS is asked for the plates of a target, they are those that pyvo finds."""
import contextlib
import csv
import http.server
import io
import os
import subprocess
import threading
import time

import pytest
import pyvo

import oracle
from conftest import TARGET
from make_plates import TARGET_DEC, TARGET_RA
from mounts import BIN


@pytest.fixture(name="listed")
def _listed(tmp_path):
    """The publisher DIDs that `platefs query` lists of an archive with these keys."""
    def ask(**keys):
        configuration = tmp_path / "config" / "platefs"
        configuration.mkdir(parents=True, exist_ok=True)
        (configuration / "config.toml").write_text(
            "[archive.dachs]\n" + "".join(f'{key.replace("_", "-")} = {value}\n' for key, value in keys.items()))
        told = subprocess.run(
            [BIN / "platefs", "query", TARGET, "--archive", "dachs", "--format", "csv", "--resolver", "none",
             "--cache-dir", tmp_path / "cache"],
            capture_output=True, text=True, timeout=220, env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")})
        assert told.returncode == 0, told.stderr
        return sorted(row["obs_publisher_did"] for row in csv.DictReader(io.StringIO(told.stdout)))
    return ask


@contextlib.contextmanager
def without_synchronous_queries(tap):
    """A TAP service whose /sync sends everybody to jobs, which the true one runs; and the paths that were asked for."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            asked.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path.endswith("/sync"):
                body = (b'<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE type="results">'
                        b'<INFO name="QUERY_STATUS" value="ERROR">the query takes too long: use async</INFO>'
                        b'</RESOURCE></VOTABLE>')
                self.send_response(200)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                return self.wfile.write(body)
            self.send_response(307)      # the question goes along
            self.send_header("Location", tap + self.path.removeprefix("/tap"))
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET

    asked = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tap", asked
    finally:
        server.shutdown()
        server.server_close()


def dids(plates):
    return sorted(plate.did for plate in plates)


def test_by_siap2(facts, plates, listed):
    """The service over all of its ObsCore that every DaCHS has."""
    url = f'{facts["url"]}/__system__/siap2/sitewide/siap2.xml'
    by_pyvo = pyvo.dal.query.DALQuery(url, POS=f"CIRCLE {TARGET_RA} {TARGET_DEC} 0.0001", DPTYPE="image").execute()
    assert sorted(record["obs_publisher_did"] for record in by_pyvo) == dids(plates)
    assert listed(url=f'"{url}"', kind='"siap2"') == dids(plates)


def test_by_jobs(facts, plates, listed):
    job = pyvo.dal.TAPService(facts["tap"]).run_async(oracle.QUERY.format(ra=TARGET_RA, dec=TARGET_DEC))
    assert sorted(job.to_table()["obs_publisher_did"]) == dids(plates)
    with without_synchronous_queries(facts["tap"]) as (tap, asked):
        assert listed(url=f'"{tap}"', **{"dataproduct-types": '["image"]'}) == dids(plates)
        assert "/tap/sync" in asked and "/tap/async" in asked


def test_by_a_job_that_takes_a_minute_and_a_half(facts, plates, listed):
    """Longer than the service lets a synchronous query take. The job is gone afterwards."""
    service = pyvo.dal.TAPService(facts["tap"])
    by_pyvo = []
    asked = threading.Thread(target=lambda: by_pyvo.extend(service.run_async(
        f"SELECT obs_publisher_did, s_region FROM plates.slow WHERE s_ra BETWEEN {TARGET_RA - 5} AND {TARGET_RA + 5}")))
    asked.start()
    began = time.monotonic()
    hamburg = dids(plate for plate in plates if "/hamburg/" in plate.did)
    assert listed(url=f'"{facts["tap"]}"', table='"plates.slow"', search='"centre"') == hamburg
    assert time.monotonic() - began > 90
    asked.join()
    assert set(hamburg) <= {record["obs_publisher_did"] for record in by_pyvo}
    assert not service.get_job_list(), "those of pyvo and of platefs"


def test_by_centres_where_regions_are_texts(facts, plates, listed):
    """The database refuses to compute with them; what it lists by centres is compared here."""
    table = '"plates.texts"'
    with pytest.raises(pyvo.dal.DALQueryError):
        pyvo.dal.TAPService(facts["tap"]).search(
            f"SELECT * FROM plates.texts WHERE 1 = CONTAINS(POINT('ICRS', {TARGET_RA}, {TARGET_DEC}), s_region)")
    hamburg = dids(plate for plate in plates if "/hamburg/" in plate.did)
    assert hamburg
    assert listed(url=f'"{facts["tap"]}"', table=table) == hamburg, "after its refusal"
    assert listed(url=f'"{facts["tap"]}"', table=table, search='"centre"') == hamburg, "as it was told to"
    in_a_query = '"(SELECT t.* FROM plates.texts AS t) AS o"'
    assert listed(url=f'"{facts["tap"]}"', table=in_a_query, search='"centre"') == hamburg, "of a subquery"
