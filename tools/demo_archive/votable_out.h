// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vo/votable/votable.h"

namespace platefs::demo {

/// How a table is written (VOTable 1.4 section 5).
enum class Serialization { Tabledata, Binary, Binary2 };

/// A VOTable with one results RESOURCE. Fields are char*, double, float, long, int or short; nulls of
/// integers are written as the field's VALUES@null, of reals as NaN, of text as nothing.
struct Document {
  std::vector<vo::VotableInfo> infos;  ///< before the table
  std::vector<vo::VotableField> fields;
  std::vector<std::vector<vo::VotableValue>> rows;
  std::vector<vo::VotableInfo> closing_infos;  ///< behind the table, where overflow is told
  std::string resources;                       ///< more RESOURCEs, as XML: service descriptors
  std::string name = "result";
};

vo::VotableField text_field(std::string name, std::string ucd);
/// `datatype` is double, float, long, int or short; integers get a null value (-32768 for short, else
/// -1).
vo::VotableField number_field(std::string name, std::string datatype, std::string unit, std::string ucd);

inline constexpr const char* kVotableType = "application/x-votable+xml";

std::string votable(const Document& document, Serialization serialization);

/// QUERY_STATUS=ERROR with a message (DALI 1.1 section 4.4.1).
std::string error_votable(std::string_view message);

}  // namespace platefs::demo
