// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/tiles/table.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <optional>
#include <utility>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/fits/hdu/card.h"

namespace platefs::vo {
namespace {

constexpr std::int64_t kMaxTilePixels = std::int64_t{1} << 28;  // decompressors hold whole tiles
constexpr std::size_t kMaxAxes = 6;                             // cfitsio's MAX_COMPRESS_DIM
constexpr std::int64_t kMaxColumns = 64;
constexpr std::int64_t kMaxParameters = 16;

Error malformed_table(std::string_view what) {
  return {ErrorKind::Malformed, fmt::format("tile-compressed image with {}", what)};
}

std::uint64_t size_of_type(char type) {
  switch (type) {
    case 'L':
    case 'B':
    case 'A':
    case 'X':
      return 1;
    case 'I':
      return 2;
    case 'J':
    case 'E':
      return 4;
    case 'K':
    case 'D':
    case 'C':
      return 8;
    case 'M':
      return 16;
    default:
      return 0;
  }
}

std::int64_t bounded(const FitsHeader& header, const std::string& keyword, std::int64_t fallback, std::int64_t least,
                     std::int64_t most) {
  const auto value = header.has(keyword) ? header.integer(keyword).value_or(least - 1) : fallback;
  if (value >= least && value <= most) return value;
  throw malformed_table(fmt::format("{} = {}", keyword, header.has(keyword) ? "an impossible value" : "none"));
}

TileColumn column_of(const FitsHeader& header, std::int64_t number) {
  const auto form = upper_case(header.text(fmt::format("TFORM{}", number)).value_or(""));
  TileColumn column;
  column.name = upper_case(header.text(fmt::format("TTYPE{}", number)).value_or(""));
  const auto letter = std::min(form.find_first_not_of("0123456789"), form.size());
  if (letter > 0) {
    const auto* end = form.data() + letter;
    if (std::from_chars(form.data(), end, column.repeat).ec != std::errc{}) column.repeat = UINT64_MAX;
  }
  column.type = letter < form.size() ? form[letter] : ' ';
  if (column.type == 'P' || column.type == 'Q') {
    column.descriptor = column.type;
    column.type = letter + 1 < form.size() ? form[letter + 1] : ' ';
  }
  column.element_bytes = size_of_type(column.type);
  const auto cell = column.descriptor == 0 ? column.element_bytes : column.descriptor == 'P' ? 8u : 16u;
  const bool is_good =
      column.element_bytes > 0 && column.repeat <= UINT32_MAX && (column.descriptor == 0 || column.repeat <= 1);
  if (!is_good) throw malformed_table(fmt::format("TFORM{} = '{}'", number, form));
  column.bytes = column.type == 'X' && column.descriptor == 0 ? (column.repeat + 7) / 8 : column.repeat * cell;
  return column;
}

std::vector<TileColumn> columns_of(const FitsHeader& header, std::uint64_t row_bytes) {
  const auto count = bounded(header, "TFIELDS", 0, 1, kMaxColumns);
  std::vector<TileColumn> columns;
  std::uint64_t offset = 0;
  for (std::int64_t number = 1; number <= count; ++number) {
    columns.push_back(column_of(header, number));
    columns.back().offset = offset;
    offset += columns.back().bytes;
  }
  if (offset == row_bytes) return columns;
  throw malformed_table(fmt::format("columns of {} bytes in rows of {}", offset, row_bytes));
}

std::string compression_of(const FitsHeader& header) {
  static constexpr std::array<std::string_view, 7> kKnown{"RICE_1", "RICE_ONE",    "GZIP_1",    "GZIP_2",
                                                          "PLIO_1", "HCOMPRESS_1", "NOCOMPRESS"};
  const auto name = header.text("ZCMPTYPE").value_or("");
  if (std::ranges::find(kKnown, name) != kKnown.end()) return name;
  throw malformed_table(fmt::format("ZCMPTYPE = '{}'", name));
}

ImageShape image_shape(const FitsHeader& header) {
  FitsHeader image;
  for (const auto& card : header.cards()) {
    const auto keyword = keyword_of(card);
    if (keyword == "ZBITPIX" || keyword == "ZNAXIS" || number_behind(keyword, "ZNAXIS")) {
      image.append(renamed(card, keyword.substr(1)));
    }
  }
  auto shape = shape_of(image);
  if (shape.axes.size() <= kMaxAxes) return shape;
  throw malformed_table(fmt::format("{} axes", shape.axes.size()));
}

/// A decompressor trusts these numbers when it allocates and indexes.
void set_tiles(TileTable& made, const FitsHeader& header) {
  std::int64_t count = 1;
  for (std::size_t axis = 0; axis < made.image.axes.size(); ++axis) {
    const auto length = std::max<std::int64_t>(made.image.axes[axis], 1);
    const auto stated = bounded(header, fmt::format("ZTILE{}", axis + 1), axis == 0 ? length : 1, 1, INT64_MAX);
    made.tile.push_back(std::min(stated, length));
    made.tiles.push_back((length - 1) / made.tile.back() + 1);
    count *= made.tiles.back();  // no overflow: shape_of has checked the product of the axes
  }
  if (static_cast<std::uint64_t>(count) != made.rows || made.tile_pixels() > kMaxTilePixels) {
    throw malformed_table(fmt::format("{} tiles of {} pixels in {} table rows", count, made.tile_pixels(), made.rows));
  }
}

void set_places(TileTable& made, const FitsHeader& header, const ByteRange& data) {
  made.row_bytes = static_cast<std::uint64_t>(bounded(header, "NAXIS1", -1, 1, 1 << 20));
  made.rows = static_cast<std::uint64_t>(bounded(header, "NAXIS2", -1, 0, INT32_MAX));
  made.table = {data.first, data.first + made.row_bytes * made.rows};
  if (made.table.end > data.end) throw malformed_table("more rows than bytes");
  const auto start = bounded(header, "THEAP", static_cast<std::int64_t>(made.table.size()),
                             static_cast<std::int64_t>(made.table.size()), static_cast<std::int64_t>(data.size()));
  made.heap = {data.first + static_cast<std::uint64_t>(start), data.end};
}

/// The keyword of that parameter's value, ZVALn; of no card where the header does not give it.
std::string keyword_of_parameter(const FitsHeader& header, std::string_view name) {
  for (std::int64_t i = 1; i <= kMaxParameters; ++i) {
    if (header.text(fmt::format("ZNAME{}", i)) == name) return fmt::format("ZVAL{}", i);
  }
  return "ZVAL";
}

void add_parameter(FitsHeader& made, int number, std::string_view name, const std::string& token) {
  made.set_text(fmt::format("ZNAME{}", number), name);
  made.append(bare_card(fmt::format("ZVAL{}", number), token, {}));
}

void add_rice(TileTable& table, FitsHeader& made, const FitsHeader& header) {
  table.rice_block = bounded(header, keyword_of_parameter(header, "BLOCKSIZE"), 32, 1, 1024);
  table.rice_bytes = bounded(header, keyword_of_parameter(header, "BYTEPIX"), 4, 1, 8);
  if (!std::has_single_bit(static_cast<std::uint64_t>(table.rice_bytes))) {
    throw malformed_table(fmt::format("BYTEPIX = {}", table.rice_bytes));
  }
  add_parameter(made, 1, "BLOCKSIZE", token_of(table.rice_block));
  add_parameter(made, 2, "BYTEPIX", token_of(table.rice_bytes));
}

void add_hcompress(FitsHeader& made, const FitsHeader& header) {
  const auto keyword = keyword_of_parameter(header, "SCALE");
  const auto scale = header.has(keyword) ? header.real(keyword).value_or(-1) : 0;
  if (!(scale >= 0 && scale < 1e9)) throw malformed_table("an impossible SCALE");
  add_parameter(made, 1, "SCALE", token_of(scale));
  add_parameter(made, 2, "SMOOTH", token_of(bounded(header, keyword_of_parameter(header, "SMOOTH"), 0, 0, 1)));
}

/// In the order in which cfitsio reads them: it takes the first value for the first parameter that
/// the compression has, whatever its name is.
void add_parameters(TileTable& table, FitsHeader& made, const FitsHeader& header) {
  if (table.compression.starts_with("RICE")) add_rice(table, made, header);
  if (table.compression.starts_with("HCOMPRESS")) add_hcompress(made, header);
}

/// How floats became integers. Integer images need none of it: their pixels are wanted as stored,
/// the undefined ones too.
void add_quantization(TileTable& table, FitsHeader& made, const FitsHeader& header) {
  if (table.column("ZSCALE") == nullptr) table.scale = header.real("ZSCALE");
  if (table.column("ZZERO") == nullptr && (table.scale || table.column("ZSCALE") != nullptr)) {
    table.zero = header.real("ZZERO").value_or(0.0);
  }
  // BLANK is how some programs call it, as cfitsio knows.
  const std::string undefined = header.has("ZBLANK") ? "ZBLANK" : "BLANK";
  if (header.has(undefined) && table.column("ZBLANK") == nullptr) {
    made.set_integer("ZBLANK", bounded(header, undefined, 0, INT32_MIN, INT32_MAX));
  }
  if (const auto method = header.text("ZQUANTIZ")) made.set_text("ZQUANTIZ", *method);
  if (header.has("ZDITHER0")) made.set_integer("ZDITHER0", bounded(header, "ZDITHER0", 1, 1, 10000));
}

}  // namespace

std::int64_t TileTable::tile_pixels() const {
  std::int64_t pixels = 1;
  for (const auto length : tile) pixels *= length;
  return pixels;
}

std::int64_t TileTable::pixels_of_row(std::uint64_t row) const {
  std::int64_t pixels = 1;
  auto rest = static_cast<std::int64_t>(row);
  for (std::size_t axis = 0; axis < tile.size(); ++axis) {
    const auto first = rest % tiles[axis] * tile[axis];
    pixels *= std::min(tile[axis], std::max<std::int64_t>(image.axes[axis], 1) - first);
    rest /= tiles[axis];
  }
  return pixels;
}

std::int64_t TileTable::width_of_row(std::uint64_t row) const {
  const auto first = static_cast<std::int64_t>(row) % tiles[0] * tile[0];
  return std::min(tile[0], std::max<std::int64_t>(image.axes[0], 1) - first);
}

std::int64_t TileTable::pixels_of_row(std::uint64_t row, const PixelBox& box) const {
  const auto width = width_of_row(row);
  const auto x = static_cast<std::int64_t>(row) % tiles[0] * tile[0];
  const auto y = static_cast<std::int64_t>(row) / tiles[0] % tiles[1] * tile[1];
  const bool is_flat = std::all_of(tile.begin() + 2, tile.end(), [](auto length) { return length == 1; });
  const auto lines = std::min({box.y2 - y, tile[1], image.axes[1] - y});
  return is_flat ? (lines - 1) * width + std::min(box.x2 - x, width) : pixels_of_row(row);
}

const TileColumn* TileTable::column(std::string_view name) const {
  const auto found = std::ranges::find(columns, name, &TileColumn::name);
  return found == columns.end() ? nullptr : &*found;
}

const TileColumn* blank_column_of(const TileTable& tiles) {
  const auto* const column = tiles.image.bitpix > 0 ? tiles.column("ZBLANK") : nullptr;
  const bool is_number = column != nullptr && column->descriptor == 0 && column->repeat == 1 &&
                         std::string_view{"BIJK"}.find(column->type) != std::string_view::npos;
  return is_number ? column : nullptr;
}

std::int64_t blank_in(std::span<const std::byte> cell) {
  if (cell.size() == 1) return std::to_integer<std::int64_t>(cell[0]);  // unsigned: FITS 4.0 table 18
  std::uint64_t number = std::to_integer<std::uint64_t>(cell[0]) >= 0x80 ? UINT64_MAX : 0;
  for (const auto byte : cell) number = number << 8 | std::to_integer<std::uint64_t>(byte);
  return static_cast<std::int64_t>(number);
}

TileTable tile_table_of(const FitsHeader& header, const ByteRange& data) {
  TileTable made;
  made.compression = compression_of(header);
  made.image = image_shape(header);
  set_places(made, header, data);
  set_tiles(made, header);
  made.columns = columns_of(header, made.row_bytes);
  FitsHeader parameters;
  add_parameters(made, parameters, header);
  if (made.image.bitpix < 0) add_quantization(made, parameters, header);
  made.parameters = parameters.cards();
  return made;
}

std::vector<TileRows> rows_of_box(const TileTable& tiles, const PixelBox& box) {
  const auto column_first = (box.x1 - 1) / tiles.tile[0];
  const auto column_last = (box.x2 - 1) / tiles.tile[0];
  const auto line_first = (box.y1 - 1) / tiles.tile[1];
  const auto line_last = (box.y2 - 1) / tiles.tile[1];
  std::int64_t planes = 1;
  for (std::size_t axis = 2; axis < tiles.tiles.size(); ++axis) planes *= tiles.tiles[axis];
  std::vector<TileRows> rows;
  for (std::int64_t plane = 0; plane < planes; ++plane) {
    for (auto line = line_first; line <= line_last; ++line) {
      const auto start = (plane * tiles.tiles[1] + line) * tiles.tiles[0];
      const TileRows run{static_cast<std::uint64_t>(start + column_first),
                         static_cast<std::uint64_t>(start + column_last + 1)};
      if (!rows.empty() && rows.back().end == run.first) {
        rows.back().end = run.end;
      } else {
        rows.push_back(run);
      }
    }
  }
  return rows;
}

}  // namespace platefs::vo
