// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/json.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

/// Hears the parser, which calls no function of itself, and builds within the limits.
class JsonBuilder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit JsonBuilder(const JsonLimits& limits) : limits_(limits) {}

  JsonValue take() { return std::move(root_); }

  bool null() override { return add({}); }
  bool boolean(bool value) override { return add({value}); }
  bool number_integer(number_integer_t value) override { return add({static_cast<double>(value)}); }
  bool number_unsigned(number_unsigned_t value) override { return add({static_cast<double>(value)}); }
  bool number_float(number_float_t value, const string_t& /*text*/) override { return add({value}); }
  bool string(string_t& value) override { return add({std::move(value)}); }
  bool binary(binary_t& /*value*/) override { return false; }  // not in texts
  bool start_object(std::size_t /*elements*/) override { return open({JsonValue::Object{}}); }
  bool start_array(std::size_t /*elements*/) override { return open({JsonValue::List{}}); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& value) override {
    name_ = std::move(value);
    return true;
  }
  bool parse_error(std::size_t position, const std::string& /*last*/,
                   const nlohmann::detail::exception& /*error*/) override {
    throw Error{ErrorKind::Malformed, fmt::format("no JSON: byte {} does not belong there", position)};
  }

 private:
  JsonValue& place(JsonValue value) {
    if (++values_ > limits_.values) {
      throw Error{ErrorKind::Malformed, fmt::format("JSON of more than {} values", limits_.values)};
    }
    if (open_.empty()) return root_ = std::move(value);
    if (auto* const list = std::get_if<JsonValue::List>(&open_.back()->value)) {
      return list->emplace_back(std::move(value));
    }
    return std::get<JsonValue::Object>(open_.back()->value).insert_or_assign(name_, std::move(value)).first->second;
  }
  bool add(JsonValue value) {
    place(std::move(value));
    return true;
  }
  bool open(JsonValue value) {
    if (open_.size() >= limits_.depth) {
      throw Error{ErrorKind::Malformed, fmt::format("JSON that is nested more than {} deep", limits_.depth)};
    }
    open_.push_back(&place(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  JsonLimits limits_;
  JsonValue root_;
  /// Each within the one before, to which nothing is added before it is closed.
  std::vector<JsonValue*> open_;
  std::string name_;
  std::size_t values_ = 0;
};

}  // namespace

const JsonValue* JsonValue::member(std::string_view name) const {
  const auto* const object = std::get_if<Object>(&value);
  if (object == nullptr) return nullptr;
  const auto found = object->find(name);
  return found == object->end() ? nullptr : &found->second;
}

JsonValue read_json(std::string_view text, const JsonLimits& limits) {
  JsonBuilder builder{limits};
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
    throw Error{ErrorKind::Malformed, "no JSON"};
  }
  return builder.take();
}

}  // namespace platefs::vo
