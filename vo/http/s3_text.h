// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

namespace platefs::vo {

/// Is it a name that an S3 bucket may have, and nothing else in the path of a URL? Wider than Amazon's own rules.
bool is_s3_bucket_name(std::string_view name);

/// `text` as in the path of a request to S3: all but unreserved characters (RFC 3986) and '/' by percent signs.
std::string s3_path(std::string_view text);

/// What stands between <name> and </name> in an error's body, cleaned and bounded; empty: nothing.
std::string s3_error_part(std::string_view body, std::string_view name);

}  // namespace platefs::vo
