// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/plate_json.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <vector>

#include "fs/pages/json_value.h"
#include "fs/pages/plate_facts.h"
#include "fs/tree/product_state_name.h"
#include "vo/base/iso_utc.h"
#include "vo/base/mjd.h"
#include "vo/services/archive.h"
#include "vo/services/own_protocol.h"
#include "vo/services/plate_date.h"
#include "vo/services/soda.h"

namespace platefs::fs {
namespace {

using cache::ProductKind;
using Json = nlohmann::ordered_json;

// In round brackets: braces would make an array of one element.
Json text_or_null(std::string_view text) { return text.empty() ? Json() : Json(text); }

Json date_or_null(const std::optional<double>& mjd) { return mjd ? Json(vo::iso_datetime(*mjd)) : Json(); }

Json obscore_json(const cache::PlateRef& ref) {
  Json columns = Json::object();
  const auto& table = ref.table->table;
  const auto row = ref.plate().row;
  for (std::size_t i = 0; i < table.fields.size(); ++i) {
    const auto& field = table.fields[i];
    Json column;
    column["value"] = row < table.rows.size() ? json_value<Json>(table.rows.cell(row, i)) : Json{};
    column["unit"] = text_or_null(field.unit);
    column["ucd"] = text_or_null(field.ucd);
    if (!field.description.empty()) column["description"] = field.description;
    columns[field.name.empty() ? fmt::format("column_{}", i + 1) : field.name] = std::move(column);
  }
  return columns;
}

std::string shown(const std::string& url) {
  try {
    return vo::Url::parse(url).for_display();
  } catch (const vo::Error&) {
    return {};  // not a place that a file can come from
  }
}

Json link_source(const vo::Link& link) {
  Json source;
  source["by"] = "download";
  source["url"] = text_or_null(shown(link.access_url));
  source["semantics"] = text_or_null(link.semantics);
  source["content_type"] = text_or_null(link.content_type);
  if (link.content_length) source["stated_size"] = *link.content_length;
  if (!link.description.empty()) source["description"] = link.description;
  return source;
}

Json soda_source(const vo::ServiceDescriptor& service, const std::string& did, const vo::Cone& region) {
  Json source;
  source["by"] = "soda";
  try {
    source["url"] = vo::soda_request(service, did, region).url.for_display();
  } catch (const vo::Error& error) {
    source["url"] = text_or_null(shown(service.access_url));
    source["problem"] = error.message();
  }
  return source;
}

Json own_source(const vo::OwnProtocol& own, const cache::PlateRef& plate, const vo::Cone& region) {
  Json source;
  source["by"] = "soda";
  source["description"] = own.way_to_cutouts();
  try {
    source["url"] = own.cutout_request(*plate.table, plate.plate(), region).url.for_display();
  } catch (const vo::Error& error) {
    source["problem"] = error.message();
  }
  return source;
}

Json cut_source(const std::string& file, const vo::Link& link) {
  Json source;
  source["by"] = "cutout";
  source["from"] = file;
  source["url"] = text_or_null(shown(link.access_url));
  return source;
}

// The ways to a cutout in the order in which they are tried.
Json cutout_sources(const cache::LinksAnswer& links, const cache::PlateRef& plate, const vo::Cone& region) {
  Json sources = Json::array();
  if (const auto& own = plate.table->own) {
    sources.push_back(own_source(*own, plate, region));
    return sources;
  }
  const auto did = plate.plate().obs_publisher_did.str();
  for (const auto* service : links.files.soda) {
    sources.push_back(soda_source(*service, did, region));
  }
  for (const auto& service : vo::soda_services_of(*plate.table, plate.plate())) {
    const bool is_told =
        std::ranges::any_of(links.files.soda, [&](const auto* told) { return told->access_url == service.access_url; });
    if (!is_told) sources.push_back(soda_source(service, did, region));
  }
  if (links.files.full != nullptr) sources.push_back(cut_source("full.fits", *links.files.full));
  const std::set<const vo::Link*> fits{links.files.other_fits.begin(), links.files.other_fits.end()};
  for (const auto& [name, link] : links.files.others) {
    if (!fits.contains(link)) continue;
    sources.push_back(cut_source("links/" + name, *link));
  }
  return sources;
}

Json sources_of(const cache::ProductId& id, const cache::LinksAnswer* links) {
  Json sources = Json::array();
  if (links == nullptr) return sources;
  const auto add = [&sources](const vo::Link* link) {
    if (link != nullptr) sources.push_back(link_source(*link));
  };
  switch (id.kind) {
    case ProductKind::Cutout:
    case ProductKind::Stamp:  // of the cutout
    case ProductKind::Aligned:
    case ProductKind::Chart:
      return cutout_sources(*links, id.plate, id.region);
    case ProductKind::Full:
      add(links->files.full);
      break;
    case ProductKind::Preview:
      add(links->files.preview);
      break;
    case ProductKind::TimeSeries:
      add(links->files.itself);
      break;
    case ProductKind::Link: {
      const auto found = links->files.others.find(id.link);
      if (found != links->files.others.end()) add(found->second);
      break;
    }
  }
  return sources;
}

void add_facts(Json& file, const cache::ProductFacts& facts) {
  file["state"] = state_name(facts);
  file["source"] = text_or_null(facts.source);
  if (facts.size) {
    file["size"] = *facts.size;
  } else {
    file["estimate"] = facts.estimate;
  }
  file["held_bytes"] = facts.held_bytes;
  file["url"] = text_or_null(shown(facts.url));
  file["media_type"] = text_or_null(facts.media_type);
  if (facts.fetched_at != 0) file["fetched_at"] = vo::iso_utc(facts.fetched_at);
  if (!facts.error.empty()) file["error"] = facts.error;
}

Json file_json(const cache::ProductId& id, const cache::LinksAnswer* links, cache::Library& library) {
  Json file = Json::object();
  if (const auto product = library.product(id)) add_facts(file, product->facts());
  file["sources"] = sources_of(id, links);
  return file;
}

Json files_json(const PlateEntry& entry, const vo::Cone& region, const cache::LinksAnswer* links,
                cache::Library& library) {
  Json files = Json::object();
  const auto add = [&](const std::string& name, ProductKind kind, const std::string& link) {
    files[name] = file_json({entry.ref, kind, region, link}, links, library);
  };
  add("cutout.fits", ProductKind::Cutout, {});
  add("full.fits", ProductKind::Full, {});
  add("preview.jpg", ProductKind::Preview, {});
  if (links == nullptr) return files;
  for (const auto& [name, link] : links->files.others) add("links/" + name, ProductKind::Link, name);
  return files;
}

/// The rows of one publisher DID that are exposures of their own, by date.
std::vector<const vo::Plate*> exposures_beside(const cache::PlateRef& ref) {
  std::vector<const vo::Plate*> exposures;
  std::set<std::string_view> seen;
  for (const auto& plate : ref.table->plates) {
    if (plate.obs_publisher_did != ref.plate().obs_publisher_did) continue;
    if (seen.insert(plate.exposure).second) exposures.push_back(&plate);
  }
  std::ranges::sort(exposures, {}, [](const vo::Plate* plate) {
    return std::tuple(plate->t_min, plate->t_max, plate->exposure.view());
  });
  return exposures;
}

Json exposure_json(const cache::PlateRef& ref) {
  const auto& plate = ref.plate();
  const auto exposures = exposures_beside(ref);
  const auto at = std::ranges::find(exposures, plate.exposure, [](const vo::Plate* each) { return each->exposure; });
  Json json;
  json["number"] = at - exposures.begin() + 1;
  json["of"] = exposures.size();
  json["ra"] = plate.s_ra ? Json(*plate.s_ra) : Json();
  json["dec"] = plate.s_dec ? Json(*plate.s_dec) : Json();
  return json;
}

}  // namespace

std::string plate_json(const PlateEntry& entry, const Target& target, cache::Library& library, std::int64_t now) {
  const auto& plate = entry.plate();
  const vo::Cone region{target.position, target.radius};
  const auto links = library.known_links(entry.ref);
  Json json;
  json["plate"] = entry.name;
  json["did"] = plate.obs_publisher_did.view();
  json["archive"] = entry.ref.table->archive;
  json["collection"] = text_or_null(plate.obs_collection);
  json["date_min"] = date_or_null(plate.t_min);
  json["date_max"] = date_or_null(plate.t_max);
  if (const auto doubt = doubt_on_date(plate, now); !doubt.empty()) json["date_doubt"] = doubt;
  json["exposure"] = exposure_json(entry.ref);
  json["target"] = target.canonical_name();
  json["region"] = "CIRCLE " + vo::circle_text(region);
  json["links_known"] = links != nullptr;
  json["files"] = files_json(entry, region, links.get(), library);
  json["obscore"] = obscore_json(entry.ref);
  // Archives write Latin-1 where UTF-8 is declared: a replacement character says so.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace platefs::fs
