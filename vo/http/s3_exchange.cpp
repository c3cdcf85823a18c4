// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/s3_exchange.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <exception>
#include <memory>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

struct EasyEnd {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListEnd {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyEnd>;
using List = std::unique_ptr<curl_slist, ListEnd>;

void add(List& list, std::string_view name, std::string_view value) {
  if (value.find_first_of("\r\n") != value.npos) {
    throw Error{ErrorKind::Rejected, fmt::format("{}: a header of the request would break out of its line", name)};
  }
  auto* longer = curl_slist_append(list.get(), fmt::format("{}: {}", name, value).c_str());
  if (longer == nullptr) throw Error{ErrorKind::LocalIo, "libcurl has no memory for a header"};
  static_cast<void>(list.release());
  list.reset(longer);
}

template <typename Value>
void set(const Easy& easy, CURLoption option, Value value) {
  const auto code = curl_easy_setopt(easy.get(), option, value);
  if (code == CURLE_OK) return;
  throw Error{ErrorKind::LocalIo,
              fmt::format("libcurl refuses its option {}: {}", static_cast<int>(option), curl_easy_strerror(code))};
}

/// The connection failed, which the next one need not.
bool is_passing(CURLcode code) {
  return code == CURLE_COULDNT_CONNECT || code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR ||
         code == CURLE_GOT_NOTHING || code == CURLE_OPERATION_TIMEDOUT || code == CURLE_PARTIAL_FILE ||
         code == CURLE_COULDNT_RESOLVE_HOST;
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return text;
}

bool is_digest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

/// What the callbacks of one request share; none of them throws.
struct Exchange {
  const S3Bring* bring;
  std::uint64_t size, most_bytes;
  std::stop_token stop;
  std::uint64_t sent = 0;
  std::string body = {}, digest = {};
  bool is_too_long = false;
  std::exception_ptr failure = {};

  static std::size_t read(char* into, std::size_t size, std::size_t count, void* self) noexcept {
    auto& exchange = *static_cast<Exchange*>(self);
    const auto bytes = std::min<std::uint64_t>(size * count, exchange.size - exchange.sent);
    if (bytes == 0) return 0;
    try {
      (*exchange.bring)(exchange.sent, std::as_writable_bytes(std::span{into, static_cast<std::size_t>(bytes)}));
    } catch (...) {
      exchange.failure = std::current_exception();
      return CURL_READFUNC_ABORT;
    }
    exchange.sent += bytes;
    return static_cast<std::size_t>(bytes);
  }
  static int seek(void* self, curl_off_t offset, int origin) noexcept {
    if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_CANTSEEK;
    static_cast<Exchange*>(self)->sent = static_cast<std::uint64_t>(offset);
    return CURL_SEEKFUNC_OK;
  }
  static std::size_t write(const char* bytes, std::size_t size, std::size_t count, void* self) noexcept {
    auto& exchange = *static_cast<Exchange*>(self);
    const auto more = size * count;
    exchange.is_too_long = exchange.body.size() + more > exchange.most_bytes;
    if (exchange.is_too_long) return 0;
    try {
      exchange.body.append(bytes, more);
    } catch (...) {
      exchange.failure = std::current_exception();
      return 0;
    }
    return more;
  }
  static std::size_t header(const char* bytes, std::size_t size, std::size_t count, void* self) noexcept {
    const std::string_view line{bytes, size * count};
    const auto colon = line.find(':');
    const bool is_ours = colon == kS3DigestHeader.size() &&
                         std::equal(kS3DigestHeader.begin(), kS3DigestHeader.end(), line.begin(), [](char a, char b) {
                           return a == static_cast<char>(std::tolower(static_cast<unsigned char>(b)));
                         });
    const auto value = is_ours ? without_blanks(line.substr(colon + 1)) : std::string_view{};
    try {
      if (is_digest(value)) static_cast<Exchange*>(self)->digest = value;
    } catch (...) {
      static_cast<Exchange*>(self)->failure = std::current_exception();
      return 0;
    }
    return line.size();
  }

  /// libcurl asks at least once a second.
  static int go_on(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
    return static_cast<Exchange*>(self)->stop.stop_requested() ? 1 : 0;
  }

  void listen(const Easy& easy) {
    set(easy, CURLOPT_NOPROGRESS, 0L);
    set(easy, CURLOPT_XFERINFOFUNCTION, &Exchange::go_on);
    set(easy, CURLOPT_XFERINFODATA, this);
    set(easy, CURLOPT_WRITEFUNCTION, &Exchange::write);
    set(easy, CURLOPT_WRITEDATA, this);
    set(easy, CURLOPT_HEADERFUNCTION, &Exchange::header);
    set(easy, CURLOPT_HEADERDATA, this);
    set(easy, CURLOPT_READFUNCTION, &Exchange::read);
    set(easy, CURLOPT_READDATA, this);
    set(easy, CURLOPT_SEEKFUNCTION, &Exchange::seek);
    set(easy, CURLOPT_SEEKDATA, this);
  }
};

/// Whose request it is, where it goes, and how long it may take.
void set_up(const Easy& easy, const S3Options& options) {
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_PROXY, options.proxy.c_str());
  if (!options.user_agent.empty()) set(easy, CURLOPT_USERAGENT, options.user_agent.c_str());
  if (!options.ca_bundle.empty()) set(easy, CURLOPT_CAINFO, options.ca_bundle.c_str());
  set(easy, CURLOPT_CONNECTTIMEOUT, static_cast<long>(options.patience.count()));
  set(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.patience.count()));
  set(easy, CURLOPT_AWS_SIGV4, fmt::format("aws:amz:{}:s3", options.region).c_str());
  set(easy, CURLOPT_USERNAME, options.access_key_id.c_str());
  set(easy, CURLOPT_PASSWORD, options.secret_access_key.c_str());
}

}  // namespace

S3Answer perform(const S3Request& request, const std::string& url, const S3Options& options) {
  const Easy easy{curl_easy_init()};
  if (!easy) throw Error{ErrorKind::LocalIo, "libcurl has no memory for a request"};
  set_up(easy, options);
  set(easy, CURLOPT_URL, url.c_str());
  List headers;
  add(headers, "x-amz-content-sha256", request.sha256);
  if (!options.session_token.empty()) add(headers, "x-amz-security-token", options.session_token);
  for (const auto& [name, value] : request.headers) add(headers, name, value);
  set(easy, CURLOPT_HTTPHEADER, headers.get());
  if (request.method == S3Request::Method::Head) set(easy, CURLOPT_NOBODY, 1L);
  if (request.method == S3Request::Method::Put) {
    set(easy, CURLOPT_UPLOAD, 1L);
    set(easy, CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
    set(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.size));
  }
  Exchange exchange{request.bring, request.size, request.most_bytes, request.stop};
  exchange.listen(easy);
  std::array<char, CURL_ERROR_SIZE> reason{};
  set(easy, CURLOPT_ERRORBUFFER, reason.data());
  S3Answer answer;
  const auto code = curl_easy_perform(easy.get());
  if (exchange.failure) std::rethrow_exception(exchange.failure);
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  answer.is_whole = code == CURLE_OK;
  answer.may_pass = is_passing(code) && !exchange.is_too_long;
  answer.why = reason.front() != '\0' ? reason.data() : curl_easy_strerror(code);
  answer.body = std::move(exchange.body);
  answer.digest = std::move(exchange.digest);
  answer.is_too_long = exchange.is_too_long;
  return answer;
}

}  // namespace platefs::vo
