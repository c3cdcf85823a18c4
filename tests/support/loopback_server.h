// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace platefs::test {

/// What a client asked.
struct ServedRequest {
  int connection = 0;       ///< 1 is the first
  std::string method = {};  ///< "TLS": a client that wants to speak TLS, which this server can't
  std::string target = {}, body = {};
  std::map<std::string, std::string> headers = {};  ///< names in lower case
};

/// A little web server on 127.0.0.1 whose answers are a function of the test, so that it can
/// misbehave at any byte. One thread per connection; keeps connections alive. Thread-safe. The
/// destructor ends everything, held answers too.
class LoopbackServer {
 public:
  /// The server's end of one request. Lives while the script runs.
  class Exchange {
   public:
    virtual ~Exchange() = default;
    virtual const ServedRequest& request() const = 0;
    /// A complete answer with Content-Length.
    void reply(int status, std::string_view body, const std::vector<std::pair<std::string, std::string>>& headers = {});
    virtual void send(std::string_view raw) = 0;
    virtual void close() = 0;  ///< after what was sent
    virtual void reset() = 0;  ///< TCP RST
    /// Waits for one release() of the server, or its end.
    virtual void hold() = 0;
  };
  using Script = std::function<void(Exchange&)>;

  explicit LoopbackServer(Script script);
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  int port() const;
  std::string url(std::string_view target, std::string_view host = "127.0.0.1") const;

  std::vector<ServedRequest> requests() const;
  int connections() const;
  int most_at_once() const;  ///< scripts that ran at the same time

  void release(int count = 1);
  void close_connections();  ///< all that are open
  // Each waits up to ten seconds and says whether it came true.
  bool wait_for_requests(std::size_t count) const;
  bool wait_for_held(int count) const;
  bool wait_for_connections(int count) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// A port of 127.0.0.1 where nobody listens.
int unused_port();

}  // namespace platefs::test
