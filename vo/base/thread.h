// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include "vo/base/error.h"

namespace platefs::vo {

/// The only way in which a thread is started here: no exception leaves its root, and no signal from outside is
/// delivered to it (they are the main thread's; those that a fault raises still are its own).
///
/// `body` is called once, with a stop token if it takes one. When it throws, `on_failure` is called on the same
/// thread with the Error; it answers what the body left unanswered. Either may be move-only. What `on_failure`
/// throws is dropped: nobody is left who could be told.
///
/// Asks to stop and joins when it is destroyed. Movable; not thread-safe itself. The constructor throws
/// Error{LocalIo} when the system gives no thread.
class Thread {
 public:
  Thread() = default;

  /// `name` is what ps and debuggers show, up to 15 characters.
  template <typename Body, typename OnFailure>
  Thread(std::string name, Body body, OnFailure on_failure)
      : Thread(std::move(name), std::make_unique<Held<Body, OnFailure>>(std::move(body), std::move(on_failure))) {}

  Thread(Thread&&) noexcept = default;
  Thread& operator=(Thread&&) noexcept = default;
  ~Thread() = default;

  void request_stop() { thread_.request_stop(); }
  bool joinable() const noexcept { return thread_.joinable(); }
  /// Waits for its end; nothing happens when it was never started or is joined already.
  void join();

 private:
  struct Work {
    virtual ~Work() = default;
    virtual void run(const std::stop_token& stop) = 0;
    virtual void fail(const Error& error) = 0;
  };

  template <typename Body, typename OnFailure>
  struct Held final : Work {
    Held(Body body, OnFailure on_failure) : body_(std::move(body)), on_failure_(std::move(on_failure)) {}
    void run(const std::stop_token& stop) override {
      if constexpr (std::is_invocable_v<Body&, const std::stop_token&>) {
        body_(stop);
      } else {
        body_();
      }
    }
    void fail(const Error& error) override { on_failure_(error); }
    Body body_;
    OnFailure on_failure_;
  };

  Thread(std::string name, std::unique_ptr<Work> work);
  static void run_guarded(const std::string& name, Work& work, const std::stop_token& stop) noexcept;

  std::jthread thread_;
};

}  // namespace platefs::vo
