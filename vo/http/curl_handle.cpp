// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/curl_handle.h"

#include <curl/curl.h>
#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <mutex>
#include <system_error>
#include <thread>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

constexpr long kBufferSize = 512 * 1024;  // the most curl takes; the default 16 kB costs throughput
constexpr std::chrono::milliseconds kWaitAfterFailure{50};

/// Over all hosts. A process with few descriptors keeps few connections for later.
long idle_connections() {
  constexpr rlim_t kMost = 64, kFewest = 4, kOneIn = 16;
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kMost;
  return static_cast<long>(std::clamp(limit.rlim_cur / kOneIn, kFewest, kMost));
}

std::size_t take_header(char* data, std::size_t, std::size_t size, void* listener) {
  const bool taken = static_cast<CurlListener*>(listener)->on_header_line({data, size});
  return taken ? size : 0;
}

std::size_t take_bytes(char* data, std::size_t, std::size_t size, void* listener) {
  using enum CurlListener::Answer;
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto answer = static_cast<CurlListener*>(listener)->on_bytes(bytes);
  if (answer == Pause) return CURL_WRITEFUNC_PAUSE;
  return answer == Taken ? size : CURL_WRITEFUNC_ERROR;
}

curl_socket_t open_socket(void* listener, curlsocktype, curl_sockaddr* address) {
  auto* const spare = static_cast<CurlListener*>(listener)->may_open(place_of(address->addr));
  return spare == nullptr ? CURL_SOCKET_BAD : spare->open(*address);
}

int configure_socket(void*, curl_socket_t socket, curlsocktype) {
  return SpareConnections::is_connected(socket) ? CURL_SOCKOPT_ALREADY_CONNECTED : CURL_SOCKOPT_OK;
}

/// Asked for kept connections too, which another archive's request may have opened.
int before_request(void* listener, char* address, char*, int, int) {
  const auto place = place_of_address(address).value_or(NetworkPlace::ThisComputer);
  return static_cast<CurlListener*>(listener)->may_send(place) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

void initialise_curl_once() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
      throw Error{ErrorKind::LocalIo, "libcurl can't be initialised"};
    }
  });
}

std::string range_text(const ByteRange& range) {
  if (range.empty()) throw Error{ErrorKind::Rejected, "an empty range of bytes was asked for"};
  if (range.end == UINT64_MAX) return fmt::format("bytes={}-", range.first);
  return fmt::format("bytes={}-{}", range.first, range.end - 1);
}

bool breaks_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

}  // namespace

CurlCookies::CurlCookies() : handle_(curl_share_init()) {
  if (handle_ == nullptr) throw Error{ErrorKind::LocalIo, "libcurl has no memory for cookies"};
  curl_share_setopt(handle_, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);
}

CurlCookies::~CurlCookies() { curl_share_cleanup(handle_); }

CurlEasy::CurlEasy(const CurlOptions& options, const http::Request& request, Encoded encoded, const CurlRoute& route,
                   const CurlCookies& cookies, CurlListener& listener)
    : handle_(curl_easy_init()) {
  if (handle_ == nullptr) throw Error{ErrorKind::LocalIo, "libcurl has no memory for a request"};
  try {
    set_limits(options);
    set_callbacks(listener);
    set_route(route);
    set_question(request, encoded);
    if (route.gateway == nullptr) {
      set_cookies(cookies);
    } else {
      set_gateway(*route.gateway, request.url);
    }
    set(CURLOPT_HTTPHEADER, headers_);
  } catch (...) {
    clean_up();
    throw;
  }
}

CurlEasy::~CurlEasy() { clean_up(); }

void CurlEasy::clean_up() {
  curl_easy_cleanup(handle_);
  curl_mime_free(parts_);
  curl_slist_free_all(headers_);
}

template <typename Value>
void CurlEasy::set(int option, Value value) {
  const auto code = curl_easy_setopt(handle_, static_cast<CURLoption>(option), value);
  if (code == CURLE_OK) return;
  throw Error{ErrorKind::LocalIo, fmt::format("libcurl refuses its option {}: {}", option, curl_easy_strerror(code))};
}

void CurlEasy::add_header(std::string_view name, std::string_view value) {
  if (breaks_line(name) || breaks_line(value)) {
    throw Error{ErrorKind::Malformed, "a header of the request would break out of its line"};
  }
  // "Name;" is curl's way to say a header without a value.
  const auto line = value.empty() ? fmt::format("{};", name) : fmt::format("{}: {}", name, value);
  auto* longer = curl_slist_append(headers_, line.c_str());
  if (longer == nullptr) throw Error{ErrorKind::LocalIo, "libcurl has no memory for a header"};
  headers_ = longer;
}

void CurlEasy::set_limits(const CurlOptions& options) {
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);  // the loop does, so that each host's limit and health count
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TCP_NODELAY, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_BUFFERSIZE, kBufferSize);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
  set(CURLOPT_USERAGENT, options.user_agent.c_str());
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);  // a proxy's answer is not the archive's
  if (!options.ca_bundle.empty()) {
    set(CURLOPT_CAINFO, options.ca_bundle.c_str());
    set(CURLOPT_PROXY_CAINFO, options.ca_bundle.c_str());
  }
#if LIBCURL_VERSION_NUM >= 0x075700
  // Else removing a handle whose name is being looked up waits for the resolver, minutes perhaps.
  set(CURLOPT_QUICK_EXIT, 1L);
#endif
}

void CurlEasy::set_cookies(const CurlCookies& cookies) {
  set(CURLOPT_SHARE, cookies.native());
  set(CURLOPT_COOKIEFILE, "");  // no file: it switches cookies on
}

void CurlEasy::set_route(const CurlRoute& route) {
  set(CURLOPT_PROXY, route.proxy.c_str());
  set(CURLOPT_NOPROXY, "");  // it was heeded in the choice of the proxy
  if (route.is_fresh) set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_MAXLIFETIME_CONN, static_cast<long>(route.longest_life.count()));
  if (route.credentials != nullptr) set_credentials(*route.credentials);
}

void CurlEasy::set_credentials(const HostCredentials& credentials) {
  if (!credentials.netrc_file.empty()) {
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_REQUIRED));
    set(CURLOPT_NETRC_FILE, credentials.netrc_file.c_str());
    set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
  }
  if (!credentials.bearer_token.empty()) add_header("Authorization", "Bearer " + credentials.bearer_token);
  if (!credentials.header.first.empty()) add_header(credentials.header.first, credentials.header.second);
  if (!credentials.client_certificate.empty()) {
    set(CURLOPT_SSLCERT, credentials.client_certificate.c_str());
    const auto& key = credentials.client_key;
    set(CURLOPT_SSLKEY, (key.empty() ? credentials.client_certificate : key).c_str());
  }
}

void CurlEasy::set_callbacks(CurlListener& listener) {
  static_assert(sizeof(reason_) >= CURL_ERROR_SIZE);
  set(CURLOPT_ERRORBUFFER, reason_.data());
  set(CURLOPT_HEADERFUNCTION, &take_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(&listener));
  set(CURLOPT_WRITEFUNCTION, &take_bytes);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&listener));
  set(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(&listener));
  set(CURLOPT_SOCKOPTFUNCTION, &configure_socket);
  set(CURLOPT_PREREQFUNCTION, &before_request);
  set(CURLOPT_PREREQDATA, static_cast<void*>(&listener));
}

void CurlEasy::set_question(const http::Request& request, Encoded encoded) {
  set(CURLOPT_URL, request.url.text().c_str());
  for (const auto& [name, value] : request.headers) add_header(name, value);
  if (request.range) add_header("Range", range_text(*request.range));
  if (encoded == Encoded::Undone) {
    set(CURLOPT_ACCEPT_ENCODING, request.compressible ? "gzip" : "identity");
  } else {
    add_header("Accept-Encoding", "identity");
  }
  if (request.form) {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.form->size()));
    set(CURLOPT_POSTFIELDS, request.form->c_str());
  }
  if (!request.parts.empty()) set_parts(request);
  if (request.is_post()) {
    headers_ = curl_slist_append(headers_, "Expect:");  // no waiting for a "100 Continue"
  }
}

/// RFC 9112 section 3.2.2: the absolute form. As to a proxy, but also of https; the connection is the gateway's, and so
/// is the certificate. No cookie comes or goes: what it answers is for everybody.
void CurlEasy::set_gateway(const Url& gateway, const Url& url) {
  set(CURLOPT_URL, gateway.text().c_str());
  set(CURLOPT_REQUEST_TARGET, url.text().c_str());
  const bool is_usual_port = url.port() == (url.scheme() == "https" ? 443 : 80);
  add_header("Host", is_usual_port ? url.host() : fmt::format("{}:{}", url.host(), url.port()));
}

void CurlEasy::set_parts(const http::Request& request) {
  parts_ = curl_mime_init(handle_);
  if (parts_ == nullptr) throw Error{ErrorKind::LocalIo, "libcurl has no memory for a form"};
  for (const auto& part : request.parts) {
    auto* const mime = curl_mime_addpart(parts_);
    const bool is_file = !part.media_type.empty();
    const bool is_set = mime != nullptr && curl_mime_name(mime, part.name.c_str()) == CURLE_OK &&
                        curl_mime_data(mime, part.content.data(), part.content.size()) == CURLE_OK &&
                        (!is_file || (curl_mime_filename(mime, part.name.c_str()) == CURLE_OK &&
                                      curl_mime_type(mime, part.media_type.c_str()) == CURLE_OK));
    if (!is_set) throw Error{ErrorKind::LocalIo, "libcurl has no memory for a form"};
  }
  set(CURLOPT_MIMEPOST, parts_);
}

int CurlEasy::resume() { return curl_easy_pause(handle_, CURLPAUSE_CONT); }

std::string CurlEasy::reason(int code) const {
  std::string text = reason_[0] != '\0' ? reason_.data() : curl_easy_strerror(static_cast<CURLcode>(code));
  // libcurl itself does not say whether it was refused or found no way.
  const int cause = code == CURLE_COULDNT_CONNECT ? system_error() : 0;
  return cause == 0 ? text : text + ": " + std::generic_category().message(cause);
}

int CurlEasy::system_error() const {
  long number = 0;
  curl_easy_getinfo(handle_, CURLINFO_OS_ERRNO, &number);
  return static_cast<int>(number);
}

int CurlEasy::connect_status() const {
  long status = 0;
  curl_easy_getinfo(handle_, CURLINFO_HTTP_CONNECTCODE, &status);
  return static_cast<int>(status);
}

std::uint64_t CurlEasy::bytes_received() const {
  curl_off_t bytes = 0;
  curl_easy_getinfo(handle_, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
  return static_cast<std::uint64_t>(bytes);
}

std::optional<std::uint64_t> CurlEasy::bytes_announced() const {
  curl_off_t bytes = -1;
  curl_easy_getinfo(handle_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &bytes);
  return bytes < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(bytes));
}

CurlMulti::CurlMulti() {
  initialise_curl_once();
  handle_ = curl_multi_init();
  if (handle_ == nullptr) throw Error{ErrorKind::LocalIo, "libcurl has no memory to run requests"};
  curl_multi_setopt(handle_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
  curl_multi_setopt(handle_, CURLMOPT_MAXCONNECTS, idle_connections());
}

CurlMulti::~CurlMulti() { curl_multi_cleanup(handle_); }

void CurlMulti::add(const CurlEasy& easy) {
  const auto code = curl_multi_add_handle(handle_, easy.native());
  if (code != CURLM_OK) throw Error{ErrorKind::LocalIo, curl_multi_strerror(code)};
}

void CurlMulti::remove(const CurlEasy& easy) { curl_multi_remove_handle(handle_, easy.native()); }

void CurlMulti::perform() {
  int running = 0;
  curl_multi_perform(handle_, &running);
}

std::optional<CurlMulti::Done> CurlMulti::next_done() {
  int left = 0;
  while (const auto* message = curl_multi_info_read(handle_, &left)) {
    if (message->msg == CURLMSG_DONE) return Done{message->easy_handle, message->data.result};
  }
  return std::nullopt;
}

void CurlMulti::wait(std::chrono::milliseconds longest) {
  const auto code = curl_multi_poll(handle_, nullptr, 0, static_cast<int>(longest.count()), nullptr);
  // Whoever waits in a loop must not spin where waiting itself fails (no memory, too many descriptors).
  if (code != CURLM_OK) std::this_thread::sleep_for(std::min(longest, kWaitAfterFailure));
}

void CurlMulti::wake_up() { curl_multi_wakeup(handle_); }

}  // namespace platefs::vo
