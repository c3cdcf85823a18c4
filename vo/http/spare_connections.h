// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

struct curl_sockaddr;

namespace platefs::vo {

/// Connections to one host that are opened before the requests which will go by them, when the first one was made:
/// those requests wait for no handshake of TCP. Closed when nothing went by them for a few seconds. Transfer thread
/// only.
class SpareConnections {
 public:
  using Clock = std::chrono::steady_clock;

  SpareConnections();
  ~SpareConnections();
  SpareConnections(const SpareConnections&) = delete;
  SpareConnections& operator=(const SpareConnections&) = delete;

  /// Some are to be opened as soon as the next one was made, if that is in the next seconds: `most` at the most.
  void expect(std::size_t most, Clock::time_point now);
  /// A socket for a connection to there: a spare one that is connected, or a new one that is not yet. -1: errno says
  /// why not. The caller's.
  int open(const curl_sockaddr& address) noexcept;
  static bool is_connected(int socket) noexcept;
  /// What open() opened last is connected: now those that are expected are opened, until there are `room`. Not before:
  /// a server that serves one connection at a time is to meet that one first.
  void open_expected(std::size_t room) noexcept;

  void close_unused(Clock::time_point now);
  std::optional<Clock::time_point> next_closing() const;
  void close_all();

 private:
  int take(const curl_sockaddr& address) noexcept;

  struct Address;
  std::unique_ptr<Address> last_;  ///< where to open() opened last, while some are expected
  std::vector<int> sockets_;       ///< being connected, or connected
  std::size_t most_ = 0;
  Clock::time_point until_{};  ///< expected, and then kept
};

}  // namespace platefs::vo
