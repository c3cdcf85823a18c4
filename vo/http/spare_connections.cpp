// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/spare_connections.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace platefs::vo {
namespace {

constexpr std::chrono::seconds kLasts{5};

/// A peer that is gone without a word (a laptop that slept, a NAT that forgot) is noticed in half a minute while the
/// connection is idle, and before the answer's own deadline while a request is on its way. What a slow service has
/// received counts as acknowledged.
void notice_dead_peers(int socket) {
  const auto set = [socket](int option, int value) { ::setsockopt(socket, IPPROTO_TCP, option, &value, sizeof value); };
  set(TCP_KEEPIDLE, 15);
  set(TCP_KEEPINTVL, 5);
  set(TCP_USER_TIMEOUT, 10'000);
}

int new_socket(int family, int type, int protocol) {
  const int socket = ::socket(family, type | SOCK_CLOEXEC, protocol);
  if (socket >= 0 && family != AF_UNIX) notice_dead_peers(socket);
  return socket;
}

/// Connected, and the server has neither spoken nor closed.
bool is_ready(int socket) {
  pollfd look{socket, POLLIN | POLLOUT | POLLRDHUP, 0};
  return ::poll(&look, 1, 0) == 1 && look.revents == POLLOUT;
}

bool leads_to(int socket, const curl_sockaddr& address) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  return ::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) == 0 && size == address.addrlen &&
         std::memcmp(&peer, &address.addr, size) == 0;
}

}  // namespace

struct SpareConnections::Address {
  int family = 0, protocol = 0;
  socklen_t size = 0;  ///< 0: none yet
  sockaddr_storage place{};
};

SpareConnections::SpareConnections() = default;
SpareConnections::~SpareConnections() { close_all(); }

void SpareConnections::expect(std::size_t most, Clock::time_point now) {
  sockets_.reserve(most);
  last_ = std::make_unique<Address>();
  most_ = most;
  until_ = now + kLasts;
}

int SpareConnections::open(const curl_sockaddr& address) noexcept {
  if (const int spare = take(address); spare >= 0) return spare;
  if (last_ && address.family != AF_UNIX && address.addrlen <= sizeof last_->place) {
    last_->family = address.family;
    last_->protocol = address.protocol;
    last_->size = address.addrlen;
    std::memcpy(&last_->place, &address.addr, address.addrlen);
  }
  return new_socket(address.family, address.socktype, address.protocol);
}

int SpareConnections::take(const curl_sockaddr& address) noexcept {
  const auto found =
      std::ranges::find_if(sockets_, [&](int socket) { return is_ready(socket) && leads_to(socket, address); });
  if (found == sockets_.end()) return -1;
  const int socket = *found;
  sockets_.erase(found);
  return socket;
}

void SpareConnections::open_expected(std::size_t room) noexcept {
  if (!last_ || last_->size == 0) return;
  const auto address = std::move(last_);
  if (Clock::now() > until_) return;
  while (sockets_.size() < std::min(room, most_)) {
    const int socket = new_socket(address->family, SOCK_STREAM | SOCK_NONBLOCK, address->protocol);
    if (socket < 0) return;
    const auto* const place = reinterpret_cast<const sockaddr*>(&address->place);
    if (::connect(socket, place, address->size) == 0 || errno == EINPROGRESS) {
      sockets_.push_back(socket);
    } else {
      ::close(socket);
    }
  }
}

bool SpareConnections::is_connected(int socket) noexcept {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  return ::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
}

void SpareConnections::close_unused(Clock::time_point now) {
  if (!sockets_.empty() && now > until_) close_all();
}

std::optional<SpareConnections::Clock::time_point> SpareConnections::next_closing() const {
  return sockets_.empty() ? std::nullopt : std::optional(until_);
}

void SpareConnections::close_all() {
  for (const int socket : std::exchange(sockets_, {})) ::close(socket);
}

}  // namespace platefs::vo
