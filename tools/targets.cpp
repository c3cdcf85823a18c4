// SPDX-License-Identifier: BSD-3-Clause
#include "tools/targets.h"

#include <fmt/core.h>

#include <variant>

#include "vo/error.h"

namespace platefs::tools {
namespace {

constexpr std::string_view kForms = "156.011+48.148, J102402.7+480851 or 10:24:02.7+48:08:51";

[[noreturn]] void refuse(const std::string& word, const std::string& why) {
  throw vo::Error{vo::ErrorKind::Rejected,
                  fmt::format("'{}' is no target: {}; give coordinates such as {}", word, why, kForms)};
}

}  // namespace

NamedTarget target_from(const std::string& word, vo::Angle default_radius, const NameResolver& resolve) {
  const auto parsed = fs::parse_target(word, default_radius);
  if (const auto* target = std::get_if<fs::Target>(&parsed)) return {word, *target};
  if (const auto* refused = std::get_if<fs::NoTarget>(&parsed)) refuse(word, refused->reason);
  const auto& object = std::get<fs::ObjectName>(parsed);
  if (!resolve) refuse(word, "names of objects are not resolved");
  const bool is_default = object.radius == default_radius;
  return {word, {resolve(object.name), object.radius, is_default}};
}

}  // namespace platefs::tools
