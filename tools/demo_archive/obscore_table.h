// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/demo_archive/plate_store.h"
#include "vo/votable/votable.h"

namespace platefs::demo {

/// Where clients find the archive: "http://127.0.0.1:8080", without a slash at the end.
struct Addresses {
  std::string archive;
  std::string files;  ///< the other server, with the files of collections that have one of their own
};

/// A row of ivoa.ObsCore: its cells in the order of the table's fields, and its s_region as corners.
struct ObscoreRow {
  std::vector<vo::VotableValue> cells;
  std::vector<vo::IcrsPosition> outline;
};

/// ivoa.ObsCore (ObsCore 1.1) of all plates, as an archive of plates fills it. Immutable.
struct ObscoreTable {
  std::vector<vo::VotableField> fields;
  std::vector<ObscoreRow> rows;
  std::string upload = {};         ///< name of a table that came with the query, if one did
  std::size_t upload_columns = 0;  ///< of which so many columns stand first
  std::string name = "ivoa.obscore";

  /// -1 when there is none of that name (any case).
  int column(std::string_view name) const;
};

/// Every row of `table` beside every row of `upload`, for a query to choose from. Throws
/// vo::Error{Rejected} when these are too many to write down.
ObscoreTable joined(const ObscoreTable& table, const std::string& name, const vo::Votable& upload);

ObscoreTable obscore_table(const PlateStore& store, const Addresses& addresses);

/// URL of one of a plate's files, and of its DataLink document.
std::string file_url(const Plate& plate, FileRole role, const Addresses& addresses);
std::string datalink_url(const Plate& plate, const Addresses& addresses);

inline constexpr std::string_view kDatalinkType = "application/x-votable+xml;content=datalink";

}  // namespace platefs::demo
