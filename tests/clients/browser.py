# SPDX-License-Identifier: BSD-3-Clause
"""Chromium without a window, spoken to by its DevTools protocol."""
import base64
import json
import subprocess
import time
import urllib.request

import websocket
from mounted import wait_until


class Browser:
    """One page; `events` are what the browser told beside its answers."""

    def __init__(self, directory, width=1400, height=1000, mobile=False):
        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
             "--remote-allow-origins=*", f"--user-data-dir={directory}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        told = directory / "DevToolsActivePort"
        wait_until(lambda: told.exists() and "\n" in told.read_text(), 90, "Chromium's port")  # the first start is slow
        port = told.read_text().split()[0]
        pages = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=20))
        page = next(p for p in pages if p["type"] == "page")
        self.socket = websocket.create_connection(page["webSocketDebuggerUrl"], timeout=30)
        self.events, self.number = [], 0
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=mobile)

    def call(self, method, **parameters):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number:
                return answer.get("result", {})
            self.events.append(answer)

    def value(self, script):
        return self.call("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def open(self, place):
        """`place`: a path, or the URL of a page."""
        url = place if isinstance(place, str) else place.as_uri()
        self.call("Page.navigate", url=url)
        wait_until(lambda: self.value("document.readyState") == "complete" and
                   self.value("location.protocol") == url.partition("/")[0], seconds=60, what="the page")
        self.settle()

    def settle(self):
        """Waits until no request has begun for half a second."""
        count, since = -1, time.monotonic()
        def quiet():
            nonlocal count, since
            self.value("1")
            if len(self.requests()) != count:
                count, since = len(self.requests()), time.monotonic()
            return time.monotonic() - since > 0.5
        wait_until(quiet, seconds=60, what="the page to be quiet")

    def requests(self):
        return [e["params"]["request"]["url"] for e in self.events if e["method"] == "Network.requestWillBeSent"]

    def complaints(self):
        """Exceptions, and what the console and the browser's log say."""
        return [e for e in self.events
                if e["method"] in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")]

    def screenshot(self, path):
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait(timeout=20)
