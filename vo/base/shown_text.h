// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace platefs::vo {

/// What one message may have, in bytes of UTF-8.
inline constexpr std::size_t kLongestShownText = 2048;

/// Text from outside as it may be shown on a terminal, in a log or in a document: one line of UTF-8 (bytes
/// that are none are read as ISO-8859-1) of at most `longest` bytes, ended by "…" where more was there.
/// Line ends and tabs become blanks; other control characters (C0, DEL, C1), those that turn the direction
/// of writing, and those that begin a line become U+FFFD. Costs no more than `longest`, however long `text`
/// is.
std::string shown_text(std::string_view text, std::size_t longest = kLongestShownText);

}  // namespace platefs::vo
