// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace platefs::vo {

/// One cell. `monostate` is null (declared by VALUES@null, a BINARY2 flag, an empty TD, or NaN).
/// A numeric array is its elements as text, blank-separated, first index fastest.
using VotableValue = std::variant<std::monostate, bool, std::int64_t, float, double, std::string>;

/// The same where it stands: a text stays with the table.
using CellView = std::variant<std::monostate, bool, std::int64_t, float, double, std::string_view>;

CellView view_of(const VotableValue& value);
VotableValue value_of(const CellView& cell);

/// A cell as text (null: empty), shortest decimals that give the same number back.
std::string text_of(const VotableValue& value);
std::string text_of(const CellView& cell);
void append_text(std::string& text, const CellView& cell);
std::optional<double> number_of(const VotableValue& value);  ///< also from text; NaN is nothing
std::optional<double> number_of(const CellView& cell);
std::optional<std::int64_t> integer_of(const VotableValue& value);
std::optional<std::int64_t> integer_of(const CellView& cell);

}  // namespace platefs::vo
