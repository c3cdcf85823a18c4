// SPDX-License-Identifier: BSD-3-Clause
#include "vo/compressed_image.h"

#include <fitsio.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <memory>
#include <mutex>
#include <regex>
#include <string>

#include "vo/error.h"
#include "vo/fits_card.h"

namespace platefs::vo {
namespace {

constexpr std::int64_t kMaxTilePixels = std::int64_t{1}
                                        << 28;  // cfitsio holds whole tiles in memory

Error malformed(std::string message) { return {ErrorKind::Malformed, std::move(message)}; }

bool belongs_to_the_table(std::string_view keyword) {
  static const std::regex pattern{
      "XTENSION|BITPIX|NAXIS[0-9]*|PCOUNT|GCOUNT|TFIELDS|THEAP|"
      "(TTYPE|TFORM|TUNIT|TSCAL|TZERO|TNULL|TDISP|TDIM)[0-9]+|ZIMAGE|ZSIMPLE|ZTENSION|ZEXTEND|"
      "ZBLOCKED|ZPCOUNT|ZGCOUNT|ZCMPTYPE|ZMASKCMP|ZQUANTIZ|ZDITHER0|ZBLANK|ZSCALE|ZZERO|ZHECKSUM|"
      "ZDATASUM|(ZTILE|ZNAME|ZVAL)[0-9]+|ZBITPIX|ZNAXIS[0-9]*|FZ(ALGOR|TILE|QVALUE|QMETHD|DTHRSD|"
      "INT2F|HSCALE)|CHECKSUM|DATASUM"};
  return std::regex_match(keyword.begin(), keyword.end(), pattern);
}

/// Structural cards of the image, taken from their Z namesakes.
std::vector<std::string> structural_cards(const FitsHeader& table) {
  std::vector<std::string> cards;
  for (const auto& card : table.cards()) {
    const auto keyword = keyword_of(card);
    if (keyword == "ZBITPIX" || keyword == "ZNAXIS" || number_behind(keyword, "ZNAXIS")) {
      cards.push_back(renamed(card, keyword.substr(1)));
    }
  }
  return cards;
}

/// Integer images keep their undefined value, which compression writes under another name.
void restore_blank(FitsHeader& image, const FitsHeader& table) {
  const auto blank = table.integer("ZBLANK");
  if (blank && image.integer("BITPIX").value_or(-32) > 0 && !image.has("BLANK")) {
    image.set_integer("BLANK", *blank);
  }
}

std::int64_t tile_length(const FitsHeader& table, std::size_t axis, std::int64_t image_length) {
  const auto keyword = fmt::format("ZTILE{}", axis + 1);
  const auto length = table.integer(keyword).value_or(axis == 0 ? image_length : 1);
  if (length >= 1) return std::min(length, image_length);
  throw malformed(fmt::format("tile-compressed image with {} = {}", keyword, length));
}

void require_known_compression(const FitsHeader& table) {
  static constexpr std::array<std::string_view, 7> kKnown{
      "RICE_1", "RICE_ONE", "GZIP_1", "GZIP_2", "PLIO_1", "HCOMPRESS_1", "NOCOMPRESS"};
  const auto name = table.text("ZCMPTYPE").value_or("");
  if (std::ranges::find(kKnown, name) != kKnown.end()) return;
  throw malformed(fmt::format("tile-compressed image with ZCMPTYPE = '{}'", name));
}

/// cfitsio 4.2 trusts these numbers when it allocates and indexes.
void require_row_for_each_tile(const FitsHeader& table, const ImageShape& shape) {
  std::int64_t tiles = 1;
  std::int64_t tile_pixels = 1;
  for (std::size_t axis = 0; axis < shape.axes.size(); ++axis) {
    const auto length = std::max<std::int64_t>(shape.axes[axis], 1);
    const auto tile = tile_length(table, axis, length);
    tiles *= (length - 1) / tile + 1;  // no overflow: shape_of has checked the product of the axes
    tile_pixels *= tile;
  }
  const auto rows = table.integer("NAXIS2").value_or(0);
  if (tiles != rows || tile_pixels > kMaxTilePixels) {
    throw malformed(fmt::format("tile-compressed image with {} tiles of {} pixels in {} table rows",
                                tiles, tile_pixels, rows));
  }
}

void require_six_axes_at_most(const ImageShape& shape) {
  if (shape.axes.size() <= MAX_COMPRESS_DIM) return;
  throw malformed(fmt::format("tile-compressed image with {} axes", shape.axes.size()));
}

struct Closer {
  void operator()(fitsfile* file) const {
    int status = 0;
    fits_close_file(file, &status);
  }
};
using OpenFits = std::unique_ptr<fitsfile, Closer>;

void require_success(int status, std::string_view what) {
  if (status == 0) return;
  std::array<char, FLEN_STATUS> reason{};
  fits_get_errstatus(status, reason.data());
  fits_clear_errmsg();
  throw malformed(fmt::format("{}: {} (cfitsio {})", what, reason.data(), status));
}

OpenFits opened(const std::filesystem::path& path, int hdu_index) {
  fitsfile* file = nullptr;
  int status = 0;
  fits_open_diskfile(&file, path.c_str(), READONLY, &status);
  require_success(status, "opening a tile-compressed image");
  OpenFits opened{file};
  fits_movabs_hdu(file, hdu_index + 1, nullptr, &status);
  fits_set_bscale(file, 1.0, 0.0, &status);
  require_success(status, "finding a tile-compressed image");
  return opened;
}

template <typename Value>
void swap_to_big_endian(std::span<std::byte> bytes) {
  if constexpr (sizeof(Value) > 1 && std::endian::native == std::endian::little) {
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(Value)) {
      std::ranges::reverse(bytes.subspan(at, sizeof(Value)));
    }
  }
}

template <typename Value>
std::vector<std::byte> section(fitsfile* file, int type, const ImageShape& shape,
                               const PixelBox& box) {
  std::vector<long> first{box.x1, box.y1}, last{box.x2, box.y2}, step(shape.axes.size(), 1);
  for (std::size_t axis = 2; axis < shape.axes.size(); ++axis) {
    first.push_back(1);
    last.push_back(shape.axes[axis]);
  }
  const auto pixels = static_cast<std::size_t>(box.width() * box.height() * shape.planes());
  std::vector<std::byte> bytes(pixels * sizeof(Value));
  // Quantized floats mark an undefined pixel by an integer; without this it would become a number.
  Value undefined = std::numeric_limits<Value>::quiet_NaN();
  void* replace_undefined = std::numeric_limits<Value>::has_quiet_NaN ? &undefined : nullptr;
  int any_undefined = 0;
  int status = 0;
  fits_read_subset(file, type, first.data(), last.data(), step.data(), replace_undefined,
                   bytes.data(), &any_undefined, &status);
  require_success(status, "decompressing a section");
  swap_to_big_endian<Value>(bytes);
  return bytes;
}

std::vector<std::byte> typed_section(fitsfile* file, const ImageShape& shape, const PixelBox& box) {
  switch (shape.bitpix) {
    case BYTE_IMG:
      return section<unsigned char>(file, TBYTE, shape, box);
    case SHORT_IMG:
      return section<short>(file, TSHORT, shape, box);
    case LONG_IMG:
      return section<int>(file, TINT, shape, box);
    case LONGLONG_IMG:
      return section<LONGLONG>(file, TLONGLONG, shape, box);
    case FLOAT_IMG:
      return section<float>(file, TFLOAT, shape, box);
    default:
      return section<double>(file, TDOUBLE, shape, box);
  }
}

/// Held while cfitsio works, unless it was built to be used by several threads.
std::unique_lock<std::mutex> turn_at_cfitsio() {
  static std::mutex mutex;
  static const bool reentrant = fits_is_reentrant() != 0;
  return reentrant ? std::unique_lock<std::mutex>{} : std::unique_lock{mutex};
}

}  // namespace

bool is_compressed_image(const FitsHeader& header) {
  return header.text("XTENSION") == "BINTABLE" && header.logical("ZIMAGE") == true;
}

FitsHeader uncompressed_header(const FitsHeader& table) {
  FitsHeader image{structural_cards(table)};
  auto rest = table;
  rest.remove_if(belongs_to_the_table);
  if (rest.text("EXTNAME") == "COMPRESSED_IMAGE") rest.remove("EXTNAME");  // names the table
  for (const auto& card : rest.cards()) image.append(card);
  restore_blank(image, table);
  const auto shape = shape_of(image);
  require_six_axes_at_most(shape);
  require_known_compression(table);
  require_row_for_each_tile(table, shape);
  return image;
}

std::vector<std::byte> compressed_pixels(FitsSource& source, const FitsImage& image,
                                         const PixelBox& box) {
  const auto path = source.whole_file();
  if (!path) {
    throw Error{ErrorKind::Rejected,
                "a tile-compressed image can only be cut from a complete file"};
  }
  const auto turn = turn_at_cfitsio();
  const auto file = opened(*path, image.hdu_index);
  return typed_section(file.get(), image.shape, box);
}

}  // namespace platefs::vo
