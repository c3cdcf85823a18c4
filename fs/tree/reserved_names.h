// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

namespace platefs::fs {

/// Is it a name that programs look up in whatever directory they meet, or write there: shells, file
/// managers, version control, linkers, build tools, editors, other systems' desktops? Asks nobody.
bool is_noise(std::string_view name);

/// Could a catalogue call an object so? Some letters, of ASCII, and what designations are made of:
/// "M31", "AG Dra", "V* T CrB", "[SC96] Q 0109+176", "NAME Barnard's star".
bool may_be_object(std::string_view name);

}  // namespace platefs::fs
