// SPDX-License-Identifier: BSD-3-Clause
// What a service says of its capabilities: read, or vo::Error.

#include <cstdint>
#include <string_view>

#include "vo/base/error.h"
#include "vo/services/tap_capabilities.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    platefs::vo::takes_inline_upload({reinterpret_cast<const char*>(data), size});
  } catch (const platefs::vo::Error&) {
    // an answer like any other
  }
  return 0;
}
