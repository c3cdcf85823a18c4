// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/tiles/check_gzip.h"

#include <zlib.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace platefs::vo {
namespace {

constexpr int kOnlyGzip = 16 + MAX_WBITS;
constexpr std::size_t kPiece = 64 * 1024;
constexpr std::size_t kMostInput = std::size_t{1} << 30;

/// Bytes that the stream inflates to; nothing when it is broken, or has more than `most`.
std::optional<std::uint64_t> inflated_size(std::span<const std::byte> bytes, std::uint64_t most) {
  z_stream stream{};
  if (bytes.size() > kMostInput || inflateInit2(&stream, kOnlyGzip) != Z_OK) return std::nullopt;
  // zlib's interface is older than const: it does not write there.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::vector<Bytef> out(kPiece);
  int result = Z_OK;
  while (result == Z_OK && stream.total_out <= most) {
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    result = inflate(&stream, Z_NO_FLUSH);  // at the end of the input: Z_BUF_ERROR
  }
  const auto size = stream.total_out;
  inflateEnd(&stream);
  if (result != Z_STREAM_END || size > most) return std::nullopt;
  return size;
}

}  // namespace

bool gzip_is_sound(std::span<const std::byte> bytes, std::int64_t pixels) {
  const auto count = static_cast<std::uint64_t>(pixels);
  const auto size = inflated_size(bytes, 8 * count);
  return size && (*size == count || *size == 2 * count || *size == 4 * count || *size == 8 * count);
}

}  // namespace platefs::vo
