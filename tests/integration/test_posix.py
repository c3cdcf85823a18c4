# SPDX-License-Identifier: BSD-3-Clause
"""Small truths that programs, shells and servers rely on."""
import ctypes
import errno
import os
import subprocess

import pytest
from conftest import TARGET

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.opendir.restype = ctypes.c_void_p
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="wants root")


class Entry(ctypes.Structure):
    """struct dirent64, readdir(3)."""
    _fields_ = [("inode", ctypes.c_uint64), ("offset", ctypes.c_int64), ("length", ctypes.c_ushort),
                ("kind", ctypes.c_ubyte), ("name", ctypes.c_char * 256)]


LIBC.readdir64.restype = ctypes.POINTER(Entry)
LIBC.telldir.restype = ctypes.c_long


class Directory:
    def __init__(self, path):
        self.stream = ctypes.c_void_p(LIBC.opendir(os.fsencode(path)))

    def next(self):
        entry = LIBC.readdir64(self.stream)
        return (entry[0].name.decode(), entry[0].inode) if entry else None

    def rest(self):
        return dict(iter(self.next, None))

    def rewound(self):
        LIBC.rewinddir(self.stream)
        return self.rest()

    def close(self):
        LIBC.closedir(self.stream)


def errno_of(call):
    with pytest.raises(OSError) as refused:
        call()
    return refused.value.errno


@pytest.mark.parametrize("length", [256, 1000])
def test_a_name_of_more_than_255_bytes_is_too_long(mount, length):
    for directory in (mount.path, mount.target, mount.target / "cutouts"):
        assert errno_of(lambda: os.stat(directory / ("a" * length))) == errno.ENAMETOOLONG
        assert errno_of(lambda: os.stat(directory / ("a" * 255))) == errno.ENOENT


def test_directories_count_no_links_and_the_file_system_no_inodes(mount):
    for directory in (mount.path, mount.target, mount.target / "cutouts", mount.target / mount.plates()[0]):
        assert os.stat(directory).st_nlink == 1
    assert os.statvfs(mount.path).f_files == 0
    assert "100%" not in subprocess.run(["df", "-i", mount.path], capture_output=True, text=True, check=True).stdout


def test_rewinding_the_root_shows_targets_entered_since(mount):
    root = Directory(mount.path)
    assert TARGET not in root.rest()
    os.listdir(mount.target)
    assert TARGET in root.rewound()
    root.close()


def test_every_entry_has_the_inode_number_that_stat_tells(mount):
    os.listdir(mount.target)
    plate = mount.target / mount.plates()[0]
    for path in (mount.path, mount.target, mount.target / "cutouts", plate):
        directory = Directory(path)
        entries = directory.rest()
        directory.close()
        parent = os.stat(path / "..").st_ino if path != mount.path else entries[".."]
        assert entries.pop("..") == parent
        assert {name: os.stat(path / name).st_ino for name in entries} == entries


def test_a_place_in_a_directory_can_be_gone_back_to(mount):
    directory = Directory(mount.target)
    seen = []
    while entry := directory.next():
        seen.append((entry, LIBC.telldir(directory.stream)))
    for index in (len(seen) // 2, 0, len(seen) - 2):
        LIBC.seekdir(directory.stream, ctypes.c_long(seen[index][1]))
        assert directory.next() == seen[index + 1][0]
    directory.close()


def test_the_log_can_be_followed(mount):
    log = mount.path / ".platefs" / "log.txt"
    tail = subprocess.Popen(["timeout", "20", "tail", "-n", "+1", "-f", "-s", "0.1", log], stdout=subprocess.PIPE,
                            text=True)
    assert any("mounted" in line for line in iter(tail.stdout.readline, ""))
    with pytest.raises(FileNotFoundError):
        os.stat(mount.path / "400+95")
    assert any("400+95" in line for line in iter(tail.stdout.readline, ""))
    tail.terminate()
    tail.wait()


@needs_root
def test_a_mount_that_root_made_writable_refuses_every_change_all_the_same(mount):
    plate = mount.target / mount.plates()[0]
    file = plate / "full.fits"
    remount = 32  # MS_REMOUNT, and not MS_RDONLY; newer mount(8) names options that FUSE refuses to change
    assert LIBC.mount(b"none", os.fsencode(mount.path), None, ctypes.c_ulong(remount), None) == 0
    assert not os.statvfs(mount.path).f_flag & os.ST_RDONLY
    changes = [lambda: os.mkdir(mount.path / "new"), lambda: open(mount.target / "new", "w"),
               lambda: os.unlink(file), lambda: os.rmdir(plate), lambda: os.chmod(file, 0o600),
               lambda: os.setxattr(file, "user.mine", b"x"), lambda: os.removexattr(file, "user.platefs.did"),
               lambda: os.open(file, os.O_RDWR), lambda: os.open(file, os.O_RDONLY | os.O_TRUNC),
               lambda: os.utime(file), lambda: os.rename(file, plate / "new"), lambda: os.truncate(file, 0),
               lambda: os.symlink("x", plate / "new"), lambda: os.link(file, plate / "new"),
               lambda: os.mkfifo(plate / "new")]
    assert {errno_of(change) for change in changes} == {errno.EROFS}


class Handle(ctypes.Structure):
    """struct file_handle, open_by_handle_at(2)."""
    _fields_ = [("size", ctypes.c_uint), ("kind", ctypes.c_int), ("bytes", ctypes.c_ubyte * 128)]


@needs_root
def test_a_handle_that_the_kernel_forgot_can_be_opened_again(mount):
    plate = mount.target / mount.plates()[0]
    expected = (plate / "full.fits").read_bytes()
    handle, mount_number = Handle(size=128), ctypes.c_int()
    assert LIBC.name_to_handle_at(-100, os.fsencode(plate / "full.fits"), ctypes.byref(handle),
                                  ctypes.byref(mount_number), 0) == 0
    with open("/proc/sys/vm/drop_caches", "w") as drop:
        drop.write("2")                            # names and inodes that nobody has open

    root = os.open(mount.path, os.O_RDONLY)
    file = LIBC.open_by_handle_at(root, ctypes.byref(handle), os.O_RDONLY)
    os.close(root)
    assert file >= 0, os.strerror(ctypes.get_errno())
    with os.fdopen(file, "rb") as found:
        assert found.read() == expected
