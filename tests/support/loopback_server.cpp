// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/loopback_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

namespace platefs::test {
namespace {

constexpr std::chrono::seconds kPatience{10};

/// A socket, closed once.
class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() { close(); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int fd() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

int bound_socket(sockaddr_in& address) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (fd < 0 || ::bind(fd, raw, size) != 0 || ::getsockname(fd, raw, &size) != 0) {
    throw std::runtime_error("no socket on 127.0.0.1");
  }
  return fd;
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

/// Takes text up to and with `end` off the front of `rest`.
std::string_view take_until(std::string_view& rest, std::string_view end) {
  const auto size = std::min(rest.find(end), rest.size());
  const auto taken = rest.substr(0, size);
  rest.remove_prefix(std::min(size + end.size(), rest.size()));
  return taken;
}

ServedRequest parse_head(std::string_view head) {
  ServedRequest request;
  auto line = take_until(head, "\r\n");
  request.method = take_until(line, " ");
  request.target = take_until(line, " ");
  while (!head.empty()) {
    line = take_until(head, "\r\n");
    const auto name = take_until(line, ":");
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (!name.empty()) request.headers[lower_case(name)] = line;
  }
  return request;
}

std::size_t body_size(const ServedRequest& request) {
  std::size_t size = 0;
  const auto found = request.headers.find("content-length");
  if (found == request.headers.end()) return 0;
  const auto& text = found->second;
  std::from_chars(text.data(), text.data() + text.size(), size);
  return size;
}

}  // namespace

struct LoopbackServer::State {
  explicit State(Script answer) : script(std::move(answer)) {}

  void accept_all();
  void serve(int fd, int connection);
  std::optional<ServedRequest> read_request(int fd, std::string& buffer);
  void run_script(Exchange& exchange);
  void hold();

  Script script;
  int port = 0;
  int listener = -1;
  std::thread acceptor;
  std::list<std::thread> servers;

  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  std::vector<int> open_fds;
  std::vector<ServedRequest> requests;
  int connections = 0, running = 0, most_at_once = 0, held = 0, released = 0;
  bool stopping = false;
};

namespace {

class LiveExchange final : public LoopbackServer::Exchange {
 public:
  LiveExchange(ServedRequest request, int fd, std::function<void()> hold)
      : request_(std::move(request)), fd_(fd), hold_(std::move(hold)) {}

  const ServedRequest& request() const override { return request_; }
  bool is_closed() const { return closed_; }

  void send(std::string_view raw) override {
    while (!raw.empty() && !closed_) {
      const auto sent = ::send(fd_, raw.data(), raw.size(), MSG_NOSIGNAL);
      if (sent <= 0) return close();
      raw.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  void close() override { closed_ = true; }

  void reset() override {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close();
  }

  void hold() override { hold_(); }

 private:
  ServedRequest request_;
  int fd_;
  std::function<void()> hold_;
  bool closed_ = false;
};

}  // namespace

void LoopbackServer::Exchange::reply(int status, std::string_view body,
                                     const std::vector<std::pair<std::string, std::string>>& headers) {
  std::string answer = "HTTP/1.1 " + std::to_string(status) + " Scripted\r\n";
  for (const auto& [name, value] : headers) answer.append(name).append(": ").append(value) += "\r\n";
  answer += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  send(answer.append(body));
}

void LoopbackServer::State::accept_all() {
  while (true) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const std::lock_guard lock(mutex);
    if (stopping) {
      ::close(fd);
      return;
    }
    open_fds.push_back(fd);
    servers.emplace_back([this, fd, number = ++connections] { serve(fd, number); });
    changed.notify_all();
  }
}

void LoopbackServer::State::serve(int fd, int connection) {
  std::string buffer;
  while (auto request = read_request(fd, buffer)) {
    request->connection = connection;
    LiveExchange exchange{*request, fd, [this] { hold(); }};
    {
      const std::lock_guard lock(mutex);
      requests.push_back(std::move(*request));
    }
    run_script(exchange);
    if (exchange.is_closed()) break;
  }
  const std::lock_guard lock(mutex);
  std::erase(open_fds, fd);
  ::close(fd);
}

std::optional<ServedRequest> LoopbackServer::State::read_request(int fd, std::string& buffer) {
  char piece[16 * 1024];
  std::optional<ServedRequest> request;
  while (true) {
    if (buffer.starts_with('\x16')) {  // a TLS greeting: it has no blank line to wait for
      buffer.clear();
      return ServedRequest{.method = "TLS"};
    }
    const auto end = buffer.find("\r\n\r\n");
    if (end != std::string::npos) {
      request = parse_head(std::string_view(buffer).substr(0, end));
      const auto size = body_size(*request);
      if (buffer.size() >= end + 4 + size) {
        request->body = buffer.substr(end + 4, size);
        buffer.erase(0, end + 4 + size);
        return request;
      }
    }
    const auto got = ::recv(fd, piece, sizeof(piece), 0);
    if (got <= 0) return std::nullopt;
    buffer.append(piece, static_cast<std::size_t>(got));
  }
}

void LoopbackServer::State::run_script(Exchange& exchange) {
  {
    const std::lock_guard lock(mutex);
    most_at_once = std::max(most_at_once, ++running);
  }
  changed.notify_all();
  script(exchange);
  const std::lock_guard lock(mutex);
  --running;
}

void LoopbackServer::State::hold() {
  std::unique_lock lock(mutex);
  ++held;
  changed.notify_all();
  changed.wait(lock, [this] { return released > 0 || stopping; });
  --released;
  --held;
}

LoopbackServer::LoopbackServer(Script script) : state_(std::make_shared<State>(std::move(script))) {
  sockaddr_in address;
  state_->listener = bound_socket(address);
  state_->port = ntohs(address.sin_port);
  if (::listen(state_->listener, 128) != 0) throw std::runtime_error("can't listen");
  state_->acceptor = std::thread([state = state_.get()] { state->accept_all(); });
}

LoopbackServer::~LoopbackServer() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    for (const int fd : state_->open_fds) ::shutdown(fd, SHUT_RDWR);
  }
  state_->changed.notify_all();
  ::shutdown(state_->listener, SHUT_RDWR);
  state_->acceptor.join();
  ::close(state_->listener);
  for (auto& server : state_->servers) server.join();
}

int LoopbackServer::port() const { return state_->port; }

std::string LoopbackServer::url(std::string_view target, std::string_view host) const {
  return std::string("http://").append(host) + ":" + std::to_string(port()) + std::string(target);
}

std::vector<ServedRequest> LoopbackServer::requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->requests;
}

int LoopbackServer::connections() const {
  const std::lock_guard lock(state_->mutex);
  return state_->connections;
}

int LoopbackServer::most_at_once() const {
  const std::lock_guard lock(state_->mutex);
  return state_->most_at_once;
}

void LoopbackServer::release(int count) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->released += count;
  }
  state_->changed.notify_all();
}

void LoopbackServer::close_connections() {
  const std::lock_guard lock(state_->mutex);
  for (const int fd : state_->open_fds) ::shutdown(fd, SHUT_RDWR);
}

bool LoopbackServer::wait_for_requests(std::size_t count) const {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, kPatience, [&] { return state_->requests.size() >= count; });
}

bool LoopbackServer::wait_for_held(int count) const {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, kPatience, [&] { return state_->held >= count; });
}

bool LoopbackServer::wait_for_connections(int count) const {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, kPatience, [&] { return state_->connections >= count; });
}

int unused_port() {
  sockaddr_in address;
  const Socket socket{bound_socket(address)};
  return ntohs(address.sin_port);
}

}  // namespace platefs::test
