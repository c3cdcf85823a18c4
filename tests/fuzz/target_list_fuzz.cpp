// SPDX-License-Identifier: BSD-3-Clause
// Whatever a user calls a list of targets: read, or vo::Error that says where it is none.

#include <cstdint>
#include <string_view>

#include "tools/commands/target_list.h"
#include "vo/base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace platefs;
  try {
    tools::read_targets({reinterpret_cast<const char*>(data), size}, vo::Angle::arcminutes(10));
  } catch (const vo::Error&) {
    // no list
  }
  return 0;
}
