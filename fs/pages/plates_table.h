// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "fs/tree/target.h"
#include "vo/votable/writer.h"

namespace platefs::fs {

/// The plates of a target as one table, in the order of their names: the columns platefs adds (`plate`,
/// `date_min`, `date_max`, `jyear`, `separation`, `archive`), the archives' ObsCore columns, and, when
/// `directory` says where the target is mounted, `cutout_path`, `full_path`, `preview_path`. A list that
/// an archive cut short makes INFO QUERY_STATUS say OVERFLOW. Depends on its arguments alone.
vo::VotableDocument plates_table(const TargetSnapshot& snapshot, const Target& target,
                                 const std::string& directory = {});

}  // namespace platefs::fs
