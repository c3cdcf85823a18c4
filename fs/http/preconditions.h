// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fs/http/request.h"

namespace platefs::fs {

/// What names one version of a file to HTTP (RFC 9110, section 8.8).
struct Validators {
  std::string etag = {};      ///< strong, with its quotes; empty: none
  std::int64_t modified = 0;  ///< Unix seconds: when this copy came, not when the plate was exposed; 0: not known
};

enum class Precondition { Holds, NotModified, Failed };

/// If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since in the order of RFC 9110, section 13.2.2. A date
/// counts where it is that of the file to the second, not where it is merely later: what is fetched again may be older
/// or newer.
Precondition evaluate_preconditions(const HttpRequest& request, const Validators& validators);

/// If-Range: whether Range counts. Only for the very version of an entity tag: a date is too weak (13.1.5).
bool is_range_for(const HttpRequest& request, const Validators& validators);

/// "Sun, 06 Nov 1994 08:49:37 GMT"; empty for a time that has no year of four digits.
std::string http_date(std::int64_t unix_seconds);
/// The same read; nothing for what is no such date. The obsolete forms are no dates here.
std::optional<std::int64_t> http_date_in(std::string_view text);

}  // namespace platefs::fs
