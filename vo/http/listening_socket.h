// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace platefs::vo {

/// A socket on 127.0.0.1 that listens: nobody but this computer's programs can connect.
class ListeningSocket {
 public:
  /// `port` 0: one that is free. Throws vo::Error{LocalIo} naming the port when it is not to be had.
  explicit ListeningSocket(int port);
  ~ListeningSocket();
  ListeningSocket(ListeningSocket&& other) noexcept;
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;

  int port() const { return port_; }
  int release();  ///< gives the descriptor away

 private:
  int fd_ = -1;
  int port_ = 0;
};

}  // namespace platefs::vo
