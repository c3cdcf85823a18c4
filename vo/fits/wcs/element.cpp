// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/element.h"

#include <fmt/core.h>

#include <regex>

namespace platefs::vo {

std::string WcsElement::name() const { return fmt::format("{}{}_{}", stem, i, j); }

std::string WcsElement::keyword() const { return letter == ' ' ? name() : name() + letter; }

std::optional<WcsElement> element_of(std::string_view keyword) {
  static const std::regex pattern{"(PV|PC|CD)(?:0?([12])_0?([0-9]{1,2})|00([12])00([12]))([A-Z]?)"};
  std::cmatch match;
  if (!std::regex_match(keyword.data(), keyword.data() + keyword.size(), match, pattern)) return std::nullopt;
  const std::size_t group = match[2].matched ? 2 : 4;
  const char letter = match[6].length() == 0 ? ' ' : *match[6].first;
  return WcsElement{match[1].str(), std::stoi(match[group].str()), std::stoi(match[group + 1].str()), letter};
}

}  // namespace platefs::vo
