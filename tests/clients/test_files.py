# SPDX-License-Identifier: BSD-3-Clause
"""Copying, searching and reading the files with unchanged programs."""
import filecmp
import os
import re

from conftest import DEC, IMAGES, RA, needs, shell


@needs("xy2sky", "sky2xy", "gethead")
def test_wcstools_finds_the_star(star, solved_cutouts, tmp_path):
    for path in solved_cutouts[:10]:
        x, y = map(float, re.search(r"-> +([\d.]+) +([\d.]+)",
                                    shell(f"sky2xy $F {RA} {DEC} J2000", tmp_path, F=path)).groups())
        ra, dec = map(float, shell(f"xy2sky -d $F {x} {y}", tmp_path, F=path).split()[:2])
        assert abs(ra - RA) < 2e-4 and abs(dec - DEC) < 2e-4, path.name
    dates = shell("gethead -h $T/cutouts/189[0-3]*.fits DATE-OBS MJD-OBS", tmp_path, T=star).splitlines()[1:]
    assert len(dates) >= 5
    for line in dates:
        name, date, mjd = line.split()
        assert name.startswith(date[:10]) and 11000 < float(mjd) < 13000


@needs("fitsverify")
def test_fitsverify_finds_no_error_in_cutouts_made_here(good_cutouts, tmp_path):
    made_here = [p for p in good_cutouts if os.getxattr(p, "user.platefs.source") == b"cutout"]
    assert len(made_here) >= 5
    for path in made_here:
        said = shell("fitsverify -q -e $F 2>&1 || true", tmp_path, F=path)
        assert "0 errors" in said or said.startswith("verification OK"), f"{path.name}: {said}"


@needs("rsync", "tar")
def test_copies_are_whole_on_first_touch(mount, archive, tmp_path):
    """Each program is the first to touch its files, when their sizes are only estimates."""
    names = [p.name for p in sorted((mount.target / "cutouts").iterdir()) if p.name.startswith("189")]
    thirds = names[0::3], names[1::3], names[2::3]
    paths = [" ".join(f"{mount.target}/cutouts/{n}" for n in third) for third in thirds]
    shell("""mkdir cp rsync tar
             cp $A cp/ || true
             rsync $B rsync/ || true
             tar cf - -C / $(for f in $C; do echo ${f#/}; done) 2>/dev/null | tar xf - -C tar --strip-components=$DEPTH || true""",
          tmp_path, A=paths[0], B=paths[1], C=paths[2], DEPTH=len(str(mount.target / "cutouts").strip("/").split("/")))
    copied = 0
    for where, third in zip(("cp", "rsync", "tar"), thirds):
        for name in third:
            copy = tmp_path / where / name
            if copy.exists():
                assert filecmp.cmp(copy, mount.target / "cutouts" / name, shallow=False), copy
                copied += 1
    assert copied >= len(names) - 2                   # at most the demo archive's broken plates


def test_listing_searching_and_counting_fetch_no_image(mount, archive, tmp_path):
    shell("""ls -lR $T > /dev/null; find $T -name '*.fits' -size +1k > found; du -s $T > used
             find $T -type f ! -newermt 1900-01-01 > early""", tmp_path, T=mount.target)
    assert archive.requests(*IMAGES) == []
    assert len((tmp_path / "early").read_text().splitlines()) > 20
    # du counts what is in the cache: so far the texts alone.
    assert int((tmp_path / "used").read_text().split()[0]) < 2000
