// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "vo/votable/votable.h"

namespace platefs::vo {

/// A table to be written. Shape: rows.size() x fields.size(); a shorter row is filled up with
/// nulls.
struct VotableDocument {
  std::string table_name;
  std::string description;
  std::vector<VotableInfo> infos;  ///< in the results RESOURCE, before the table
  std::vector<VotableField> fields;
  VotableRows rows = {};
  std::vector<ServiceDescriptor> services = {};  ///< behind the table (DataLink 1.1 section 4)
  bool keeps_declarations = false;  ///< datatypes, sizes and nulls as the fields declare them, for a reader of our own
};

/// The document as VOTable 1.4 in TABLEDATA, UTF-8, such that `stilts votlint` finds no fault:
///   - a column of integers with nulls declares a null value that no cell has;
///   - text is char, or unicodeChar when it is not all ASCII; its length is never bounded;
///   - xtypes that DALI does not know (DaCHS' "mjd", "adql:REGION") and references into the
///   document
///     that the fields came from are left out, and an ID stays only when it is a unique XML name;
///   - the ObsCore columns s_ra, s_dec refer to a COOSYS (ICRS), t_min, t_max to a TIMESYS (MJD,
///   UTC).
///   - a service's input refers to a FIELD whose ID stands in the document, or to nothing; so do the
///     IDs of services.
/// A value that its column can't hold (text among integers) is written as null.
std::string votable_text(const VotableDocument& document);

}  // namespace platefs::vo
