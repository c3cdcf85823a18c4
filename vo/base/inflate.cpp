// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/inflate.h"

#include <fmt/core.h>
#include <zlib.h>

#include <limits>
#include <memory>
#include <vector>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

constexpr int kOnlyGzip = 16 + MAX_WBITS;
constexpr std::size_t kPiece = 64 * 1024;

}  // namespace

std::string gunzipped(std::string_view stream, std::size_t most) {
  z_stream state{};
  if (stream.size() > std::numeric_limits<uInt>::max() || inflateInit2(&state, kOnlyGzip) != Z_OK) {
    throw Error::malformed("a gzip stream that can't be read here");
  }
  const std::unique_ptr<z_stream, int (*)(z_stream*)> ended{&state, inflateEnd};
  // zlib's interface is older than const: it does not write there.
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(stream.data()));
  state.avail_in = static_cast<uInt>(stream.size());
  std::string bytes;
  std::vector<char> piece(kPiece);
  int result = Z_OK;
  while (result == Z_OK) {
    state.next_out = reinterpret_cast<Bytef*>(piece.data());
    state.avail_out = static_cast<uInt>(piece.size());
    result = inflate(&state, Z_NO_FLUSH);  // at the end of the input: Z_BUF_ERROR
    bytes.append(piece.data(), piece.size() - state.avail_out);
    if (bytes.size() > most) throw Error::malformed(fmt::format("a gzip stream holds more than {} bytes", most));
  }
  if (result != Z_STREAM_END) throw Error::malformed("a gzip stream is broken or cut off");
  return bytes;
}

}  // namespace platefs::vo
