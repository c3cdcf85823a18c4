// SPDX-License-Identifier: BSD-3-Clause
// What a name resolver answers: read, or vo::Error; a position is one.

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "vo/base/error.h"
#include "vo/services/sesame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace platefs::vo;
  try {
    const auto answer = read_sesame({reinterpret_cast<const char*>(data), size});
    if (answer.position && !(std::fabs(answer.position->dec.as_degrees()) <= 90)) std::abort();
  } catch (const Error&) {
    // an answer like any other
  }
  return 0;
}
