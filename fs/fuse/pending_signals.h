// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace platefs::fs {

/// What the signals that a waiting thread has got ask of us. When a thread that waits for an answer gets a
/// signal, the kernel says so (FUSE_INTERRUPT), but neither which one nor what the program does on it; it says
/// it for the first signal only; and the one answer that it takes, EINTR, reaches the program as it is, even
/// where the signal's handler asks for system calls to be restarted (SA_RESTART).
enum class SignalWish {
  KeepsWaiting,  ///< a timer, a child's end, a stopped process: the call is to go on, or it can't be known
  Interrupts,    ///< the program handles a signal by which people and job managers end it
  Ends,          ///< the thread will not see an answer any more
};

/// Signal sets as /proc/PID/status (proc(5)) writes them: bit N-1 is signal N.
struct SignalSets {
  std::uint64_t pending = 0;  ///< of the thread and of its process
  std::uint64_t blocked = 0;
  std::uint64_t ignored = 0;
  std::uint64_t caught = 0;
};

/// Nothing where a set is missing.
std::optional<SignalSets> parse_signal_sets(std::string_view status);

/// Whether a handler was set with SA_RESTART is nowhere to be read, so it goes by what signals are for: HUP,
/// INT, QUIT and TERM (and glibc's of pthread_cancel) interrupt, all others that are handled do not.
SignalWish wish_of(const SignalSets& signals);

/// The wish of a thread as it is now, by its number in this process's PID namespace. KeepsWaiting where that
/// can't be known (it is of another namespace; /proc is hidden): every wait has a deadline, but many programs
/// take an EINTR that they did not ask for as a failure.
SignalWish wish_of_thread(pid_t thread);

}  // namespace platefs::fs
