// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/toml_values.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>

#include "vo/base/error.h"
#include "vo/base/url.h"
#include "vo/tables/column_mapping.h"

namespace platefs::tools::toml_values {
namespace {

template <typename T>
T value_of(const toml::node& node, const char* kind) {
  const auto value = node.value_exact<T>();
  if (!value) wrong(fmt::format("wants {}", kind));
  return *value;
}

}  // namespace

void wrong(const std::string& what) { throw vo::Error{vo::ErrorKind::Rejected, what}; }

std::string text(const toml::node& node) { return value_of<std::string>(node, "a text in quotes"); }
bool truth(const toml::node& node) { return value_of<bool>(node, "true or false"); }

double number(const toml::node& node, double least, double most) {
  const auto value = node.value<double>();
  if (!value || !(*value >= least && *value <= most)) {  // "nan" is neither
    wrong(fmt::format("wants a number from {} to {}", least, most));
  }
  return *value;
}

std::vector<std::string> texts(const toml::node& node) {
  std::vector<std::string> list;
  const auto* array = node.as_array();
  if (array == nullptr) wrong("wants a list of texts: [\"…\", \"…\"]");
  for (const auto& each : *array) list.push_back(text(each));
  return list;
}

std::string one_of(const toml::node& node, const std::vector<std::string>& words) {
  auto word = text(node);
  for (const auto& allowed : words) {
    if (word == allowed) return word;
  }
  wrong(fmt::format("wants one of {}", fmt::join(words, ", ")));
}

std::string path(const toml::node& node) {
  auto name = text(node);
  const char* home = std::getenv("HOME");
  if (name.starts_with("~/") && home != nullptr) name.replace(0, 1, home);
  if (!name.starts_with('/')) wrong("wants an absolute path, or one that begins with ~/");
  return name;
}

std::vector<std::filesystem::path> paths(const toml::node& node) {
  const auto* array = node.as_array();
  if (array == nullptr) wrong("wants a list of paths: [\"/…\", \"~/…\"]");
  std::vector<std::filesystem::path> list;
  for (const auto& each : *array) list.emplace_back(path(each));
  return list;
}

std::string identifier(const toml::node& node) {
  auto id = text(node);
  const bool is_printable =
      std::ranges::all_of(id, [](char c) { return static_cast<unsigned char>(c) > ' ' && c != 0x7f; });
  if (id.empty() || !is_printable) wrong("wants a text without blanks");
  return id;
}

std::string url(const toml::node& node) { return vo::Url::parse(text(node)).text(); }

std::vector<std::string> urls(const toml::node& node) {
  auto list = texts(node);
  for (auto& each : list) each = vo::Url::parse(each).text();
  return list;
}

std::map<std::string, std::string> columns(const toml::node& node) {
  const auto* table = node.as_table();
  if (table == nullptr) wrong("wants a table: { access_url = \"file\", t_min = \"jd - 2400000.5\" }");
  std::map<std::string, std::string> columns;
  for (const auto& [name, value] : *table) {
    const auto number = value.value<double>();
    auto said = number && !value.is_boolean() ? fmt::format("{}", *number) : text(value);
    vo::MappedValue::parse(said);
    columns.insert_or_assign(std::string{name.str()}, std::move(said));
  }
  return columns;
}

}  // namespace platefs::tools::toml_values
