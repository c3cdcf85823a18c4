// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/s3_bucket.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "vo/base/error.h"
#include "vo/http/s3_exchange.h"
#include "vo/http/s3_text.h"

namespace platefs::vo {
namespace {

bool is_busy(long status) { return status == 429 || status == 500 || status == 502 || status == 503 || status == 504; }

/// Ends at once when it is asked to stop.
void wait_at_most(std::chrono::milliseconds pause, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, pause, [] { return false; });
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

S3Answer S3Bucket::ask(const S3Request& request) const {
  auto pause = options_.first_pause;
  for (int left = options_.tries;; --left, pause *= 2) {
    auto answer = perform(request, url_of(request.key), options_);
    // A service that had enough of a body answers and closes: the answer counts.
    const bool has_answer = answer.status >= 300 || answer.is_whole;
    const bool may_pass =
        has_answer ? is_busy(answer.status) || s3_error_part(answer.body, "Code") == "RequestTimeout" : answer.may_pass;
    if (request.stop.stop_requested() && (!answer.is_whole || may_pass)) {
      throw Error{ErrorKind::Cancelled, fmt::format("{} {}: given up", request.verb(), name_of(request.key))};
    }
    if (!may_pass || left <= 1) return answer;
    wait_at_most(pause, request.stop);
  }
}

void S3Bucket::fail(const S3Request& request, const S3Answer& answer) const {
  const auto what = fmt::format("{} {}", request.verb(), name_of(request.key));
  if (answer.is_too_long) {
    throw Error{ErrorKind::Malformed, fmt::format("{}: more than {} bytes", what, request.most_bytes)};
  }
  if (!answer.is_whole && answer.status < 300) {
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

void S3Bucket::put(const std::string& key, const Upload& upload, const S3Bring& bring,
                   const std::stop_token& stop) const {
  if (upload.size > kMostBytes) {
    throw Error{ErrorKind::Rejected, fmt::format("{}: {} bytes, and an upload to S3 in one piece has at most {}",
                                                 name_of(key), upload.size, kMostBytes)};
  }
  S3Request request{.method = S3Request::Method::Put, .key = key, .sha256 = upload.sha256};
  request.headers = {{kS3DigestHeader, upload.sha256}};
  if (!upload.media_type.empty()) request.headers.emplace_back("Content-Type", upload.media_type);
  request.size = upload.size;
  request.bring = &bring;
  request.stop = stop;
  const auto answer = ask(request);
  if (!answer.is_whole || answer.status < 200 || answer.status >= 300) fail(request, answer);
}

void S3Bucket::put(const std::string& key, std::string_view text, const std::string& sha256,
                   const std::string& media_type) const {
  put(key, {text.size(), sha256, media_type}, [text](std::uint64_t offset, std::span<std::byte> into) {
    std::ranges::copy(std::as_bytes(std::span{text}).subspan(static_cast<std::size_t>(offset), into.size()),
                      into.begin());
  });
}

bool S3Bucket::copy(const std::string& from, const std::string& to, const std::stop_token& stop) const {
  static const S3Bring nothing = [](std::uint64_t, std::span<std::byte>) {};
  S3Request request{.method = S3Request::Method::Put, .key = to};
  request.headers = {{"x-amz-copy-source", fmt::format("/{}/{}", s3_path(name_), s3_path(from))}};
  request.bring = &nothing;
  request.stop = stop;
  const auto answer = ask(request);
  const bool is_done = answer.is_whole && answer.status >= 200 && answer.status < 300;
  // CopyObject may tell an error behind a head that said 200.
  if (is_done && answer.body.find("<Error>") == answer.body.npos) return true;
  if (is_done || answer.status == 400 || answer.status == 405 || answer.status == 501) return false;
  fail(request, answer);
}

std::optional<std::string> S3Bucket::get(const std::string& key, std::uint64_t most) const {
  S3Request request{.method = S3Request::Method::Get, .key = key};
  request.most_bytes = most;
  auto answer = ask(request);
  const bool has_bucket = s3_error_part(answer.body, "Code") != "NoSuchBucket";
  if (answer.status == 404 && has_bucket) return std::nullopt;
  if (!answer.is_whole || answer.status != 200) fail(request, answer);
  return std::move(answer.body);
}

std::optional<std::string> S3Bucket::digest(const std::string& key) const {
  const S3Request request{.method = S3Request::Method::Head, .key = key};
  const auto answer = ask(request);
  if (answer.status == 404) return std::nullopt;
  if (!answer.is_whole || answer.status != 200) fail(request, answer);
  return answer.digest.empty() ? std::nullopt : std::optional{answer.digest};
}

}  // namespace platefs::vo
