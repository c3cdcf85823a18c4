# SPDX-License-Identifier: BSD-3-Clause
"""W8: what still works while the file server accepts and never answers, and a server that is gone for 2 s."""
import os
import signal
import subprocess
import threading
import time

from measure import reason, run_program
from mounts import COMMANDS

PATIENCE = 10                        # seconds after which a peer counts as hanging
TIMEOUT = 5                          # platefs's --timeout here


def w8(site, peer, rep):
    if peer == "platefs" or (peer in COMMANDS and peer != "pt"):
        options = ["--timeout", str(TIMEOUT)] if peer == "platefs" else []
        with site.mount(peer, options, server=site.slow) as mount:
            yield from stalled(site, peer, mount)
        with site.mount(peer, server=site.slow) as mount:
            yield f"{peer}: server dead for 2 s, read goes on", server_dies(site, mount)


def signalled(site, number):
    for pid in site.slow.pids():
        os.kill(pid, number)


def stalled(site, peer, mount):
    path = mount.big("slow")
    directory = path.parent
    run_program(["ls", "-l", directory])
    first(site, path, PATIENCE)
    signalled(site, signal.SIGSTOP)
    reader = None
    try:
        reader = blocked_reader(path)
        yield f"{peer}: ls -l of a listed directory", run_program(["ls", "-l", directory], PATIENCE)
        yield f"{peer}: first 2880 bytes, held", first(site, path, PATIENCE)
        if peer == "platefs":
            other = mount.plate("big") / "full.fits"
            yield f"{peer}: first 2880 bytes from another host", first(site, other, PATIENCE)
        yield f"{peer}: Ctrl-C frees the reader", ended_by_interrupt(reader)
        if peer == "platefs":
            yield f"{peer}: a read fails after --timeout {TIMEOUT}", fails_in_time(site, path)
    finally:
        signalled(site, signal.SIGCONT)
        if reader and reader.poll() is None:
            reader.kill()


def first(site, path, timeout):
    return run_program([site.reader, "first", 2880, path], timeout)


def blocked_reader(path):
    """A process that waits in read() for bytes that do not come, and does not handle signals."""
    reader = subprocess.Popen(["tail", "-c", "65536", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 0.5
    while reader.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    if reader.poll() is not None:
        raise RuntimeError("the reader did not block")
    return reader


def ended_by_interrupt(reader):
    start = time.monotonic()
    reader.send_signal(signal.SIGINT)
    try:
        reader.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        return {"wall": PATIENCE, "error": f"still blocked after {PATIENCE} s"}
    return {"wall": time.monotonic() - start}


def fails_in_time(site, path):
    skip = site.sizes.big_bytes * 8 // 10 // 65536
    facts = run_program(["dd", f"if={path}", "of=/dev/null", "bs=65536", "count=1", f"skip={skip}"], 60)
    if "Connection timed out" in facts.get("error", ""):
        del facts["error"]
    elif "error" not in facts:
        facts["error"] = "the read succeeded"
    return facts


def server_dies(site, mount):
    """Reads a sixteenth of the plate; a quarter on, the server is killed, and started again 2 s later."""
    path, size = mount.big("slow"), site.sizes.big_bytes // 16
    under_way, problems, done = threading.Event(), ["the reader did not end well"], 0

    def compare(mine, source):
        nonlocal done
        while done < size:
            got = mine.read(65536)
            if not got or got != source.read(len(got)):
                return [f"{'WRONG BYTES' if got else 'END OF FILE'} at {done}"]
            done += len(got)
            if done >= size // 64:
                under_way.set()
        return []

    def read():
        nonlocal problems
        try:
            with open(path, "rb", buffering=0) as mine, open(site.served / "big.fits", "rb") as source:
                problems = compare(mine, source)
        except OSError as error:
            problems = [f"{error} at {done}{reason(path)}"]
        finally:
            under_way.set()
    start = time.monotonic()
    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    under_way.wait(60)
    signalled(site, signal.SIGKILL)
    site.slow.process.wait()
    time.sleep(2)                   # how long the server is gone, not a wait for something
    site.slow.start()
    reader.join(60)
    facts = {"wall": time.monotonic() - start}
    if reader.is_alive():
        facts["error"] = "still blocked after 60 s"
    elif problems:
        facts["error"] = problems[0]
    return facts
