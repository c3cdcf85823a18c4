# SPDX-License-Identifier: BSD-3-Clause
"""Programs that read by URL and WebDAV what `platefs serve` shows."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree

import pytest
from conftest import BIN, TARGET
from served import Server, as_nobody, can_unshare, plates_of, serve  # noqa: F401


# -- programs


@pytest.mark.skipif(not can_unshare(), reason="wants to be root, to be another user without /dev/fuse")
def test_another_user_without_fuse_gets_the_same(serve, archive, tmp_path):
    home = pathlib.Path(tempfile.mkdtemp(prefix="platefs-nobody-"))
    try:
        program = shutil.copy(BIN / "platefs", home / "platefs")
        os.chmod(program, 0o755)
        os.chmod(home, 0o777)
        server = Server(archive, home, program=program, environment={"HOME": str(home)}, before=as_nobody(home))
        try:
            plate = plates_of(server)[0]
            status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
            assert re.search(r"^Uid:\t65534", status, re.M)
            (home / "mnt").mkdir(mode=0o777)
            for words in (["doctor", "--offline"], ["mount", "--offline", home / "mnt"]):
                refused = subprocess.run([*as_nobody(home), program, *words, "--cache-dir", home / "other"], capture_output=True, text=True,
                                         env={"HOME": str(home), "PATH": os.environ["PATH"]}, timeout=30)
                assert refused.returncode == 1
                assert "/dev/fuse: Permission denied" in refused.stdout + refused.stderr
                assert "no FUSE here? `platefs serve`" in refused.stdout + refused.stderr
            other = serve()
            for name in ("cutout.fits", "preview.jpg"):
                body = server.get(f"/{TARGET}/{plate}/{name}")[2]
                assert body and body == other.get(f"/{TARGET}/{plate}/{name}")[2]
        finally:
            assert server.stop() == 0
    finally:
        shutil.rmtree(home)


@pytest.mark.skipif(not shutil.which("wget"), reason="wants wget")
def test_wget_takes_a_target_with_all_its_links_and_comes_to_an_end(serve, tmp_path):
    server = serve()
    plates = plates_of(server)
    folder = tmp_path / "taken"
    subprocess.run(["wget", "-q", "-r", "-nH", "--cut-dirs=1", "-e", "robots=off", "-R", "full.fits,*.fits", "-P", folder,
                    f"{server.url}{TARGET}/"], timeout=300)
    assert sorted(p.name for p in folder.iterdir()) == [TARGET], "nothing beside the target"
    taken = folder / TARGET
    for plate in plates:
        assert (taken / plate / "plate.json").is_file()
    stamps = sorted(taken.glob("stamps/*.jpg"))
    assert len(stamps) > 30
    assert stamps[0].read_bytes() == server.get(f"/{TARGET}/stamps/{stamps[0].name}")[2]
    assert b'class="player"' in (taken / "index.html").read_bytes(), "the page of the stamps, not the list of names"


def test_astropy_reads_by_url(serve):
    from astropy.io import fits
    from astropy.io.votable import parse_single_table
    server = serve()
    plate = plates_of(server)[0]
    with fits.open(f"{server.url}{TARGET}/cutouts/{plate}.fits", cache=False) as image:
        assert image[0].data is not None
    table = parse_single_table(f"{server.url}{TARGET}/plates.vot")
    paths = [str(value) for value in table.to_table()["cutout"]] if "cutout" in table.to_table().colnames else []
    for path in paths[:3]:
        assert path.startswith(server.url)


def test_fsspec_reads_a_header_without_the_file(serve, archive):
    pytest.importorskip("fsspec")
    pytest.importorskip("aiohttp")
    from astropy.io import fits
    import fsspec
    server = serve()
    plate = plates_of(server)[5]
    url = f"{server.url}{TARGET}/{plate}/full.fits"
    with fsspec.open(url, "rb", block_size=8192, cache_type="readahead").open() as file:
        with fits.open(file, lazy_load_hdus=True) as image:
            assert image[0].header["SIMPLE"]
            size = file.size
    assert sum(r.get("sent", 0) for r in archive.requests("file")) < size


# -- WebDAV

DAV = "{DAV:}"


def propfind(server, path, depth, body=None, **more):
    status, headers, text = server.request("PROPFIND", path, {"Depth": depth}, body, **more)
    return status, xml.etree.ElementTree.fromstring(text) if text.startswith(b"<?xml") else text


def test_webdav_lists_what_a_directory_holds(serve):
    server = serve("--webdav")
    assert server.request("OPTIONS", "/")[1]["dav"] == "1"
    status, tree = propfind(server, f"/{TARGET}/", "1")
    assert status == 207
    hrefs = [element.text for element in tree.iter(f"{DAV}href")]
    assert hrefs[0] == f"{server.prefix}/{TARGET}/", "as the client wrote it"
    escaped = f"/{TARGET.replace('+', '%2B')}/"
    assert next(propfind(server, escaped, "0")[1].iter(f"{DAV}href")).text == server.prefix + escaped
    assert [href[len(hrefs[0]):] for href in hrefs[1:]] == server.links(f"/{TARGET}/")
    collections = [r.find(f"{DAV}href").text for r in tree if r.find(f".//{DAV}collection") is not None]
    assert hrefs[0] + "cutouts/" in collections and hrefs[0] + "plates.vot" not in collections
    assert len(list(propfind(server, f"/{TARGET}", "0")[1])) == 1


def test_webdav_tells_sizes_that_are_exact_and_no_others(serve):
    server = serve("--webdav")
    plate = plates_of(server)[0]
    path = f"/{TARGET}/cutouts/{plate}.fits"
    assert propfind(server, path, "0")[1].find(f".//{DAV}getcontentlength") is None
    _, headers, body = server.get(path)
    tree = propfind(server, path, "0")[1]
    assert int(tree.find(f".//{DAV}getcontentlength").text) == len(body)
    assert tree.find(f".//{DAV}getetag").text == headers["etag"]


def test_webdav_says_no_to_what_is_endless_or_not_there(serve):
    server = serve("--webdav")
    for headers in ({"Depth": "infinity"}, {}):
        status, _, text = server.request("PROPFIND", "/", headers)
        assert status == 403 and b"propfind-finite-depth" in text
    assert propfind(server, "/nonsense", "0")[0] == 404
    assert propfind(server, "/", "0", b"<no xml")[0] == 400
    assert serve(cache="other").request("PROPFIND", "/", {"Depth": "0"})[0] == 405


@pytest.mark.skipif(not shutil.which("rclone"), reason="wants rclone")
def test_rclone_copies_by_webdav_and_by_http(serve, tmp_path):
    server = serve("--webdav")
    plates = plates_of(server)
    environment = {**os.environ, "RCLONE_CONFIG": "/dev/null"}
    for kind in (["--webdav-url", server.url, f":webdav:{TARGET}/previews"], ["--http-url", server.url, f":http:{TARGET}/previews"]):
        folder = tmp_path / kind[0][2:]
        subprocess.run(["rclone", "copy", "--ignore-size", *kind[:2], kind[2], folder], env=environment, check=True, timeout=120)
        assert len(list(folder.iterdir())) >= len(plates) - 8
        for file in sorted(folder.iterdir())[:5]:
            assert file.read_bytes() == server.get(f"/{TARGET}/previews/{file.name}")[2]
