// SPDX-License-Identifier: BSD-3-Clause
#include "tools/ecsv_header.h"

#include <algorithm>
#include <regex>

namespace platefs::tools {

bool is_ecsv_header(const std::vector<std::string>& comments) {
  return std::ranges::any_of(comments, [](const std::string& line) { return line.find("%ECSV") != std::string::npos; });
}

std::map<std::string, std::string> ecsv_units(const std::vector<std::string>& comments) {
  static const std::regex pair(R"re((?:^|[{,\s-])\s*(name|unit):\s*(?:"([^"]*)"|'([^']*)'|([^,}\s]+)))re");
  std::map<std::string, std::string> units;
  std::string column;
  for (const auto& line : comments) {
    if (line.find("meta:") != std::string::npos && line.find('{') == std::string::npos) break;
    for (std::sregex_iterator found(line.begin(), line.end(), pair), end; found != end; ++found) {
      const auto value = (*found)[2].str() + (*found)[3].str() + (*found)[4].str();
      if ((*found)[1] == "name") {
        column = value;
      } else {
        units[column] = value;
      }
    }
  }
  return units;
}

}  // namespace platefs::tools
