// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/preview.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include "vo/base/error.h"
#include "vo/fits/compressed_image.h"
#include "vo/fits/hdu/batch_reader.h"
#include "vo/fits/hdu/gzip_source.h"
#include "vo/fits/image.h"
#include "vo/fits/jpeg.h"

namespace platefs::vo {
namespace {

constexpr std::int64_t kLongestSide = 1024;
constexpr std::int64_t kMostBytes = std::int64_t{24} << 20;
constexpr double kDark = 0.005;
constexpr double kBright = 0.997;

/// Every `step`-th pixel of the plate in both directions makes a pixel of the picture.
struct Grid {
  std::int64_t step = 1;
  std::int64_t width = 0;
  std::int64_t height = 0;

  std::int64_t row(std::int64_t y, std::int64_t plate_height) const {
    return std::min(y * step + step / 2, plate_height - 1);
  }
};

std::int64_t divided_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

Grid grid_of(const ImageShape& shape) {
  const auto bytes = static_cast<std::int64_t>(shape.bytes_per_pixel()) * shape.width();
  const auto rows = std::max<std::int64_t>(kMostBytes / bytes, 1);
  Grid grid;
  grid.step =
      std::max(divided_up(std::max(shape.width(), shape.height()), kLongestSide), divided_up(shape.height(), rows));
  grid.width = divided_up(shape.width(), grid.step);
  grid.height = divided_up(shape.height(), grid.step);
  return grid;
}

template <typename Value, typename Bits>
double sample_at(std::span<const std::byte> bytes) {
  Bits bits = 0;
  for (const auto byte : bytes)
    bits = static_cast<Bits>(bits << (sizeof(Bits) > 1 ? 8 : 0)) | std::to_integer<Bits>(byte);
  return static_cast<double>(std::bit_cast<Value>(bits));
}

double stored_at(std::span<const std::byte> bytes, int bitpix) {
  switch (bitpix) {
    case 8:
      return sample_at<std::uint8_t, std::uint8_t>(bytes);
    case 16:
      return sample_at<std::int16_t, std::uint16_t>(bytes);
    case 32:
      return sample_at<std::int32_t, std::uint32_t>(bytes);
    case 64:
      return sample_at<std::int64_t, std::uint64_t>(bytes);
    case -32:
      return sample_at<float, std::uint32_t>(bytes);
    default:
      return sample_at<double, std::uint64_t>(bytes);
  }
}

/// How stored values become the means of a picture's pixels.
class Means {
 public:
  explicit Means(const FitsImage& image)
      : bitpix_(image.shape.bitpix),
        size_(image.shape.bytes_per_pixel()),
        blank_(bitpix_ > 0 ? image.header.integer("BLANK") : std::nullopt),
        sign_(image.header.real("BSCALE").value_or(1.0) < 0 ? -1.0 : 1.0) {}

  /// NaN where no pixel is defined.
  double of(std::span<const std::byte> pixels) const {
    double sum = 0, count = 0;
    for (std::size_t at = 0; at < pixels.size(); at += size_) {
      const double value = stored_at(pixels.subspan(at, size_), bitpix_);
      if (!std::isfinite(value) || (blank_ && value == static_cast<double>(*blank_))) continue;
      sum += value;
      count += 1;
    }
    return count > 0 ? sign_ * sum / count : std::numeric_limits<double>::quiet_NaN();
  }

 private:
  int bitpix_;
  std::size_t size_;
  std::optional<std::int64_t> blank_;
  double sign_;
};

/// Adds the means of pieces of `piece` bytes, the last of a row as long as it is.
void add_means(const Means& means, std::span<const std::byte> row, std::size_t piece, std::vector<double>& result) {
  for (std::size_t at = 0; at < row.size(); at += piece) {
    result.push_back(means.of(row.subspan(at, std::min(piece, row.size() - at))));
  }
}

/// Of a plate of a width that nobody has, only the beginning of each step.
std::vector<double> means_of_samples(FitsSource& source, const FitsImage& image, const Grid& grid) {
  const Means means{image};
  const auto size = static_cast<std::int64_t>(image.shape.bytes_per_pixel());
  const auto sample = std::clamp<std::int64_t>(kMostBytes / (grid.width * grid.height * size), 1, grid.step);
  std::vector<double> result;
  for (std::int64_t y = 0; y < grid.height; ++y) {
    std::vector<std::byte> bytes;
    BatchReader batch_reader{source, bytes};
    for (std::int64_t x = 0; x < grid.width; ++x) {
      const auto before = grid.row(y, image.shape.height()) * image.shape.width() + x * grid.step;
      const auto count = std::min(sample, image.shape.width() - x * grid.step);
      const auto first = image.data.first + static_cast<std::uint64_t>(before * size);
      batch_reader.add({first, first + static_cast<std::uint64_t>(count * size)});
    }
    batch_reader.flush();
    add_means(means, bytes, static_cast<std::size_t>(sample * size), result);
  }
  return result;
}

std::vector<std::byte> plain_rows(FitsSource& source, const FitsImage& image, const Grid& grid) {
  const auto row_bytes = static_cast<std::uint64_t>(image.shape.width()) * image.shape.bytes_per_pixel();
  std::vector<std::byte> rows;
  rows.reserve(row_bytes * static_cast<std::uint64_t>(grid.height));
  BatchReader batch_reader{source, rows};
  for (std::int64_t y = 0; y < grid.height; ++y) {
    const auto first = image.data.first + static_cast<std::uint64_t>(grid.row(y, image.shape.height())) * row_bytes;
    batch_reader.add({first, first + row_bytes});
  }
  batch_reader.flush();
  return rows;
}

std::vector<std::byte> rows_of(FitsSource& source, const FitsImage& image, const Grid& grid) {
  if (!image.tiles) return plain_rows(source, image, grid);
  std::vector<std::int64_t> rows;
  for (std::int64_t y = 0; y < grid.height; ++y) rows.push_back(grid.row(y, image.shape.height()) + 1);
  return compressed_rows(source, *image.tiles, rows);
}

std::vector<double> means_of_rows(FitsSource& source, const FitsImage& image, const Grid& grid) {
  const Means means{image};
  const auto rows = rows_of(source, image, grid);
  const auto row_bytes = static_cast<std::size_t>(image.shape.width()) * image.shape.bytes_per_pixel();
  const auto piece = static_cast<std::size_t>(grid.step) * image.shape.bytes_per_pixel();
  std::vector<double> result;
  for (std::size_t at = 0; at < rows.size(); at += row_bytes) {
    add_means(means, std::span{rows}.subspan(at, row_bytes), piece, result);
  }
  return result;
}

/// Means of `step` pixels along the rows; NaN where none is defined.
std::vector<double> means(FitsSource& source, const FitsImage& image, const Grid& grid) {
  const auto row_bytes = static_cast<std::int64_t>(image.shape.bytes_per_pixel()) * image.shape.width();
  if (row_bytes <= kMostBytes) return means_of_rows(source, image, grid);
  if (!image.tiles) return means_of_samples(source, image, grid);
  throw Error{ErrorKind::Rejected,
              fmt::format("no preview is made of compressed rows of {} pixels", image.shape.width())};
}

/// The value below which the given part of the others lies.
double percentile(std::vector<double>& values, double part) {
  const auto place = static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, values.begin() + place);
  return values[static_cast<std::size_t>(place)];
}

std::vector<unsigned char> greys(const std::vector<double>& values, const Grid& grid) {
  std::vector<double> defined;
  std::ranges::copy_if(values, std::back_inserter(defined), [](double value) { return std::isfinite(value); });
  if (defined.empty()) throw Error{ErrorKind::Rejected, "no pixel of the image is defined"};
  const double dark = percentile(defined, kDark);
  const double bright = percentile(defined, kBright);
  const double range = bright > dark ? bright - dark : 1.0;
  std::vector<unsigned char> grey;
  for (auto y = grid.height; y-- > 0;) {
    for (std::int64_t x = 0; x < grid.width; ++x) {
      const double value = values[static_cast<std::size_t>(y * grid.width + x)];
      const double shade = std::isfinite(value) ? std::clamp((value - dark) / range, 0.0, 1.0) : 0.0;
      grey.push_back(static_cast<unsigned char>(std::lround(255 * shade)));
    }
  }
  return grey;
}

std::vector<std::byte> drawn(FitsSource& source) {
  const auto image = find_image(source);
  const auto grid = grid_of(image.shape);
  const auto grey = greys(means(source, image, grid), grid);
  return grey_jpeg(grey, static_cast<unsigned>(grid.width), static_cast<unsigned>(grid.height));
}

}  // namespace

std::vector<std::byte> preview_of(FitsSource& source) { return with_plain(source, drawn); }

}  // namespace platefs::vo
