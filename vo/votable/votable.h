// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vo/votable/field_list.h"
#include "vo/votable/rows.h"
#include "vo/votable/value.h"

namespace platefs::vo {

struct VotableInfo {
  std::string name, value, text;
};

/// A RESOURCE utype="adhoc:service" (DataLink 1.1 section 4): how to call a service.
struct ServiceDescriptor {
  std::string id;  ///< what DataLink rows name in service_def
  std::string name;
  std::string access_url;
  std::string standard_id;  ///< "ivo://ivoa.net/std/SODA#sync-1.0"; compare in lower case
  std::string content_type;
  std::vector<VotableField> inputs;  ///< PARAMs of GROUP inputParams

  /// standardID is `prefix` or continues it; any case.
  bool is(std::string_view standard_id_prefix) const;
  /// Input of that name, any case; null if it is not declared.
  const VotableField* input(std::string_view name) const;
};

/// The results of one VOTable: shape rows.size() x fields.size().
struct Votable {
  FieldList fields;
  VotableRows rows;
  std::vector<VotableInfo> infos;           ///< of the root and of the results RESOURCE, in order
  std::vector<ServiceDescriptor> services;  ///< wherever they stand in the document
  bool has_table = false;                   ///< false: a document with metadata or an error only
  bool truncated = false;                   ///< QUERY_STATUS=OVERFLOW, wherever it stands
  std::string unknown_status;               ///< a QUERY_STATUS that is none of DALI's, in its first words; empty: none

  /// Column by name (any case), else by the end of its utype ("Access.Format"); -1 if there is none.
  int column(std::string_view name, std::string_view utype_suffix = {}) const;
};

/// Reads the first RESOURCE of type "results" (else the first with a TABLE): TABLEDATA, BINARY,
/// BINARY2, FITS; metadata before, inside and after the table; any prefix or namespace version.
/// QUERY_STATUS=ERROR, as attribute or as content, first or last (also the older INFO/PARAM "Error") is Error{Rejected}
/// with the server's text. Throws Error{Malformed} with the element when the document is broken, cut off
/// or no VOTable (then with its first words). Time and memory are in proportion to the document; the rows may take
/// 256 MiB of memory. Keeps no reference to `document`. Thread-safe.
Votable read_votable(std::string_view document);

/// The same, and the document without the rows of its tables: by it, and by the rows, the table can be had again.
struct FramedVotable {
  Votable table;
  std::string frame;
};
FramedVotable read_framed_votable(std::string_view document);

struct RowReceiver;
/// The same of a document of any size; its rows go to `receiver` and are not in the table.
FramedVotable read_votable_in_batches(std::string_view document, RowReceiver& receiver);

}  // namespace platefs::vo
