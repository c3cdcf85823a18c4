// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vo/http/s3_options.h"

namespace platefs::vo {

constexpr std::string_view kS3DigestHeader = "x-amz-meta-sha256";  ///< metadata of ours
constexpr const char* kSha256OfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// One request of an object of a bucket, before it is signed.
struct S3Request {
  enum class Method { Get, Head, Put };
  Method method = Method::Get;
  std::string key;
  std::string sha256 = kSha256OfNothing;
  std::vector<std::pair<std::string_view, std::string>> headers = {};
  std::uint64_t size = 0;                ///< of what is sent
  const S3Bring* bring = nullptr;        ///< null: nothing is sent
  std::uint64_t most_bytes = 64 * 1024;  ///< of an answer
  std::stop_token stop = {};             ///< looked at about once a second

  std::string_view verb() const { return method == Method::Put ? "PUT" : method == Method::Head ? "HEAD" : "GET"; }
};

struct S3Answer {
  long status = 0;
  bool is_whole = false;  ///< the connection held to its end
  bool may_pass = false;  ///< it did not, which the next one may
  std::string why;        ///< of a failed connection
  std::string body;
  std::string digest;  ///< of an object, as the upload told it
  bool is_too_long = false;
};

/// Sends `request` to `url` once, on the caller's thread, signed as Signature Version 4. What the service or the
/// connection says is in the answer; throws Error{LocalIo} when it can't be sent at all, and what `bring` throws.
S3Answer perform(const S3Request& request, const std::string& url, const S3Options& options);

}  // namespace platefs::vo
