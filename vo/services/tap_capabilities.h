// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

namespace platefs::vo {

/// Whether a TAP service takes tables inside of the request: an uploadMethod
/// …TAPRegExt#upload-inline (TAPRegExt 1.0 section 2.6) in the capability ivo://ivoa.net/std/TAP of
/// a VOSI capabilities document (VOSI 1.1 section 3). Identifiers and prefixes in any case and
/// namespace. Throws Error{Malformed} when it is no such document. Thread-safe.
bool takes_inline_upload(std::string_view capabilities);

}  // namespace platefs::vo
