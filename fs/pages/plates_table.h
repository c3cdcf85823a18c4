// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "fs/tree/target.h"
#include "vo/votable/writer.h"

namespace platefs::fs {

/// How the cutout of a plate stands: the words of `user.platefs.state`.
using StateOf = std::function<std::string_view(const PlateEntry&)>;

/// The plates of a target as one table, in the order of their names: the columns platefs adds (`plate`,
/// `date_min`, `date_max`, `jyear`, `separation`, `edge_distance`, `pixel_scale`, `polarity`, `lim_mag`, `archive`, and
/// `state` where `state_of` tells it), the archives' ObsCore columns, and, when
/// `directory` says where the target is mounted, `cutout_path`, `full_path`, `preview_path`. A list that
/// an archive cut short makes INFO QUERY_STATUS say OVERFLOW. Of light curves: `file` in place of `plate`, and `path`.
/// Depends on its arguments alone.
vo::VotableDocument plates_table(const TargetSnapshot& snapshot, const Target& target,
                                 const std::string& directory = {}, const StateOf& state_of = {});

}  // namespace platefs::fs
