# SPDX-License-Identifier: BSD-3-Clause
"""Mounts of a user without rights: by fusermount3, and on a descriptor that somebody else has mounted."""
import csv
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

import pytest
from conftest import BIN, TARGET

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
MS_RDONLY, MS_NOSUID, MS_NODEV = 1, 2, 4

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="wants to be root, to be another user")


@pytest.fixture
def home(archive):
    """Where nobody may do as it likes; the program is there, too."""
    archive.clear_faults()
    place = pathlib.Path(tempfile.mkdtemp(prefix="platefs-nobody-"))
    os.chmod(place, 0o755)
    os.chmod(shutil.copy(BIN / "platefs", place / "platefs"), 0o755)
    (place / "plates").mkdir()
    os.chown(place / "plates", 65534, 65534)
    os.chown(place, 65534, 65534)
    yield place
    while ctypes.CDLL(None).umount2(str(place / "plates").encode(), 2) == 0:   # as it may be that nobody answers
        pass
    shutil.rmtree(place)


def words(archive, home, *more):
    return [home / "platefs", "mount", "--archive", archive.tap, "--resolver", archive.resolver, "--cache-dir", home / "cache", *more]


def environment(home):
    return {"PATH": os.environ["PATH"], "HOME": str(home)}


# A device that everybody may open, as distributions make it, in a name space of mounts of its own.
AS_A_DISTRIBUTION = """set -e
mknod "$HOME/fuse" c 10 229; chmod 666 "$HOME/fuse"; mount --bind "$HOME/fuse" /dev/fuse
cd "$HOME"; exec setpriv --reuid=65534 --regid=65534 --clear-groups -- sh -ec '
"$@" plates
ls "plates/$TARGET/cutouts" > listed
head -c 6 "plates/$TARGET/cutouts/$(sed -n 2p listed)" > bytes
grep " $HOME/plates .*fuse.platefs.*user_id=65534" /proc/self/mountinfo > mounted
./platefs unmount plates
! grep -q " $HOME/plates " /proc/self/mountinfo' sh "$@"
"""


@pytest.mark.skipif(not shutil.which("fusermount3"), reason="wants fusermount3")
def test_fusermount3_mounts_for_who_is_not_root(archive, home):
    done = subprocess.run(["unshare", "-m", "sh", "-c", AS_A_DISTRIBUTION, "sh", *words(archive, home)], stderr=open(home / "stderr", "w"), timeout=60,
                          env={**environment(home), "TARGET": TARGET})
    assert done.returncode == 0, (home / "stderr").read_text()
    assert len((home / "listed").read_text().split()) >= 42
    assert (home / "bytes").read_text() == "SIMPLE" and (home / "mounted").read_text()


# umount(8) would ask the mount, which nobody answers yet.
LEAVE = "import ctypes, sys; ctypes.CDLL(None).umount2(sys.argv[1].encode(), 2)"


class PassedMount:
    """A mount that root made, and the descriptor that serves it."""

    def __init__(self, place):
        self.fd = os.open("/dev/fuse", os.O_RDWR)
        libc = ctypes.CDLL(None, use_errno=True)
        options = f"fd={self.fd},rootmode=40000,user_id=65534,group_id=65534,allow_other,default_permissions"
        if libc.mount(b"platefs", str(place).encode(), b"fuse.platefs", MS_RDONLY | MS_NOSUID | MS_NODEV, options.encode()) != 0:
            raise OSError(ctypes.get_errno(), "mount")


@pytest.mark.parametrize("end", ["signal", "umount"])
def test_a_descriptor_that_was_mounted_outside_is_served_by_who_has_no_rights(archive, home, end):
    """As in a container: no /dev/fuse inside, no capability."""
    passed = PassedMount(home / "plates")
    no_device = home / "no-fuse"
    no_device.touch(mode=0o600)
    server = subprocess.Popen(
        ["unshare", "-m", "sh", "-c", f'mount --bind {no_device} /dev/fuse && {sys.executable} -c "{LEAVE}" {home}/plates && exec "$@"', "sh", *NOBODY, *words(archive, home, "-f", f"/dev/fd/{passed.fd}")],
        pass_fds=[passed.fd], env=environment(home), stderr=open(home / "serve.err", "w"))
    os.close(passed.fd)
    star = home / "plates" / TARGET
    cutouts = sorted((star / "cutouts").iterdir())
    assert len(cutouts) >= 42
    assert cutouts[1].read_bytes().startswith(b"SIMPLE")
    with open(star / "plates.csv", newline="", encoding="utf-8") as file:
        paths = [row["cutout_path"] for row in csv.DictReader(file)]
    assert paths and not any(path.startswith("/") for path in paths) and (star / paths[1]).is_file()
    assert "/dev/fd" not in (home / "plates/README.txt").read_text()
    if end == "umount":
        subprocess.run(["umount", home / "plates"], check=True)
    else:
        server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=20) == 0, (home / "serve.err").read_text()


@pytest.mark.parametrize("place, why", [("/dev/fd/0", "no descriptor of /dev/fuse"), ("/dev/fd/x", "no descriptor"), ("/dev/fd/987", "no descriptor")])
def test_a_descriptor_that_is_none_of_fuse_is_refused(archive, home, place, why):
    done = subprocess.run(words(archive, home, "-f", place), capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30, env=environment(home))
    assert done.returncode == 2 and why in done.stderr


def test_a_descriptor_is_served_in_the_foreground(archive, home):
    passed = PassedMount(home / "plates")
    done = subprocess.run(words(archive, home, f"/dev/fd/{passed.fd}"), pass_fds=[passed.fd], capture_output=True, text=True, timeout=30, env=environment(home))
    os.close(passed.fd)
    assert done.returncode == 2 and "foreground" in done.stderr
