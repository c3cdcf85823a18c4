// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/child_answer.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>

namespace platefs::tools {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kPatienceOfKilling = 200ms;

/// Everything until the end of the pipe; nothing when that does not come in time or is too far away.
std::string all_of(int fd, const ChildLimits& limits) {
  const auto deadline = Clock::now() + limits.patience;
  std::string text;
  char buffer[4096];
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd waiting{fd, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::max(left, 0ms).count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return {};
    const auto got = ::read(fd, buffer, sizeof buffer);
    if (got < 0) return {};
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > limits.most_bytes) return {};
  }
}

/// One that waits in the kernel for a mount may not die; it is not waited for, then.
void end(pid_t child) {
  ::kill(child, SIGKILL);
  const auto deadline = Clock::now() + kPatienceOfKilling;
  while (::waitpid(child, nullptr, WNOHANG) == 0 && Clock::now() < deadline) std::this_thread::sleep_for(1ms);
}

}  // namespace

std::string answer_of_child(const std::function<void(int answer)>& work, const ChildLimits& limits) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    work(ends[1]);
    ::_exit(0);
  }
  ::close(ends[1]);
  const auto text = child > 0 ? all_of(ends[0], limits) : std::string{};
  ::close(ends[0]);
  if (child > 0) end(child);
  return text;
}

}  // namespace platefs::tools
