// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "vo/base/byte_range.h"
#include "vo/fits/hdu/header.h"
#include "vo/fits/hdu/source.h"

namespace platefs::vo {

/// Pixels of an image as its header states them: axes[0] is NAXIS1, which varies fastest.
struct ImageShape {
  int bitpix = 0;
  std::vector<std::int64_t> axes;

  std::int64_t width() const { return axes[0]; }
  std::int64_t height() const { return axes[1]; }
  std::int64_t planes() const;  ///< product of the axes behind the second
  std::uint64_t bytes_per_pixel() const;
};

/// BITPIX and NAXISn of an image. Throws Error{Malformed} naming the keyword that is missing or
/// impossible. No product of these axes with the size of a pixel overflows 63 bits.
ImageShape shape_of(const FitsHeader& header);

/// Bytes of the data unit that follows the header, without padding (FITS 4.0 §4.4.1, §6 for random
/// groups). Throws Error{Malformed} as shape_of.
std::uint64_t data_size(const FitsHeader& header);

/// One header-data unit of a file.
struct Hdu {
  int index = 0;  ///< 0 is the primary
  FitsHeader header;
  ByteRange data;          ///< without padding; may reach beyond the end of a truncated file
  std::uint64_t next = 0;  ///< where the next HDU would begin
};

/// Reads the header of the HDU at byte `start`, and none of its data. Empty at the end of the file
/// or where no extension begins. Throws Error{Malformed}: no FITS file, header without END,
/// impossible sizes.
std::optional<Hdu> read_hdu(FitsSource& source, int index, std::uint64_t start);

}  // namespace platefs::vo
