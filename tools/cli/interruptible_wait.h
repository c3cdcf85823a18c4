// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "tools/cli/end_signals.h"
#include "tools/cli/options.h"
#include "vo/base/completion.h"
#include "vo/base/guarded.h"

namespace platefs::tools {

/// Lets a command wait for an answer that comes on another thread, or for a signal that ends it (Ctrl-C, SIGTERM,
/// SIGHUP), whichever is first. Make it on the thread that will wait, before any other thread: they inherit that these
/// signals are not theirs.
class InterruptibleWait {
 public:
  InterruptibleWait() : signals_(std::make_shared<EndSignals>(EndSignals::Of::Command)) {}
  ~InterruptibleWait() { signals_->restore(); }
  InterruptibleWait(const InterruptibleWait&) = delete;
  InterruptibleWait& operator=(const InterruptibleWait&) = delete;

  /// Runs `ask(completion)`; what the completion was told, or nothing when a signal came first. After either, such
  /// a signal ends the process at once, as it does without this. Once only.
  template <typename T, typename Ask>
  std::optional<vo::Outcome<T>> answer_to(const Ask& ask) {
    auto box = std::make_shared<vo::Guarded<std::optional<vo::Outcome<T>>>>();
    ask(vo::Completion<T>{[box, signals = signals_](vo::Outcome<T> outcome) {
      *box->lock() = std::move(outcome);
      signals->release();
    }});
    signal_ = signals_->wait();
    signals_->restore();
    if (signal_ != 0) return std::nullopt;
    return std::move(*box->lock());
  }

  /// After an answer that was not waited for: what a command returns that a signal ended.
  int exit_code() const { return signal_ == SIGINT ? kInterrupted : 128 + signal_; }

 private:
  std::shared_ptr<EndSignals> signals_;  // shared with an answer that comes later
  int signal_ = 0;
};

}  // namespace platefs::tools
