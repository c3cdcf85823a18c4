# SPDX-License-Identifier: BSD-3-Clause
"""W1 to W7, cutouts in order, open files: each yields (row, facts) for one peer and one repetition.

A workload is a function of (site, peer, rep). Who does not take part in a workload yields nothing.
"""
import os
import pathlib
import shutil
import subprocess
import sys

import plates
from bench_site import CUTOUT_TARGET, MANY_TARGET, SMALL_TARGET, target_name
from measure import measured, run_call, run_program
from mounts import COMMANDS, TARGET, drop_pages

HERE = pathlib.Path(__file__).parent
MOUNTS = ("platefs", *COMMANDS)


def curl_parallel(pieces, at_once):
    """curl's own parallel transfers: (url, range or None) each."""
    words = ["curl", "-Z", "--parallel-max", str(at_once)]
    if at_once == len(pieces):
        words.append("--parallel-immediate")      # a connection for each, instead of waiting for a free one
    for i, (url, part) in enumerate(pieces):
        words += ["--next"] * (i > 0) + ["-s", "-f", "-o", "/dev/null"] + (["-r", part] if part else []) + [url]
    return words


def check_sum(site, facts, expected):
    if "sum" in facts and facts["sum"] != expected:
        facts["error"] = "WRONG BYTES"
    return facts


def w1(site, peer, rep):
    """Cold sequential read of the big plate; then W2: again at once (hot), and after a remount (from its cache)."""
    size, url = site.sizes.big_bytes, site.files.url + "/big.fits"
    if peer == "curl":
        for n in (1, 4, 8):
            pieces = [(url, f"{size * i // n}-{size * (i + 1) // n - 1}") for i in range(n)]
            yield f"curl x{n}", measured(site, lambda: run_program(curl_parallel(pieces, n)))
    elif peer in MOUNTS:
        with site.mount(peer) as mount:
            path = mount.big()
            read = [site.reader, "sequential", size, path]
            yield peer, measured(site, lambda: run_program(read), mount)
            yield f"{peer} W2 hot", measured(site, lambda: run_program(read), mount)
            if rep == 0:
                same = subprocess.run(["cmp", "-s", path, site.served / "big.fits"]).returncode == 0
                if not same:
                    yield f"{peer} check", {"wall": 0, "error": "WRONG BYTES"}
            mount.again()
            path = mount.big()
            if peer == "pt":
                drop_pages(path)
            yield f"{peer} W2 remount", measured(site, lambda: run_program(read), mount)


def w3(site, peer, rep):
    """The first 2880 bytes of a file nobody has read."""
    if peer == "curl":
        url = site.files.url + "/big.fits"
        words = ["curl", "-s", "-f", "-o", "/dev/null", "-r", "0-2879", "-w", '{"wall": %{time_total}}\n%{stderr}', url]
        yield peer, measured(site, lambda: run_program(words))
    elif peer in MOUNTS:
        with site.mount(peer) as mount:
            path = mount.big()
            yield peer, measured(site, lambda: run_program([site.reader, "first", 2880, path]), mount)


def random_reads(site, peer, rep, threads, label):
    count, size, total = site.counts.random_reads, 65536, site.sizes.big_bytes
    words = [site.reader, "random", count, size, rep + 1, threads, total]
    truth = run_program([*words, site.served / "big.fits"])["sum"]
    if peer == "curl":
        facts = measured(site, lambda: run_program([*words, site.files.url + "/big.fits"], 100))
        yield f"curl {label}", check_sum(site, facts, truth)
    elif peer in MOUNTS:
        yield from random_reads_of_mount(site, peer, words, truth, label)
        if peer == "platefs" and threads > 4:
            # As many connections as curl has: of itself, platefs does not take more than four of a host.
            yield from random_reads_of_mount(site, peer, words, truth, f"--jobs-per-host {threads} {label}",
                                             ["--jobs-per-host", str(threads)])


def random_reads_of_mount(site, peer, words, truth, label, options=()):
    with site.mount(peer, options) as mount:
        path = mount.big()
        facts = measured(site, lambda: run_program([*words, path], 100), mount)
        yield f"{peer} {label}", check_sum(site, facts, truth)
        if "error" not in facts and peer != "pt":
            drop_pages(path)
            again = measured(site, lambda: run_program([*words, path], 100), mount)
            yield f"{peer} {label} warm", check_sum(site, again, truth)


def w4(site, peer, rep):
    """500 reads of 64 KiB at random places: one reader, then sixteen."""
    yield from random_reads(site, peer, rep, 1, "x1")
    yield from random_reads(site, peer, rep, 16, "x16")


def w5(site, peer, rep):
    """A cutout of 20' x 20' from the big plate, which no service makes."""
    url, rows = site.files.url + "/big.fits", plates.window_rows(site.sizes)
    if peer == "curl":
        for n in (6, 12):
            step = -(-len(rows) // n)
            parts = [",".join(f"{at}-{at + size - 1}" for at, size in rows[i:i + step])
                     for i in range(0, len(rows), step)]
            yield f"curl multi-range x{n}", measured(
                site, lambda: run_program(curl_parallel([(url, part) for part in parts], n)))
        first, last = rows[0][0], sum(rows[-1])
        yield "curl all rows x1", measured(site, lambda: run_program(curl_parallel([(url, f"{first}-{last - 1}")], 1)))
        if rep == 0:
            yield "curl whole plate", measured(site, lambda: run_program(curl_parallel([(url, None)], 1)))
    elif peer == "fsspec":
        yield peer, measured(site, lambda: cut_by_astropy(site, url, "fsspec"))
    elif peer == "platefs":
        yield from w5_by_platefs(site, rep)
    elif peer in MOUNTS:
        with site.mount(peer) as mount:
            path = mount.big()
            yield f"{peer} + astropy", measured(site, lambda: cut_by_astropy(site, path, "memmap"), mount)
            if peer != "pt" and shutil.which("imcopy") and (site.served / "big.fits.fz").exists():
                packed = mount.packed()
                yield f"{peer} + imcopy tile-compressed", measured(site, lambda: cut_by_imcopy(site, packed), mount)


def w5_by_platefs(site, rep):
    """Each from a mount of its own: who reads one cutout after the other finds the next one made."""
    scans = [("big", "platefs", "big.fits", site.files),
             ("packed", "platefs tile-compressed", "big.fits.fz", site.files),
             ("single", "platefs, server without multi-range", "big.fits", site.single)]
    if rep == 0:
        scans.append(("rangeless", "platefs, server without ranges", "big.fits", site.rangeless))
    for scan, label, name, server in scans:
        if (site.served / name).exists():
            with site.mount("platefs") as mount:
                yield from w5_of_mount(site, mount, scan, label, name, server)
                plate = mount.plate(scan).name
            if server is site.files:
                with site.mount("platefs") as mount:
                    path = mount.path / region(site) / plate / "cutout.fits"
                    yield f"{label}, nothing known", check_cutout(
                        site, path, measured(site, lambda: run_call(path.read_bytes), mount))


def region(site):
    """Seconds of radius: the window is square and as wide as the circle."""
    return f"{TARGET}@{site.sizes.window // 2}s"


def w5_of_mount(site, mount, scan, label, name, server):
    path = mount.plate(scan, region(site)) / "cutout.fits"
    os.listdir(path.parent)
    facts = check_cutout(site, path, measured(site, lambda: run_call(path.read_bytes), mount, server))
    facts["of_needed"] = facts["wire"] / plates.needed_bytes(site.served, site.sizes, name)
    yield label, facts
    if server is site.files:
        yield label + " again", measured(site, lambda: run_call(path.read_bytes), mount)


def window(site):
    x, y = (p - site.sizes.window // 2 for p in site.sizes.target_pixel)
    return x, x + site.sizes.window - 1, y, y + site.sizes.window - 1


def cut_by_astropy(site, source, how):
    """In a process of its own, which leaves the start of Python and the imports out of its clock."""
    facts = run_program([sys.executable, HERE / "cut_by_astropy.py", how, source, *window(site)], 120)
    return check_sum(site, facts, int(plates.window_pixels(site.served, site.sizes).astype("i8").sum()))


def cut_by_imcopy(site, path):
    x1, x2, y1, y2 = window(site)
    return run_program(["imcopy", f"{path}[{x1}:{x2},{y1}:{y2}]", f"!{site.scratch}/imcopy.fits"], 120)


def check_cutout(site, path, facts):
    """The cutout holds the window's pixels; it may be wider by a pixel on each side."""
    if "error" in facts:
        return facts
    from astropy.io import fits
    with fits.open(path) as file:
        pixels, head = file[0].data, file[0].header
    x, y = (round(head["CRPIX1"]) - 1, round(head["CRPIX2"]) - 1)
    half = site.sizes.window // 2 - 2
    mine = pixels[y - half:y + half, x - half:x + half]
    wanted = plates.window_pixels(site.served, site.sizes)
    middle = site.sizes.window // 2
    if mine.shape != (2 * half, 2 * half) or (mine != wanted[middle - half:middle + half,
                                                             middle - half:middle + half]).any():
        facts["error"] = "WRONG PIXELS"
    return facts


def w6(site, peer, rep):
    """`ls -l` of a directory of 2,000 plates."""
    def listing(path):
        return lambda: run_program(["ls", "-l", path])

    if peer == "platefs":
        with site.mount(peer) as mount:
            path = mount.path / target_name(SMALL_TARGET)
            yield peer, measured(site, listing(path), mount)
            yield "platefs warm", measured(site, listing(path), mount)
            yield "platefs cutouts/", measured(site, listing(path / "cutouts"), mount)
            yield "platefs cutouts/ warm", measured(site, listing(path / "cutouts"), mount)
    elif peer == "ext4":
        path = site.scratch / "names"
        for i in range(site.sizes.small_files):
            (path / f"1890-05-17_p{i:05d}").mkdir(parents=True, exist_ok=True)
        run_program(["ls", "-l", path])
        yield "ext4 warm", measured(site, listing(path))
    elif peer == "curl":
        yield "curl (the server's listing)", measured(
            site, lambda: run_program(["curl", "-s", "-f", "-o", "/dev/null", site.files.url + "/small/"]))
    elif peer in MOUNTS and peer != "pt":
        with site.mount(peer) as mount:
            yield peer, measured(site, listing(mount.path / "small"), mount)
            yield f"{peer} warm", measured(site, listing(mount.path / "small"), mount)


def w7(site, peer, rep):
    """Sixteen readers at once, each 8 MiB from its own place of the big plate."""
    total, url = site.sizes.big_bytes, site.files.url + "/big.fits"
    words = [site.reader, "spread", 16, min(8 << 20, total // 16), 16, total]
    truth = run_program([*words, site.served / "big.fits"])["sum"]
    if peer == "curl":
        for connections in (16, 4):
            those = [*words[:4], connections, total, url]
            yield f"curl x{connections}", check_sum(site, measured(site, lambda: run_program(those)), truth)
    elif peer in MOUNTS:
        for options in ([], ["--jobs-per-host", "16"]) if peer == "platefs" else ([],):
            with site.mount(peer, options) as mount:
                path = mount.big()
                facts = measured(site, lambda: run_program([*words, path], 120), mount)
                yield " ".join([peer, *options]), check_sum(site, facts, truth)


def cutouts(site, peer, rep):
    """Cutouts of as many plates read in order, from a SODA service that needs 200 ms for each."""
    if peer == "curl":
        url = site.archive.url + "/soda?ID=x&CIRCLE=0+0+0.1&n="
        pieces = [(f"{url}{i}", None) for i in range(site.counts.cutouts)]
        for n in (1, 4):
            if n == 4 or rep == 0:
                yield f"curl x{n}", measured(site, lambda: run_program(curl_parallel(pieces, n)))
    elif peer == "platefs":
        with site.mount(peer, ["--jobs-per-host", "4"]) as mount:
            directory = mount.path / target_name(CUTOUT_TARGET) / "cutouts"
            truth = (site.served / "cutout.fits").stat().st_size

            def read_all():
                sizes = [len((directory / name).read_bytes()) for name in sorted(os.listdir(directory))]
                if len(sizes) != site.counts.cutouts or min(sizes) < truth // 2:
                    return {"error": f"{len(sizes)} files, the smallest of {min(sizes, default=0)} bytes"}
                return None
            yield peer, measured(site, lambda: run_call(read_all), mount)


def memory(site, peer, rep):
    """500 plates held open, 512 KiB read from each, in turn."""
    if peer != "platefs":
        return
    with site.mount(peer) as mount:
        target = mount.path / target_name(MANY_TARGET)
        with open(site.served / "big.fits", "rb") as file:
            truth = file.read(512 << 10)

        def read_some():
            files, wrong = [], 0
            try:
                for name in sorted(os.listdir(target)):
                    if name[-6:-5] == "m":
                        files.append(open(target / name / "full.fits", "rb", buffering=0))
                for _ in range(2):
                    for file in files:
                        at = file.tell()
                        wrong += file.read(256 << 10) != truth[at:at + (256 << 10)]
            finally:
                for file in files:
                    file.close()
            return {"error": f"{wrong} wrong reads"} if wrong else {"read": len(files) * len(truth)}
        yield f"platefs, {site.counts.open_files} open files", measured(site, lambda: run_call(read_some), mount)
