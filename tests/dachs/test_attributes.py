# SPDX-License-Identifier: BSD-3-Clause
"""Times, sizes and names are what programs expect."""
import errno
import os
import pathlib
import subprocess

import pytest
from astropy.time import Time

from conftest import IMAGE_FILES, LIMIT_SECONDS, names_of, those


def may_be_had(path):
    return path.exists() and os.getxattr(path, "user.platefs.state") != b"failed"


def test_mtime_is_the_beginning_of_the_exposure(mount, plates, where):
    for plate in plates:
        if plate.t_min is not None:
            begin = (plate.t_min - 40587) * 86400
            for name in ("cutout.fits", "full.fits"):
                path = where(plate) / name
                if path.exists():
                    assert abs(path.stat().st_mtime - begin) <= 1, path
    newest = subprocess.run(["find", mount.target / "cutouts", "-name", "*.fits", "!", "-newermt", "1900-01-01"],
                            check=True, capture_output=True, text=True, timeout=LIMIT_SECONDS).stdout.split()
    old = [plate for plate in plates if plate.t_min is not None and plate.t_min < Time("1900-01-01").mjd]
    # What is known to fail can be opened in the plate's folder, and is not listed among the cutouts.
    assert {where(plate).name for plate in old if may_be_had(where(plate) / "cutout.fits")} == {
        pathlib.Path(path).stem for path in newest}


def test_st_size_is_exact_once_a_file_is_open(fresh, plates):
    with fresh() as mount:
        names = names_of(mount)
        for plate in [those(plates, "soda")[0], those(plates, "cutout")[-1], those(plates, "trimmed")[0]]:
            for name in IMAGE_FILES:
                path = mount.target / names[plate.did] / name
                assert path.stat().st_size > 0, path
                with open(path, "rb", buffering=0) as file:
                    size = os.fstat(file.fileno()).st_size
                    assert len(file.readall()) == size == path.stat().st_size, path


def test_two_names_of_a_cutout_are_one_inode(mount, plates, where):
    for plate in those(plates, "soda", "cutout"):
        name = where(plate).name
        for one, other in ((mount.target / "cutouts" / f"{name}.fits", where(plate) / "cutout.fits"),
                           (mount.target / "previews" / f"{name}.jpg", where(plate) / "preview.jpg")):
            assert one.exists() == other.exists(), one
            if other.exists():
                assert (one.stat().st_ino, one.stat().st_nlink) == (other.stat().st_ino, 2), one


def test_tar_stores_the_bytes_that_cat_reads(mount, plates, where, tmp_path):
    chosen = those(plates, "soda")[:3] + those(plates, "cutout")[:3]
    archive = tmp_path / "cutouts.tar"
    files = [f"cutouts/{where(plate).name}.fits" for plate in chosen]
    subprocess.run(["tar", "-cf", archive, "-C", mount.target, *files], check=True, timeout=LIMIT_SECONDS)
    subprocess.run(["tar", "-xf", archive, "-C", tmp_path], check=True, timeout=LIMIT_SECONDS)
    for plate, name in zip(chosen, files):
        assert (tmp_path / name).read_bytes() == (where(plate) / "cutout.fits").read_bytes()


def test_the_tree_is_read_only(mount, plates, where):
    path = where(plates[0])
    for change in (lambda: (path / "new").write_text("x"), lambda: (path / "cutout.fits").unlink(),
                   lambda: os.rename(path, str(path) + "x"), lambda: (mount.target / "new").mkdir()):
        with pytest.raises(OSError) as refused:
            change()
        assert refused.value.errno == errno.EROFS
