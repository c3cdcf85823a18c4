// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/s3_bucket.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "vo/base/error.h"
#include "vo/http/s3_text.h"

namespace platefs::vo {
namespace {

constexpr std::string_view kDigestHeader = "x-amz-meta-sha256";
constexpr const char* kEmptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::uint64_t kMostErrorBytes = 64 * 1024;

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

bool is_busy(long status) { return status == 429 || status == 500 || status == 502 || status == 503 || status == 504; }

/// The connection failed, which the next one need not.
bool is_passing(CURLcode code) {
  return code == CURLE_COULDNT_CONNECT || code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR ||
         code == CURLE_GOT_NOTHING || code == CURLE_OPERATION_TIMEDOUT || code == CURLE_PARTIAL_FILE ||
         code == CURLE_COULDNT_RESOLVE_HOST;
}

/// Ends at once when it is asked to stop.
void wait_at_most(std::chrono::milliseconds pause, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, pause, [] { return false; });
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return text;
}

bool is_digest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

}  // namespace

struct S3Bucket::Request {
  enum class Method { Get, Head, Put };
  Method method = Method::Get;
  std::string key;
  std::string sha256 = kEmptySha256;
  std::vector<std::pair<std::string_view, std::string>> headers = {};
  std::uint64_t size = 0;                      ///< of what is sent
  const Bring* bring = nullptr;                ///< null: nothing is sent
  std::uint64_t most_bytes = kMostErrorBytes;  ///< of an answer
  std::stop_token stop = {};

  std::string_view verb() const { return method == Method::Put ? "PUT" : method == Method::Head ? "HEAD" : "GET"; }
};

struct S3Bucket::Answer {
  long status = 0;
  CURLcode code = CURLE_OK;
  std::string why;  ///< of a failed connection
  std::string body;
  std::string digest;
  bool is_too_long = false;
};

namespace {

/// What the callbacks of one request share; none of them throws.
struct Exchange {
  const S3Bucket::Bring* bring;
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
    const bool is_ours = colon == kDigestHeader.size() &&
                         std::equal(kDigestHeader.begin(), kDigestHeader.end(), line.begin(), [](char a, char b) {
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

S3Bucket::S3Bucket(S3Options options, std::string name) : options_(std::move(options)), name_(std::move(name)) {
  if (!is_s3_bucket_name(name_))
    throw Error{ErrorKind::Rejected, fmt::format("'{}' is no name of an S3 bucket", name_)};
}

std::string S3Bucket::name_of(const std::string& key) const { return fmt::format("s3://{}/{}", name_, key); }

std::string S3Bucket::url_of(const std::string& key) const {
  auto url = options_.endpoint.text();
  while (url.ends_with('/')) url.pop_back();
  return fmt::format("{}/{}/{}", url, s3_path(name_), s3_path(key));
}

S3Bucket::Answer S3Bucket::perform(const Request& request) const {
  const Easy easy{curl_easy_init()};
  if (!easy) throw Error{ErrorKind::LocalIo, "libcurl has no memory for a request"};
  set_up(easy, options_);
  set(easy, CURLOPT_URL, url_of(request.key).c_str());
  List headers;
  add(headers, "x-amz-content-sha256", request.sha256);
  if (!options_.session_token.empty()) add(headers, "x-amz-security-token", options_.session_token);
  for (const auto& [name, value] : request.headers) add(headers, name, value);
  set(easy, CURLOPT_HTTPHEADER, headers.get());
  if (request.method == Request::Method::Head) set(easy, CURLOPT_NOBODY, 1L);
  if (request.method == Request::Method::Put) {
    set(easy, CURLOPT_UPLOAD, 1L);
    set(easy, CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
    set(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.size));
  }
  Exchange exchange{request.bring, request.size, request.most_bytes, request.stop};
  exchange.listen(easy);
  std::array<char, CURL_ERROR_SIZE> reason{};
  set(easy, CURLOPT_ERRORBUFFER, reason.data());
  Answer answer;
  answer.code = curl_easy_perform(easy.get());
  if (exchange.failure) std::rethrow_exception(exchange.failure);
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  answer.why = reason.front() != '\0' ? reason.data() : curl_easy_strerror(answer.code);
  answer.body = std::move(exchange.body);
  answer.digest = std::move(exchange.digest);
  answer.is_too_long = exchange.is_too_long;
  return answer;
}

S3Bucket::Answer S3Bucket::ask(const Request& request) const {
  auto pause = options_.first_pause;
  for (int left = options_.tries;; --left, pause *= 2) {
    auto answer = perform(request);
    // A service that had enough of a body answers and closes: the answer counts.
    const bool has_answer = answer.status >= 300 || answer.code == CURLE_OK;
    const bool may_pass = has_answer ? is_busy(answer.status) || s3_error_part(answer.body, "Code") == "RequestTimeout"
                                     : is_passing(answer.code) && !answer.is_too_long;
    if (request.stop.stop_requested()) {
      throw Error{ErrorKind::Cancelled, fmt::format("{} {}: given up", request.verb(), name_of(request.key))};
    }
    if (!may_pass || left <= 1) return answer;
    wait_at_most(pause, request.stop);
  }
}

void S3Bucket::fail(const Request& request, const Answer& answer) const {
  const auto what = fmt::format("{} {}", request.verb(), name_of(request.key));
  if (answer.is_too_long) {
    throw Error{ErrorKind::Malformed, fmt::format("{}: more than {} bytes", what, request.most_bytes)};
  }
  if (answer.code != CURLE_OK && answer.status < 300) {
    throw Error{ErrorKind::Unreachable, fmt::format("{} at {}: {}", what, options_.endpoint.for_display(), answer.why)};
  }
  const auto code = s3_error_part(answer.body, "Code"), said = s3_error_part(answer.body, "Message");
  const auto kind = answer.status == 403     ? ErrorKind::NotAuthorized
                    : answer.status == 404   ? ErrorKind::NotFound
                    : is_busy(answer.status) ? ErrorKind::Unavailable
                                             : ErrorKind::Rejected;
  throw Error{kind, fmt::format("{} at {}: {}{}{}{}{}", what, options_.endpoint.for_display(), answer.status,
                                code.empty() ? "" : " ", code, said.empty() ? "" : ": ", said)};
}

void S3Bucket::put(const std::string& key, const Upload& upload, const Bring& bring,
                   const std::stop_token& stop) const {
  if (upload.size > kMostBytes) {
    throw Error{ErrorKind::Rejected, fmt::format("{}: {} bytes, and an upload to S3 in one piece has at most {}",
                                                 name_of(key), upload.size, kMostBytes)};
  }
  Request request{.method = Request::Method::Put, .key = key, .sha256 = upload.sha256};
  request.headers = {{kDigestHeader, upload.sha256}};
  if (!upload.media_type.empty()) request.headers.emplace_back("Content-Type", upload.media_type);
  request.size = upload.size;
  request.bring = &bring;
  request.stop = stop;
  const auto answer = ask(request);
  if (answer.code != CURLE_OK || answer.status < 200 || answer.status >= 300) fail(request, answer);
}

void S3Bucket::put(const std::string& key, std::string_view text, const std::string& sha256,
                   const std::string& media_type) const {
  put(key, {text.size(), sha256, media_type}, [text](std::uint64_t offset, std::span<std::byte> into) {
    std::ranges::copy(std::as_bytes(std::span{text}).subspan(static_cast<std::size_t>(offset), into.size()),
                      into.begin());
  });
}

bool S3Bucket::copy(const std::string& from, const std::string& to, const std::stop_token& stop) const {
  static const Bring nothing = [](std::uint64_t, std::span<std::byte>) {};
  Request request{.method = Request::Method::Put, .key = to};
  request.headers = {{"x-amz-copy-source", fmt::format("/{}/{}", s3_path(name_), s3_path(from))}};
  request.bring = &nothing;
  request.stop = stop;
  const auto answer = ask(request);
  const bool is_done = answer.code == CURLE_OK && answer.status >= 200 && answer.status < 300;
  // CopyObject may tell an error behind a head that said 200.
  if (is_done && answer.body.find("<Error>") == answer.body.npos) return true;
  if (is_done || answer.status == 400 || answer.status == 405 || answer.status == 501) return false;
  fail(request, answer);
}

std::optional<std::string> S3Bucket::get(const std::string& key, std::uint64_t most) const {
  Request request{.method = Request::Method::Get, .key = key};
  request.most_bytes = most;
  auto answer = ask(request);
  const bool has_bucket = s3_error_part(answer.body, "Code") != "NoSuchBucket";
  if (answer.status == 404 && has_bucket) return std::nullopt;
  if (answer.code != CURLE_OK || answer.status != 200) fail(request, answer);
  return std::move(answer.body);
}

std::optional<std::string> S3Bucket::digest(const std::string& key) const {
  const Request request{.method = Request::Method::Head, .key = key};
  const auto answer = ask(request);
  if (answer.status == 404) return std::nullopt;
  if (answer.code != CURLE_OK || answer.status != 200) fail(request, answer);
  return answer.digest.empty() ? std::nullopt : std::optional{answer.digest};
}

}  // namespace platefs::vo
