// SPDX-License-Identifier: BSD-3-Clause
#include "fs/fuse/pending_signals.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>

namespace platefs::fs {
namespace {

constexpr int kCancelOfGlibc = 32;  // SIGCANCEL, nptl/internaltypes.h

std::uint64_t set_of(std::initializer_list<int> signals) {
  std::uint64_t set = 0;
  for (const int signal : signals) set |= std::uint64_t{1} << (signal - 1);
  return set;
}

std::optional<std::uint64_t> set_named(std::string_view name, std::string_view status) {
  const auto found = status.find(name);
  if (found == std::string_view::npos) return std::nullopt;
  auto digits = status.substr(found + name.size());
  digits.remove_prefix(std::min(digits.find_first_not_of(" \t"), digits.size()));
  std::uint64_t set = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), set, 16);
  if (parsed.ec != std::errc{}) return std::nullopt;
  return set;
}

/// Do the numbers in /proc mean what the kernel's requests mean by them?
bool is_proc_ours() {
  char number[32];
  const auto length = ::readlink("/proc/self", number, sizeof number - 1);
  if (length <= 0) return false;
  number[length] = '\0';
  return std::atoi(number) == ::getpid();
}

}  // namespace

std::optional<SignalSets> parse_signal_sets(std::string_view status) {
  const auto of_thread = set_named("\nSigPnd:", status);
  const auto of_process = set_named("\nShdPnd:", status);
  const auto blocked = set_named("\nSigBlk:", status);
  const auto ignored = set_named("\nSigIgn:", status);
  const auto caught = set_named("\nSigCgt:", status);
  if (!of_thread || !of_process || !blocked || !ignored || !caught) return std::nullopt;
  return SignalSets{*of_thread | *of_process, *blocked, *ignored, *caught};
}

SignalWish wish_of(const SignalSets& signals) {
  // The kernel turns any signal that ends a process into SIGKILL for each of its threads, but those that
  // leave a core.
  if ((signals.pending & set_of({SIGKILL})) != 0) return SignalWish::Ends;
  const auto arriving = signals.pending & ~signals.blocked & ~signals.ignored;
  const auto harmless = set_of({SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU});
  if ((arriving & ~signals.caught & ~harmless) != 0) return SignalWish::Ends;
  const auto asks_to_end = set_of({SIGHUP, SIGINT, SIGQUIT, SIGTERM, kCancelOfGlibc});
  return (arriving & signals.caught & asks_to_end) != 0 ? SignalWish::Interrupts : SignalWish::KeepsWaiting;
}

SignalWish wish_of_thread(pid_t thread) {
  static const bool is_known = is_proc_ours();
  if (thread <= 0 || !is_known) return SignalWish::KeepsWaiting;
  std::array<char, 32> path;
  std::snprintf(path.data(), path.size(), "/proc/%d/status", thread);
  const int file = ::open(path.data(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return SignalWish::KeepsWaiting;
  std::array<char, 8192> status;
  const auto length = ::read(file, status.data(), status.size());
  ::close(file);
  if (length <= 0) return SignalWish::KeepsWaiting;
  const auto signals = parse_signal_sets({status.data(), static_cast<std::size_t>(length)});
  return signals ? wish_of(*signals) : SignalWish::KeepsWaiting;
}

}  // namespace platefs::fs
