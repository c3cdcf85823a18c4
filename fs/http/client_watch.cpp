// SPDX-License-Identifier: BSD-3-Clause
#include "fs/http/client_watch.h"

#include <fmt/core.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "fs/http/parking.h"
#include "vo/base/error.h"

namespace platefs::fs {

ClientWatch::ClientWatch() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = 0}};
  if (epoll_ < 0 || wake_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0) {
    const auto why = std::strerror(errno);
    ::close(epoll_);
    ::close(wake_);
    throw vo::Error{vo::ErrorKind::LocalIo, fmt::format("the system lets nobody watch connections: {}", why)};
  }
  thread_ = vo::Thread{"clients", [this] { look(); }, [](const vo::Error&) {}};
}

ClientWatch::~ClientWatch() {
  stop();
  ::close(epoll_);
  ::close(wake_);
}

std::uint64_t ClientWatch::watch(int fd, std::weak_ptr<Parking> parking) {
  const auto state = state_.lock();
  if (state->is_stopped) return 0;
  const auto number = state->next++;
  // Once: a client that has gone stays gone.
  epoll_event event{.events = EPOLLRDHUP | EPOLLHUP | EPOLLERR | EPOLLONESHOT, .data = {.u64 = number}};
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) return 0;
  state->watched.emplace(number, std::move(parking));
  return number;
}

void ClientWatch::forget(std::uint64_t number, int fd) {
  const auto state = state_.lock();
  state->watched.erase(number);
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
}

void ClientWatch::give_up(std::uint64_t number) {
  std::shared_ptr<Parking> parking;
  {
    const auto state = state_.lock();
    const auto found = state->watched.find(number);
    if (found != state->watched.end()) parking = found->second.lock();
  }
  if (parking) parking->give_up();
}

void ClientWatch::look() {
  std::array<epoll_event, 32> events{};
  while (true) {
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    if (count < 0 && errno != EINTR) return;
    for (int i = 0; i < count; ++i) {
      const auto number = events[static_cast<std::size_t>(i)].data.u64;
      if (number == 0) return;  // stop()
      give_up(number);
    }
  }
}

void ClientWatch::stop() {
  std::map<std::uint64_t, std::weak_ptr<Parking>> left;
  {
    const auto state = state_.lock();
    state->is_stopped = true;
    left = state->watched;
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
  thread_.join();
  for (const auto& [number, weak] : left) {
    if (const auto parking = weak.lock()) parking->give_up();
  }
}

}  // namespace platefs::fs
