# SPDX-License-Identifier: BSD-3-Clause
"""A command, and what it takes while it runs: seconds, those of the processor, memory."""
import contextlib
import os
import pathlib
import re
import subprocess
import threading
import time

MEMORY = re.compile(r"^(VmHWM|RssAnon):\s+(\d+)", re.M)


def need(condition, what):
    if not condition:
        raise RuntimeError(what)


class MemoryWatch:
    """The peaks of a process, in MiB, seen each few milliseconds while it runs."""

    def __init__(self, pid):
        self.status = pathlib.Path(f"/proc/{pid}/status")
        self.peaks, self.ended = {"VmHWM": 0, "RssAnon": 0}, threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def look(self):
        for name, kib in MEMORY.findall(self.status.read_text()):
            self.peaks[name] = max(self.peaks[name], int(kib) / 1024)

    def _watch(self):
        with contextlib.suppress(OSError):
            while not self.ended.wait(0.005):
                self.look()

    def end(self):
        self.ended.set()
        self.thread.join()
        return {"memory": self.peaks["RssAnon"], "resident": self.peaks["VmHWM"]}


def watched(words, on_lines=lambda lines: None):
    """Runs a command; its seconds, those of the processor, its memory. `on_lines` gets whole lines of its output as they
    come, many at a time."""
    begin = time.monotonic()
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    watch, rest = MemoryWatch(process.pid), b""
    while piece := os.read(process.stdout.fileno(), 1 << 16):
        rest += piece
        whole = rest.rfind(b"\n") + 1
        if whole:
            on_lines(rest[:whole])
            rest = rest[whole:]
    # The process is there until it is waited for, but has no memory any more.
    _, status, used = os.wait4(process.pid, 0)
    facts = {"seconds": time.monotonic() - begin, "processor": used.ru_utime + used.ru_stime, **watch.end()}
    process.returncode = os.waitstatus_to_exitcode(status)
    need(process.returncode == 0, f"{' '.join(map(str, words))} ends with {process.returncode}")
    return facts


def processor_of(pid):
    """Seconds that its threads have run."""
    return sum(int(task.read_text().split()[0]) for task in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9
