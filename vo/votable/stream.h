// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

namespace platefs::vo {

/// The bytes of a STREAM inside its VOTable, from its `encoding` attribute and its text: base64, whether
/// the archive says so or only that there is gzip below it. Throws Error{Malformed} for other encodings.
std::string stream_bytes(std::string_view encoding, std::string_view text);

}  // namespace platefs::vo
