// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "vo/base/error.h"
#include "vo/http/message.h"

namespace platefs::demo {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::pair<std::string_view, Fault>, 13> kNames = {{
    {"stall", Fault::Stall},
    {"drip", Fault::Drip},
    {"truncate", Fault::Truncate},
    {"reset", Fault::Reset},
    {"wrong_length", Fault::WrongLength},
    {"wrong_range", Fault::WrongRange},
    {"ignore_range", Fault::IgnoreRange},
    {"status", Fault::Status},
    {"redirect_loop", Fault::RedirectLoop},
    {"changed", Fault::Changed},
    {"html", Fault::Html},
    {"empty", Fault::Empty},
    {"latency", Fault::Latency},
}};

Fault fault_named(const std::string& name) {
  const auto* const found = std::ranges::find(kNames, name, [](const auto& pair) { return pair.first; });
  if (found == kNames.end()) throw vo::Error(vo::ErrorKind::Malformed, "no fault is called " + name);
  return found->second;
}

std::string_view name_of(Fault fault) {
  return std::ranges::find(kNames, fault, [](const auto& pair) { return pair.second; })->first;
}

void read_match(FaultRule& rule, const Json& match) {
  for (const auto& [key, value] : match.items()) {
    if (key == "kind")
      rule.kind = value.get<std::string>();
    else if (key == "path")
      rule.path = value.get<std::string>();
    else
      throw vo::Error(vo::ErrorKind::Malformed, "a match has no " + key);
  }
}

FaultRule rule_of(const Json& json) {
  FaultRule rule;
  for (const auto& [key, value] : json.items()) {
    if (key == "match")
      read_match(rule, value);
    else if (key == "fault")
      rule.fault = fault_named(value.get<std::string>());
    else if (key == "times")
      rule.times = value.get<std::uint64_t>();
    else if (key == "skip")
      rule.skip = value.get<std::uint64_t>();
    else if (key == "after_bytes")
      rule.after_bytes = value.get<std::uint64_t>();
    else if (key == "status")
      rule.status = value.get<int>();
    else if (key == "retry_after")
      rule.retry_after = value.get<int>();
    else if (key == "milliseconds")
      rule.milliseconds = value.get<std::uint64_t>();
    else if (key == "bytes_per_second")
      rule.bytes_per_second = value.get<std::uint64_t>();
    else
      throw vo::Error(vo::ErrorKind::Malformed, "a fault has no " + key);
  }
  if (!json.contains("fault")) throw vo::Error(vo::ErrorKind::Malformed, "a rule without \"fault\"");
  return rule;
}

Json json_of(const FaultRule& rule) {
  Json json = {{"match", {{"kind", rule.kind}, {"path", rule.path}}},
               {"fault", name_of(rule.fault)},
               {"skip", rule.skip},
               {"status", rule.status},
               {"milliseconds", rule.milliseconds},
               {"bytes_per_second", rule.bytes_per_second}};
  if (rule.times) json["times"] = *rule.times;
  if (rule.after_bytes) json["after_bytes"] = *rule.after_bytes;
  if (rule.retry_after) json["retry_after"] = *rule.retry_after;
  return json;
}

bool matches(const FaultRule& rule, std::string_view kind, const std::string& target) {
  return (rule.kind.empty() || rule.kind == kind) && target.find(rule.path) != std::string::npos;
}

/// One more request for this rule; false when it lets the request pass.
bool counts(FaultRule& rule) {
  if (rule.skip > 0) {
    --rule.skip;
    return false;
  }
  if (!rule.times) return true;
  if (*rule.times == 0) return false;
  --*rule.times;
  return true;
}

/// Moves the bytes of a 206 by some, so that head and body agree with each other but not with the
/// question.
void misplace(Answer& answer) {
  const auto said = vo::http::parse_content_range(answer.header("Content-Range"));
  if (!said || !said->total || !answer.content) return;
  const auto size = said->range.size(), total = *said->total;
  const auto first = said->range.first >= 1000 ? said->range.first - 1000 : said->range.first + 1000;
  const auto end = std::min(first + size, total);
  answer.set("Content-Range", fmt::format("bytes {}-{}/{}", first, end - 1, total));
  answer.content = content_of_text(std::string(end - first, 'x'));
}

void redirect_to_itself(Answer& answer, const Request& request) {
  answer = text_answer(302, "text/plain", "it is over there\n");
  answer.set("Location", request.query.empty() ? request.path : request.path + "?" + request.query);
}

void fail_with_status(Answer& answer, const FaultRule& rule) {
  answer = text_answer(rule.status, "text/plain", fmt::format("the demo archive was told to answer {}\n", rule.status));
  if (rule.status == 204 || rule.status == 304) answer.content = nullptr;
  if (rule.retry_after) answer.set("Retry-After", std::to_string(*rule.retry_after));
}

}  // namespace

void Faults::set_json(std::string_view text) {
  std::vector<FaultRule> rules;
  try {
    const auto json = Json::parse(text);
    if (!json.is_array()) throw vo::Error(vo::ErrorKind::Malformed, "faults are a JSON list of rules");
    for (const auto& one : json) rules.push_back(rule_of(one));
  } catch (const Json::exception& error) {
    throw vo::Error(vo::ErrorKind::Malformed, error.what());
  }
  const std::lock_guard lock(mutex_);
  rules_ = std::move(rules);
  ++generation_;
}

void Faults::clear() {
  const std::lock_guard lock(mutex_);
  rules_.clear();
  ++generation_;
}

std::string Faults::json() const {
  const std::lock_guard lock(mutex_);
  auto json = Json::array();
  for (const auto& rule : rules_) json.push_back(json_of(rule));
  return json.dump();
}

std::uint64_t Faults::generation() const {
  const std::lock_guard lock(mutex_);
  return generation_;
}

std::vector<FaultRule> Faults::befalling(std::string_view kind, const Request& request) {
  const auto target = request.query.empty() ? request.path : request.path + "?" + request.query;
  std::vector<FaultRule> found;
  bool has_fault = false;
  const std::lock_guard lock(mutex_);
  for (auto& rule : rules_) {
    const bool is_latency = rule.fault == Fault::Latency;
    if ((has_fault && !is_latency) || !matches(rule, kind, target) || !counts(rule)) continue;
    found.push_back(rule);
    has_fault = has_fault || !is_latency;
  }
  return found;
}

void spoil(Request& request, const std::vector<FaultRule>& rules) {
  for (const auto& rule : rules) {
    if (rule.fault == Fault::IgnoreRange) request.headers.erase("range");
    if (rule.fault == Fault::Changed) request.wants_other_edition = true;
  }
}

void spoil(Answer& answer, const Request& request, const std::vector<FaultRule>& rules) {
  for (const auto& rule : rules) {
    if (rule.fault == Fault::WrongRange) misplace(answer);
    if (rule.fault == Fault::RedirectLoop) redirect_to_itself(answer, request);
    if (rule.fault == Fault::Status) fail_with_status(answer, rule);
    if (rule.fault == Fault::Empty) answer = text_answer(200, answer.header("Content-Type"), "");
    if (rule.fault == Fault::Html) {
      answer = text_answer(200, "text/html; charset=utf-8",
                           "<!DOCTYPE html>\n<html><head><title>Log in</title></head><body>"
                           "<form><input name=\"user\"></form></body></html>\n");
    }
  }
}

Delivery delivery_of(const Answer& answer, const std::vector<FaultRule>& rules) {
  Delivery delivery;
  const auto size = answer.content ? answer.content->size() : 0;
  for (const auto& rule : rules) {
    if (rule.fault == Fault::Latency) delivery.latency_milliseconds += rule.milliseconds;
    if (rule.fault == Fault::Stall) {
      delivery.stalls_at_once = !rule.after_bytes;
      delivery.stall_after = rule.after_bytes;
    }
    if (rule.fault == Fault::Reset) {
      delivery.resets_at_once = !rule.after_bytes;
      delivery.reset_after = rule.after_bytes;
    }
    if (rule.fault == Fault::Drip) delivery.bytes_per_second = rule.bytes_per_second;
    if (rule.fault == Fault::Truncate) delivery.truncate_after = rule.after_bytes.value_or(size / 2);
    if (rule.fault == Fault::WrongLength) delivery.promised_length = size / 2;
  }
  return delivery;
}

}  // namespace platefs::demo
