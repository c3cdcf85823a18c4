// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/image.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "vo/base/error.h"
#include "vo/fits/compressed_image.h"
#include "vo/fits/hdu/card.h"
#include "vo/fits/pixel_cards.h"
#include "vo/fits/wcs/cards.h"

namespace platefs::vo {
namespace {

constexpr int kMaxHdus = 1000;  // each costs a request: a file of more is no plate

bool has_pixels(const ImageShape& shape) {
  return shape.axes.size() >= 2 && std::ranges::find(shape.axes, 0) == shape.axes.end();
}

bool is_plain_image(const Hdu& hdu) {
  const bool right_kind = hdu.index == 0 || hdu.header.text("XTENSION") == "IMAGE";
  return right_kind && has_pixels(shape_of(hdu.header));
}

std::optional<FitsImage> plain_image(const Hdu& hdu) {
  if (!is_plain_image(hdu)) return std::nullopt;
  return FitsImage{hdu.index, std::nullopt, hdu.header, shape_of(hdu.header), hdu.data};
}

std::optional<FitsImage> compressed_image(const Hdu& hdu) {
  if (!is_compressed_image(hdu.header)) return std::nullopt;
  auto tiles = tile_table_of(hdu.header, hdu.data);
  if (!has_pixels(tiles.image)) return std::nullopt;
  auto shape = tiles.image;
  return FitsImage{hdu.index, std::move(tiles), uncompressed_header(hdu.header), std::move(shape), hdu.data};
}

std::optional<FitsImage> image_of(const Hdu& hdu) {
  if (auto image = plain_image(hdu)) return image;
  return compressed_image(hdu);
}

/// The letters of the WCS descriptions whose axes are named.
std::set<char> described_by(const FitsHeader& header) {
  std::set<char> letters;
  for (const auto& card : header.cards()) {
    const auto keyword = keyword_of(card);
    if (keyword.starts_with("CTYPE")) letters.insert(description_letter(keyword).value_or('*'));
  }
  return letters;
}

bool is_linear_term(std::string_view keyword) {
  return keyword.starts_with("CD") || keyword.starts_with("PC") || keyword.starts_with("CROTA");
}

/// The letters of the descriptions whose matrix the header has.
std::set<char> turned_by(const FitsHeader& header) {
  std::set<char> letters;
  for (const auto& card : header.cards()) {
    const auto keyword = keyword_of(card);
    if (is_linear_term(keyword)) letters.insert(description_letter(keyword).value_or('*'));
  }
  return letters;
}

/// Adds the primary's cards whose keywords the image's own header does not have.
void add_inherited(FitsHeader& header, const FitsHeader& primary) {
  if (header.logical("INHERIT") == false) return;
  const bool all = header.logical("INHERIT") == true;
  const auto described = described_by(header), turned = turned_by(header);
  std::unordered_set<std::string_view> own;
  for (const auto& card : header.cards()) own.insert(keyword_of(card));
  const auto belongs_to_own = [&](std::string_view keyword) {
    if (const auto letter = description_letter(keyword)) {
      return described.contains(*letter) || (is_linear_term(keyword) && turned.contains(*letter));
    }
    return keyword.starts_with("AMD") && described.contains(' ');
  };
  auto inherited = primary;
  inherited.remove_if([&](std::string_view keyword) {
    return own.contains(keyword) || is_structural(keyword) ||
           (all ? belongs_to_own(keyword) : describes_pixels(keyword));
  });
  for (const auto& card : inherited.cards()) header.append(card);
}

/// What moves with a cutout would move in the first card alone, and programs differ in which one they take.
FitsHeader without_repeated_numbers(const FitsHeader& header) {
  std::unordered_map<std::string_view, double> seen;
  FitsHeader kept;
  for (const auto& card : header.cards()) {
    const auto keyword = keyword_of(card);
    const auto value = real_from(value_of(card));
    const auto first = seen.find(keyword);
    const bool is_repeated = value && first != seen.end() && first->second == *value && describes_pixels(keyword);
    if (!is_repeated) kept.append(card);
    if (value && first == seen.end()) seen.emplace(keyword, *value);
  }
  return kept;
}

/// An integer image whose undefined value stands in a column says it by BLANK; the first tile's is taken for all until
/// their pixels are read.
void take_blank_from_column(FitsSource& source, FitsImage& image) {
  const auto* const column = image.tiles ? blank_column_of(*image.tiles) : nullptr;
  if (column == nullptr || image.tiles->rows == 0 || image.header.has("BLANK")) return;
  std::vector<std::byte> cell(column->bytes);
  const auto at = image.tiles->table.first + column->offset;
  read_range(source, {at, at + cell.size()}, cell);
  image.tiles->blank = blank_in(cell);
  image.header.set_integer("BLANK", *image.tiles->blank);
}

void require_complete(const FitsImage& image, std::uint64_t file_size) {
  if (image.data.end <= file_size) return;
  throw Error{ErrorKind::Malformed,
              fmt::format("FITS file of {} bytes ends before its image does, at {}", file_size, image.data.end)};
}

}  // namespace

std::optional<FitsImage> find_image(FitsSource& source, const std::function<bool(const FitsImage&)>& is_wanted) {
  FitsHeader primary;
  std::uint64_t start = 0;
  for (int index = 0; index < kMaxHdus; ++index) {
    auto hdu = read_hdu(source, index, start);
    if (!hdu) break;
    if (index == 0) primary = hdu->header;
    if (auto image = image_of(*hdu)) {
      require_complete(*image, source.size());
      take_blank_from_column(source, *image);
      if (index > 0) add_inherited(image->header, primary);
      image->header = without_repeated_numbers(image->header);
      if (is_wanted(*image)) return image;
    }
    start = hdu->next;
  }
  return std::nullopt;
}

Error no_image() { return {ErrorKind::Malformed, "FITS file without an image"}; }

FitsImage find_image(FitsSource& source) {
  auto image = find_image(source, [](const FitsImage&) { return true; });
  if (!image) throw no_image();
  return *std::move(image);
}

}  // namespace platefs::vo
