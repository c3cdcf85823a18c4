// SPDX-License-Identifier: BSD-3-Clause
#include "fs/http/http_server.h"

#include <microhttpd.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <new>
#include <utility>

#include "fs/http/exchange.h"
#include "fs/http/parking.h"
#include "vo/base/error.h"

namespace platefs::fs {
namespace {

constexpr unsigned kThreads = 4;  // none of them ever waits
constexpr std::size_t kMostOfAHead = 32 << 10;
constexpr unsigned kIdleSeconds = 20;
constexpr unsigned kRestSeconds = 3600;         // of a client in the middle of a file: it may have been stopped
constexpr std::uint64_t kLongAnswer = 1 << 20;  // does not fit into the system's buffers
constexpr std::size_t kBlock = kSentAtOnce;

/// A request on its connection, and its answer: the part between libmicrohttpd and Exchange.
class Call final : private SuspendedConnection, private ResponseSink {
 public:
  Call(HttpService& service, const char* target) : service_(service) { request_.target = target; }
  ~Call() override {
    parking_->end();
    if (is_from_the_cache_) --service_.files_sent;
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  /// Called with nothing first, then with pieces of the body, then with nothing again, also after it was resumed.
  MHD_Result on_data(MHD_Connection* connection, const char* method, const char* data, std::size_t* size) noexcept {
    try {
      if (connection_ == nullptr) return on_head(connection, method);
      if (*size > 0) return on_body(data, size);
      return go_on();
    } catch (...) {
      return fail(vo::current_error("answering a request"));
    }
  }

 private:
  MHD_Result on_head(MHD_Connection* connection, const char* method) {
    connection_ = connection;
    may_rest(kIdleSeconds);
    request_.method = method;
    MHD_get_connection_values(connection, MHD_HEADER_KIND, &Call::add_header, &request_);
    const auto status = exchange_.refused_for_its_body(announced_length());
    if (!status) return MHD_YES;
    exchange_.refuse(*status, "Nothing is taken here: the archives' plates are read-only.");
    return result_;
  }

  std::uint64_t announced_length() const {
    const auto text = request_.header("Content-Length");
    std::uint64_t length = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), length);
    return problem == std::errc::result_out_of_range ? UINT64_MAX : length;
  }

  static MHD_Result add_header(void* request, MHD_ValueKind, const char* name, const char* value) {
    static_cast<HttpRequest*>(request)->headers.emplace_back(name, value == nullptr ? "" : value);
    return MHD_YES;
  }

  MHD_Result on_body(const char* data, std::size_t* size) {
    if (request_.body.size() + *size > kLongestRequestBody) return MHD_NO;
    request_.body.append(data, *size);
    *size = 0;
    return MHD_YES;
  }

  /// Runs what is due until the answer is on its way or the request is parked.
  MHD_Result go_on() {
    if (!std::exchange(is_begun_, true)) exchange_.begin();
    while (!is_answered_) {
      const auto next = parking_->next();
      if (next.is_over) return MHD_NO;
      if (!next.step) return MHD_YES;
      next.step();
    }
    return result_;
  }

  MHD_Result fail(const vo::Error& error) noexcept {
    try {
      if (is_answered_ || connection_ == nullptr) return MHD_NO;
      service_.options.log(error.what());
      exchange_.fail(error);
      return result_;
    } catch (...) {
      return MHD_NO;
    }
  }

  // SuspendedConnection
  int fd() const override {
    return MHD_get_connection_info(connection_, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
  }
  void suspend() override { MHD_suspend_connection(connection_); }
  void resume() override { MHD_resume_connection(connection_); }

  // ResponseSink
  void send_text(int status, const HttpHeaders& headers, std::string body) override {
    queue(status, headers, MHD_create_response_from_buffer(body.size(), body.data(), MHD_RESPMEM_MUST_COPY));
  }

  void send_content(int status, const HttpHeaders& headers, std::optional<std::uint64_t> size,
                    std::unique_ptr<Content> content) override {
    if (content && size && *size <= kSentAtOnce && sent_at_once(status, headers, *size, *content)) return;
    content_ = std::move(content);
    if (content_ && size.value_or(0) > kLongAnswer) may_rest(kRestSeconds);
    // The library clears the block before it is used: of a short answer it is as short.
    const auto block = static_cast<std::size_t>(std::clamp<std::uint64_t>(size.value_or(kBlock), 1, kBlock));
    queue(status, headers,
          MHD_create_response_from_callback(size.value_or(MHD_SIZE_UNKNOWN), block, &Call::read, this, nullptr));
  }

  void send_file(int status, const HttpHeaders& headers, int fd, std::uint64_t offset, std::uint64_t size) override {
    is_from_the_cache_ = true;
    if (size > kLongAnswer) may_rest(kRestSeconds);
    auto* const response = MHD_create_response_from_fd_at_offset64(size, fd, offset);
    if (response == nullptr) ::close(fd);
    queue(status, headers, response);
  }

  /// The library sends head and body together where it has both.
  bool sent_at_once(int status, const HttpHeaders& headers, std::uint64_t size, Content& content) {
    std::unique_ptr<char, void (*)(void*)> bytes{static_cast<char*>(std::malloc(size)), &std::free};
    if (!bytes || !content.read_at_once({bytes.get(), static_cast<std::size_t>(size)}, *parking_)) return false;
    auto* const response = MHD_create_response_from_buffer(size, bytes.get(), MHD_RESPMEM_MUST_FREE);
    if (response != nullptr) static_cast<void>(bytes.release());
    queue(status, headers, response);
    return true;
  }

  ConnectionMemory* memory() override {
    const auto* const info = MHD_get_connection_info(connection_, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == nullptr ? nullptr : static_cast<ConnectionMemory*>(info->socket_context);
  }

  void may_rest(unsigned seconds) { MHD_set_connection_option(connection_, MHD_CONNECTION_OPTION_TIMEOUT, seconds); }

  void queue(int status, const HttpHeaders& headers, MHD_Response* response) {
    is_answered_ = true;
    if (response == nullptr) throw vo::Error{vo::ErrorKind::LocalIo, "no memory for an answer"};
    for (const auto& [name, value] : headers) MHD_add_response_header(response, name.c_str(), value.c_str());
    // Types are what they are said to be, and no page tells another site the URL, which holds the token.
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
    result_ = MHD_queue_response(connection_, static_cast<unsigned>(status), response);
    MHD_destroy_response(response);
  }

  static ssize_t read(void* call, std::uint64_t at, char* out, std::size_t size) noexcept {
    auto& self = *static_cast<Call*>(call);
    try {
      if (!self.content_) return MHD_CONTENT_READER_END_OF_STREAM;
      const auto piece = self.content_->read(at, {out, size}, *self.parking_);
      if (piece.state == Content::State::Some) return static_cast<ssize_t>(piece.size);
      return piece.state == Content::State::Waits ? 0 : MHD_CONTENT_READER_END_WITH_ERROR;
    } catch (...) {
      return MHD_CONTENT_READER_END_WITH_ERROR;
    }
  }

  HttpService& service_;
  HttpRequest request_;
  MHD_Connection* connection_ = nullptr;
  std::shared_ptr<Parking> parking_ =
      std::make_shared<Parking>(service_.clients, static_cast<SuspendedConnection&>(*this));
  Exchange exchange_{service_, request_, parking_, *this};
  std::unique_ptr<Content> content_;
  bool is_begun_ = false, is_answered_ = false, is_from_the_cache_ = false;
  MHD_Result result_ = MHD_NO;
};

/// What libmicrohttpd calls; a Call lives from the first line to the end of the request.
struct Callbacks {
  static void* on_line(void* service, const char* target, MHD_Connection*) noexcept {
    try {
      return new Call(*static_cast<HttpService*>(service), target);
    } catch (...) {
      return nullptr;
    }
  }
  static MHD_Result on_data(void*, MHD_Connection* connection, const char*, const char* method, const char*,
                            const char* data, std::size_t* size, void** call) noexcept {
    return *call == nullptr ? MHD_NO : static_cast<Call*>(*call)->on_data(connection, method, data, size);
  }
  static void on_end(void*, MHD_Connection*, void** call, MHD_RequestTerminationCode) noexcept {
    delete static_cast<Call*>(std::exchange(*call, nullptr));
  }
  static void on_connection(void*, MHD_Connection*, void** context, MHD_ConnectionNotificationCode what) noexcept {
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
      *context = new (std::nothrow) ConnectionMemory;
    } else {
      delete static_cast<ConnectionMemory*>(std::exchange(*context, nullptr));
    }
  }
  /// The path is decoded from the target as it was sent (request_path.h).
  static std::size_t leave_encoded(void*, MHD_Connection*, char* text) noexcept {
    return std::char_traits<char>::length(text);
  }
  static void say_nothing(void*, const char*, va_list) noexcept {}
};

}  // namespace

HttpService::HttpService(ServeOptions given, cache::Library& the_library, const Documents& the_documents)
    : options(std::move(given)),
      library(the_library),
      documents(the_documents),
      tree(
          the_library, [&the_documents](const TargetState& target) { return the_documents.has_errors(target); },
          options.default_radius, options.log, options.look,
          [&the_documents](const TargetSnapshot& snapshot) { return the_documents.note_on_target(snapshot); }),
      attributes(the_documents, options.ownership),
      prefetch(the_library, options.prefetch),
      access(options.token) {}

struct HttpServer::Impl {
  Impl(ServeOptions options, cache::Library& library, const Documents& documents)
      : service(std::move(options), library, documents) {}
  HttpService service;
  MHD_Daemon* daemon = nullptr;
};

HttpServer::HttpServer(vo::ListeningSocket& socket, ServeOptions options, cache::Library& library,
                       const Documents& documents)
    : impl_(std::make_unique<Impl>(std::move(options), library, documents)) {
  const auto connections =
      static_cast<unsigned>(std::max<std::size_t>(impl_->service.options.most_connections, kThreads));
  impl_->daemon = MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, nullptr, nullptr,
      &Callbacks::on_data, nullptr, MHD_OPTION_EXTERNAL_LOGGER, &Callbacks::say_nothing, nullptr,
      MHD_OPTION_LISTEN_SOCKET, socket.release(), MHD_OPTION_URI_LOG_CALLBACK, &Callbacks::on_line, &impl_->service,
      MHD_OPTION_NOTIFY_COMPLETED, &Callbacks::on_end, nullptr, MHD_OPTION_NOTIFY_CONNECTION, &Callbacks::on_connection,
      nullptr, MHD_OPTION_UNESCAPE_CALLBACK, &Callbacks::leave_encoded, nullptr, MHD_OPTION_THREAD_POOL_SIZE, kThreads,
      MHD_OPTION_CONNECTION_LIMIT, connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT, kMostOfAHead,
      MHD_OPTION_CONNECTION_TIMEOUT, kIdleSeconds, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
  if (impl_->daemon == nullptr) throw vo::Error(vo::ErrorKind::LocalIo, "the HTTP server does not start");
}

HttpServer::~HttpServer() { stop(); }

void HttpServer::stop() {
  impl_->service.clients.stop();  // the library ends only what is not suspended
  if (auto* const daemon = std::exchange(impl_->daemon, nullptr)) MHD_stop_daemon(daemon);
}

}  // namespace platefs::fs
