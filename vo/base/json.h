// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace platefs::vo {

/// A value of JSON (RFC 8259) as a service sent it. Value type.
struct JsonValue {
  using List = std::vector<JsonValue>;
  using Object = std::map<std::string, JsonValue, std::less<>>;
  std::variant<std::monostate, bool, double, std::string, List, Object> value;

  const std::string* text() const { return std::get_if<std::string>(&value); }
  const double* number() const { return std::get_if<double>(&value); }
  const List* list() const { return std::get_if<List>(&value); }
  /// Of an object; null when it is none, or has no such member.
  const JsonValue* member(std::string_view name) const;
};

struct JsonLimits {
  std::size_t depth = 16;          ///< of lists and objects in each other
  std::size_t values = 1'000'000;  ///< of any kind
};

/// Reads a whole document. Throws Error{Malformed} with the place where it is none, and where it goes beyond `limits`.
/// Time and memory are in proportion to the text. Thread-safe.
JsonValue read_json(std::string_view text, const JsonLimits& limits = {});

}  // namespace platefs::vo
