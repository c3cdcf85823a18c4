// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/failed_files.h"

#include <algorithm>

#include "fs/tree/fixed_names.h"

namespace platefs::fs {

FailedFiles::FailedFiles(const std::vector<cache::Failure>& failures) {
  for (const auto& failure : failures) by_did_.emplace(failure.did, failure);
}

const cache::Failure* FailedFiles::find(const vo::Plate& plate, std::string_view file) const {
  const auto [first, last] = by_did_.equal_range(plate.obs_publisher_did);
  const auto found = std::find_if(
      first, last, [&](const auto& entry) { return entry.second.file == file && concerns(entry.second, plate); });
  return found == last ? nullptr : &found->second;
}

bool concerns(const cache::Failure& failure, const vo::Plate& plate) {
  return failure.did == plate.obs_publisher_did && (failure.archive.empty() || failure.archive == plate.archive) &&
         (failure.exposure.empty() || failure.exposure == plate.exposure);
}

bool is_listed(const cache::PlateRef& row, cache::ProductKind kind, const FailedFiles& failed) {
  const auto& plate = row.plate();
  const bool is_of_cutout = kind == cache::ProductKind::Stamp || kind == cache::ProductKind::Aligned;
  const bool is_without_source = plate.access_url.empty() && row.table->table.services.empty() && !row.table->own;
  if (is_without_source && (kind != cache::ProductKind::Preview || plate.preview.empty())) return false;
  if (failed.empty()) return true;
  if (is_of_cutout && failed.has(plate, file_name_of(cache::ProductKind::Cutout))) return false;
  return !failed.has(plate, file_name_of(kind));
}

}  // namespace platefs::fs
