// SPDX-License-Identifier: BSD-3-Clause
// A stranger's DataLink document about several IDs: the part of each is a document of its own, in which
// nothing is about another.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "vo/base/error.h"
#include "vo/services/datalink.h"
#include "vo/services/datalink_part.h"

namespace {

void check(std::string_view part, std::string_view id) {
  using namespace platefs::vo;
  try {
    for (const auto& link : read_datalink(read_votable(part)).links) {
      // Blanks around it are no part of an ID, nor are bytes that are no UTF-8 the same after they were read.
      if (!id.empty() && link.id != id && link.id.find(id) == std::string::npos) std::abort();
    }
  } catch (const Error&) {
    // rows that are about it, in no table of links
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const platefs::vo::DatalinkParts parts{{reinterpret_cast<const char*>(data), size}};
  for (const std::string_view id : {"ivo://a?1", "ivo://a?2", "one", ""}) {
    const auto part = parts.of(id);
    if (part) check(*part, id);
    if (parts.of(id) != part) std::abort();
  }
  return 0;
}
