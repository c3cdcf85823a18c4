// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/commands/targets.h"

namespace platefs::tools {

/// What a list of targets holds.
struct TargetList {
  std::vector<WantedTarget> targets;
  std::vector<std::string> without_target;  ///< rows whose position (or name) has no value: "line 7", "row 2"
};

/// The targets in a table of ra, dec, name, packed by gzip or not: a VOTable, ECSV, or text with a line of headings,
/// separated by comma, semicolon, tab, bar or blanks; lines that begin with # are comments, of which one at the
/// beginning may hold the headings. Columns are guessed as STIL does: by UCD (pos.eq.ra;meta.main), then by
/// name (ra, RAJ2000, ra_deg, alpha, coord.ra …). Numbers are degrees (hours or radians where the unit says
/// so), other texts sexagesimal. A table without positions is a list of targets by name, one in a row;
/// without headings the columns are ra, dec, name, or just targets. Under the headings may stand a line of
/// units and one of dashes, as VizieR has them. A row whose cells of the position are empty, NULL or NaN is no target,
/// which the caller tells. Throws Error{Rejected} naming the line, of a VOTable the row, of a position that can't be
/// read, and where no row is left.
TargetList read_targets(std::string_view text, vo::Angle default_radius);

}  // namespace platefs::tools
