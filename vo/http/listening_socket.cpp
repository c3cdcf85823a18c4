// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/listening_socket.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "vo/base/error.h"

namespace platefs::vo {

ListeningSocket::ListeningSocket(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  const int yes = 1;
  const bool is_ready = fd_ >= 0 && ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
                        ::bind(fd_, generic, length) == 0 && ::listen(fd_, SOMAXCONN) == 0 &&
                        ::getsockname(fd_, generic, &length) == 0;
  if (!is_ready) {
    const auto reason = std::strerror(errno);
    if (fd_ >= 0) ::close(fd_);
    throw Error(ErrorKind::LocalIo,
                fmt::format("can't listen on 127.0.0.1:{}: {}; --port 0 takes a free one", port, reason));
  }
  port_ = ntohs(address.sin_port);
}

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), port_(other.port_) {}

ListeningSocket::~ListeningSocket() {
  if (fd_ >= 0) ::close(fd_);
}

int ListeningSocket::release() { return std::exchange(fd_, -1); }

}  // namespace platefs::vo
