// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fmt/core.h>

#include <cmath>
#include <string_view>
#include <variant>

#include "vo/votable/votable.h"

namespace platefs::fs {

/// A cell of a table as JSON; null for nulls and for what JSON has no word for (infinity). `Json` is
/// nlohmann's type, which headers do not name.
template <typename Json>
Json json_value(const vo::CellView& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return *text;
  if (const auto* truth = std::get_if<bool>(&value)) return *truth;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  if (const auto* real = std::get_if<double>(&value); real && std::isfinite(*real)) return *real;
  // The decimals of the float itself, not of the double next to it: 0.1, not 0.10000000149011612.
  if (const auto* real = std::get_if<float>(&value); real && std::isfinite(*real)) {
    return Json::parse(fmt::format("{}", *real));
  }
  return Json{};
}

}  // namespace platefs::fs
