// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/plate_files.h"

namespace platefs::demo {
namespace {

/// The plate whose solutions are those of a binned scan.
Plate binned(Plate plate, int factor) {
  plate.solution = plate.solution.binned(factor);
  for (auto& exposure : plate.further) exposure.solution = exposure.solution.binned(factor);
  return plate;
}

}  // namespace

PlateFiles files_of(const Plate& plate) {
  constexpr int kPreviewSize = 480;
  const auto scan = scan_of(plate);
  PlateFiles files;
  files.full = fits_file(plate, plate.solution_cards(), scan, plate.is(Peculiarity::Packed));
  if (!reduced_name(plate).empty()) {
    files.reduced = fits_file(plate, binned(plate, kBinning).solution_cards(), binned(scan, kBinning), false);
  }
  if (!preview_name(plate).empty()) files.preview = jpeg_file(scan, kPreviewSize);
  return files;
}

}  // namespace platefs::demo
