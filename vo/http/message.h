// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vo/base/byte_range.h"
#include "vo/base/url.h"

namespace platefs::vo::http {

/// How urgent an answer is; a host's free connections go to the lowest first.
enum class Priority { Reader, Readahead, Prefetch };

/// One part of a form (RFC 7578): a value or, when it has a media type, a file of the same name.
struct FormPart {
  std::string name, content;
  std::string media_type = {};
};

/// One question to a web server, as a value.
struct Request {
  Url url;
  /// Present: POST this as application/x-www-form-urlencoded.
  std::optional<std::string> form = {};
  /// Not empty: POST these as multipart/form-data.
  std::vector<FormPart> parts = {};
  /// Beside those the transport sets.
  std::vector<std::pair<std::string, std::string>> headers = {};
  /// "Range: bytes=first-(end-1)"; end = UINT64_MAX: open end.
  std::optional<ByteRange> range = {};
  Priority priority = Priority::Reader;
  std::uint64_t max_body = UINT64_MAX;  ///< a longer body ends in Error{Malformed}
  /// A login, say: answers of 301 and 302 lead on by GET, as browsers do, and the form is sent to nobody else.
  bool is_form_of_a_page = false;
  bool compressible = false;  ///< documents may come gzip-ed; of data we ask the bytes as they are
  /// The service, as the user named it, whose word led to this: what it names elsewhere gets neither to private
  /// addresses nor other services' credentials. Nothing: `url` itself is what the user named.
  std::optional<Url> on_behalf_of = {};
  std::optional<std::chrono::milliseconds> timeout = {};  ///< in place of the transport's own

  /// Caches on the way have the archive answer (RFC 9111 §5.2.1.4).
  void go_past_caches();
  bool goes_past_caches() const;
  bool is_post() const { return form.has_value() || !parts.empty(); }
  /// Leaves what is sent behind, as for an answer that is to be had elsewhere (303).
  void become_get();
};

/// Of the final answer, after redirects. Its body comes decoded: only a part (206) keeps its
/// Content-Encoding.
struct Head {
  int status = 0;
  Url url;                                                        ///< where the answer came from
  std::vector<std::pair<std::string, std::string>> headers = {};  ///< names in lower case, as sent
  std::chrono::duration<double> waited{};  ///< for the answer; a new connection counts, the queue for one does not

  /// First header of that name (give it in lower case).
  std::optional<std::string> header(std::string_view name) const;
  /// Media type without parameters, in lower case; empty if there is none.
  std::string media_type() const;
  std::optional<std::uint64_t> content_length() const;
};

/// Content-Range of a 206 or 416 (RFC 9110 section 14.4).
struct ContentRange {
  ByteRange range;                     ///< empty for "bytes */TOTAL"
  std::optional<std::uint64_t> total;  ///< empty for "…/*"
};
/// Nothing when it is not in that form, or names bytes past the total.
std::optional<ContentRange> parse_content_range(std::string_view text);

/// Retry-After in seconds or as an HTTP date, relative to `now`; negative times are zero.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, std::chrono::system_clock::time_point now);

struct Response {
  Head head = {};
  std::string body = {};
};

}  // namespace platefs::vo::http
