// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

struct curl_sockaddr;

namespace platefs::vo {

/// Connections to one host that are opened before the requests which will go by them, beside the connection that is
/// being opened anyhow: those requests wait for no handshake of TCP. Closed when nothing went by them for a few
/// seconds. Transfer thread only.
class SpareConnections {
 public:
  using Clock = std::chrono::steady_clock;

  SpareConnections() = default;
  ~SpareConnections() { close_all(); }
  SpareConnections(const SpareConnections&) = delete;
  SpareConnections& operator=(const SpareConnections&) = delete;

  /// So many will be wanted soon: for some seconds they are opened beside the next one.
  void expect(std::size_t count, Clock::time_point now);
  /// A socket for a connection to there: a spare one that is connected, or a new one that is not yet. -1: errno says
  /// why not. The caller's.
  int open(const curl_sockaddr& address) noexcept;
  static bool is_connected(int socket) noexcept;

  void close_unused(Clock::time_point now);
  std::optional<Clock::time_point> next_closing() const;
  void close_all();

 private:
  int take(const curl_sockaddr& address) noexcept;
  void open_beside(const curl_sockaddr& address);

  std::vector<int> sockets_;  ///< being connected, or connected
  std::size_t expected_ = 0;
  Clock::time_point until_{};  ///< expected, and then kept
};

}  // namespace platefs::vo
