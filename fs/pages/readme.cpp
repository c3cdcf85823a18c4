// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/readme.h"

#include <fmt/format.h>

namespace platefs::fs {
namespace {

constexpr std::string_view kTitle = R"(Photographic plates of the sky, as a directory
===============================================

)";

constexpr std::string_view kMounted =
    R"(This is a mount of platefs {version}. Enter a directory that is named after a place on the
sky, and it holds every digitised plate that covers the place:

    ls {mount}/156.01124674021+48.14753874736/

The directory need not be there before: any place can be entered, those used before are
listed. Nothing here can be changed, so nothing can be broken.
)";

constexpr std::string_view kServed =
    R"(This is platefs {version} over HTTP. Open a directory that is named after a place on the sky,
and it holds every digitised plate that covers the place:

    {mount}/156.01124674021+48.14753874736/

The directory need not be there before: any place can be opened, those used before are
listed. Nothing here can be changed, so nothing can be broken. The URL holds a token: who
knows it can read all of this, on this computer and as long as `platefs serve` runs.
)";

constexpr std::string_view kNames = R"(

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
    sequence.csv                only there when you gave comparison stars: those near the place, with their letters
    catalogue.csv               only there when a catalogue is configured: stars that could be such
    CITATION.bib                how to cite and to thank the archives
    errors.txt                  only there when something failed: what, when, why
    cutouts/                    the place's surroundings on every plate, as FITS
    stamps/                     the same as pictures: north up, one scale, marked and dated
    aligned/                    the same resampled onto one grid: blinks without matching
    previews/                   a small image of every plate, as JPEG
    by-decade/  by-collection/  links to the plates
    timeseries/                 light curves that archives hold: enter it by name to ask for them
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


)";

constexpr std::string_view kUsesOfAMount = R"(Try
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

constexpr std::string_view kUsesOfAServer = R"(Try
---

    xdg-open {mount}/PLACE/index.html
    ds9 {mount}/PLACE/cutouts/NAME.fits
    topcat {mount}/PLACE/plates.vot               plot jyear, separation; URLs are columns
    curl -fO {mount}/PLACE/cutouts/NAME.fits
    wget -r -np -nH --cut-dirs=1 {mount}/PLACE/cutouts/
    rclone copy --http-url {mount}/PLACE/cutouts :http: cutouts

and in Python astropy.io.fits.open(URL), with use_fsspec=True for parts of a whole plate. All of
them wait until the archive has cut and sent each file; when they end, its download does.


When something is wrong
-----------------------

A status and the text that comes with it say why, and what to do.

    {mount}/PLACE/errors.txt       what failed for this place, and what to do
    {mount}/.platefs/now.txt       which files are on their way
    {mount}/.platefs/status.json   transfers, archives, cache
    {mount}/.platefs/log.txt       the latest messages: why a name is no place, for one

What was fetched is in $XDG_CACHE_HOME/platefs (else ~/.cache/platefs) unless the server was
given another --cache-dir. Ctrl-C ends the server.
)";

}  // namespace

std::string readme_text(const std::string& place, const std::string& version) {
  const bool is_url = place.starts_with("http://");
  const auto text =
      fmt::format("{}{}{}{}", kTitle, is_url ? kServed : kMounted, kNames, is_url ? kUsesOfAServer : kUsesOfAMount);
  return fmt::format(fmt::runtime(text), fmt::arg("mount", place), fmt::arg("version", version));
}

}  // namespace platefs::fs
