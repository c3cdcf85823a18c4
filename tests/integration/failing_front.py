# SPDX-License-Identifier: BSD-3-Clause
"""A server in front of an archive's TAP that answers no query about some places, alone or with others, and hands on the rest."""
import http.server
import threading
import urllib.error
import urllib.parse
import urllib.request


class FailingFront:
    def __init__(self, tap, bad):
        """`bad`: texts; a question that has one of them is answered by the status 500 and these words."""
        self.upstream, self.bad = tap, bad
        self.refused, self.asked = 0, 0
        front = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def log_message(self, *words):
                pass

            def hand_on(self, body):
                path = self.path.removeprefix("/tap")
                request = urllib.request.Request(front.upstream + path, data=body, method=self.command)
                for name in ("Content-Type", "User-Agent"):
                    if name in self.headers:
                        request.add_header(name, self.headers[name])
                try:
                    with urllib.request.urlopen(request, timeout=120) as answer:
                        return answer.status, answer.read(), answer.headers.get("Content-Type", "text/plain")
                except urllib.error.HTTPError as error:
                    return error.code, error.read(), error.headers.get("Content-Type", "text/plain")

            def answer(self, body):
                said = urllib.parse.unquote_plus(body.decode(errors="replace")) if body else ""
                front.asked += 1
                if any(text in said for text in front.bad):
                    front.refused += 1
                    status, content, media_type = 500, b"the index of this zone is broken", "text/plain"
                else:
                    status, content, media_type = self.hand_on(body)
                self.send_response(status)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self):
                self.answer(None)

            def do_POST(self):
                self.answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.tap = f"http://127.0.0.1:{self.server.server_port}/tap"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
