// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "tools/demo_archive/footprint.h"
#include "tools/demo_archive/obscore_table.h"
#include "vo/base/sky.h"
#include "vo/votable/votable.h"

namespace platefs::demo {

// What the parts of an ADQL query mean for a row. A comparison that makes no sense throws vo::Error{Rejected}.

/// A condition of ADQL: nothing stands for SQL's "unknown", which a NULL makes.
using Condition = std::function<std::optional<bool>(const ObscoreRow&)>;

using Value = std::function<vo::VotableValue(const ObscoreRow&)>;
using Shape = std::variant<std::monostate, vo::IcrsPosition, vo::Cone, Footprint>;
using Geometry = std::function<Shape(const ObscoreRow&)>;

/// -1, 0, 1 as text or as numbers; nothing when one is NULL.
std::optional<int> compared(const vo::VotableValue& a, const vo::VotableValue& b);
Condition comparison(Value a, const std::string& sign, Value b);
std::optional<bool> negated(std::optional<bool> value);
std::optional<bool> both(std::optional<bool> a, std::optional<bool> b);
/// CONTAINS and INTERSECTS.
bool is_inside(const Shape& inner, const Shape& outer);
bool have_common_points(const Shape& a, const Shape& b);
Value arithmetic(Value a, char sign, Value b);

/// SQL's LIKE: '%' is any text, '_' any character.
bool is_like(std::string_view text, std::string_view pattern);

}  // namespace platefs::demo
