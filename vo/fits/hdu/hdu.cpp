// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/hdu/hdu.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "vo/base/error.h"
#include "vo/fits/hdu/card.h"

namespace platefs::vo {
namespace {

constexpr std::int64_t kMaxAxes = 999;              // FITS 4.0 §4.4.1.1
constexpr std::size_t kFirstRead = 8 * kFitsBlock;  // holds the whole header of most plates
/// Comes with the first packets of an answer: who waits for more waits a round trip longer.
constexpr std::size_t kBeginningOfFile = 2 * kFitsBlock;

std::int64_t required_integer(const FitsHeader& header, std::string_view keyword) {
  if (const auto value = header.integer(keyword)) return *value;
  throw Error::malformed(fmt::format("FITS header without an integer {}", keyword));
}

std::int64_t bounded_integer(const FitsHeader& header, std::string_view keyword, std::int64_t most) {
  const auto value = required_integer(header, keyword);
  if (value >= 0 && value <= most) return value;
  throw Error::malformed(fmt::format("FITS header with {} = {}", keyword, value));
}

std::int64_t optional_integer(const FitsHeader& header, std::string_view keyword, std::int64_t fallback) {
  return header.has(keyword) ? bounded_integer(header, keyword, std::numeric_limits<std::int64_t>::max()) : fallback;
}

int bitpix_of(const FitsHeader& header) {
  static constexpr std::array<std::int64_t, 6> kAllowed{8, 16, 32, 64, -32, -64};
  const auto bitpix = required_integer(header, "BITPIX");
  if (std::ranges::find(kAllowed, bitpix) != kAllowed.end()) return static_cast<int>(bitpix);
  throw Error::malformed(fmt::format("FITS header with BITPIX = {}", bitpix));
}

std::int64_t product(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (!__builtin_mul_overflow(a, b, &result)) return result;
  throw Error::malformed(fmt::format("FITS header with an impossible size: {} times {}", a, b));
}

std::int64_t sum(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (!__builtin_add_overflow(a, b, &result)) return result;
  throw Error::malformed(fmt::format("FITS header with an impossible size: {} plus {}", a, b));
}

std::int64_t product_of(std::span<const std::int64_t> factors, std::int64_t result = 1) {
  if (factors.empty() || std::ranges::find(factors, 0) != factors.end()) return 0;
  for (const auto factor : factors) result = product(result, factor);
  return result;
}

bool is_random_groups(const FitsHeader& header, const ImageShape& shape) {
  return header.logical("GROUPS") == true && shape.axes.size() > 1 && shape.axes.front() == 0;
}

std::int64_t elements_per_group(const FitsHeader& header, const ImageShape& shape) {
  const std::span axes{shape.axes};
  return product_of(is_random_groups(header, shape) ? axes.subspan(1) : axes);
}

std::string first_characters(std::span<const std::byte> bytes) {
  std::string shown;
  for (const auto byte : bytes.first(std::min<std::size_t>(bytes.size(), 16))) {
    const auto c = static_cast<char>(byte);
    shown += c >= ' ' && c <= '~' ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<unsigned>(byte));
  }
  return shown;
}

bool begins_with(std::span<const std::byte> bytes, std::string_view text) {
  return bytes.size() >= text.size() &&
         std::equal(text.begin(), text.end(), reinterpret_cast<const char*>(bytes.data()));
}

/// Appends the file's next bytes, as many as there are already or a portion.
void read_more(FitsSource& source, std::uint64_t start, std::vector<std::byte>& unit) {
  const auto first = start == 0 ? kBeginningOfFile : kFirstRead;
  const auto wanted = unit.empty() ? first : std::max(2 * unit.size(), kFirstRead);
  const auto range = ByteRange{start + unit.size(), start + wanted}.clipped_to(source.end_before(start + wanted));
  if (range.empty()) throw Error::malformed("FITS file ends inside a header");
  const auto held = unit.size();
  unit.resize(held + range.size());
  read_range(source, range, std::span{unit}.subspan(held));
}

void require_beginning(int index, std::span<const std::byte> unit) {
  if (index > 0 || begins_with(unit, "SIMPLE  =")) return;
  throw Error::malformed(fmt::format("is no FITS file: begins with \"{}\"", first_characters(unit)));
}

/// Reads on until the END card; `unit` holds the first portion already.
std::size_t read_to_end(FitsSource& source, std::uint64_t start, std::vector<std::byte>& unit) {
  std::size_t known = 0;
  while (true) {
    if (const auto size = header_size(unit, known)) return *size;
    known = unit.size() / kCardSize;
    if (known >= kMaxCards) throw Error::malformed(fmt::format("FITS header without END in {} cards", known));
    read_more(source, start, unit);
  }
}

Hdu hdu_from(int index, FitsHeader header, std::uint64_t data_start) {
  const auto size = static_cast<std::int64_t>(data_size(header));
  const auto blocks = static_cast<std::int64_t>(kFitsBlock);
  const auto end = sum(static_cast<std::int64_t>(data_start), size);
  const auto next = sum(static_cast<std::int64_t>(data_start), sum(size, blocks - 1) / blocks * blocks);
  return {index, std::move(header), {data_start, static_cast<std::uint64_t>(end)}, static_cast<std::uint64_t>(next)};
}

}  // namespace

std::int64_t ImageShape::planes() const {
  std::int64_t planes = 1;
  for (std::size_t i = 2; i < axes.size(); ++i) planes *= axes[i];
  return planes;
}

std::uint64_t ImageShape::bytes_per_pixel() const { return static_cast<std::uint64_t>(std::abs(bitpix)) / 8; }

ImageShape shape_of(const FitsHeader& header) {
  ImageShape shape{bitpix_of(header), {}};
  const auto count = bounded_integer(header, "NAXIS", kMaxAxes);
  for (std::int64_t i = 1; i <= count; ++i) {
    shape.axes.push_back(bounded_integer(header, fmt::format("NAXIS{}", i), std::numeric_limits<std::int64_t>::max()));
  }
  product_of(shape.axes, static_cast<std::int64_t>(shape.bytes_per_pixel()));
  return shape;
}

std::uint64_t data_size(const FitsHeader& header) {
  const auto shape = shape_of(header);
  const auto elements = elements_per_group(header, shape);
  const auto parameters = optional_integer(header, "PCOUNT", 0);
  const auto groups = optional_integer(header, "GCOUNT", 1);
  const auto all = product(groups, sum(parameters, elements));
  return static_cast<std::uint64_t>(product(all, static_cast<std::int64_t>(shape.bytes_per_pixel())));
}

std::optional<Hdu> read_hdu(FitsSource& source, int index, std::uint64_t start) {
  if (source.end_before(start + 1) <= start) {
    if (index == 0) throw Error::malformed("is no FITS file: it is empty");
    return std::nullopt;
  }
  std::vector<std::byte> unit;
  read_more(source, start, unit);
  require_beginning(index, unit);
  if (index > 0 && !begins_with(unit, "XTENSION=")) return std::nullopt;  // special records: §3.5
  const auto size = read_to_end(source, start, unit);
  return hdu_from(index, FitsHeader::parse(unit), start + size);
}

}  // namespace platefs::vo
