// SPDX-License-Identifier: BSD-3-Clause
#include "fs/readme.h"

#include <fmt/format.h>

namespace platefs::fs {
namespace {

constexpr const char* kText = R"(Photographic plates as files (platefs {version})

Go to a place on the sky as to a directory. It need not be listed here first:

  ls {mount}/156.011+48.148/            ICRS, decimal degrees
  ls {mount}/10:24:02.7+48:08:51/       or sexagesimal; also J102402.7+480851, 10h24m02.7s+48d08m51s
  ls {mount}/156.011+48.148@20m/        cutouts of another radius: 20 arc minutes (d degrees, s seconds)

There is a directory for each plate that covers the place, named by date and scan, so that ls sorts them by
epoch:

  cutout.fits     the surroundings of the place, at the best resolution that the archive has
  full.fits       the whole plate, often hundreds of megabytes
  preview.jpg     a picture of the plate
  plate.json      what the archive says of it, and where each file comes from
  datalink.vot    the archive's list of files for this plate, as served
  links/          other files on that list

and, beside the plates:

  plates.vot, plates.csv    the list of plates, for TOPCAT and scripts
  cutouts/, previews/       every cutout and preview under a name of its own
  errors.txt                only if something failed: what, when and why

Listing fetches nothing but lists. A file is fetched when it is opened for the first time, which may take a
while, and read from the cache from then on. Ctrl-C frees a program that waits for an archive.

  ds9 {mount}/156.011+48.148/cutouts/*.fits         blink through a century
  topcat {mount}/156.011+48.148/plates.vot
  cp -r {mount}/156.011+48.148/cutouts .            to keep them
  find {mount}/156.011+48.148/cutouts ! -newermt 1900-01-01     by date of observation

A file that can't be opened says why:

  getfattr -n user.platefs.error --only-values {mount}/156.011+48.148/PLATE/cutout.fits

What the mount is doing now: platefs status {mount}
)";

}  // namespace

std::string readme_text(const std::string& version, const std::string& mountpoint) {
  return fmt::format(fmt::runtime(kText), fmt::arg("version", version), fmt::arg("mount", mountpoint));
}

}  // namespace platefs::fs
