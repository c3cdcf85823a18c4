# SPDX-License-Identifier: BSD-3-Clause
"""The Debian packages that DaCHS needs, and how they are installed."""
import os
import pathlib
import subprocess

from progress import Failure, say

PACKAGES = ["postgresql-15", "postgresql-15-pgsphere", "postgresql-15-q3c", "python3-gavo", "nginx", "libcfitsio-bin",
            "python3-astropy", "python3-numpy", "python3-pil", "python3-pyvo", "python3-requests", "python3-pytest"]


def missing_packages():
    query = subprocess.run(["dpkg-query", "-W", "-f=${Package} ${db:Status-Status}\n", *PACKAGES], check=False,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    installed = {line.split()[0] for line in query.stdout.splitlines() if line.endswith(" installed")}
    return [package for package in PACKAGES if package not in installed]


def install(packages, log):
    """Installs packages; their scripts are kept from starting daemons unless the machine has a policy of its own."""
    policy = pathlib.Path("/usr/sbin/policy-rc.d")
    own_policy = not policy.exists()
    if own_policy:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        say("installing " + " ".join(packages))
        apt(["update"], log)
        apt(["install", "-y", "--no-install-recommends", *packages], log)
    finally:
        if own_policy:
            policy.unlink()


def apt(arguments, log):
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with open(log, "ab") as output:
        done = subprocess.run(["apt-get", "-q", "-o", "DPkg::Lock::Timeout=600", *arguments], check=False, stdout=output,
                              stderr=output, env=environment)
    if done.returncode:
        raise Failure(f"apt-get {arguments[0]}: see {log}")
