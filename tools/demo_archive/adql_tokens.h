// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace platefs::demo {

struct AdqlToken {
  enum class Kind { Word, Number, Text, Sign, End };
  Kind kind = Kind::End;
  std::string text;    ///< words as written, texts without quotes
  std::size_t at = 0;  ///< in the query, from 0
};

/// The query's tokens and an End. Words may be qualified by dots and be in double quotes. Throws
/// vo::Error{Rejected}.
std::vector<AdqlToken> adql_tokens(std::string_view query);

}  // namespace platefs::demo
