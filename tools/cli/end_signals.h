// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <signal.h>

#include <array>

namespace platefs::tools {

/// SIGINT and SIGTERM (and SIGHUP, for commands) as something that a thread waits for. Make it on the main thread
/// before any other: those inherit that the signals are not theirs. Only these signals end a wait; no other one from
/// outside is taken for a message.
class EndSignals {
 public:
  enum class Of {
    Command,  ///< ended by HUP, too, where that is not ignored (nohup)
    Mount     ///< HUP, USR1, USR2, PIPE, ALRM … are no reason to end: from now on they are ignored
  };
  explicit EndSignals(Of whom);
  ~EndSignals();
  EndSignals(const EndSignals&) = delete;
  EndSignals& operator=(const EndSignals&) = delete;

  /// The signal that came, 0 after release(). Either stays: a second wait() returns at once with 0.
  int wait();
  /// What the signals did before on this thread, they do again: another Ctrl-C ends the process at once.
  void restore();
  /// Ends the wait, whether it has begun or not. Any thread.
  void release();

 private:
  static constexpr std::array<int, 15> kNoReason{SIGHUP,    SIGUSR1,  SIGUSR2, SIGPIPE, SIGALRM,
                                                 SIGVTALRM, SIGPROF,  SIGIO,   SIGPWR,  SIGSTKFLT,
                                                 SIGURG,    SIGWINCH, SIGXFSZ, SIGTTIN, SIGTTOU};
  sigset_t signals_ = {}, before_ = {};
  int signal_fd_ = -1;
  int release_fd_ = -1;
};

}  // namespace platefs::tools
