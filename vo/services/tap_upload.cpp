// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/tap_upload.h"

#include <fmt/core.h>

#include <algorithm>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/votable/writer.h"

namespace platefs::vo {
namespace {

constexpr std::string_view kTable = "platefs_targets";
constexpr std::string_view kNumber = "platefs_target";
constexpr std::string_view kRa = "platefs_ra";
constexpr std::string_view kDec = "platefs_dec";

VotableField column(std::string_view name, std::string datatype, std::string unit, std::string ucd) {
  VotableField field;
  field.name = name;
  field.datatype = std::move(datatype);
  field.unit = std::move(unit);
  field.ucd = std::move(ucd);
  return field;
}

/// The conditions beside the place, without the AND that would join them with it.
std::string where_clause(const PlatesConditions& conditions) {
  constexpr std::string_view kAnd = " AND ";
  auto text = conditions.types + (conditions.further.empty() ? "" : conditions.further.substr(kAnd.size()));
  if (text.ends_with(kAnd)) text.resize(text.size() - kAnd.size());
  return text.empty() ? text : " WHERE " + text;
}

std::string table_of(std::span<const IcrsPosition> positions) {
  VotableDocument table;
  table.table_name = kTable;
  table.fields = {column(kNumber, "int", "", "meta.id"), column(kRa, "double", "deg", "pos.eq.ra"),
                  column(kDec, "double", "deg", "pos.eq.dec")};
  for (std::size_t i = 0; i < positions.size(); ++i) {
    table.rows.push_back({static_cast<std::int64_t>(i), positions[i].ra.as_degrees(), positions[i].dec.as_degrees()});
  }
  return votable_text(table);
}

/// What the answer is like without rows and without the column that numbers them.
VotableDocument frame_of(const Votable& joined, std::size_t number_column) {
  VotableDocument frame;
  frame.table_name = "plates";
  // Overflow has been looked at; the rest tells who answered.
  std::copy_if(joined.infos.begin(), joined.infos.end(), std::back_inserter(frame.infos),
               [](const auto& info) { return !same_ignoring_case(info.name, "QUERY_STATUS"); });
  frame.infos.push_back({"QUERY_STATUS", "OK", ""});
  frame.fields = joined.fields;
  frame.fields.erase(frame.fields.begin() + static_cast<std::ptrdiff_t>(number_column));
  frame.services = joined.services;
  frame.keeps_declarations = true;  // a list that came so equals one that was asked for alone
  return frame;
}

}  // namespace

std::string plates_join_adql(const TapService& service, PlaceForm form) {
  const auto conditions = plates_conditions(service, "o.");
  const auto place =
      place_condition_of_join(form, "o", fmt::format("t.{}", kRa), fmt::format("t.{}", kDec), service.reach);
  return fmt::format("SELECT t.{}, o.* FROM {} AS o JOIN TAP_UPLOAD.{} AS t ON {}{} ORDER BY t_min", kNumber,
                     service.table, kTable, place, where_clause(conditions));
}

http::Request plates_join_query(const TapService& service, PlaceForm form, std::span<const IcrsPosition> positions) {
  auto request = query_to(service);
  for (auto& [name, value] : sync_parameters(plates_join_adql(service, form))) {
    request.parts.push_back({name, value});
  }
  request.parts.push_back({"UPLOAD", fmt::format("{0},param:{0}", kTable)});
  request.parts.push_back({std::string{kTable}, table_of(positions), "application/x-votable+xml"});
  return request;
}

std::vector<std::string> plates_by_position(const Votable& joined, std::size_t count) {
  const int number = joined.column(kNumber);
  if (number < 0) {
    throw Error{ErrorKind::Malformed, fmt::format("the answer has no column {}", kNumber)};
  }
  const auto number_column = static_cast<std::size_t>(number);
  std::vector<VotableDocument> documents(count, frame_of(joined, number_column));
  for (const auto each : joined.rows) {
    auto row = each.values();
    const auto whose = integer_of(row.at(number_column));
    if (!whose || *whose < 0 || static_cast<std::size_t>(*whose) >= count) {
      throw Error{ErrorKind::Malformed, "the answer has a row for a target that was not asked for"};
    }
    row.erase(row.begin() + static_cast<std::ptrdiff_t>(number_column));
    documents[static_cast<std::size_t>(*whose)].rows.push_back(row);
  }
  std::vector<std::string> texts;
  texts.reserve(count);
  for (const auto& document : documents) texts.push_back(votable_text(document));
  return texts;
}

}  // namespace platefs::vo
