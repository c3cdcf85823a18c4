# SPDX-License-Identifier: BSD-3-Clause
"""Photographic plates of a place on the sky, from every archive that platefs knows.

    import platefs
    star = platefs.target("M31", radius="5m")
    star.plates                                  # an astropy Table
    for plate, hdus in star.cutouts():
        print(plate["date_min"], hdus[0].data.mean())
    star.errors                                  # which plates could not be had, and why

The program `platefs` does the work: files come over a mount where one runs, else over a server that is started on
127.0.0.1 and ended with this process. Both share the cache of all other commands.
"""
from ._doors import Door, MountDoor, PlatefsError, ServerDoor, connect
from ._target import Target, target
from ._version import __version__

__all__ = ["Door", "MountDoor", "PlatefsError", "ServerDoor", "Target", "__version__", "connect", "target"]
