// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/readme.h"

#include <fmt/format.h>

namespace platefs::fs {
namespace {

constexpr std::string_view kText = R"(Photographic plates of the sky, as a directory
===============================================

This is a mount of platefs {version}. Enter a directory that is named after a place on the
sky, and it holds every digitised plate that covers the place:

    ls {mount}/156.01124674021+48.14753874736/

The directory need not be there before: any place can be entered, those used before are
listed. Nothing here can be changed, so nothing can be broken.


How to name a place
-------------------

    156.011+48.148              right ascension and declination in degrees, ICRS
    J102402.7+480851            hours, minutes, seconds; degrees, minutes, seconds
    10:24:02.7+48:08:51         the same
    10h24m02.7s+48d08m51s       the same
    AG Dra    HD_1234           an object, as SIMBAD, NED or VizieR know it; _ is a blank
    156.011+48.148@20m          with a cutout radius of 20 arc minutes (0.5d degrees, 90s arc
                                seconds)
    M31@1890-1920               the plates of these years alone; M31@20m@1890-1920


What is there
-------------

    index.html                  the star on every plate by epoch, for a browser: a blink player, a timeline
    blink.gif  contact.jpg      the stamps as an animation and as a sheet
    plates.vot .csv .fits       all plates as a table, with dates, distances and paths
    target.reg                  the place and the cutouts' circle for DS9
    CITATION.bib                how to cite and to thank the archives
    errors.txt                  only there when something failed: what, when, why
    cutouts/                    the place's surroundings on every plate, as FITS
    stamps/                     the same as pictures: north up, one scale, marked and dated
    aligned/                    the same resampled onto one grid: blinks without matching
    previews/                   a small image of every plate, as JPEG
    by-decade/  by-collection/  links to the plates
    unsolved/                   only there when an archive tells of plates without an image of the place: why
    1890-05-17_i00811/          one plate: date of observation and scan id
        cutout.fits             the place's surroundings (the same file as in cutouts/)
        full.fits               the whole plate: often hundreds of megabytes
        preview.jpg             the same file as in previews/
        chart.png               a finding chart
        plate.json              what the archive says of it, and where each file comes from
        datalink.vot            the archive's list of files
        links/                  whatever else the archive offers

A file is fetched when it is first opened, and kept. Listing costs nothing but a question to
the archive. A file that failed lately is not listed in these folders; errors.txt says why, and
it can be opened by its name. The time of a file is the time of the observation.


Try
---

    ls -lt {mount}/PLACE/cutouts/
    xdg-open {mount}/PLACE/index.html
    ds9 {mount}/PLACE/cutouts/*.fits              the place through a century: blink the frames
    topcat {mount}/PLACE/plates.vot               plot jyear, separation; paths are columns
    cp {mount}/PLACE/cutouts/*.fits .             take them away
    find {mount}/PLACE/cutouts/ -type f ! -newermt 1900-01-01
    getfattr -d {mount}/PLACE/*/cutout.fits       where each comes from, why it failed

ds9 and cp wait until the archive has cut and sent each file; Ctrl-C ends the wait.


When something is wrong
-----------------------

    {mount}/PLACE/errors.txt       what failed for this place, and what to do
    {mount}/.platefs/now.txt       which files are on their way, and for which program
    {mount}/.platefs/status.json   transfers, archives, cache
    {mount}/.platefs/log.txt       the latest messages: why a name is no place, for one
    platefs status {mount}         the same for a person

What was fetched is in $XDG_CACHE_HOME/platefs (else ~/.cache/platefs) unless the mount was
given another --cache-dir. A file manager that says "permission denied" wanted to fetch every file
to draw its icon: open the files with other programs first, or see `platefs mount --help`,
--guard. `du` on files here counts what is in the cache. The log is
$XDG_STATE_HOME/platefs/log.txt (else ~/.local/state/platefs/log.txt).

    platefs unmount {mount}
)";

}  // namespace

std::string readme_text(const std::string& mountpoint, const std::string& version) {
  return fmt::format(fmt::runtime(kText), fmt::arg("mount", mountpoint), fmt::arg("version", version));
}

}  // namespace platefs::fs
