// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "tools/demo_archive/plate_image.h"

namespace platefs::demo {

/// The files of one plate, complete, in memory. Same plate, same bytes.
struct PlateFiles {
  std::string full, reduced, preview;  ///< empty where the plate has none
};

PlateFiles files_of(const Plate& plate);

/// A FITS file with the image and the plate's cards (telescope, dates) and those of its `solution`; tile-compressed
/// with RICE_1 as fpack does if so wanted. Throws vo::Error{LocalIo} with cfitsio's words.
std::string fits_file(const Plate& plate, const std::vector<std::string>& solution, const PlateImage& image,
                      bool is_packed);

/// A grey JPEG at most `longest` pixels wide and high, north up as the scan has it.
std::string jpeg_file(const PlateImage& image, int longest);

}  // namespace platefs::demo
