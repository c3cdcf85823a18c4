// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/plate_files.h"

namespace platefs::demo {

PlateFiles files_of(const Plate& plate) {
  constexpr int kPreviewSize = 480;
  const auto scan = scan_of(plate);
  PlateFiles files;
  files.full = fits_file(plate, plate.solution, scan, plate.is(Peculiarity::Packed));
  if (!reduced_name(plate).empty()) {
    files.reduced = fits_file(plate, plate.solution.binned(kBinning), binned(scan, kBinning), false);
  }
  if (!preview_name(plate).empty()) files.preview = jpeg_file(scan, kPreviewSize);
  return files;
}

}  // namespace platefs::demo
