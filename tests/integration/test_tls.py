# SPDX-License-Identifier: BSD-3-Clause
"""Archives behind TLS: whose certificates are trusted, and what is not sent where nothing is encrypted."""
import http.server
import os
import shutil
import ssl
import subprocess
import threading

import pytest
from conftest import BIN

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")

ANSWER = (b'<?xml version="1.0"?><VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">'
          b'<RESOURCE type="results"><INFO name="QUERY_STATUS" value="OK"/><TABLE>'
          b'<FIELD name="obs_publisher_did" datatype="char" arraysize="*"/>'
          b'<FIELD name="access_url" datatype="char" arraysize="*"/><DATA><TABLEDATA>'
          b'<TR><TD>ivo://test/one</TD><TD>http://127.0.0.1:1/one.fits</TD></TR>'
          b'</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>')


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.path, dict(self.headers), body))
        if self.server.leads_to:
            self.send_response(302)
            self.send_header("Location", self.server.leads_to + self.path)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/x-votable+xml")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    do_GET = do_POST

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, certificate=None, leads_to=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen, self.leads_to = [], leads_to
        self.base = f"{'https' if certificate else 'http'}://127.0.0.1:{self.server_port}"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, certificate.with_suffix(".key"))
            self.socket = context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def handle_error(self, *_):
        pass                                       # a client that does not trust us


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-out", file, "-keyout", file.with_suffix(".key")],
                   check=True, capture_output=True)
    return file


@pytest.fixture
def servers():
    made = []

    def make(*args, **named):
        made.append(Server(*args, **named))
        return made[-1]

    yield make
    for each in made:
        each.shutdown()
        each.server_close()


def query(tmp_path, url, *options, **environment):
    clean = {k: v for k, v in os.environ.items() if k not in ("CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")}
    words = ["--archive", url] if url else []
    return subprocess.run([BIN / "platefs", "query", "10+10", *words, "--resolver", "none", "--format", "json", "--cache-dir",
                           tmp_path / f"cache{len(list(tmp_path.iterdir()))}", *options], capture_output=True, text=True,
                          timeout=60, env={**clean, "XDG_CONFIG_HOME": str(tmp_path), **environment})


def test_a_certificate_is_trusted_when_it_is_given_and_only_then(tmp_path, certificate, servers):
    tap = servers(certificate).base + "/tap"
    refused = query(tmp_path, tap)
    assert refused.returncode == 1 and "certificate" in refused.stderr
    assert "ivo://test/one" in query(tmp_path, tap, "--ca-file", certificate).stdout
    for variable in ("CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        assert "ivo://test/one" in query(tmp_path, tap, **{variable: str(certificate)}).stdout


def test_the_option_wins_over_the_environment_and_a_missing_file_is_told(tmp_path, certificate, servers):
    tap = servers(certificate).base + "/tap"
    good = query(tmp_path, tap, "--ca-file", certificate, SSL_CERT_FILE="/no/such/file")
    assert "ivo://test/one" in good.stdout
    missing = query(tmp_path, tap, "--ca-file", "/no/such/file")
    assert missing.returncode == 2 and "/no/such/file" in missing.stderr
    assert "/no/such/file" in query(tmp_path, tap, SSL_CERT_FILE="/no/such/file").stderr


def test_a_redirect_from_https_to_http_takes_no_credentials_and_is_told(tmp_path, certificate, servers):
    plain = servers()
    safe = servers(certificate, leads_to=plain.base)
    token = tmp_path / "token"
    token.write_text("sesame\n")
    config = tmp_path / "config.toml"
    config.write_text(f'archives = ["mine"]\n[archive.mine]\nurl = "{safe.base}/tap"\ntoken-file = "{token}"\n'
                      f'hosts = ["{plain.base}"]\n')
    got = query(tmp_path, None, "--config", config, "--ca-file", certificate)
    assert "ivo://test/one" in got.stdout, got.stderr
    assert safe.seen[0][2]["Authorization"] == "Bearer sesame"
    method, _, headers, body = plain.seen[0]
    assert method == "POST" and b"QUERY=" in body
    assert "Authorization" not in headers
    assert got.stderr.count("without credentials") == 1
