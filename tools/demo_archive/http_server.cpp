// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/http_server.h"

#include <fmt/format.h>
#include <microhttpd.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <span>
#include <thread>

#include "vo/base/ascii.h"
#include "vo/base/error.h"

namespace platefs::demo {
namespace {

constexpr std::size_t kLargestBody = 8 << 20;
constexpr int kTick = 20;  // milliseconds between two looks at whether waiting still makes sense

std::int64_t milliseconds_now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// Waits a tick, or less when the client goes; true when it went.
bool client_goes(int fd, int milliseconds) {
  pollfd watched{fd, POLLRDHUP, 0};
  return ::poll(&watched, 1, milliseconds) > 0;
}

/// Aborts the connection as a crashed machine would: RST in place of an orderly end.
void reset(int fd) {
  sockaddr nobody{};
  nobody.sa_family = AF_UNSPEC;
  ::connect(fd, &nobody, sizeof nobody);
}

MHD_Result add_header(void* map, MHD_ValueKind, const char* key, const char* value) {
  auto& headers = *static_cast<std::map<std::string, std::string, std::less<>>*>(map);
  headers.emplace(vo::lower_case(key), value == nullptr ? "" : value);
  return MHD_YES;
}

MHD_Result take_part(void* map, MHD_ValueKind, const char* name, const char*, const char*, const char*,
                     const char* data, std::uint64_t, std::size_t size) {
  auto& parts = *static_cast<std::map<std::string, std::string>*>(map);
  if (name != nullptr) parts[name].append(data, size);
  return MHD_YES;
}

std::map<std::string, std::string> parts_of(MHD_Connection* connection, const std::string& body) {
  constexpr std::size_t kBuffer = 16 << 10;
  std::map<std::string, std::string> parts;
  auto* const reader = MHD_create_post_processor(connection, kBuffer, &take_part, &parts);
  if (reader == nullptr) return parts;  // another kind of body
  MHD_post_process(reader, body.data(), body.size());
  MHD_destroy_post_processor(reader);
  return parts;
}

}  // namespace

/// One request from its first line to the last byte of its answer, on its connection's thread.
class HttpServer::Exchange {
 public:
  Exchange(HttpServer& server, std::string_view target) : server_(server) {
    const auto mark = std::min(target.find('?'), target.size());
    request_.query = target.substr(std::min(mark + 1, target.size()));
  }

  /// Called with nothing first, then with pieces of the body, then with nothing again.
  MHD_Result on_data(MHD_Connection* connection, const char* path, const char* method, const char* data,
                     std::size_t* size) {
    if (!is_begun_) return begin(connection, path, method);
    if (*size > 0) return take_body(data, size);
    return reply();
  }

  void end() {
    if (entry_) server_.log_.ended(entry_);
  }

  ssize_t read(std::uint64_t at, std::span<char> out) {
    try {
      return read_some(at, out);
    } catch (const std::exception&) {
      return MHD_CONTENT_READER_END_WITH_ERROR;
    }
  }

 private:
  MHD_Result begin(MHD_Connection* connection, const char* path, const char* method) {
    is_begun_ = true;
    connection_ = connection;
    fd_ = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    request_.method = method;
    request_.path = path;
    MHD_get_connection_values(connection, MHD_HEADER_KIND, &add_header, &request_.headers);
    kind_ = server_.site_.kind_of(request_);
    is_plain_ = kind_ == "control";
    if (!is_plain_) {
      entry_ = server_.log_.begin({.kind = kind_,
                                   .method = request_.method,
                                   .path = request_.path,
                                   .query = request_.query,
                                   .range = request_.header("range"),
                                   .user_agent = request_.header("user-agent")});
    }
    return MHD_YES;
  }

  MHD_Result take_body(const char* data, std::size_t* size) {
    if (request_.body.size() + *size > kLargestBody) return MHD_NO;
    request_.body.append(data, *size);
    *size = 0;
    return MHD_YES;
  }

  MHD_Result reply() {
    const auto rules = is_plain_ ? std::vector<FaultRule>() : server_.faults_.befalling(kind_, request_);
    generation_ = server_.faults_.generation();
    if (entry_) server_.log_.asked(entry_, request_.body);
    if (request_.header("content-type").starts_with("multipart/"))
      request_.parts = parts_of(connection_, request_.body);
    spoil(request_, rules);
    auto answer = answer_of_site();
    spoil(answer, request_, rules);
    delivery_ = delivery_of(answer, rules);
    if (delivery_.latency_milliseconds > 0)
      wait_until(milliseconds_now() + static_cast<std::int64_t>(delivery_.latency_milliseconds));
    if (delivery_.stalls_at_once && !wait_out_stall()) return MHD_NO;
    if (delivery_.resets_at_once) {
      reset(fd_);
      return MHD_NO;
    }
    return queue(std::move(answer));
  }

  Answer answer_of_site() {
    try {
      return server_.site_.answer(request_);
    } catch (const std::exception& error) {
      return text_answer(500, "text/plain", fmt::format("Error: {}\n", error.what()));
    }
  }

  MHD_Result queue(Answer answer) {
    content_ = answer.content ? std::move(answer.content) : content_of_text("");
    if (entry_) server_.log_.answered(entry_, answer.status);
    const auto length = delivery_.promised_length.value_or(content_->size());
    begun_at_ = milliseconds_now();
    auto* const response =
        MHD_create_response_from_callback(length, 256 << 10, &Exchange::read_callback, this, nullptr);
    for (const auto& [name, value] : answer.headers) {
      if (!value.empty()) MHD_add_response_header(response, name.c_str(), value.c_str());
    }
    const auto result = MHD_queue_response(connection_, static_cast<unsigned>(answer.status), response);
    MHD_destroy_response(response);
    return result;
  }

  static ssize_t read_callback(void* exchange, std::uint64_t at, char* out, std::size_t size) {
    return static_cast<Exchange*>(exchange)->read(at, {out, size});
  }

  /// Bytes up to where the next fault is due.
  ssize_t read_some(std::uint64_t at, std::span<char> out) {
    if (is_due(delivery_.truncate_after, at)) return MHD_CONTENT_READER_END_WITH_ERROR;
    if (is_due(delivery_.reset_after, at)) {
      reset(fd_);
      return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    if (is_due(delivery_.stall_after, at)) {
      if (!wait_out_stall()) return MHD_CONTENT_READER_END_WITH_ERROR;
      delivery_.stall_after.reset();
    }
    auto count = std::min<std::uint64_t>(out.size(), content_->size() - std::min(at, content_->size()));
    for (const auto& limit : {delivery_.truncate_after, delivery_.reset_after, delivery_.stall_after}) {
      if (limit) count = std::min(count, *limit - at);
    }
    if (delivery_.bytes_per_second) count = std::min(count, drip(at));
    if (count == 0) return MHD_CONTENT_READER_END_OF_STREAM;
    content_->read(at, out.first(count));
    if (entry_) server_.log_.sent(entry_, count);
    return static_cast<ssize_t>(count);
  }

  static bool is_due(const std::optional<std::uint64_t>& limit, std::uint64_t at) { return limit && at >= *limit; }

  /// Waits until a tenth of a second's bytes may go, and says how many these are.
  std::uint64_t drip(std::uint64_t at) {
    const auto rate = std::max<std::uint64_t>(*delivery_.bytes_per_second, 1);
    const auto portion = std::max<std::uint64_t>(rate / 10, 1);
    wait_until(begun_at_ + static_cast<std::int64_t>((at + portion) * 1000 / rate));
    return portion;
  }

  void wait_until(std::int64_t moment) {
    for (auto left = moment - milliseconds_now(); left > 0 && !server_.is_stopping_;
         left = moment - milliseconds_now()) {
      if (client_goes(fd_, static_cast<int>(std::min<std::int64_t>(left, kTick)))) return;
    }
  }

  /// Waits as long as the rules stay as they are; false when the client or the server ends first.
  bool wait_out_stall() const {
    while (!server_.is_stopping_ && server_.faults_.generation() == generation_) {
      if (client_goes(fd_, kTick)) return false;
    }
    return !server_.is_stopping_;
  }

  HttpServer& server_;
  Request request_;
  MHD_Connection* connection_ = nullptr;
  int fd_ = -1;
  std::string kind_;
  bool is_begun_ = false, is_plain_ = false;
  RequestLog::Entry entry_;
  ContentPointer content_;
  Delivery delivery_;
  std::uint64_t generation_ = 0;
  std::int64_t begun_at_ = 0;
};

/// What libmicrohttpd calls; an Exchange lives from the first line to the end of the request.
struct HttpServer::Callbacks {
  static void* on_line(void* server, const char* target, MHD_Connection*) {
    return new Exchange(*static_cast<HttpServer*>(server), target);
  }
  static MHD_Result on_data(void*, MHD_Connection* connection, const char* path, const char* method, const char*,
                            const char* data, std::size_t* size, void** exchange) {
    return static_cast<Exchange*>(*exchange)->on_data(connection, path, method, data, size);
  }
  static void on_end(void*, MHD_Connection*, void** exchange, MHD_RequestTerminationCode) {
    auto* const ended = static_cast<Exchange*>(*exchange);
    if (ended != nullptr) ended->end();
    delete ended;
    *exchange = nullptr;
  }
};

HttpServer::HttpServer(vo::ListeningSocket socket, Site& site, Faults& faults, RequestLog& log)
    : site_(site), faults_(faults), log_(log) {
  const int fd = socket.release();
  // A thread for each connection: a stalled answer may then simply wait in it.
  daemon_ = MHD_start_daemon(
      MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL | MHD_USE_ITC, 0, nullptr, nullptr,
      &Callbacks::on_data, this, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, &Callbacks::on_line, this,
      MHD_OPTION_NOTIFY_COMPLETED, &Callbacks::on_end, this, MHD_OPTION_CONNECTION_LIMIT, 500U,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, std::size_t{512 << 10}, MHD_OPTION_END);
  if (daemon_ == nullptr) throw vo::Error(vo::ErrorKind::LocalIo, "the HTTP server does not start");
}

HttpServer::~HttpServer() {
  is_stopping_ = true;
  MHD_stop_daemon(daemon_);
}

}  // namespace platefs::demo
