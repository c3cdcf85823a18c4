// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/demo_archive/content.h"

namespace platefs::demo {

/// What a client asked.
struct Request {
  using Parameters = std::vector<std::pair<std::string, std::string>>;

  std::string method;
  std::string path;   ///< percent-decoded
  std::string query;  ///< as sent, without "?"
  std::string body;
  std::map<std::string, std::string> parts;                 ///< of a multipart/form-data body, by name
  std::map<std::string, std::string, std::less<>> headers;  ///< names in lower case
  bool wants_other_edition = false;                         ///< set by a fault: serve the next version of the file

  /// Empty when it was not sent.
  std::string header(std::string_view name) const;
  /// Query and, for a POST, form parameters, decoded, in order; files of a form are among them.
  Parameters parameters() const;
  /// First parameter of that name, any case (DALI section 3).
  std::optional<std::string> parameter(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;
};

struct Answer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  ContentPointer content;  ///< null: empty

  std::string header(std::string_view name) const;  ///< any case; empty when it is not there
  void set(std::string_view name, std::string value);
};

Answer text_answer(int status, std::string media_type, std::string text);

/// A date as HTTP writes it (RFC 9110 section 5.6.7).
std::string http_date(std::int64_t unix_seconds);

}  // namespace platefs::demo
