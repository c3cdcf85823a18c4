# SPDX-License-Identifier: BSD-3-Clause
"""Everything a workload runs against: plates, servers, directories, programs."""
import os
import pathlib
import shutil
import tempfile

import mounts
import plates
from net import Loopback, Wan
from servers import Archive, FileServer, Tally

# Targets of the archive besides the one of the big plates.
SMALL_TARGET, CUTOUT_TARGET, MANY_TARGET = (10.5, 41.25), plates.CUTOUT_CENTRE, (201.25, -43.0)


def target_name(place):
    return f"{place[0]}{place[1]:+}"


class Site:
    def __init__(self, work, binaries, net, sizes, counts, soda_latency):
        self.work, self.sizes, self.counts = work, sizes, counts
        self.platefs, self.reader = binaries / "platefs", binaries / "bench-reader"
        self.net = self.files = self.archive = self.slow = self.single = self.rangeless = None
        self.served, self.local = served_directory(work, sizes), work / f"plates-{sizes.side}-{plates.RECIPE}"
        plates.make(self.served, sizes)
        self.local.mkdir(parents=True, exist_ok=True)
        copy_once(self.served / "big.fits", self.local / "big.fits")
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="run-", dir=work))
        try:
            self.net = Wan(binaries) if net == "wan" else Loopback()
            self.files = FileServer(self.net, self.served, self.scratch / "files")
            # Slow enough that nobody has all of the plate before it stalls: 50 s from start to end.
            self.slow = FileServer(self.net, self.served, self.scratch / "slow", self.net.neighbour,
                                   rate=sizes.big_bytes // 50)
            self.single = FileServer(self.net, self.served, self.scratch / "single", max_ranges=1)
            self.rangeless = FileServer(self.net, self.served, self.scratch / "rangeless", max_ranges=0)
            self.archive = Archive(self.net, self.targets(), self.scratch, self.served / "cutout.fits", soda_latency)
        except Exception:
            self.close()
            raise

    def targets(self):
        big, url = self.sizes.big_bytes, self.files.url

        def plate(scan, where, size, day=0, **more):
            return {"id": f"ivo://bench/plates/{scan}", "url": where, "bytes": size, "t_min": 11504.5 + day, **more}

        small = plates.BLOCK + plates.padded(2 * 144 * 60)
        packed = self.served / "big.fits.fz"
        big_plates = [plate("big", url + "/big.fits", big),
                      plate("slow", self.slow.url + "/big.fits", big, 2),
                      plate("single", self.single.url + "/big.fits", big, 3),
                      plate("rangeless", self.rangeless.url + "/big.fits", big, 4)]
        if packed.exists():
            big_plates.append(plate("packed", url + "/big.fits.fz", packed.stat().st_size, 1))
        return [
            {"ra": plates.TARGET_RA, "dec": plates.TARGET_DEC, "plates": big_plates},
            {"ra": SMALL_TARGET[0], "dec": SMALL_TARGET[1], "plates": [
                plate(f"p{i:05d}", f"{url}/small/p{i:05d}.fits", small, i) for i in range(self.sizes.small_files)]},
            {"ra": CUTOUT_TARGET[0], "dec": CUTOUT_TARGET[1], "plates": [
                plate(f"c{i:05d}", url + "/big.fits", big, i, soda=True) for i in range(self.counts.cutouts)]},
            {"ra": MANY_TARGET[0], "dec": MANY_TARGET[1], "plates": [
                plate(f"m{i:05d}", f"{url}/many/{i}/plate.fits", big, i) for i in range(self.counts.open_files)]}]

    def mount(self, peer, options=(), **more):
        return mounts.Mount(self, peer, options, **more)

    def tally(self, files=None):
        return Tally(files or self.files, self.archive)

    def close(self):
        for server in (self.archive, self.rangeless, self.single, self.slow, self.files, self.net):
            if server is not None:
                getattr(server, "stop", getattr(server, "close", None))()
        shutil.rmtree(self.scratch, ignore_errors=True)


def served_directory(work, sizes):
    """In memory where there is room: the server's disk is not what is measured."""
    memory = pathlib.Path("/dev/shm")
    wanted = memory / f"platefs-bench-{os.getuid()}-{sizes.side}-{plates.RECIPE}"
    if memory.is_dir() and (wanted.exists() or shutil.disk_usage(memory).free > 3 * sizes.big_bytes):
        return wanted
    return work / f"served-{sizes.side}-{plates.RECIPE}"


def copy_once(source, copy):
    if not copy.exists() or copy.stat().st_size != source.stat().st_size:
        shutil.copyfile(source, copy.with_suffix(".part"))
        copy.with_suffix(".part").rename(copy)
