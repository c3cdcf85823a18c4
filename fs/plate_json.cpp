// SPDX-License-Identifier: BSD-3-Clause
#include "fs/plate_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "vo/time.h"

namespace platefs::fs {
namespace {

using Json = nlohmann::ordered_json;
using cache::ProductKind;

template <typename T>
Json if_any(const T& value) {
  return value == T{} ? Json(nullptr) : Json(value);
}

/// JSON knows no NaN and no infinity: null.
Json as_json(const vo::VotableValue& value) {
  return std::visit(
      [](const auto& cell) -> Json {
        using T = std::decay_t<decltype(cell)>;
        if constexpr (std::is_same_v<T, std::monostate>) return nullptr;
        else if constexpr (std::is_floating_point_v<T>) return std::isfinite(cell) ? Json(cell) : Json(nullptr);
        else return cell;
      },
      value);
}

Json obscore_row(const PlateEntry& plate) {
  const auto& table = plate.ref.table->table;
  const auto& row = table.rows[plate.plate().row];
  Json columns = Json::object();
  for (std::size_t i = 0; i < table.fields.size() && i < row.size(); ++i) {
    const auto& field = table.fields[i];
    columns[field.name] = {{"value", as_json(row[i])}, {"unit", if_any(field.unit)}, {"ucd", if_any(field.ucd)}};
  }
  return columns;
}

std::string_view name_of(cache::ProductState state) {
  switch (state) {
    case cache::ProductState::Remote: return "remote";
    case cache::ProductState::Partial: return "partial";
    case cache::ProductState::Cached: return "cached";
    case cache::ProductState::Failed: return "failed";
  }
  return "remote";
}

Json file_facts(const cache::ProductFacts& facts) {
  Json file = {{"state", name_of(facts.state)}, {"source", if_any(facts.source)}, {"url", if_any(facts.url)}};
  if (facts.size) {
    file["size"] = *facts.size;
  } else {
    file["estimated_size"] = facts.estimate;
  }
  if (!facts.error.empty()) file["error"] = facts.error;
  return file;
}

/// What a cutout is tried from, in order.
Json cutout_sources(const vo::PlateLinks& files) {
  Json sources = Json::array();
  for (const auto* service : files.soda) sources.push_back({{"source", "soda"}, {"url", service->access_url}});
  if (files.full != nullptr) sources.push_back({{"source", "cutout"}, {"url", files.full->access_url}});
  for (const auto* link : files.other_fits) sources.push_back({{"source", "cutout"}, {"url", link->access_url}});
  return sources;
}

}  // namespace

std::string plate_json(cache::Library& library, const Target& target, const PlateEntry& entry) {
  const auto& plate = entry.plate();
  const vo::Cone region{target.position, target.radius};
  const auto facts = [&](ProductKind kind, const std::string& link = {}) {
    return file_facts(library.product({entry.ref, kind, region, link})->facts());
  };
  Json files = {{"cutout.fits", facts(ProductKind::Cutout)},
                {"full.fits", facts(ProductKind::Full)},
                {"preview.jpg", facts(ProductKind::Preview)}};
  const auto links = library.known_links(entry.ref);
  if (links) {
    files["cutout.fits"]["tried_in_order"] = cutout_sources(links->files);
    for (const auto& [name, link] : links->files.others) files["links/" + name] = facts(ProductKind::Link, name);
  }
  const Json document = {{"plate", entry.name},
                         {"did", plate.obs_publisher_did},
                         {"archive", plate.archive},
                         {"collection", if_any(plate.obs_collection)},
                         {"date_min", plate.t_min ? Json(vo::iso_datetime(*plate.t_min)) : Json(nullptr)},
                         {"date_max", plate.t_max ? Json(vo::iso_datetime(*plate.t_max)) : Json(nullptr)},
                         {"obscore", obscore_row(entry)},
                         {"datalink_known", links != nullptr},
                         {"files", files}};
  // Archives write what is no UTF-8: shown with replacement characters rather than not at all.
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace platefs::fs
