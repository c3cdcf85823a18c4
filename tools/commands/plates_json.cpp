// SPDX-License-Identifier: BSD-3-Clause
#include <nlohmann/json.hpp>

#include "fs/pages/json_value.h"
#include "fs/pages/plates_table.h"
#include "tools/commands/query_output.h"
#include "vo/base/iso_utc.h"

namespace platefs::tools {
namespace {

using Json = nlohmann::ordered_json;

Json archive_json(const cache::ArchiveAnswer& part) {
  Json json;
  json["archive"] = part.archive;
  json["rows"] = part.table ? Json(part.table->plates.size()) : Json();
  json["truncated"] = part.table && part.table->truncated;
  json["fetched_at"] = part.fetched_at != 0 ? Json(vo::iso_utc(part.fetched_at)) : Json();
  json["error"] = part.failure ? Json(part.failure->message()) : Json();
  return json;
}

Json column_json(const vo::VotableField& field) {
  return {{"name", field.name},
          {"datatype", field.datatype},
          {"unit", field.unit},
          {"ucd", field.ucd},
          {"description", field.description}};
}

Json row_json(const vo::VotableDocument& table, std::size_t row) {
  Json json = Json::object();
  for (std::size_t i = 0; i < table.fields.size(); ++i) {
    json[table.fields[i].name] = fs::json_value<Json>(table.rows.cell(row, i));
  }
  return json;
}

}  // namespace

std::string plates_json(const QueryForm& form, const fs::TargetSnapshot& snapshot, const fs::Target& target) {
  const auto table = table_for(form, snapshot, target);
  Json json;
  json["target"] = target.canonical_name();
  json["ra"] = target.position.ra.as_degrees();
  json["dec"] = target.position.dec.as_degrees();
  json["archives"] = Json::array();
  for (const auto& part : snapshot.answer->archives) json["archives"].push_back(archive_json(part));
  json["columns"] = Json::array();
  for (const auto& field : table.fields) json["columns"].push_back(column_json(field));
  json["plates"] = Json::array();
  for (std::size_t row = 0; row < table.rows.size(); ++row) json["plates"].push_back(row_json(table, row));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace platefs::tools
