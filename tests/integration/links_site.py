# SPDX-License-Identifier: BSD-3-Clause
"""A service of one's own writing: one plate in ObsCore, and whatever documents and files a test puts there."""
import http.server
import threading
import urllib.parse

from file_server import ranges_of
from test_servers import DEC, RA

VOTABLE = "application/x-votable+xml"
DATALINK = VOTABLE + ";content=datalink"
DID = "ivo://test/plates/one"

OBSCORE = [("obs_publisher_did", "char"), ("obs_collection", "char"), ("dataproduct_type", "char"),
           ("access_url", "char"), ("access_format", "char"), ("s_ra", "double"), ("s_dec", "double"),
           ("s_region", "char"), ("t_min", "double")]
LINKS = [("ID", "char"), ("access_url", "char"), ("service_def", "char"), ("error_message", "char"),
         ("description", "char"), ("semantics", "char"), ("content_type", "char"), ("content_length", "long"),
         ("link_auth", "char"), ("link_authorized", "boolean")]


def escaped(value):
    return str(value).replace("&", "&amp;").replace("<", "&lt;")


def votable(fields, rows, services=""):
    """Rows are dicts; what they leave out is null."""
    heads = "".join(f'<FIELD name="{name}" datatype="{kind}"' + (' arraysize="*"' if kind == "char" else "") + "/>"
                    for name, kind in fields)
    cells = "".join("<TR>" + "".join(f"<TD>{escaped(row.get(name, ''))}</TD>" for name, _ in fields) + "</TR>"
                    for row in rows)
    return (f'<VOTABLE version="1.4"><RESOURCE type="results"><INFO name="QUERY_STATUS" value="OK"/><TABLE>{heads}'
            f"<DATA><TABLEDATA>{cells}</TABLEDATA></DATA></TABLE></RESOURCE>{services}</VOTABLE>").encode()


def soda(base, identifier, standard="ivo://ivoa.net/std/SODA#sync-1.0", path="/soda"):
    return (f'<RESOURCE type="meta" utype="adhoc:service" ID="{identifier}">'
            f'<PARAM name="standardID" datatype="char" arraysize="*" value="{standard}"/>'
            f'<PARAM name="accessURL" datatype="char" arraysize="*" value="{base}{path}"/>'
            f'<GROUP name="inputParams"><PARAM name="ID" datatype="char" arraysize="*" value="{DID}"/>'
            '<PARAM name="CIRCLE" datatype="double" arraysize="3" value=""/></GROUP></RESOURCE>')


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.respond("")

    def do_POST(self):
        self.respond(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

    def respond(self, form):
        url = urllib.parse.urlsplit(self.path)
        with self.server.lock:
            self.server.asked.append((self.command, self.path, form))
        if url.path == "/tap/sync":
            return self.send(*self.server.answer_query(form))
        page = self.server.pages.get(url.path)
        if page is None:
            return self.send(404, "text/plain", b"no such page")
        kind, body, *more = page(self, form) if callable(page) else page
        self.send(more[0] if more else 200, kind, body, more[1] if len(more) > 1 else {})

    def send(self, status, kind, body, headers={}):
        ranges = ranges_of(self.headers.get("Range"), len(body)) if status == 200 and "fits" in kind else []
        if len(ranges) == 1:
            first, last = ranges[0]
            status, headers = 206, {**headers, "Content-Range": f"bytes {first}-{last}/{len(body)}"}
            body = body[first:last + 1]
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, *_):
        pass


class LinksSite(http.server.ThreadingHTTPServer):
    """`row` is what the plate's ObsCore row says beside its place; `pages` are answered by path: (media type, bytes),
    with a status and headers behind them if those are not 200 and none, or a function (handler, form) that gives such."""
    daemon_threads = True

    def __init__(self, **row):
        super().__init__(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server_port}"
        self.tap, self.resolver = self.base + "/tap", "none"
        self.row, self.pages, self.asked, self.lock = row, {}, [], threading.Lock()
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def answer_query(self, form):
        """(status, media type, body, headers) for a query."""
        return 200, VOTABLE, self.table(), {}

    def table(self):
        row = {"obs_publisher_did": DID, "obs_collection": "test", "dataproduct_type": "image", "s_ra": RA,
               "s_dec": DEC, "s_region": f"Circle ICRS {RA} {DEC} 1", "t_min": 11504.5, **self.row}
        return votable(OBSCORE, [row])

    def link(self, semantics, path, kind="image/fits", **more):
        return {"ID": DID, "access_url": self.base + path, "semantics": semantics, "content_type": kind, **more}

    def links(self, *rows, services=""):
        return DATALINK, votable(LINKS, rows, services)

    def requests(self, path):
        with self.lock:
            return [each for each in self.asked if urllib.parse.urlsplit(each[1]).path == path]

    def forget_requests(self):
        with self.lock:
            self.asked.clear()

    def handle_error(self, *_):
        pass                                       # clients hang up; that is theirs to do

    def close(self):
        self.shutdown()
        self.thread.join()
        self.server_close()
