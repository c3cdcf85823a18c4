# SPDX-License-Identifier: BSD-3-Clause
"""As much of an S3 service as a test of its client needs: it takes a request for what it is only when its Signature
Version 4 is right, as computed here from what arrived (Signature Calculations for the Authorization Header, S3 API
reference), and its bytes are those that the signed digest says."""
import collections
import hashlib
import hmac
import http.server
import re
import threading
import urllib.parse

KEY, SECRET, REGION = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "eu-central-1"


def keyed(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature(secret, date, scope, canonical):
    """Of a canonical request; `scope`: "20130524/us-east-1/s3/aws4_request"."""
    day, region, service, end = scope.split("/")
    key = keyed(keyed(keyed(keyed(f"AWS4{secret}".encode(), day), region), service), end)
    to_sign = "\n".join(("AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def refuse(self, status, code, message):
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
        self.answer(status, body, {"Content-Type": "application/xml"})

    def answer(self, status, body=b"", headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def signed_well(self, body):
        """Why not; empty: it is."""
        said = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\S+), *SignedHeaders=(\S+), *Signature=([0-9a-f]{64})",
                            self.headers.get("Authorization", ""))
        if not said:
            return "no signature"
        key, scope, names, given = said.groups()
        if key != KEY or not scope.endswith(f"/{REGION}/s3/aws4_request"):
            return "InvalidAccessKeyId"
        names = names.split(";")
        if "host" not in names or "x-amz-content-sha256" not in names or "x-amz-date" not in names:
            return "a header that must be signed is not"
        if any(name.lower().startswith("x-amz-") and name.lower() not in names for name in self.headers):
            return "an x-amz header is not signed"
        path, _, query = self.path.partition("?")
        if path != urllib.parse.quote(urllib.parse.unquote(path), safe="/-._~"):
            return "the path is not written as it is signed"
        lines = "".join(f"{name}:{' '.join(self.headers[name].split())}\n" for name in names)
        digest = self.headers["x-amz-content-sha256"]
        canonical = "\n".join((self.command, path, query, lines, ";".join(names), digest))
        if digest != hashlib.sha256(body).hexdigest():
            return "XAmzContentSHA256Mismatch"
        right = signature(self.server.site.secret, self.headers["x-amz-date"], scope, canonical)
        return "" if hmac.compare_digest(right, given) else "SignatureDoesNotMatch"

    def handle_request(self):
        site = self.server.site
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        bucket, _, key = urllib.parse.unquote(self.path.partition("?")[0]).lstrip("/").partition("/")
        with site.lock:
            site.requests.append((self.command, key, len(body)))
            if site.busy > 0:
                site.busy -= 1
                return self.refuse(503, "SlowDown", "Please reduce your request rate.")
        if site.holds(self.command, key):
            site.held.set()
            return self.connection.recv(1)  # without an answer, until the client leaves
        why = self.signed_well(body)
        if why:
            return self.refuse(403, why.split()[0], f"it was refused: {why}")
        if bucket != site.bucket:
            return self.refuse(404, "NoSuchBucket", "The specified bucket does not exist")
        source = self.headers.get("x-amz-copy-source")
        with site.lock:
            if self.command == "PUT" and source and not site.copies:
                return self.refuse(501, "NotImplemented", "A header you provided implies functionality that is not")
            if self.command == "PUT" and source:
                site.objects[key] = site.objects[urllib.parse.unquote(source).lstrip("/").partition("/")[2]]
                return self.answer(200, b"<CopyObjectResult/>")
            if self.command == "PUT":
                site.objects[key] = (body, self.headers.get("x-amz-meta-sha256", ""), self.headers.get("Content-Type", ""))
                return self.answer(200)
            if key not in site.objects:
                return self.refuse(404, "NoSuchKey", "The specified key does not exist.")
            content, digest, _ = site.objects[key]
        return self.answer(200, content, {"x-amz-meta-sha256": digest})

    do_GET = do_HEAD = do_PUT = handle_request


class S3Site:
    """One bucket, "plates"; `busy`: so many requests are told to slow down first; `copies`: it copies by itself;
    `holds(method, key)`: such requests get no answer, and `held` is set when one has come."""

    def __init__(self):
        self.bucket, self.secret, self.objects, self.requests = "plates", SECRET, {}, []
        self.busy, self.copies, self.lock = 0, True, threading.Lock()
        self.holds, self.held = lambda method, key: False, threading.Event()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.site = self
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def counts(self):
        return collections.Counter(method for method, _, _ in self.requests)

    def environment(self):
        return {"AWS_ENDPOINT_URL": self.url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
