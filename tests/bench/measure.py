# SPDX-License-Identifier: BSD-3-Clause
"""One measurement: a program is run, and everything it costs is counted."""
import json
import os
import subprocess
import time


def run_program(words, timeout=300):
    """Runs it; {"wall": seconds} and whatever JSON it printed, which may correct that; {"error": ..} if it failed."""
    start = time.monotonic()
    program = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, errors="replace")
    try:
        output, complaints = program.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        return {"wall": time.monotonic() - start, "error": f"not done after {timeout} s" + killed(program)}
    facts = {"wall": time.monotonic() - start}
    for line in output.splitlines():
        if line.startswith("{"):
            facts.update(json.loads(line))
    if program.returncode != 0:
        facts["error"] = (complaints.strip() or f"exit code {program.returncode}")[-200:]
    return facts


def killed(program):
    """Kills it, but waits no longer than that should take: a file system can make its readers immortal."""
    program.kill()
    try:
        program.wait(2)
    except subprocess.TimeoutExpired:
        return ", and can't be killed"
    return ""


def run_call(function):
    """The same of a Python function; what it returns, if a dict, is taken in."""
    start = time.monotonic()
    try:
        more = function()
    except OSError as error:
        return {"wall": time.monotonic() - start, "error": f"{error}{reason(error.filename)}"}
    return {"wall": time.monotonic() - start, **(more if isinstance(more, dict) else {})}


def reason(path):
    """What platefs says of why a file can't be read."""
    try:
        return ": " + os.getxattr(path, "user.platefs.error").decode()
    except (OSError, TypeError):
        return ""


def measured(site, action, mount=None, server=None):
    """`action()` gives facts as above; added are what the servers sent (`server`: of the files, if it is not the
    site's first one) and what the mount's process took.

    Bytes that are still on their way when the action is done count too: the server is waited for.
    """
    server = server or site.files
    tally, cpu = site.tally(server), mount.cpu() if mount else 0
    facts = action()
    if mount:
        facts["cpu"] = mount.cpu() - cpu
        facts["rss"] = mount.peak_mib()
    if not server.wait_until_idle():
        facts["note"] = "the server is still sending"
    return {**facts, **tally.take()}
