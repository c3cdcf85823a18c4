// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

namespace platefs::vo {

/// The first words of a document that is not what was expected, for a message: one line of UTF-8,
/// markup left out, at most `longest` bytes; "" when there is nothing readable in it.
std::string first_words(std::string_view document, std::size_t longest = 120);

}  // namespace platefs::vo
