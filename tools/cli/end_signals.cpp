// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/end_signals.h"

#include <fmt/core.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "vo/base/error.h"

namespace platefs::tools {
namespace {

bool is_ignored(int signal) {
  struct sigaction action = {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

EndSignals::EndSignals(Of whom) {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM}) sigaddset(&signals_, signal);
  if (whom == Of::Command && !is_ignored(SIGHUP)) sigaddset(&signals_, SIGHUP);
  if (whom == Of::Mount) {
    for (const int signal : kNoReason) ::signal(signal, SIG_IGN);
    for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) ::signal(signal, SIG_IGN);
  }
  signal_fd_ = ::signalfd(-1, &signals_, SFD_CLOEXEC);
  release_fd_ = ::eventfd(0, EFD_CLOEXEC);
  if (signal_fd_ < 0 || release_fd_ < 0) {
    const auto why = std::strerror(errno);
    ::close(signal_fd_);
    ::close(release_fd_);
    throw vo::Error{vo::ErrorKind::LocalIo, fmt::format("the system lets nobody wait for signals: {}", why)};
  }
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

EndSignals::~EndSignals() {
  ::close(signal_fd_);
  ::close(release_fd_);
}

void EndSignals::restore() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

int EndSignals::wait() {
  pollfd waiting[]{{signal_fd_, POLLIN, 0}, {release_fd_, POLLIN, 0}};
  while (::poll(waiting, 2, -1) < 0) {
    if (errno != EINTR) return SIGTERM;
  }
  signalfd_siginfo came = {};
  int signal = 0;
  if ((waiting[0].revents & POLLIN) != 0 && ::read(signal_fd_, &came, sizeof came) == sizeof came) {
    signal = static_cast<int>(came.ssi_signo);
  }
  release();
  return signal;
}

void EndSignals::release() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(release_fd_, &one, sizeof one);
}

}  // namespace platefs::tools
