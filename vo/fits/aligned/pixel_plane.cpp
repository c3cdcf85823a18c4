// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/aligned/pixel_plane.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "vo/fits/compressed_image.h"
#include "vo/fits/hdu/batch_reader.h"

namespace platefs::vo {
namespace {

constexpr std::int64_t kBatchBytes = std::int64_t{8} << 20;

/// How stored bytes become physical values.
struct Scaling {
  double scale = 1;
  double zero = 0;
  std::optional<double> blank;

  explicit Scaling(const FitsImage& image)
      : scale(image.header.real("BSCALE").value_or(1.0)), zero(image.header.real("BZERO").value_or(0.0)) {
    const auto value = image.shape.bitpix > 0 ? image.header.integer("BLANK") : std::nullopt;
    if (value) blank = static_cast<double>(*value);
  }
  float of(double stored) const {
    if (!std::isfinite(stored) || (blank && stored == *blank)) return kUndefined;
    return static_cast<float>(zero + scale * stored);
  }
};

template <typename Value, typename Bits>
void decode(std::span<const std::byte> bytes, const Scaling& scaling, float* out) {
  const auto count = bytes.size() / sizeof(Bits);
  for (std::size_t i = 0; i < count; ++i) {
    Bits bits = 0;
    for (std::size_t k = 0; k < sizeof(Bits); ++k) {
      const auto byte = std::to_integer<Bits>(bytes[i * sizeof(Bits) + k]);
      bits = static_cast<Bits>(bits | static_cast<Bits>(byte << (8 * (sizeof(Bits) - 1 - k))));
    }
    out[i] = scaling.of(static_cast<double>(std::bit_cast<Value>(bits)));
  }
}

void decode(std::span<const std::byte> bytes, int bitpix, const Scaling& scaling, float* out) {
  switch (bitpix) {
    case 8:
      return decode<std::uint8_t, std::uint8_t>(bytes, scaling, out);
    case 16:
      return decode<std::int16_t, std::uint16_t>(bytes, scaling, out);
    case 32:
      return decode<std::int32_t, std::uint32_t>(bytes, scaling, out);
    case 64:
      return decode<std::int64_t, std::uint64_t>(bytes, scaling, out);
    case -32:
      return decode<float, std::uint32_t>(bytes, scaling, out);
    default:
      return decode<double, std::uint64_t>(bytes, scaling, out);
  }
}

std::vector<std::byte> stored_rows(FitsSource& source, const FitsImage& image, const PixelBox& rows) {
  const auto pixel = image.shape.bytes_per_pixel();
  const auto row_bytes = static_cast<std::uint64_t>(rows.width()) * pixel;
  if (image.tiles) {
    auto all = compressed_pixels(source, *image.tiles, rows);
    all.resize(row_bytes * static_cast<std::uint64_t>(rows.height()));  // the first plane comes first
    return all;
  }
  std::vector<std::byte> bytes;
  BatchReader reader{source, bytes};
  for (auto y = rows.y1; y <= rows.y2; ++y) {
    const auto before = static_cast<std::uint64_t>((y - 1) * image.shape.width() + rows.x1 - 1);
    const auto first = image.data.first + before * pixel;
    reader.add({first, first + row_bytes});
  }
  reader.flush();
  return bytes;
}

/// Means of bins along rows that have been read; `rows` holds whole bins.
void add_bins(const std::vector<float>& rows, std::int64_t width, int binning, std::vector<float>& out) {
  const auto b = static_cast<std::int64_t>(binning);
  const auto row_of_bins = b * width;
  const auto bins_along = width / b;
  for (std::size_t at = 0; at < rows.size(); at += static_cast<std::size_t>(row_of_bins)) {
    for (std::int64_t k = 0; k < bins_along; ++k) {
      float sum = 0;
      int count = 0;
      for (std::int64_t v = 0; v < b; ++v) {
        const float* pixel = rows.data() + at + v * width + k * b;
        for (std::int64_t u = 0; u < b; ++u) {
          if (std::isnan(pixel[u])) continue;
          sum += pixel[u];
          ++count;
        }
      }
      out.push_back(2 * count >= b * b ? sum / static_cast<float>(count) : kUndefined);
    }
  }
}

}  // namespace

PixelPlane pixel_plane(FitsSource& source, const FitsImage& image, PixelBox box, int binning) {
  box.x2 = box.x1 + box.width() / binning * binning - 1;
  box.y2 = box.y1 + box.height() / binning * binning - 1;
  PixelPlane plane{box, binning, box.width() / binning, box.height() / binning, {}};
  if (plane.width <= 0 || plane.height <= 0) return {box, binning, 0, 0, {}};
  const Scaling scaling{image};
  const auto row_bytes = box.width() * static_cast<std::int64_t>(image.shape.bytes_per_pixel());
  const auto batch = std::max<std::int64_t>(kBatchBytes / row_bytes / binning, 1) * binning;
  std::vector<float> decoded;
  for (auto y = box.y1; y <= box.y2; y += batch) {
    require_wanted(source);
    const PixelBox rows{box.x1, box.x2, y, std::min(y + batch - 1, box.y2)};
    decoded.resize(static_cast<std::size_t>(rows.width() * rows.height()));
    decode(stored_rows(source, image, rows), image.shape.bitpix, scaling, decoded.data());
    if (binning > 1) {
      add_bins(decoded, rows.width(), binning, plane.values);
    } else {
      plane.values.insert(plane.values.end(), decoded.begin(), decoded.end());
    }
  }
  return plane;
}

}  // namespace platefs::vo
