// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "vo/http/s3_options.h"

namespace platefs::vo {

struct S3Request;
struct S3Answer;

/// A bucket of an S3 service (Amazon S3 API 2006-03-01, requests signed by libcurl as Signature Version 4 with the
/// SHA-256 of what they carry). Each call is one request on the caller's thread, repeated when the service is busy
/// (500, 502, 503, 504, 429) or can't be reached. Thread-safe. What the service refuses is an Error with status, code
/// and message of its body: NotAuthorized for 403, NotFound for a bucket or object that is not there, Unavailable where
/// it stayed busy; Cancelled within a second where the caller's token asked to stop, also in a pause.
class S3Bucket {
 public:
  /// Throws Error{Rejected} for a name that is none of a bucket.
  S3Bucket(S3Options options, std::string name);

  struct Upload {
    std::uint64_t size = 0;
    std::string sha256;  ///< 64 hexadecimal digits of all its bytes: the service tests them, and keeps them as metadata
    std::string media_type;
  };
  /// The most bytes of one upload: PUT Object takes 5 GiB.
  static constexpr std::uint64_t kMostBytes = 5ull << 30;

  /// In one request of known length; `bring` is called for each part in order, and again from the beginning where the
  /// request has to be repeated. What it throws ends the request and goes on.
  void put(const std::string& key, const Upload& upload, const S3Bring& bring, const std::stop_token& stop = {}) const;
  void put(const std::string& key, std::string_view text, const std::string& sha256,
           const std::string& media_type) const;
  /// Of the same bucket, by the service itself. False: it does not do that.
  bool copy(const std::string& from, const std::string& to, const std::stop_token& stop = {}) const;
  /// Nothing: there is no such object. Throws Error{Malformed} for one of more than `most`.
  std::optional<std::string> get(const std::string& key, std::uint64_t most) const;
  /// The SHA-256 that an upload of ours told; nothing: there is no such object, or another one's.
  std::optional<std::string> digest(const std::string& key) const;

  /// "s3://bucket/key", for messages.
  std::string name_of(const std::string& key) const;

 private:
  S3Answer ask(const S3Request& request) const;
  [[noreturn]] void fail(const S3Request& request, const S3Answer& answer) const;
  std::string url_of(const std::string& key) const;

  S3Options options_;
  std::string name_;
};

}  // namespace platefs::vo
