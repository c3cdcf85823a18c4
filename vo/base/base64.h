// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

namespace platefs::vo {

/// The bytes that base64 `text` (RFC 4648 section 4) stands for; white space anywhere is skipped.
/// Throws Error{Malformed} on any other character and on an incomplete last group: a document that
/// was cut off must not pass for a short one.
std::string base64_decoded(std::string_view text);

}  // namespace platefs::vo
