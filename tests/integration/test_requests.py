# SPDX-License-Identifier: BSD-3-Clause
"""How much is asked of the archive: counted there."""
import os
import subprocess
import threading

from conftest import TARGET, wait_until

IMAGES = ("soda", "file", "preview")


def test_entering_a_target_is_one_tap_request(mount, archive):
    os.listdir(mount.target)
    assert len(archive.requests("tap")) == 1
    assert archive.requests(*IMAGES) == []


def test_looking_a_target_up_is_no_request(mount, archive):
    os.stat(mount.path / TARGET)
    os.stat(mount.path / TARGET / "cutouts")
    assert archive.requests() == []


def test_entering_again_and_after_a_remount_is_no_request(mount, archive):
    os.listdir(mount.target)
    archive.forget_requests()
    os.listdir(mount.target)
    os.listdir(mount.target / "cutouts")
    mount.again()
    os.listdir(mount.target)
    assert archive.requests() == []


def test_find_ls_and_du_fetch_no_image(mount, archive):
    for command in (["find", mount.target], ["ls", "-lR", mount.target], ["du", mount.target]):
        subprocess.run(command, check=True, capture_output=True)
    assert len(archive.requests("tap")) == 1
    assert archive.requests(*IMAGES) == []


def test_walking_twice_asks_for_links_once(mount, archive):
    subprocess.run(["find", mount.target], check=True, capture_output=True)
    archive.forget_requests()
    subprocess.run(["find", mount.target], check=True, capture_output=True)
    assert [r for r in archive.requests() if r["kind"] == "tap" or r["kind"] in IMAGES] == []
    # Documents that are faults are asked for again later; all others are remembered.
    assert len(archive.requests("datalink")) <= 3


def test_eight_readers_of_a_cold_file_fetch_each_byte_once(mount, archive):
    plate = mount.target / mount.plates()[0]
    os.listdir(plate)
    archive.forget_requests()
    sizes = []

    def read():
        sizes.append(len((plate / "full.fits").read_bytes()))

    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(set(sizes)) == 1 and len(sizes) == 8
    wait_until(lambda: all(r["ended"] for r in archive.requests("file")), what="the end of all transfers")
    parts = sorted(tuple(map(int, r["range"].removeprefix("bytes=").split("-")))
                   for r in archive.requests("file"))
    assert parts[0][0] == 0
    assert all(one[1] < other[0] for one, other in zip(parts, parts[1:]))
    assert sum(r["bytes_sent"] for r in archive.requests("file")) == sizes[0]


def test_a_cached_file_is_no_request_after_a_remount(mount, archive):
    plate = mount.plates()[0]
    before = (mount.target / plate / "cutout.fits").read_bytes()
    mount.again()
    archive.forget_requests()
    assert (mount.target / plate / "cutout.fits").read_bytes() == before
    assert archive.requests(*IMAGES) == []


def test_refresh_asks_again(mount, archive, mount_with):
    os.listdir(mount.target)
    refreshed = mount_with("--refresh", name="refreshed")
    os.listdir(refreshed.target)
    os.listdir(refreshed.target)
    assert len(archive.requests("tap")) == 1


def test_offline_serves_what_is_cached_and_connects_to_nobody(mount, archive, mount_with):
    import errno

    import pytest
    plate = mount.plates()[0]
    cached = (mount.target / plate / "cutout.fits").read_bytes()
    mount.down()
    offline = mount_with("--offline", name="offline")
    assert (offline.target / plate / "cutout.fits").read_bytes() == cached
    with pytest.raises(OSError) as refused:
        (offline.target / plate / "full.fits").read_bytes()
    assert refused.value.errno == errno.ENETUNREACH
    with pytest.raises(OSError) as refused:
        os.listdir(offline.path / "10.5-85")
    assert refused.value.errno == errno.ENETUNREACH
    assert archive.requests() == []


def test_links_of_plates_in_a_row_come_several_in_one_request(mount, archive):
    plates = mount.plates()
    archive.forget_requests()
    for plate in plates:
        os.listdir(mount.target / plate)
    assert len(archive.requests("datalink")) < len(plates) / 2
    for plate in plates:
        served = mount.target / plate / "datalink.vot"
        if served.exists():
            own = os.getxattr(mount.target / plate, "user.platefs.did").decode()
            others = [os.getxattr(mount.target / p, "user.platefs.did").decode() for p in plates if p != plate]
            rows = served.read_text()
            assert own in rows and not any(f"<TD>{other}</TD>" in rows for other in others)


def test_who_reads_cutouts_in_order_finds_the_next_ones_under_way(mount, archive):
    cutouts = [mount.target / "cutouts" / f"{plate}.fits" for plate in mount.plates()]
    archive.set_faults({"match": {"kind": "soda"}, "fault": "latency", "milliseconds": 300})
    archive.forget_requests()
    read = 0
    for path in cutouts[:8]:
        try:
            path.read_bytes()
            read += 1
        except OSError:
            continue
    in_time = archive.requests("soda")
    overlapping = [r for r in in_time if any(o is not r and o["started"] < r["started"] and
                                             (o["ended"] or 1e18) > r["started"] for o in in_time)]
    assert read >= 4 and len(overlapping) >= 3


def test_a_single_cutout_is_a_single_request(mount, archive):
    plates = mount.plates()
    archive.forget_requests()
    (mount.target / "cutouts" / f"{plates[0]}.fits").read_bytes()
    assert len(archive.requests("soda", "file")) == 1
