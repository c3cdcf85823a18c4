// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <pthread.h>
#include <signal.h>

#include <memory>
#include <optional>
#include <utility>

#include "cache/guarded.h"
#include "vo/completion.h"

namespace platefs::tools {

/// Lets a command wait for an answer that comes on another thread, or for Ctrl-C, whichever is first.
/// Make it on the thread that will wait, before any other thread: they inherit that SIGINT is not theirs.
class InterruptibleWait {
 public:
  InterruptibleWait() {
    sigemptyset(&signals_);
    for (const int signal : {SIGINT, kAnswered}) sigaddset(&signals_, signal);
    pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  }
  ~InterruptibleWait() { restore(); }
  InterruptibleWait(const InterruptibleWait&) = delete;
  InterruptibleWait& operator=(const InterruptibleWait&) = delete;

  /// Runs `ask(completion)`; what the completion was told, or nothing when Ctrl-C came first. After
  /// either, Ctrl-C ends the process at once, as it does without this. Once only.
  template <typename T, typename Ask>
  std::optional<vo::Outcome<T>> answer_to(const Ask& ask) {
    auto box = std::make_shared<cache::Guarded<std::optional<vo::Outcome<T>>>>();
    ask(vo::Completion<T>{[box, waiter = pthread_self()](vo::Outcome<T> outcome) {
      *box->lock() = std::move(outcome);
      pthread_kill(waiter, kAnswered);
    }});
    // The signal stays pending until it is waited for, so one that comes early is not lost.
    int signal = 0;
    while (signal != SIGINT && signal != kAnswered) sigwait(&signals_, &signal);
    restore();
    if (signal == SIGINT) return std::nullopt;
    return std::move(*box->lock());
  }

 private:
  static constexpr int kAnswered = SIGUSR2;

  // An answer that comes after all leaves its signal pending, which must not end the process.
  void restore() {
    ::signal(kAnswered, SIG_IGN);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  sigset_t signals_ = {}, before_ = {};
};

}  // namespace platefs::tools
