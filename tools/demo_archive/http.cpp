// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/http.h"

#include <algorithm>
#include <ctime>

#include "vo/base/ascii.h"
#include "vo/base/url.h"

namespace platefs::demo {
namespace {

std::string form_decoded(std::string_view text) {
  std::string blanks(text);
  std::ranges::replace(blanks, '+', ' ');
  return vo::percent_decoded(blanks);
}

void add_parameters(Request::Parameters& parameters, std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    const auto value = equals < pair.size() ? pair.substr(equals + 1) : std::string_view();
    parameters.emplace_back(form_decoded(pair.substr(0, equals)), form_decoded(value));
  }
}

}  // namespace

std::string Request::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

Request::Parameters Request::parameters() const {
  Parameters result;
  add_parameters(result, query);
  if (header("content-type").starts_with("application/x-www-form-urlencoded")) add_parameters(result, body);
  result.insert(result.end(), parts.begin(), parts.end());
  return result;
}

std::vector<std::string> Request::all(std::string_view name) const {
  std::vector<std::string> values;
  for (auto& [key, value] : parameters()) {
    if (vo::same_ignoring_case(key, name)) values.push_back(std::move(value));
  }
  return values;
}

std::optional<std::string> Request::parameter(std::string_view name) const {
  auto values = all(name);
  if (values.empty()) return std::nullopt;
  return std::move(values.front());
}

std::string Answer::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (vo::same_ignoring_case(key, name)) return value;
  }
  return {};
}

void Answer::set(std::string_view name, std::string value) {
  std::erase_if(headers, [&](const auto& header) { return vo::same_ignoring_case(header.first, name); });
  headers.emplace_back(name, std::move(value));
}

Answer text_answer(int status, std::string media_type, std::string text) {
  return {status, {{"Content-Type", std::move(media_type)}}, content_of_text(std::move(text))};
}

std::string http_date(std::int64_t unix_seconds) {
  const std::time_t time = unix_seconds;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::string text(64, '\0');
  text.resize(std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
  return text;
}

}  // namespace platefs::demo
