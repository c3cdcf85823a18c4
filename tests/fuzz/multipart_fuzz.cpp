// SPDX-License-Identifier: BSD-3-Clause
// A stranger's multipart/byteranges answer, in pieces of every length: must be read or throw vo::Error,
// and never give more bytes than came.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include "vo/base/error.h"
#include "vo/http/multipart_byteranges.h"

namespace {

struct Counter : platefs::vo::MultipartByteranges::Listener {
  void on_part(const platefs::vo::http::ContentRange& range) override {
    if (range.range.empty()) std::abort();
  }
  void on_bytes(std::uint64_t, std::span<const std::byte> bytes) override { given += bytes.size(); }
  std::size_t given = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t piece = data[0] % 64 + 1;
  const auto body = std::as_bytes(std::span{data, size}).subspan(1);
  platefs::vo::byteranges_boundary({reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 200)});
  Counter counter;
  try {
    platefs::vo::MultipartByteranges parts{"B", counter};
    for (std::size_t at = 0; at < body.size(); at += piece) {
      parts.take(body.subspan(at, std::min(piece, body.size() - at)));
    }
  } catch (const platefs::vo::Error&) {
    // an answer like any other
  }
  if (counter.given > body.size()) std::abort();
  return 0;
}
