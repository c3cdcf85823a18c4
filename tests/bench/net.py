# SPDX-License-Identifier: BSD-3-Clause
"""Where the servers are: on loopback, or behind 20 ms of wire.

The wire is two network namespaces and bench-delay-box between them, not a relay of TCP connections: handshakes,
slow start and windows then cost what they cost on a real path, which is what a client's number of connections
and its windows are about. It needs root.
"""
import os
import subprocess


class Loopback:
    name = "lo"
    address = "127.0.0.1"
    neighbour = "127.0.0.2"             # a host of its own, which W8 stalls

    def command(self, words):
        """`words` as run on the server's side."""
        return words

    def close(self):
        pass


class Wan:
    """20 ms each way, 1 Gbit/s, a queue of 8 MB (1.6 times what is in flight)."""
    name = "wan"
    delay_us, megabits, queue = 20_000, 1000, 8_000_000

    def __init__(self, binaries):
        me = os.getpid()
        net = f"10.{200 + me % 50}.{me % 250}"
        self.address, self.neighbour = f"{net}.2", f"{net}.3"
        self.server, self.wire = f"pfbs{me}", f"pfbw{me}"
        self.links = [f"pfb{me}{end}" for end in "abcd"]         # client a - b wire c - d server
        self.box = None
        try:
            self._build(net, binaries)
        except Exception:
            self.close()
            raise

    def _build(self, net, binaries):
        a, b, c, d = self.links
        for name in (self.server, self.wire):
            run("ip", "netns", "add", name)
        run("ip", "link", "add", a, "type", "veth", "peer", "name", b, "netns", self.wire)
        run("ip", "-n", self.server, "link", "add", d, "type", "veth", "peer", "name", c, "netns", self.wire)
        for name in (self.wire, self.server):
            run("ip", "netns", "exec", name, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
        run("ip", "addr", "add", f"{net}.1/24", "dev", a)
        for end in (2, 3):
            run("ip", "-n", self.server, "addr", "add", f"{net}.{end}/24", "dev", d)
        for where, link in ((None, a), (self.wire, b), (self.wire, c), (self.server, d), (self.server, "lo")):
            run("ip", *(["-n", where] if where else []), "link", "set", link, "up")
        # What Linux does unless told otherwise, whatever this machine is told.
        run("ip", "-n", self.server, "route", "replace", f"{net}.0/24", "dev", d, "congctl", "cubic")
        self.box = subprocess.Popen(
            ["ip", "netns", "exec", self.wire, binaries / "bench-delay-box", b, c, str(self.delay_us),
             str(self.megabits), str(self.queue)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if self.box.stdout.readline() != b"ready\n":
            raise RuntimeError("bench-delay-box did not start")

    def command(self, words):
        return ["ip", "netns", "exec", self.server, *words]

    def close(self):
        if self.box:
            self.box.terminate()
            self.box.wait()
        subprocess.run(["ip", "link", "del", self.links[0]], stderr=subprocess.DEVNULL)
        for name in (self.server, self.wire):
            subprocess.run(["ip", "netns", "del", name], stderr=subprocess.DEVNULL)


def run(*words):
    subprocess.run(words, check=True)
