# SPDX-License-Identifier: BSD-3-Clause
"""A registry of the Virtual Observatory on loopback: RegTAP's tables in SQLite, which answers the query itself."""
import http.server
import re
import sqlite3
import threading
import urllib.parse
from xml.sax.saxutils import escape

TABLES = """
CREATE TABLE rr.resource (ivoid, res_type, short_name, res_title, res_description);
CREATE TABLE rr.capability (ivoid, cap_index, cap_type, standard_id);
CREATE TABLE rr.interface (ivoid, cap_index, intf_index, intf_type, intf_role, access_url);
CREATE TABLE rr.res_table (ivoid, schema_index, table_name, table_utype);
CREATE TABLE rr.res_detail (ivoid, cap_index, detail_xpath, detail_value);
"""
DATA_MODEL = "/capability/dataModel/@ivo-id"


def matches(value, pattern):
    """ivo_nocasematch of RegTAP: LIKE, whatever the case."""
    like = re.escape(pattern.lower()).replace("%", ".*").replace("_", ".")
    return int(value is not None and re.fullmatch(like, value.lower()) is not None)


class Registry:
    """Serves /tap/sync; `queries` are the ADQL texts that came."""

    def __init__(self):
        self.queries, self.broken = [], False
        self.database = sqlite3.connect(":memory:", check_same_thread=False)
        self.database.create_function("ivo_nocasematch", 2, matches)
        self.database.execute("ATTACH DATABASE ':memory:' AS rr")
        self.database.executescript(TABLES)
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.answer(urllib.parse.urlsplit(self.path).query)

            def do_POST(self):
                self.answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

            def answer(self, form):
                body = registry.answer(urllib.parse.parse_qs(form)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/x-votable+xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/tap"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def add(self, ivoid, title, url, standard="ivo://ivoa.net/std/tap", model="ivo://ivoa.net/std/ObsCore#core-1.1",
            role="std", description="", tables=()):
        """A service; `model` None is one without ObsCore by its data model; `tables` of (name, utype)."""
        for statement, row in (
                ("INSERT INTO rr.resource VALUES (?, 'vs:catalogservice', '', ?, ?)", (ivoid, title, description)),
                ("INSERT INTO rr.capability VALUES (?, 1, 'tr:tableaccess', ?)", (ivoid, standard)),
                ("INSERT INTO rr.interface VALUES (?, 1, 1, 'vs:paramhttp', ?, ?)", (ivoid, role, url))):
            self.database.execute(statement, row)
        for table in tables:
            self.database.execute("INSERT INTO rr.res_table VALUES (?, 1, ?, ?)", (ivoid, *table))
        if model:
            self.database.execute("INSERT INTO rr.res_detail VALUES (?, 1, ?, ?)", (ivoid, DATA_MODEL, model))
            self.database.execute("INSERT INTO rr.res_detail VALUES (?, 1, ?, ?)",
                                  (ivoid, DATA_MODEL, "ivo://ivoa.net/std/RegTAP#1.0"))

    def answer(self, form):
        query = form["QUERY"][0]
        self.queries.append(query)
        if self.broken:
            return document('<INFO name="QUERY_STATUS" value="ERROR">no table rr.resource</INFO>')
        try:
            cursor = self.database.execute(query)
        except sqlite3.Error as error:
            return document(f'<INFO name="QUERY_STATUS" value="ERROR">{escape(str(error))}</INFO>')
        fields = "".join(f'<FIELD name="{name[0]}" datatype="unicodeChar" arraysize="*"/>' for name in cursor.description)
        rows = "".join("<TR>" + "".join(f"<TD>{escape(str(cell))}</TD>" for cell in row) + "</TR>" for row in cursor)
        return document(f'<INFO name="QUERY_STATUS" value="OK"/><TABLE>{fields}<DATA><TABLEDATA>{rows}'
                        "</TABLEDATA></DATA></TABLE>")

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def document(inside):
    return ('<?xml version="1.0" encoding="UTF-8"?><VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">'
            f'<RESOURCE type="results">{inside}</RESOURCE></VOTABLE>')
