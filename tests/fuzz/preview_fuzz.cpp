// SPDX-License-Identifier: BSD-3-Clause
// A picture of a stranger's file: made, or vo::Error.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "vo/base/error.h"
#include "vo/fits/preview.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace platefs::vo;
  MemoryFitsSource source{std::as_bytes(std::span{data, size})};
  try {
    if (preview_of(source).empty()) std::abort();
  } catch (const Error&) {
    // no image
  }
  return 0;
}
