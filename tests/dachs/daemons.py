# SPDX-License-Identifier: BSD-3-Clause
"""Processes that outlive the command that started them, and the ports that they listen on."""
import json
import os
import pathlib
import signal
import socket
import time

from progress import say


class Daemons:
    """The processes that this state directory started: pid and time of birth, so that a reused pid is nobody of ours."""

    def __init__(self, path):
        self.path = path
        self.known = json.loads(path.read_text()) if path.exists() else {}

    def runs(self, name):
        entry = self.known.get(name)
        return entry is not None and birth_of(entry["pid"]) == entry["birth"]

    def remember(self, name, pid):
        self.known[name] = {"pid": pid, "birth": birth_of(pid)}
        self.path.write_text(json.dumps(self.known))

    def stop(self, name, how, seconds=20):
        if not self.runs(name):
            return
        pid = self.known[name]["pid"]
        say(f"stopping {name} ({pid})")
        os.kill(pid, how)
        if not until(lambda: not self.runs(name), seconds):
            os.kill(pid, signal.SIGKILL)
            until(lambda: not self.runs(name), 5)


def birth_of(pid):
    """Start time of a living process in clock ticks since boot; None if there is none."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def until(condition, seconds, step=0.05):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(step)
    return True


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
