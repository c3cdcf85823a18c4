// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/demo_archive/http.h"
#include "tools/demo_archive/obscore_table.h"

namespace platefs::demo {

/// Light curves that the archive holds beside its plates: rows of its ObsCore table whose dataproduct_type is
/// 'timeseries', and the VOTables that these lead to, one of them by a DataLink document. Immutable, thread-safe.
class LightCurves {
 public:
  /// What the stars of the plates near demo_target() would have been measured at.
  LightCurves(const std::vector<Plate>& plates, const Addresses& addresses);

  /// Adds their rows to a table with the fields of obscore_table().
  void add_rows(ObscoreTable& table) const;
  /// Answers /lightcurves/NAME: a light curve, or "dlmeta".
  Answer answer(const Request& request, std::string_view name) const;

 private:
  struct Curve {
    std::string id, file = {};
    vo::IcrsPosition position;
    bool has_region = false, is_behind_datalink = false;
    double t_min = 0, t_max = 0;
    std::string votable = {};

    std::string publisher_did() const;
  };
  std::string url_of(const Curve& curve) const;
  Answer links(const std::string& id) const;

  Addresses addresses_;
  std::vector<Curve> curves_;
};

}  // namespace platefs::demo
