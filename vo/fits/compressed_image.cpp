// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/compressed_image.h"

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

#include "vo/base/error.h"
#include "vo/fits/hdu/card.h"
#include "vo/fits/hdu/hdu.h"
#include "vo/fits/tiles/subset_file.h"

namespace platefs::vo {
namespace {

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
  if (image.integer("BITPIX").value_or(-32) < 0) image.remove("BLANK");  // of integers alone: FITS 4.0, 4.4.2.5
  const auto blank = table.integer("ZBLANK");
  if (blank && image.integer("BITPIX").value_or(-32) > 0 && !image.has("BLANK")) {
    image.set_integer("BLANK", *blank);
  }
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
  throw Error::malformed(fmt::format("{}: {} (cfitsio {})", what, reason.data(), status));
}

/// A FITS file in memory, opened by cfitsio at its second HDU. cfitsio keeps the addresses of `memory` and
/// `size`, so an object stays where it is.
class MemoryFits {
 public:
  explicit MemoryFits(std::vector<std::byte>& file) : memory_(file.data()), size_(file.size()) {
    fitsfile* handle = nullptr;
    int status = 0;
    fits_open_memfile(&handle, "tiles", READONLY, &memory_, &size_, 0, nullptr, &status);
    require_success(status, "opening a tile-compressed image");
    file_.reset(handle);
    fits_movabs_hdu(handle, 2, nullptr, &status);
    fits_set_bscale(handle, 1.0, 0.0, &status);
    require_success(status, "finding a tile-compressed image");
  }
  MemoryFits(const MemoryFits&) = delete;
  MemoryFits& operator=(const MemoryFits&) = delete;

  fitsfile* get() const { return file_.get(); }

 private:
  void* memory_;
  std::size_t size_;
  OpenFits file_;
};

template <typename Value>
void swap_to_big_endian(std::span<std::byte> bytes) {
  if constexpr (sizeof(Value) > 1 && std::endian::native == std::endian::little) {
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(Value)) {
      std::ranges::reverse(bytes.subspan(at, sizeof(Value)));
    }
  }
}

/// The image without what lies behind its second axis.
ImageShape first_plane(ImageShape shape) {
  for (std::size_t axis = 2; axis < shape.axes.size(); ++axis) shape.axes[axis] = 1;
  return shape;
}

/// Tiles of the first plane that hold these rows.
std::vector<TileRows> tiles_of_rows(const TileTable& tiles, const std::vector<std::int64_t>& rows) {
  auto plane = tiles;
  for (std::size_t axis = 2; axis < plane.tiles.size(); ++axis) plane.tiles[axis] = 1;
  std::vector<TileRows> found;
  for (const auto row : rows) {
    for (const auto& run : rows_of_box(plane, {1, tiles.image.width(), row, row})) {
      if (!found.empty() && run.first < found.back().end) continue;  // the same line of tiles
      found.push_back(run);
    }
  }
  return found;
}

/// A box of one line of tiles in one place behind the first two axes.
struct Strip {
  std::vector<long> first, last;
};

/// The box in all planes, strip by strip in the order of its pixels: between two of them it can be stopped.
std::vector<Strip> strips_of(const TileTable& tiles, const ImageShape& shape, const PixelBox& box) {
  std::vector<Strip> strips;
  for (std::int64_t plane = 0; plane < shape.planes(); ++plane) {
    for (auto y = box.y1; y <= box.y2; y = (y - 1) / tiles.tile[1] * tiles.tile[1] + tiles.tile[1] + 1) {
      const auto end = std::min(box.y2, (y - 1) / tiles.tile[1] * tiles.tile[1] + tiles.tile[1]);
      Strip strip{{box.x1, y}, {box.x2, end}};
      auto rest = plane;
      for (std::size_t axis = 2; axis < shape.axes.size(); ++axis) {
        const auto length = std::max<std::int64_t>(shape.axes[axis], 1);
        strip.first.push_back(rest % length + 1);
        strip.last.push_back(rest % length + 1);
        rest /= length;
      }
      strips.push_back(std::move(strip));
    }
  }
  return strips;
}

/// What is read from, and for whom.
struct Decoding {
  const FitsSource& source;
  fitsfile* file;
  const TileTable& tiles;
  const ImageShape& shape;  ///< the image, or its first plane
};

template <typename Value>
std::vector<std::byte> section(const Decoding& of, int type, const PixelBox& box) {
  std::vector<long> step(of.shape.axes.size(), 1);
  // Quantized floats mark an undefined pixel by an integer; without this it would become a number.
  Value undefined = std::numeric_limits<Value>::quiet_NaN();
  void* replace_undefined = std::numeric_limits<Value>::has_quiet_NaN ? &undefined : nullptr;
  std::vector<std::byte> bytes;
  bytes.reserve(static_cast<std::size_t>(box.width() * box.height() * of.shape.planes()) * sizeof(Value) + kFitsBlock);
  for (auto& strip : strips_of(of.tiles, of.shape, box)) {
    require_wanted(of.source);
    const auto rows = static_cast<std::size_t>(strip.last[1] - strip.first[1] + 1);
    const auto held = bytes.size();
    bytes.resize(held + rows * static_cast<std::size_t>(box.width()) * sizeof(Value));
    int any_undefined = 0;
    int status = 0;
    fits_read_subset(of.file, type, strip.first.data(), strip.last.data(), step.data(), replace_undefined,
                     bytes.data() + held, &any_undefined, &status);
    require_success(status, "decompressing a section");
  }
  swap_to_big_endian<Value>(bytes);
  return bytes;
}

std::vector<std::byte> typed_section(const Decoding& of, const PixelBox& box) {
  switch (of.shape.bitpix) {
    case BYTE_IMG:
      return section<unsigned char>(of, TBYTE, box);
    case SHORT_IMG:
      return section<short>(of, TSHORT, box);
    case LONG_IMG:
      return section<int>(of, TINT, box);
    case LONGLONG_IMG:
      return section<LONGLONG>(of, TLONGLONG, box);
    case FLOAT_IMG:
      return section<float>(of, TFLOAT, box);
    default:
      return section<double>(of, TDOUBLE, box);
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
  return image;
}

std::vector<std::byte> compressed_pixels(FitsSource& source, const TileTable& tiles, const PixelBox& box) {
  auto file = tile_file(source, tiles, rows_of_box(tiles, box), box);
  const auto turn = turn_at_cfitsio();
  const MemoryFits opened{file};
  return typed_section({source, opened.get(), tiles, tiles.image}, box);
}

std::vector<std::byte> compressed_rows(FitsSource& source, const TileTable& tiles,
                                       const std::vector<std::int64_t>& rows) {
  auto file = tile_file(source, tiles, tiles_of_rows(tiles, rows));
  const auto turn = turn_at_cfitsio();
  const MemoryFits opened{file};
  const auto plane = first_plane(tiles.image);
  std::vector<std::byte> all;
  for (const auto row : rows) {
    const auto pixels = typed_section({source, opened.get(), tiles, plane}, {1, plane.width(), row, row});
    all.insert(all.end(), pixels.begin(), pixels.end());
  }
  return all;
}

}  // namespace platefs::vo
