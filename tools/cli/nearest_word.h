// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace platefs::tools {

/// The word that was probably meant: fewest letters to change, two or a third of them at most ('_'
/// counts as '-'); empty if none is that near.
std::string nearest_word(std::string_view word, const std::vector<std::string>& known);

}  // namespace platefs::tools
