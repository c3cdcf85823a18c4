// SPDX-License-Identifier: BSD-3-Clause
// The format: R. L. White, M. Postman, M. G. Lattanzi, "Compression of the Guide Star Digitised Schmidt
// Plates", in Digitised Optical Sky Surveys (1992), and FITS 4.0 §10.4.4. Coefficients are coded bit plane by
// bit plane for each quadrant of the transform, a plane as it is or as a quadtree with Huffman codes; the
// signs of all that are not zero follow. How long all that is, only its content tells.
#include "vo/fits/tiles/check_hcompress.h"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <optional>
#include <vector>

#include "vo/fits/tiles/bits.h"

namespace platefs::vo {
namespace {

constexpr unsigned kDirect = 0;  // how a plane is coded
constexpr unsigned kQuadtree = 15;
constexpr std::size_t kHead = 2 + 3 * 4 + 8 + 3;  // magic, size, scale, sum of all pixels, planes

struct Extent {
  std::size_t rows = 0, columns = 0;

  Extent halved(unsigned times = 1) const {
    const auto half = [times](std::size_t n) { return (n + (std::size_t{1} << times) - 1) >> times; };
    return {half(rows), half(columns)};
  }
  std::size_t size() const { return rows * columns; }
};

std::optional<std::uint8_t> huffman(TileBits& bits) {
  static constexpr std::array<std::uint8_t, 5> kOfFour{3, 5, 10, 12, 15};  // 1000 … 1100
  static constexpr std::array<std::uint8_t, 5> kOfFive{6, 7, 9, 11, 13};   // 11010 … 11110
  const auto three = bits.take(3);
  if (!three) return std::nullopt;
  if (*three < 4) return static_cast<std::uint8_t>(1u << *three);
  const auto fourth = bits.take(1);
  if (!fourth) return std::nullopt;
  const auto four = *three << 1 | *fourth;
  if (four < 13) return kOfFour[four - 8];
  const auto fifth = bits.take(1);
  if (!fifth) return std::nullopt;
  const auto five = four << 1 | *fifth;
  if (five < 31) return kOfFive[five - 26];
  const auto sixth = bits.take(1);
  if (!sixth) return std::nullopt;
  return static_cast<std::uint8_t>(*sixth == 0 ? 0 : 14);
}

/// What is marked of one row of a level of the quadtree: a column, and four bits for its 2 x 2 children.
struct Node {
  std::size_t row = 0, column = 0;
  unsigned children = 0;

  bool has(std::size_t down, std::size_t right) const { return (children >> (3 - 2 * down - right) & 1) != 0; }
};

/// The nodes of a level that have children, the last of the level first: what is not marked costs nothing.
using Nodes = std::vector<Node>;

/// Calls `take(row, column)` for each child of `nodes` within `extent`, the last of the level first, until it
/// returns false.
template <typename Take>
bool for_each_child(const Nodes& nodes, const Extent& extent, const Take& take) {
  for (auto begin = nodes.begin(); begin != nodes.end();) {
    const auto end = std::find_if(begin, nodes.end(), [&](const Node& node) { return node.row != begin->row; });
    for (const std::size_t down : {1u, 0u}) {
      for (auto node = begin; node != end; ++node) {
        for (const std::size_t right : {1u, 0u}) {
          const auto row = 2 * node->row + down, column = 2 * node->column + right;
          const bool is_there = node->has(down, right) && row < extent.rows && column < extent.columns;
          if (is_there && !take(row, column)) return false;
        }
      }
    }
    begin = end;
  }
  return true;
}

/// Nodes of the next finer level; each that its parent has marked has a code, the last node's comes first.
bool expand(TileBits& bits, Nodes& nodes, const Extent& to) {
  Nodes finer;
  const bool is_complete = for_each_child(nodes, to, [&](std::size_t row, std::size_t column) {
    const auto code = huffman(bits);
    if (code && *code != 0) finer.push_back({row, column, *code});
    return code.has_value();
  });
  nodes = std::move(finer);
  return is_complete;
}

bool read_quadtree(TileBits& bits, const Extent& quadrant, Nodes& nodes) {
  const auto levels = static_cast<unsigned>(std::bit_width(std::max(quadrant.rows, quadrant.columns) - 1));
  const auto root = huffman(bits);
  if (!root) return false;
  nodes.assign(1, {0, 0, *root});
  for (unsigned level = 1; level < levels; ++level) {
    if (!expand(bits, nodes, quadrant.halved(levels - level))) return false;
  }
  return true;
}

bool read_direct(TileBits& bits, const Extent& quadrant, Nodes& nodes) {
  const auto extent = quadrant.halved();
  if (!bits.has(4 * extent.size())) return false;
  nodes.clear();
  for (std::size_t row = 0; row < extent.rows; ++row) {
    for (std::size_t column = 0; column < extent.columns; ++column) nodes.push_back({row, column, *bits.take(4)});
  }
  std::ranges::reverse(nodes);
  return true;
}

/// All planes of a quadrant; counts its coefficients that are not zero.
bool read_quadrant(TileBits& bits, const Extent& quadrant, unsigned planes, const std::function<void()>& pause,
                   std::uint64_t& coefficients) {
  std::vector<bool> known(planes > 0 ? quadrant.size() : 0);
  Nodes nodes;
  for (unsigned plane = 0; plane < planes; ++plane) {
    pause();
    const auto way = bits.take(4);
    if (way != kDirect && way != kQuadtree) return false;
    if (!(way == kDirect ? read_direct(bits, quadrant, nodes) : read_quadtree(bits, quadrant, nodes))) return false;
    for_each_child(nodes, quadrant, [&](std::size_t row, std::size_t column) {
      const auto at = row * quadrant.columns + column;
      if (!known[at]) ++coefficients;
      known[at] = true;
      return true;
    });
  }
  return true;
}

/// Bits of the coefficients in one of the three kinds of quadrants.
unsigned planes_of(std::span<const std::byte> bytes, std::size_t kind) {
  return std::to_integer<unsigned>(bytes[kHead - 3 + kind]);
}

}  // namespace

std::uint64_t hcompress_planes(std::span<const std::byte> bytes) {
  if (bytes.size() < kHead) return 0;
  return std::max({planes_of(bytes, 0), planes_of(bytes, 1), planes_of(bytes, 2)});
}

bool hcompress_is_sound(std::span<const std::byte> bytes, const HcompressTile& tile,
                        const std::function<void()>& pause) {
  if (bytes.size() < kHead || number_at(bytes.first(2)) != 0xDD99) return false;
  const Extent whole{number_at(bytes.subspan(2, 4)), number_at(bytes.subspan(6, 4))};
  const auto pixels = static_cast<std::uint64_t>(tile.pixels);
  const bool has_size = whole.rows >= 2 && whole.columns >= 2 && whole.rows <= pixels && whole.size() == pixels;
  if (!has_size || whole.columns != static_cast<std::uint64_t>(tile.width)) return false;
  const auto planes = [&](std::size_t i) { return planes_of(bytes, i); };
  if (std::max({planes(0), planes(1), planes(2)}) > tile.most_planes) return false;
  const auto large = whole.halved();
  const Extent small{whole.rows / 2, whole.columns / 2};
  TileBits bits{bytes.subspan(kHead)};
  std::uint64_t coefficients = 0;
  if (!read_quadrant(bits, large, planes(0), pause, coefficients) ||
      !read_quadrant(bits, {large.rows, small.columns}, planes(1), pause, coefficients) ||
      !read_quadrant(bits, {small.rows, large.columns}, planes(1), pause, coefficients) ||
      !read_quadrant(bits, small, planes(2), pause, coefficients)) {
    return false;
  }
  if (bits.take(4) != 0u) return false;  // says that the planes end here
  bits.align();
  return bits.skip(coefficients);  // a sign each
}

}  // namespace platefs::vo
