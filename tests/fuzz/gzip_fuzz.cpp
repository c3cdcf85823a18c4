// SPDX-License-Identifier: BSD-3-Clause
// A stranger's gzip-ed file, unpacked at once and as it is read: the same bytes, or vo::Error.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "vo/base/error.h"
#include "vo/base/inflate.h"
#include "vo/fits/hdu/gzip_source.h"

namespace {

using namespace platefs::vo;

constexpr std::size_t kMost = std::size_t{4} << 20;

std::vector<std::byte> read_in_pieces(std::span<const std::byte> packed, std::size_t piece) {
  MemoryFitsSource source{packed};
  GzipSource plain{source};
  const auto end = plain.end_before(kMost);
  std::vector<std::byte> bytes(std::min<std::uint64_t>(end, 65536));
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const auto size = std::min(piece, bytes.size() - at);
    read_range(plain, {at, at + size}, std::span{bytes}.subspan(at, size));
  }
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const auto packed = std::as_bytes(std::span{data, size}).subspan(1);
  std::string whole;
  try {
    whole = gunzipped({reinterpret_cast<const char*>(packed.data()), packed.size()}, kMost);
  } catch (const Error&) {
    // broken, cut off or too much
  }
  try {
    const auto bytes = read_in_pieces(packed, 1 + data[0] * std::size_t{16});
    const auto same = std::min(bytes.size(), whole.size());
    const auto text = std::as_bytes(std::span{whole});
    if (!std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(same), text.begin())) std::abort();
  } catch (const Error&) {
    // broken in the middle
  }
  return 0;
}
