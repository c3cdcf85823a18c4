// SPDX-License-Identifier: BSD-3-Clause
// A DataLink document of a stranger: which file is which, and what is asked of its services. Names of
// links must be names of files.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "vo/base/error.h"
#include "vo/services/archive.h"
#include "vo/services/soda.h"

namespace {

void check_names(const platefs::vo::PlateLinks& files) {
  for (const auto& [name, link] : files.others) {
    const bool is_safe = !name.empty() && name.front() != '.' && name.size() < 200 &&
                         name.find_first_of(std::string_view("/\0\n", 3)) == std::string::npos;
    if (!is_safe) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace platefs::vo;
  const Cone cone{IcrsPosition::at(Angle::degrees(156.011), Angle::degrees(48.148)), Angle::degrees(0.02)};
  try {
    const auto document = read_datalink(read_votable({reinterpret_cast<const char*>(data), size}));
    const auto files = plate_links(document, {});
    check_names(files);
    for (const auto& link : document.links) document.of(link.id);
    for (const auto* service : files.soda) soda_request(*service, "ivo://a/b", cone);
  } catch (const Error&) {
    // an answer like any other
  }
  return 0;
}
