// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "tools/demo_archive/http.h"
#include "tools/demo_archive/obscore_table.h"

namespace platefs::demo {

/// Simple Image Access over the same plates: version 2 (SIA 2.0: POS=CIRCLE ra dec radius, MAXREC, DPTYPE; rows of
/// ObsCore) and version 1 (SIAP 1.0: POS=ra,dec, SIZE, FORMAT; columns known by their UCDs). Errors are VOTables with
/// status 200. Thread-safe.
class SiapService {
 public:
  explicit SiapService(const ObscoreTable& table) : table_(table) {}  ///< `table` outlives it

  Answer version_2(const Request& request) const;
  Answer version_1(const Request& request) const;

 private:
  const ObscoreTable& table_;
};

}  // namespace platefs::demo
