// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "vo/http/transport.h"

namespace platefs::test {

/// Remembers what a transfer told it. Thread-safe; `decide` is set before the transfer starts.
class RecordingHandler : public vo::TransferHandler {
 public:
  using Decide = std::function<vo::Flow(std::span<const std::byte>)>;

  RecordingHandler() = default;
  explicit RecordingHandler(Decide decide) : decide_(std::move(decide)) {}

  void on_head(const vo::http::Head& head) override {
    change([&] {
      ++heads_;
      head_ = head;
    });
  }

  vo::Flow on_body(std::span<const std::byte> bytes) override {
    const auto flow = decide_ ? decide_(bytes) : vo::Flow::Continue;
    change([&] {
      if (flow == vo::Flow::Pause) ++pauses_;
      if (flow != vo::Flow::Continue) return;
      body_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    });
    return flow;
  }

  void on_end(std::optional<vo::Error> error) override {
    change([&] {
      ++ends_;
      error_ = std::move(error);
    });
  }

  /// Up to ten seconds; false when it has not come by then.
  bool wait_for_end() {
    return wait([this] { return ends_ > 0; });
  }
  bool wait_for_body(std::size_t size) {
    return wait([=, this] { return body_.size() >= size; });
  }
  bool wait_for_pause(int count) {  // or the end
    return wait([=, this] { return pauses_ >= count || ends_ > 0; });
  }

  int heads() const { return look(heads_); }
  int ends() const { return look(ends_); }
  vo::http::Head head() const { return look(head_); }
  std::string body() const { return look(body_); }
  std::optional<vo::Error> error() const { return look(error_); }
  std::optional<vo::ErrorKind> failure() const {
    const auto failed = error();
    return failed ? std::optional(failed->kind()) : std::nullopt;
  }
  std::string message() const {
    const auto failed = error();
    return failed ? failed->message() : "";
  }

 private:
  template <typename Change>
  void change(Change how) {
    {
      const std::lock_guard lock(mutex_);
      how();
    }
    changed_.notify_all();
  }
  template <typename T>
  T look(const T& member) const {
    const std::lock_guard lock(mutex_);
    return member;
  }
  template <typename Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds{10}, condition);
  }

  Decide decide_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int heads_ = 0, pauses_ = 0, ends_ = 0;
  vo::http::Head head_;
  std::string body_;
  std::optional<vo::Error> error_;
};

}  // namespace platefs::test
