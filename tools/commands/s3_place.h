// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "tools/cli/options.h"
#include "vo/http/s3_bucket.h"

namespace platefs::tools {

inline constexpr std::string_view kS3 = "s3://";

/// s3://BUCKET/PREFIX, and the service where that is.
struct S3Place {
  vo::S3Options service;
  std::string bucket;
  std::string prefix;  ///< "lessons/m31/", or empty
};

/// `variable` is getenv(3). The service is that of AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, else of [s3] in the
/// configuration, else Amazon's of the region; the region that of AWS_REGION or AWS_DEFAULT_REGION, else of [s3]; the
/// keys those of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, else of the file that [s3] or
/// AWS_SHARED_CREDENTIALS_FILE names, of its profile. Throws Error{Rejected} that says what is missing.
using Variable = std::function<const char*(const char* name)>;
S3Place s3_place(const std::string& url, const CommonOptions& options, const Variable& variable);

}  // namespace platefs::tools
