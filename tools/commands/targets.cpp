// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/targets.h"

#include <fmt/core.h>

#include <variant>

#include "vo/base/error.h"

namespace platefs::tools {

WantedTarget wanted_target(const std::string& word, vo::Angle default_radius) {
  const auto parsed = fs::parse_target(word, default_radius);
  if (const auto* target = std::get_if<fs::Target>(&parsed)) return {word, word, *target};
  if (std::holds_alternative<fs::ObjectName>(parsed)) return {word, word, std::nullopt};
  throw vo::Error{vo::ErrorKind::Rejected,
                  fmt::format("'{}' is no target: {}; give coordinates such as 156.011+48.148, "
                              "J102402.7+480851 or 10:24:02.7+48:08:51, or the name of an object",
                              word, std::get<fs::NoTarget>(parsed).reason)};
}

}  // namespace platefs::tools
