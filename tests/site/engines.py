# SPDX-License-Identifier: BSD-3-Clause
"""The servers of a site, each with the configuration that the package brings: only what its comments tell an operator to
change is changed, and where logs and caches are."""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

SHIPPED = pathlib.Path(__file__).parents[2] / "tools/package/site"
NGINX, HAPROXY, SQUID = "/usr/sbin/nginx", "/usr/sbin/haproxy", "/usr/sbin/squid"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def shipped(name, *changes):
    """That file, with each (pattern, text) put in place of what must be there."""
    text = (SHIPPED / name).read_text()
    for pattern, instead in changes:
        text, count = re.subn(pattern, lambda _, instead=instead: instead, text, flags=re.MULTILINE | re.DOTALL)
        assert count == 1, f"{name} has {count} places like {pattern}"
    return text


class Server:
    """A program that listens at `port`, and its children."""

    def __init__(self, base, port, *words):
        self.base, self.port, self.words = base, port, words
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        with open(self.base / "output", "wb") as output:
            self.process = subprocess.Popen(self.words, stdout=output, stderr=output)
        deadline = time.monotonic() + 20
        while not self.listens():
            assert self.process.poll() is None and time.monotonic() < deadline, (self.base / "output").read_text()
            time.sleep(0.01)

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def pids(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [self.process.pid, *map(int, children.split())]

    def signal(self, number):
        """To all of its processes at once."""
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self):
        if self.process.poll() is None:
            self.signal(signal.SIGCONT)            # what a test has stopped
            self.process.terminate()
            self.process.wait(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


MAIN = """{user}worker_processes {workers}; pid {base}/nginx.pid; error_log {base}/error.log warn; daemon off;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_body_temp_path {base}/t1; proxy_temp_path {base}/t2; fastcgi_temp_path {base}/t3;
  uwsgi_temp_path {base}/t4; scgi_temp_path {base}/t5; tcp_nopush off;
{http}
}}
"""


class Nginx(Server):
    def __init__(self, base, port, http, workers=2):
        base.mkdir(parents=True)
        user = "user root; " if os.geteuid() == 0 else ""
        (base / "nginx.conf").write_text(MAIN.format(user=user, base=base, workers=workers, http=http))
        super().__init__(base, port, NGINX, "-p", base, "-c", base / "nginx.conf")


class Gateway(Nginx):
    """nginx-gateway.conf. `ca`: whose certificates it trusts; `next_hop`: the HAProxy that it asks; `tls`: it is an https
    server itself, with this certificate."""

    def __init__(self, base, hosts=("127.0.0.1",), ca=None, next_hop=None, tls=None):
        port = free_port()
        tls_lines = f" ssl;\n    ssl_certificate {tls}; ssl_certificate_key {tls.with_suffix('.key')};" if tls else ";"
        changes = [
            (r"^    dc\.g-vo\.org +1;.*?^    \.plate-archive\.org +1;", "\n".join(f"    {host} 1;" for host in hosts)),
            (r"/var/cache/platefs-gateway", f"{base}/cache"), (r"max_size=200g", "max_size=2g"),
            (r"^    listen 3128;", f"    listen 127.0.0.1:{port}{tls_lines}"),
            (r"/var/log/nginx/platefs-gateway\.log", f"{base}/access.log"),
        ]
        if ca:
            changes.append((r"(?<=proxy_ssl_trusted_certificate )[^;]+", str(ca)))
        if next_hop:
            changes.append((r"^    default \$platefs_scheme://\$platefs_authority;$", f"    default {next_hop};"))
        super().__init__(base, port, shipped("nginx-gateway.conf", *changes))
        self.is_tls = bool(tls)

    @property
    def url(self):
        return f"{'https' if self.is_tls else 'http'}://127.0.0.1:{self.port}"

    def log(self):
        return (self.base / "access.log").read_text().splitlines()


SQUID_CONF = """http_port 127.0.0.1:{port}
visible_hostname localhost
http_access allow all
collapsed_forwarding {collapsed_forwarding}
cache_mem 256 MB
maximum_object_size_in_memory 64 MB
refresh_pattern . 60 50% 1440
pid_filename {base}/squid.pid
access_log stdio:{base}/access.log
cache_log {base}/cache.log
cache_store_log none
coredump_dir {base}
shutdown_lifetime 0 seconds
logfile_rotate 0
pinger_enable off
"""


class Squid(Server):
    """A proxy that keeps what it may, queries too. `collapsed_forwarding`, "on" or "off": what several ask for at the same
    time is asked for once."""

    def __init__(self, base, collapsed_forwarding="on"):
        base.mkdir(parents=True)
        if os.geteuid() == 0:
            for directory in (base, *list(base.parents)[:3]):        # Squid runs as a user of its own
                directory.chmod(0o755)
            shutil.chown(base, "proxy")
        port = free_port()
        self.is_collapsed = collapsed_forwarding == "on"
        (base / "squid.conf").write_text(
            SQUID_CONF.format(base=base, port=port, collapsed_forwarding=collapsed_forwarding))
        super().__init__(base, port, SQUID, "-N", "-f", base / "squid.conf")

    def log(self):
        return (self.base / "access.log").read_text().splitlines()


class Queue(Server):
    """haproxy.cfg, for archives given as (scheme, host:port)."""

    def __init__(self, base, archives, ca=None):
        base.mkdir(parents=True)
        port = free_port()
        backends = ""
        for scheme, authority in archives:
            backends += f"backend {scheme}:{authority}\n    http-request del-header x-platefs-archive\n"
            host = authority.rsplit(":", 1)[0]
            tls = f" ssl verify required ca-file {ca} sni str({host}) verifyhost {host}" if scheme == "https" else ""
            backends += f"    server archive {authority} maxconn 4 pool-max-conn 4{tls}\n\n"
        (base / "haproxy.cfg").write_text(shipped("haproxy.cfg", (r"127\.0\.0\.1:3129", f"127.0.0.1:{port}"),
                                                  (r"^backend http:dc\.g-vo\.org$.*\Z", backends)))
        super().__init__(base, port, HAPROXY, "-db", "-f", base / "haproxy.cfg")


class MountServer(Nginx):
    """nginx-mount.conf over `root`, with as many workers as it says."""

    def __init__(self, base, root):
        port = free_port()
        workers = int(re.search(r"worker_processes (\d+);", (SHIPPED / "nginx-mount.conf").read_text())[1])
        http = shipped("nginx-mount.conf", (r"^    listen 8080;", f"    listen 127.0.0.1:{port};"),
                       (r"^    root /srv/plates;", f"    root {root};"))
        super().__init__(base, port, http, workers)


class TlsFront(Nginx):
    """An archive by https: in front of one that speaks http and writes http URLs into its answers. `tap`, `files`: its
    URLs there."""

    def __init__(self, base, archive, certificate):
        ports = free_port(), free_port()
        plain = [re.match(r"http://[^/]+", url)[0] for url in (archive.tap, archive.files)]
        safe = [f"https://127.0.0.1:{port}" for port in ports]
        filters = "".join(f"sub_filter '{a}' '{b}'; proxy_redirect {a}/ {b}/; " for a, b in zip(plain, safe))
        http = f"""ssl_certificate {certificate}; ssl_certificate_key {certificate.with_suffix('.key')};
  sub_filter_once off; sub_filter_types application/x-votable+xml text/xml application/xml; {filters}
  proxy_set_header Accept-Encoding identity; proxy_set_header Host $proxy_host; proxy_http_version 1.1;
  proxy_set_header Connection ""; proxy_set_header Range $http_range; proxy_buffering off;
"""
        for port, behind in zip(ports, plain):
            http += f"  server {{ listen 127.0.0.1:{port} ssl; location / {{ proxy_pass {behind}; }} }}\n"
        super().__init__(base, ports[0], http)
        self.tap, self.files = archive.tap.replace(plain[0], safe[0]), archive.files.replace(plain[1], safe[1])
        self.resolver = archive.resolver


def make_certificate(file):
    """Of 127.0.0.1, which is its own authority. nginx looks for the name, libcurl for the address."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1,DNS:127.0.0.1", "-out", file, "-keyout",
                    file.with_suffix(".key")], check=True, capture_output=True)
    return file
