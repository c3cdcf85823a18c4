// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cache/library.h"

namespace platefs::fs {

/// Which files of plates are known to fail, of those failures that are remembered. Value type.
class FailedFiles {
 public:
  explicit FailedFiles(const std::vector<cache::Failure>& failures);

  /// `file`: "cutout.fits". A file that the exposures of a plate share fails for each of them.
  bool has(const vo::Plate& plate, std::string_view file) const { return find(plate, file) != nullptr; }
  /// Null: it is not known to fail.
  const cache::Failure* find(const vo::Plate& plate, std::string_view file) const;
  bool empty() const { return by_did_.empty(); }

 private:
  std::multimap<std::string, cache::Failure, std::less<>> by_did_;
};

/// Whether a failure is of a file of this plate, and of this exposure where it is one's own.
bool concerns(const cache::Failure& failure, const vo::Plate& plate);

/// A plate is left out of a folder of all plates while its file there is known to fail, or what that is made of, or
/// where the archive's row names nothing that it could be had from.
bool is_listed(const cache::PlateRef& row, cache::ProductKind kind, const FailedFiles& failed);

}  // namespace platefs::fs
