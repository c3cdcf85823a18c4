// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/tap.h"

#include <fmt/format.h>

namespace platefs::vo {
namespace {

/// As an ADQL literal: quotes doubled.
std::string adql_string(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    result += c;
    if (c == '\'') result += c;
  }
  return result + "'";
}

std::string types_condition(const TapService& service, std::string_view prefix) {
  const auto& types = service.dataproduct_types;
  if (types.empty()) return {};
  if (types.size() == 1) return fmt::format("{}dataproduct_type = {} AND ", prefix, adql_string(types.front()));
  std::string list;
  for (const auto& type : types) list += (list.empty() ? "" : ", ") + adql_string(type);
  return fmt::format("{}dataproduct_type IN ({}) AND ", prefix, list);
}

}  // namespace

PlatesConditions plates_conditions(const TapService& service, std::string_view prefix) {
  PlatesConditions conditions{types_condition(service, prefix), {}};
  for (const auto& pattern : service.excluded_collections) {
    conditions.further += fmt::format(" AND NOT {}obs_collection LIKE {}", prefix, adql_string(pattern));
  }
  if (!service.where.empty()) conditions.further += fmt::format(" AND ({})", service.where);
  return conditions;
}

std::string plates_adql(const TapService& service, const IcrsPosition& position, PlaceForm form,
                        std::optional<double> from_t_min) {
  const auto conditions = plates_conditions(service);
  const auto page = from_t_min ? fmt::format(" AND (t_min >= {:.9f} OR t_min IS NULL)", *from_t_min) : std::string{};
  return fmt::format("SELECT * FROM {} WHERE {}{}{}{} ORDER BY t_min", service.table, conditions.types,
                     place_condition(form, position, service.reach, service.largest_half_field), conditions.further,
                     page);
}

std::string service_base(const Url& url) {
  auto base = url.text();
  while (base.ends_with('/')) base.pop_back();
  // As copied out of another program.
  for (const std::string_view resource : {"/sync", "/async"}) {
    if (base.ends_with(resource)) base.erase(base.size() - resource.size());
  }
  return base;
}

std::string service_key(const TapService& service) {
  if (service.id.empty()) return service_base(service.url);
  const bool is_url = service.id.starts_with("http://") || service.id.starts_with("https://");
  return is_url ? service_base(Url::parse(service.id)) : service.id;
}

Url service_url(const TapService& service) { return Url::parse_trusted(service_base(service.url)); }

std::string authority_of(const TapService& service) {
  return service.mirror_of.empty() ? service_key(service) : service.mirror_of;
}

Url resource_url(const TapService& service, std::string_view name) {
  return Url::parse(fmt::format("{}/{}", service_base(service.url), name));
}

Url::Parameters sync_parameters(const std::string& adql) {
  return {{"REQUEST", "doQuery"}, {"LANG", "ADQL"}, {"RESPONSEFORMAT", "votable"}, {"QUERY", adql}};
}

http::Request query_to(const TapService& service) {
  http::Request request{.url = resource_url(service, "sync")};
  request.on_behalf_of = service_url(service);
  request.timeout = service.query_timeout;
  return request;
}

http::Request sync_query(const TapService& service, const std::string& adql) {
  auto request = query_to(service);
  request.form = form_encoded(sync_parameters(adql));
  return request;
}

}  // namespace platefs::vo
