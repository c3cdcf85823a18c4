// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tools/demo_archive/faults.h"
#include "tools/demo_archive/http.h"
#include "tools/demo_archive/request_log.h"
#include "vo/http/listening_socket.h"

struct MHD_Daemon;

namespace platefs::demo {

/// What answers the requests of a server. Thread-safe: every connection has a thread of its own.
struct Site {
  virtual ~Site() = default;
  /// "tap", "file", …; requests of kind "control" are neither logged nor spoiled.
  virtual std::string_view kind_of(const Request& request) const = 0;
  /// Anything thrown becomes a 500.
  virtual Answer answer(const Request& request) = 0;
};

/// An HTTP/1.1 server (libmicrohttpd) that answers as `site` says, spoiled by `faults`, written down
/// in `log`; all three outlive it.
class HttpServer {
 public:
  HttpServer(vo::ListeningSocket socket, Site& site, Faults& faults, RequestLog& log);
  /// Ends all connections, also those that stall.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

 private:
  class Exchange;
  struct Callbacks;

  Site& site_;
  Faults& faults_;
  RequestLog& log_;
  std::atomic<bool> is_stopping_{false};
  MHD_Daemon* daemon_ = nullptr;
};

}  // namespace platefs::demo
