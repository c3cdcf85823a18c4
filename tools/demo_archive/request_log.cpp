// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/request_log.h"

#include <chrono>
#include <nlohmann/json.hpp>

namespace platefs::demo {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestLog = 200000;  // a benchmark's requests; older ones are dropped

double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

Json json_of(const LoggedRequest& request) {
  Json json = {{"kind", request.kind},       {"method", request.method}, {"path", request.path},
               {"query", request.query},     {"range", nullptr},         {"user_agent", request.user_agent},
               {"body", request.body},       {"status", request.status}, {"bytes_sent", request.bytes_sent},
               {"started", request.started}, {"ended", nullptr}};
  if (!request.range.empty()) json["range"] = request.range;
  if (request.ended) json["ended"] = *request.ended;
  return json;
}

}  // namespace

RequestLog::Entry RequestLog::begin(LoggedRequest request) {
  auto entry = std::make_shared<LoggedRequest>(std::move(request));
  entry->started = now();
  const std::lock_guard lock(mutex_);
  entries_.push_back(entry);
  if (entries_.size() > kLongestLog) entries_.pop_front();
  return entry;
}

void RequestLog::asked(const Entry& entry, const std::string& body) {
  constexpr std::size_t kLongestBody = 10000;
  const std::lock_guard lock(mutex_);
  entry->body = body.substr(0, kLongestBody);
}

void RequestLog::answered(const Entry& entry, int status) {
  const std::lock_guard lock(mutex_);
  entry->status = status;
}

void RequestLog::sent(const Entry& entry, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  entry->bytes_sent += bytes;
}

void RequestLog::ended(const Entry& entry) {
  const std::lock_guard lock(mutex_);
  entry->ended = now();
}

void RequestLog::clear() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
}

std::string RequestLog::json() const {
  const std::lock_guard lock(mutex_);
  auto json = Json::array();
  for (const auto& entry : entries_) json.push_back(json_of(*entry));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace platefs::demo
