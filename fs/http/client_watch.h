// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "vo/base/guarded.h"
#include "vo/base/thread.h"

namespace platefs::fs {

class Parking;

/// Looks at connections whose requests are parked, which the HTTP library does not do: one that its client closes, or
/// leaves half open, gives its wait up. One thread for all of them; a connection that waits for nothing costs nothing.
/// Thread-safe.
class ClientWatch {
 public:
  /// Throws Error{LocalIo} when the system gives no descriptors.
  ClientWatch();
  ~ClientWatch();
  ClientWatch(const ClientWatch&) = delete;
  ClientWatch& operator=(const ClientWatch&) = delete;

  /// `fd` is a connection, open until forget() was called. The number of the watch; 0: all waits have ended, and this
  /// one must not begin.
  std::uint64_t watch(int fd, std::weak_ptr<Parking> parking);
  void forget(std::uint64_t number, int fd);
  /// Gives up all waits; none begins any more. When it returns nothing more is given up.
  void stop();

 private:
  struct State {
    std::map<std::uint64_t, std::weak_ptr<Parking>> watched;
    std::uint64_t next = 1;
    bool is_stopped = false;
  };
  void look();
  void give_up(std::uint64_t number);

  int epoll_ = -1;
  int wake_ = -1;
  vo::Guarded<State> state_;
  vo::Thread thread_;
};

}  // namespace platefs::fs
