// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/tiles/pieces.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "vo/base/error.h"
#include "vo/fits/hdu/batch_reader.h"
#include "vo/fits/tiles/bits.h"
#include "vo/fits/tiles/check_rice.h"

namespace platefs::vo {
namespace {

constexpr std::uint64_t kMaxHeap = std::uint64_t{1} << 30;  // fits the 32 bits of a 'P' descriptor
/// Each piece costs a part of an answer: less than so many bytes are not worth leaving out.
constexpr std::uint64_t kWorthLeavingOut = 1024;

/// Noise does not compress, but no method makes much more of it.
std::uint64_t longest_tile(const TileTable& tiles) {
  const auto pixels = static_cast<std::uint64_t>(tiles.tile_pixels());
  return 4 * pixels * std::max<std::uint64_t>(tiles.image.bytes_per_pixel(), 4) + 65536;
}

TilePiece piece_of(const TileTable& tiles, const TileColumn& column, std::span<const std::byte> table,
                   std::uint64_t row) {
  const std::uint64_t width = column.descriptor == 'P' ? 4 : 8;
  const auto cell = row * tiles.row_bytes + column.offset;
  const auto count = number_at(table.subspan(cell, width));
  const auto first = number_at(table.subspan(cell + width, width));
  const auto room = tiles.heap.size();
  const bool is_inside = first <= room && count <= (room - first) / column.element_bytes;
  if (count > 0 && (!is_inside || count * column.element_bytes > longest_tile(tiles))) {
    throw Error::malformed(fmt::format("tile {} of a compressed image claims {} elements at byte {} of a heap of {}",
                                       row + 1, count, first, room));
  }
  return {cell, &column, count, {first, first + count * column.element_bytes}};
}

void add_pieces_of_row(const TileTable& tiles, std::span<const std::byte> table, std::uint64_t row,
                       std::vector<TilePiece>& pieces) {
  bool has_pixels = false;
  for (const auto& column : tiles.columns) {
    if (column.descriptor == 0 || column.repeat == 0) continue;
    pieces.push_back(piece_of(tiles, column, table, row));
    has_pixels = has_pixels || (holds_pixels(column) && pieces.back().count > 0);
  }
  if (!has_pixels) throw Error::malformed(fmt::format("tile {} of a compressed image is empty", row + 1));
}

std::uint64_t row_of(const TileTable& tiles, const TilePiece& piece) { return piece.cell / tiles.row_bytes; }

RiceTile rice_tile(const TileTable& tiles, const TilePiece& piece) {
  return {tiles.pixels_of_row(row_of(tiles, piece)), tiles.rice_block, tiles.rice_bytes};
}

bool is_rice(const TileTable& tiles, const TilePiece& piece) {
  return tiles.compression.starts_with("RICE") && piece.column->name == "COMPRESSED_DATA" &&
         piece.column->element_bytes == 1 && piece.count > 0;
}

/// What the wanted pixels need if all of a tile's need equally much, and some more.
ByteRange probable_part(const TileTable& tiles, const TilePiece& piece) {
  constexpr double kReserve = 1.05;
  constexpr std::uint64_t kReserveBytes = 64;
  if (piece.pixels == 0) return piece.bytes;
  const auto shape = rice_tile(tiles, piece);
  const auto share = static_cast<double>(piece.pixels + shape.block) / static_cast<double>(shape.pixels);
  const auto size = static_cast<std::uint64_t>(static_cast<double>(piece.bytes.size()) * kReserve * share);
  return {piece.bytes.first, std::min(piece.bytes.first + size + kReserveBytes, piece.bytes.end)};
}

ByteRange in_file(const TileTable& tiles, ByteRange in_heap) {
  return {tiles.heap.first + in_heap.first, tiles.heap.first + in_heap.end};
}

using Parts = std::vector<std::vector<std::byte>>;

Parts read_parts(FitsSource& source, const TileTable& tiles, const std::vector<ByteRange>& ranges) {
  std::vector<std::byte> bytes;
  BatchReader batch_reader{source, bytes};
  for (const auto& range : ranges) batch_reader.add(in_file(tiles, range));
  batch_reader.flush();
  Parts parts;
  auto at = bytes.begin();
  for (const auto& range : ranges) {
    const auto end = at + static_cast<std::ptrdiff_t>(range.size());
    parts.emplace_back(at, end);
    at = end;
  }
  return parts;
}

/// False when the wanted pixels need more than `part`.
bool shorten(FitsSource& source, const TileTable& tiles, const TilePiece& piece, std::vector<std::byte>& part) {
  if (piece.pixels == 0) return true;
  require_wanted(source);
  auto beginning = rice_beginning(part, rice_tile(tiles, piece), piece.pixels);
  if (!beginning) return false;
  part = std::move(*beginning);
  return true;
}

Parts beginnings(FitsSource& source, const TileTable& tiles, std::vector<TilePiece>& pieces) {
  std::vector<ByteRange> ranges, rests;
  for (const auto& piece : pieces) ranges.push_back(probable_part(tiles, piece));
  auto parts = read_parts(source, tiles, ranges);
  std::vector<std::size_t> longer;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (shorten(source, tiles, pieces[i], parts[i])) continue;
    longer.push_back(i);
    rests.push_back({ranges[i].end, pieces[i].bytes.end});
  }
  const auto more = read_parts(source, tiles, rests);
  for (std::size_t k = 0; k < longer.size(); ++k) {
    auto& part = parts[longer[k]];
    auto& piece = pieces[longer[k]];
    part.insert(part.end(), more[k].begin(), more[k].end());
    if (!shorten(source, tiles, piece, part)) piece.pixels = 0;  // it breaks off: whole it is, and found not sound
  }
  return parts;
}

}  // namespace

bool holds_pixels(const TileColumn& column) {
  return column.name == "COMPRESSED_DATA" || column.name == "GZIP_COMPRESSED_DATA" ||
         column.name == "UNCOMPRESSED_DATA";
}

void require_small(std::uint64_t size, std::uint64_t most, std::string_view what) {
  if (size <= most) return;
  throw Error{ErrorKind::Rejected,
              fmt::format("the {} of a tile-compressed image has {} bytes, more than {}", what, size, most)};
}

std::vector<TilePiece> pieces_of(const TileTable& tiles, std::span<const std::byte> table,
                                 const std::vector<TileRows>& rows) {
  std::vector<TilePiece> pieces;
  for (const auto& run : rows) {
    for (auto row = run.first; row < run.end; ++row) add_pieces_of_row(tiles, table, row, pieces);
  }
  std::ranges::stable_sort(pieces, {}, [](const TilePiece& piece) { return piece.bytes.first; });
  return pieces;
}

void want_beginnings(const TileTable& tiles, const PixelBox& box, std::vector<TilePiece>& pieces) {
  for (auto& piece : pieces) {
    if (!is_rice(tiles, piece)) continue;
    piece.pixels = tiles.pixels_of_row(row_of(tiles, piece), box);
    if (probable_part(tiles, piece).size() + kWorthLeavingOut > piece.bytes.size()) piece.pixels = 0;
  }
}

void append_pieces(FitsSource& source, const TileTable& tiles, std::vector<TilePiece>& pieces,
                   std::vector<std::byte>& out) {
  std::uint64_t size = 0;
  for (const auto& piece : pieces) size += piece.bytes.size();
  require_small(size, kMaxHeap, "part");
  if (std::ranges::none_of(pieces, [](const TilePiece& piece) { return piece.pixels > 0; })) {
    out.reserve(out.size() + size + kFitsBlock);
    BatchReader batch_reader{source, out};
    for (const auto& piece : pieces) batch_reader.add(in_file(tiles, piece.bytes));
    return batch_reader.flush();
  }
  const auto parts = beginnings(source, tiles, pieces);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].pixels > 0) pieces[i].count = parts[i].size();
    pieces[i].bytes.end = pieces[i].bytes.first + parts[i].size();
    out.insert(out.end(), parts[i].begin(), parts[i].end());
  }
}

}  // namespace platefs::vo
