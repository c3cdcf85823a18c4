// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

namespace platefs::vo {

/// A survey out of which a form cuts (cutout_template.h): one plate at each place where it has sky.
struct Survey {
  std::string id = {};     ///< names the plate
  std::string value = {};  ///< what the form calls it; empty: as `id`
  std::string title = {};
  double dec_min = -90, dec_max = 90;            ///< deg: there is sky between these
  std::optional<double> t_min = {}, t_max = {};  ///< MJD, where one date is good for all of it
  std::optional<double> pixel_scale = {};        ///< arcsec

  friend bool operator==(const Survey&, const Survey&) = default;
};

}  // namespace platefs::vo
