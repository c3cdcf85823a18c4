# SPDX-License-Identifier: BSD-3-Clause
"""The mount exported by Samba on loopback."""
import hashlib
import os
import pathlib
import socket
import subprocess
import tempfile

import pytest
from conftest import IMAGES, needs
from mounted import wait_until


class Samba:
    """A server of its own with one share, which anybody may read."""

    def __init__(self, base, path):
        for name in ("private", "state", "cache", "lock", "pid", "ncalrpc"):
            (base / name).mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        config = base / "smb.conf"
        config.write_text(f"""[global]
smb ports = {self.port}
interfaces = lo
bind interfaces only = yes
map to guest = Bad User
guest account = root
security = user
private dir = {base}/private
state directory = {base}/state
cache directory = {base}/cache
lock directory = {base}/lock
pid directory = {base}/pid
ncalrpc dir = {base}/ncalrpc
log file = {base}/log
load printers = no
disable spoolss = yes
[plates]
path = {path}
read only = yes
guest ok = yes
""")
        # In a session of its own: smbd ends its whole process group with itself.
        self.process = subprocess.Popen(["smbd", "-F", "--no-process-group", "-s", config], start_new_session=True, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: self.is_up() or self.process.poll() is not None, what="smbd listening")
        assert self.is_up(), (base / "log").read_text()

    def is_up(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def client(self, command, cwd):
        return subprocess.run(["smbclient", "//127.0.0.1/plates", "-p", str(self.port), "-N", "-c", command], cwd=cwd,
                              capture_output=True, text=True, timeout=120)

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=20)


@needs("smbd", "smbclient")
@pytest.mark.skipif(os.geteuid() != 0, reason="smbd wants root")
def test_samba_lists_without_fetching_and_serves_whole_files(mount_with, archive, tmp_path):
    shared = mount_with("--allow-other")
    plates = shared.plates()
    archive.forget_requests()
    # Its sockets' names have to be short.
    base = tempfile.TemporaryDirectory(prefix="smb")
    samba = Samba(pathlib.Path(base.name), shared.target)
    try:
        listed = samba.client("ls cutouts/*", tmp_path)
        assert all(f"{plate}.fits" in listed.stdout for plate in plates), listed.stdout + listed.stderr
        assert archive.requests(*IMAGES) == []
        name = f"{plates[2]}.fits"
        got = samba.client(f"get cutouts/{name} {name}", tmp_path)
        assert got.returncode == 0, got.stdout + got.stderr
        digest = hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
        assert digest == hashlib.sha256((shared.target / "cutouts" / name).read_bytes()).hexdigest()
    finally:
        samba.close()
        base.cleanup()
