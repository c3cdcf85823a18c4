// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace platefs::vo {

/// PVi_j, PCi_j or CDi_j of a WCS description, however the keyword is spelled: PC1_2A, PC01_02, PC001002.
struct WcsElement {
  std::string stem;
  int i = 0, j = 0;
  char letter = ' ';

  /// "PC1_2": as the primary description spells it today.
  std::string name() const;
  /// The same with the letter behind it.
  std::string keyword() const;
};

/// Empty for another keyword; i is 1 or 2.
std::optional<WcsElement> element_of(std::string_view keyword);

}  // namespace platefs::vo
