// SPDX-License-Identifier: BSD-3-Clause
// The comments at the beginning of a table that may be the header of an ECSV file.

#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "vo/tables/ecsv_header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream text{std::string{reinterpret_cast<const char*>(data), size}};
  std::vector<std::string> comments;
  for (std::string line; std::getline(text, line);) comments.push_back(line);
  platefs::vo::is_ecsv_header(comments);
  for (const auto& [name, unit] : platefs::vo::ecsv_units(comments)) {
    if (unit.empty()) std::abort();
  }
  return 0;
}
