// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

namespace platefs::vo {

/// The bytes that base64 `text` (RFC 4648 section 4) stands for; white space anywhere is skipped.
/// Throws Error{Malformed} on any other character and on an incomplete last group: a document that
/// was cut off must not pass for a short one.
std::string base64_decoded(std::string_view text);

/// The same of a text that is too long for that, piece by piece. One thread at a time.
class Base64Pieces {
 public:
  explicit Base64Pieces(std::string_view text) : rest_(text) {}  ///< which outlives it

  /// Appends what the next stretch of the text stands for; false: that was the last one, and the text is whole. Throws
  /// as above.
  bool append_to(std::string& bytes);

 private:
  std::string_view rest_;
};

}  // namespace platefs::vo
