// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/tiles/subset_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <span>
#include <string>
#include <utility>

#include "vo/base/error.h"
#include "vo/fits/hdu/batch_reader.h"
#include "vo/fits/hdu/card.h"
#include "vo/fits/tiles/bits.h"
#include "vo/fits/tiles/check.h"
#include "vo/fits/tiles/pieces.h"

namespace platefs::vo {
namespace {

constexpr std::uint64_t kMaxTable = std::uint64_t{32} << 20;  // a million tiles

void put_number(std::span<std::byte> bytes, std::uint64_t number) {
  for (auto at = bytes.size(); at-- > 0; number >>= 8) bytes[at] = static_cast<std::byte>(number & 0xff);
}

std::vector<std::byte> table_with(FitsSource& source, const TileTable& tiles, const std::vector<TileRows>& rows) {
  require_small(tiles.table.size(), kMaxTable, "table");
  std::vector<std::byte> table(tiles.table.size());
  std::vector<std::byte> read;
  BatchReader batch_reader{source, read};
  for (const auto& run : rows) {
    batch_reader.add({tiles.table.first + run.first * tiles.row_bytes, tiles.table.first + run.end * tiles.row_bytes});
  }
  batch_reader.flush();
  std::size_t at = 0;
  for (const auto& run : rows) {
    const auto size = (run.end - run.first) * tiles.row_bytes;
    std::copy_n(read.begin() + static_cast<std::ptrdiff_t>(at), size,
                table.begin() + static_cast<std::ptrdiff_t>(run.first * tiles.row_bytes));
    at += size;
  }
  return table;
}

/// cfitsio's decoders trust what they are given, and can't be stopped.
void require_sound_tiles(const FitsSource& source, const TileTable& tiles, const std::vector<TilePiece>& pieces,
                         std::span<const std::byte> heap) {
  const auto pause = [&source] { require_wanted(source); };
  TileWork work;
  std::uint64_t at = 0;
  for (const auto& piece : pieces) {
    const auto tile = heap.subspan(at, piece.bytes.size());
    const auto row = piece.cell / tiles.row_bytes;
    at += piece.bytes.size();
    if (piece.count == 0) continue;
    pause();
    if (piece.pixels == 0) require_sound_tile(tiles, *piece.column, row, tile, pause);
    if (holds_pixels(*piece.column)) work.add(tiles, *piece.column, row, tile);
  }
}

/// Lets the descriptors of the pieces point into a heap of just them, in their order.
void place(const std::vector<TilePiece>& pieces, std::span<std::byte> table) {
  std::uint64_t at = 0;
  for (const auto& piece : pieces) {
    const std::uint64_t width = piece.column->descriptor == 'P' ? 4 : 8;
    put_number(table.subspan(piece.cell, width), piece.count);
    put_number(table.subspan(piece.cell + width, width), piece.count == 0 ? 0 : at);
    at += piece.bytes.size();
  }
}

std::string form_of(const TileColumn& column, std::uint64_t longest) {
  if (column.descriptor == 0) return fmt::format("{}{}", column.repeat, column.type);
  return fmt::format("{}{}{}({})", column.repeat, column.descriptor, column.type, longest);
}

/// Columns that the table gets in place of keywords, each of one double.
std::vector<std::pair<std::string, double>> added_columns(const TileTable& tiles) {
  std::vector<std::pair<std::string, double>> added;
  if (tiles.scale) added.emplace_back("ZSCALE", *tiles.scale);
  if (tiles.zero) added.emplace_back("ZZERO", *tiles.zero);
  return added;
}

/// Every row with these columns behind its own.
std::vector<std::byte> widened(std::vector<std::byte> table, const TileTable& tiles) {
  const auto added = added_columns(tiles);
  if (added.empty()) return table;
  std::vector<std::byte> wide;
  wide.reserve(table.size() + tiles.rows * added.size() * sizeof(double));
  for (std::uint64_t row = 0; row < tiles.rows; ++row) {
    const auto first = table.begin() + static_cast<std::ptrdiff_t>(row * tiles.row_bytes);
    wide.insert(wide.end(), first, first + static_cast<std::ptrdiff_t>(tiles.row_bytes));
    for (const auto& [name, value] : added) {
      std::array<std::byte, sizeof(double)> cell{};
      put_number(cell, std::bit_cast<std::uint64_t>(value));
      wide.insert(wide.end(), cell.begin(), cell.end());
    }
  }
  return wide;
}

/// One undefined value for the whole image is all that a FITS image can have.
void require_one_blank(const TileTable& tiles, std::span<const std::byte> table, const std::vector<TileRows>& rows) {
  const auto* const column = blank_column_of(tiles);
  if (column == nullptr || !tiles.blank) return;
  for (const auto& run : rows) {
    for (auto row = run.first; row < run.end; ++row) {
      const auto blank = blank_in(table.subspan(row * tiles.row_bytes + column->offset, column->bytes));
      if (blank == *tiles.blank) continue;
      throw Error{ErrorKind::Rejected,
                  fmt::format("tiles of a compressed image mark undefined pixels by different numbers, {} and {}",
                              *tiles.blank, blank)};
    }
  }
}

void describe_columns(FitsHeader& header, const TileTable& tiles, const std::vector<TilePiece>& pieces) {
  header.set_integer("TFIELDS", static_cast<std::int64_t>(tiles.columns.size() + added_columns(tiles).size()));
  int number = 0;
  for (const auto& column : tiles.columns) {
    std::uint64_t longest = 0;
    for (const auto& piece : pieces) {
      if (piece.column == &column) longest = std::max(longest, piece.count);
    }
    header.set_text(fmt::format("TTYPE{}", ++number), column.name);
    header.set_text(fmt::format("TFORM{}", number), form_of(column, longest));
  }
  for (const auto& [name, value] : added_columns(tiles)) {
    header.set_text(fmt::format("TTYPE{}", ++number), name);
    header.set_text(fmt::format("TFORM{}", number), "1D");
  }
}

void describe_image(FitsHeader& header, const TileTable& tiles) {
  header.set_logical("ZIMAGE", true);
  header.set_integer("ZBITPIX", tiles.image.bitpix);
  header.set_integer("ZNAXIS", static_cast<std::int64_t>(tiles.image.axes.size()));
  for (std::size_t axis = 0; axis < tiles.image.axes.size(); ++axis) {
    header.set_integer(fmt::format("ZNAXIS{}", axis + 1), tiles.image.axes[axis]);
    header.set_integer(fmt::format("ZTILE{}", axis + 1), tiles.tile[axis]);
  }
  header.set_text("ZCMPTYPE", tiles.compression);
  for (const auto& card : tiles.parameters) header.append(card);
}

/// Nothing of the stranger's header but what has been checked.
FitsHeader table_header(const TileTable& tiles, const std::vector<TilePiece>& pieces, std::uint64_t heap_size) {
  FitsHeader header;
  header.set_text("XTENSION", "BINTABLE");
  header.set_integer("BITPIX", 8);
  header.set_integer("NAXIS", 2);
  header.set_integer("NAXIS1",
                     static_cast<std::int64_t>(tiles.row_bytes + added_columns(tiles).size() * sizeof(double)));
  header.set_integer("NAXIS2", static_cast<std::int64_t>(tiles.rows));
  header.set_integer("PCOUNT", static_cast<std::int64_t>(heap_size));
  header.set_integer("GCOUNT", 1);
  describe_columns(header, tiles, pieces);
  describe_image(header, tiles);
  return header;
}

std::string empty_primary() {
  FitsHeader header;
  header.set_logical("SIMPLE", true);
  header.set_integer("BITPIX", 8);
  header.set_integer("NAXIS", 0);
  header.set_logical("EXTEND", true);
  return header.serialised();
}

}  // namespace

std::vector<std::byte> tile_file(FitsSource& source, const TileTable& tiles, const std::vector<TileRows>& rows,
                                 const std::optional<PixelBox>& box) {
  auto table = table_with(source, tiles, rows);
  auto pieces = pieces_of(tiles, table, rows);
  require_one_blank(tiles, table, rows);
  if (box) want_beginnings(tiles, *box, pieces);
  const auto head_size = empty_primary().size() + table_header(tiles, pieces, 0).serialised().size();
  const auto heap_at = head_size + table.size() + tiles.rows * added_columns(tiles).size() * sizeof(double);
  std::vector<std::byte> file(heap_at);
  append_pieces(source, tiles, pieces, file);
  require_sound_tiles(source, tiles, pieces, std::span{file}.subspan(heap_at));
  place(pieces, table);
  table = widened(std::move(table), tiles);
  // As many cards as before: only numbers differ.
  const auto head = empty_primary() + table_header(tiles, pieces, file.size() - heap_at).serialised();
  std::ranges::copy(std::as_bytes(std::span{head}), file.begin());
  std::ranges::copy(table, file.begin() + static_cast<std::ptrdiff_t>(head_size));
  file.resize((file.size() + kFitsBlock - 1) / kFitsBlock * kFitsBlock);
  return file;
}

}  // namespace platefs::vo
