# SPDX-License-Identifier: BSD-3-Clause
"""The file systems that are compared, each mounted fresh: platefs, rclone, httpdirfs, libfuse's passthrough_ll."""
import os
import pathlib
import re
import shutil
import subprocess
import time

from plates import TARGET_DEC, TARGET_RA

TARGET = f"{TARGET_RA}+{TARGET_DEC}"
TICKS = os.sysconf("SC_CLK_TCK")
RCLONE = ("rclone mount :http: {mnt} --config /dev/null --http-url {url}/ --read-only --cache-dir {cache} "
          "--dir-cache-time 1h --poll-interval 0 --attr-timeout 1h --vfs-cache-mode full")
COMMANDS = {
    "rclone": RCLONE,
    "rclone-tuned": RCLONE + " --vfs-read-chunk-size 4M --vfs-read-chunk-size-limit 256M --buffer-size 32M "
                             "--vfs-read-ahead 64M --max-read-ahead 1M --vfs-read-wait 0 --checkers 32 "
                             "--no-checksum --vfs-fast-fingerprint",
    # Without --no-range-check 1.2.5 refuses nginx, which answers its HEAD with 206.
    "httpdirfs": "httpdirfs -f --no-range-check --cache --cache-location {cache} --dl-seg-size 8 {url}/ {mnt}",
    "pt": "{work}/passthrough_ll -f -o source={local},cache=always {mnt}",
}
EXAMPLE = pathlib.Path("/usr/share/doc/libfuse3-dev/examples/passthrough_ll.c")


def why_not(peer):
    """Why `peer` can't take part; empty if it can."""
    if peer == "pt":
        return "" if EXAMPLE.exists() else f"{EXAMPLE} is missing (package libfuse3-dev)"
    program = COMMANDS[peer].split()[0] if peer in COMMANDS else "true"
    return "" if shutil.which(program) else f"{program} is not installed"


def build_passthrough(work):
    """libfuse's own example, as Debian ships its source."""
    if not (work / "passthrough_ll").exists():
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "fuse3"], capture_output=True, text=True,
                               check=True).stdout.split()
        subprocess.run(["gcc", "-O2", "-w", "-D_FILE_OFFSET_BITS=64", f"-I{EXAMPLE.parent}", EXAMPLE, "-o",
                        work / "passthrough_ll", *flags], check=True)


class Mount:
    """One mount of one peer with a cache of its own. `options` go to platefs alone; `server` is what the others
    mount: of platefs, one mount shows all."""

    def __init__(self, site, peer, options=(), name="m", cache=None, server=None):
        self.site, self.peer, self.options = site, peer, list(options)
        self.server = server or site.files
        self.path = site.scratch / f"mnt-{name}"
        self.cache = cache or site.scratch / f"cache-{name}"
        self.process = None
        self.path.mkdir(exist_ok=True)
        if cache is None:
            shutil.rmtree(self.cache, ignore_errors=True)
        self.cache.mkdir(exist_ok=True)
        self.up()

    def _command(self):
        if self.peer == "platefs":
            return [self.site.platefs, "mount", "-f", "--archive", f"{self.site.archive.url}/tap", "--cache-dir",
                    self.cache, *self.options, self.path]
        return COMMANDS[self.peer].format(mnt=self.path, url=self.server.url, cache=self.cache,
                                          work=self.site.work, local=self.site.local).split()

    def up(self):
        with open(self.site.scratch / f"{self.peer}.log", "ab") as log:
            self.process = subprocess.Popen(self._command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while not os.path.ismount(self.path):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.peer} did not mount; see {self.site.scratch}/{self.peer}.log")
            time.sleep(0.01)

    def down(self):
        """Unmounts; the cache stays."""
        subprocess.run(["fusermount3", "-u", "-z", self.path], stderr=subprocess.DEVNULL)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def again(self):
        self.down()
        self.up()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.down()
        shutil.rmtree(self.cache, ignore_errors=True)

    # What is where. Listing first is what people do, and what the workloads' clocks leave out.

    def plate(self, scan, target=TARGET):
        """platefs's directory of the plate."""
        for name in os.listdir(self.path / target):
            if name.endswith("_" + scan):
                return self.path / target / name
        raise RuntimeError(f"no plate {scan} in {target}")

    def big(self, scan="big"):
        """The 1 GiB file; its directory has been listed and its attributes asked for."""
        path = self.plate(scan) / "full.fits" if self.peer == "platefs" else self.path / "big.fits"
        os.listdir(path.parent)
        os.stat(path)
        return path

    def packed(self):
        return self.plate("packed") / "full.fits" if self.peer == "platefs" else self.path / "big.fits.fz"

    # What it costs.

    def cpu(self):
        """Seconds of user and system time of the serving process so far."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def peak_mib(self):
        """Largest resident set so far, MiB."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(r"VmHWM:\s+(\d+)", file.read())[1]) / 1024


def drop_pages(path):
    """Makes the kernel forget the pages of `path`, so that the next read reaches the file system."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)
