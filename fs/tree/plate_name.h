// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "vo/services/obscore.h"

namespace platefs::fs {

/// A plate's name before clashes are settled: "<ISO date>_<scan id>", or "undated_<scan id>".
std::string plain_plate_name(const vo::Plate& plate);

/// The scan id: last segment of the publisher DID, else of the access URL, without extension, cleaned to
/// [A-Za-z0-9._+-]. What follows a '#' (an exposure's or solution's number) is kept.
std::string scan_id(const vo::Plate& plate);

/// Names that were given: by publisher DID, behind it in further lines whose DID it is, and the exposure where a plate
/// has several.
using PlateNames = std::map<std::string, std::string>;

/// The DID in a key of PlateNames.
std::string did_of_name(const std::string& key);

/// Adds to `names` a unique name for each plate that is another exposure or another archive's and has none: those that
/// are there stay as they are, whoever comes later. Among new plates that clash, the collection stands behind the
/// name, and if that does not help, ~2, ~3 in the order of their DIDs, of their dates where they share one.
void add_plate_names(const std::vector<const vo::Plate*>& plates, PlateNames& names);

/// Finds names at the same cost however many there are. Looks into `names`, which stays as it is meanwhile. Not
/// thread-safe.
class NamesByPlate {
 public:
  explicit NamesByPlate(const PlateNames& names);

  /// The name that the plate has among them; null for none.
  const std::string* of(const vo::Plate& plate);
  /// Each plate has a name of its own, by its DID alone: none is to be given.
  bool name_all(const std::vector<const vo::Plate*>& plates);

 private:
  struct Given {
    const PlateNames::value_type* entry;
    bool has_exposures;  ///< the names behind it are of the same DID
  };
  std::size_t first_slot(std::string_view key) const;
  const Given* find(std::string_view key) const;

  std::vector<Given> given_;          ///< in the order of the names
  std::vector<std::uint32_t> slots_;  ///< open addressing, a power of two: 1 + the place in given_; 0: free
  std::string key_;                   ///< of the plate that is looked for
};

}  // namespace platefs::fs
