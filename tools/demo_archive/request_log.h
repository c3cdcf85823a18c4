// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace platefs::demo {

/// One request and how far its answer got. Times in seconds since 1970.
struct LoggedRequest {
  std::string kind = {}, method = {}, path = {}, query = {}, range = {}, user_agent = {};
  std::string body = {};         ///< of a POST
  int status = 0;                ///< 0 until it is answered
  std::uint64_t bytes_sent = 0;  ///< of the body
  double started = 0;
  std::optional<double> ended = {};
};

/// What was asked of the archive since the last clear(). Thread-safe.
class RequestLog {
 public:
  using Entry = std::shared_ptr<LoggedRequest>;

  /// The entry is changed through the functions below only.
  Entry begin(LoggedRequest request);
  void asked(const Entry& entry, const std::string& body);
  void answered(const Entry& entry, int status);
  void sent(const Entry& entry, std::uint64_t bytes);
  void ended(const Entry& entry);

  void clear();
  /// JSON list in the order of beginning; "ended" is null while it goes on, "range" when none was
  /// sent.
  std::string json() const;

 private:
  mutable std::mutex mutex_;
  std::deque<Entry> entries_;  ///< with what they point to guarded by mutex_
};

}  // namespace platefs::demo
