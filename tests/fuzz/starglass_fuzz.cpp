// SPDX-License-Identifier: BSD-3-Clause
// What StarGlass answers to queryexps and cutout: read, or vo::Error; what was read is a table of plates.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "vo/base/error.h"
#include "vo/services/starglass.h"
#include "vo/votable/votable.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace platefs::vo;
  const std::string_view answer{reinterpret_cast<const char*>(data), size};
  std::string document;
  try {
    document = starglass_exposures(answer);
  } catch (const Error&) {
    // an answer like any other
  }
  if (!document.empty()) {
    const auto table = plates_from(read_votable(document), "starglass");
    for (const auto& plate : table.plates) {
      if (plate.obs_publisher_did.empty() || plate.obs_id.view().find('/') != std::string_view::npos) std::abort();
    }
  }
  try {
    static const StarGlass service{{.name = "starglass", .url = Url::parse("https://api.test/public/dasch/dr7")}};
    service.unwrapped_cutout(answer);
  } catch (const Error&) {
    // no cutout
  }
  return 0;
}
