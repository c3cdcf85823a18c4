# SPDX-License-Identifier: BSD-3-Clause
"""The file server (nginx) and the archive in front of it, and what they were asked for."""
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.request

HERE = pathlib.Path(__file__).parent
# tcp_nopush off: on loopback it holds the end of every small answer back for 40 ms.
NGINX = """
{user}worker_processes 2; pid {state}/nginx.pid; error_log {state}/nginx.err warn; daemon off;
events {{ worker_connections 2048; }}
http {{
  types {{ image/fits fits; }} default_type application/octet-stream;
  sendfile on; tcp_nopush off; tcp_nodelay on; keepalive_timeout 300; keepalive_requests 1000000;
  client_body_temp_path {state}/t1; proxy_temp_path {state}/t2; fastcgi_temp_path {state}/t3;
  uwsgi_temp_path {state}/t4; scgi_temp_path {state}/t5;
  log_format bytes '$request_method $status $bytes_sent $request_uri "$http_range"';
  server {{
    listen {address}:{port}; root {root}; access_log {state}/access.log bytes;
    {more}
    location / {{ autoindex on; limit_rate {rate}; }}
    location /many/ {{ rewrite ^ /big.fits break; }}
    location = /status {{ stub_status; access_log off; }}
  }}
}}
"""


def free_port(net):
    """A port that was free on the server's side a moment ago."""
    code = "import socket; s = socket.socket(); s.bind(('', 0)); print(s.getsockname()[1])"
    return int(subprocess.run(net.command([sys.executable, "-c", code]), capture_output=True, check=True).stdout)


class FileServer:
    """nginx over `root`; `rate` is in bytes per second and connection, 0 without limit. It answers requests for more
    than `max_ranges` ranges, if that is given, with the whole file."""

    def __init__(self, net, root, state, address=None, rate=0, max_ranges=None):
        state.mkdir(parents=True, exist_ok=True)
        self.log = state / "access.log"
        self.log.write_text("")
        self.address, self.port = address or net.address, free_port(net)
        self.url = f"http://{self.address}:{self.port}"
        self.net, self.state = net, state
        user = "user root; " if os.getuid() == 0 else ""
        (state / "nginx.conf").write_text(NGINX.format(user=user, state=state, root=root, address=self.address,
                                                       port=self.port, rate=rate,
                                                       more="" if max_ranges is None else f"max_ranges {max_ranges};"))
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.net.command(["nginx", "-p", self.state, "-c", self.state / "nginx.conf"]))
        deadline = time.monotonic() + 10
        while True:
            try:
                with socket.create_connection((self.address, self.port), 1):
                    return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise RuntimeError(f"nginx did not start: {(self.state / 'nginx.err').read_text()}")
                time.sleep(0.01)

    def pids(self):
        """Master and workers."""
        master = int((self.state / "nginx.pid").read_text())
        children = pathlib.Path(f"/proc/{master}/task/{master}/children").read_text()
        return [master, *map(int, children.split())]

    def wait_until_idle(self, seconds=3.0):
        """Waits until no answer is on its way; whether that came true."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with urllib.request.urlopen(self.url + "/status", timeout=5) as answer:
                if " Writing: 1 " in answer.read().decode():
                    return True
            time.sleep(0.02)
        return False

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


class Archive:
    """archive_front.py on the server's side."""

    def __init__(self, net, targets, state, cutout, soda_latency):
        self.log = state / "front.log"
        self.log.write_text("")
        (state / "targets.json").write_text(json.dumps(targets))
        self.process = subprocess.Popen(
            net.command([sys.executable, HERE / "archive_front.py", "--address", net.address, "--targets",
                         state / "targets.json", "--log", self.log, "--cutout", cutout, "--soda-latency",
                         str(soda_latency)]), stdout=subprocess.PIPE, text=True)
        self.url = f"http://{net.address}:{int(self.process.stdout.readline())}"

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Tally:
    """Requests and bytes at the servers since the last look. Requests still running count when they end."""

    def __init__(self, *servers):
        self.places = [[server.log, server.log.stat().st_size] for server in servers]

    def take(self):
        """(requests, bytes sent), the file server's; then the same of the archive in front, as a dict."""
        counts = []
        for place in self.places:
            with open(place[0]) as log:
                log.seek(place[1])
                lines = log.read()
                place[1] = log.tell()
            words = [line.split() for line in lines.splitlines()]
            counts.append((len(words), sum(int(w[2]) for w in words if len(w) > 2)))
        return {"requests": counts[0][0], "wire": counts[0][1],
                "front_requests": counts[1][0] if len(counts) > 1 else 0}
