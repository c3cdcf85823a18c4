// SPDX-License-Identifier: BSD-3-Clause
// Whatever a program looks up in the mount's root: a target's own name means the target again.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fs/tree/target_name.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace platefs;
  const auto radius = vo::Angle::arcminutes(10);
  const auto parsed = fs::parse_target({reinterpret_cast<const char*>(data), size}, radius);
  const auto* target = std::get_if<fs::Target>(&parsed);
  if (target == nullptr) return 0;
  const auto again = fs::parse_target(target->canonical_name(), radius);
  const auto* same = std::get_if<fs::Target>(&again);
  if (same == nullptr || same->canonical_name() != target->canonical_name()) std::abort();
  return 0;
}
