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

/// Shortest decimals that give the number back, without an exponent: not every dialect reads one.
std::string decimal(double value) {
  auto text = fmt::format("{}", value);
  if (text.find('e') != std::string::npos) text = fmt::format("{:.17f}", value);
  return text;
}

}  // namespace

PlatesConditions plates_conditions(const TapService& service, std::string_view prefix) {
  PlatesConditions conditions{fmt::format("{}dataproduct_type = 'image'", prefix), {}};
  for (const auto& pattern : service.excluded_collections) {
    conditions.further += fmt::format(" AND NOT {}obs_collection LIKE {}", prefix, adql_string(pattern));
  }
  if (!service.where.empty()) conditions.further += fmt::format(" AND ({})", service.where);
  return conditions;
}

std::string plates_adql(const TapService& service, const IcrsPosition& position) {
  const auto conditions = plates_conditions(service);
  return fmt::format("SELECT * FROM {} WHERE {} AND 1 = CONTAINS(POINT('ICRS', {}, {}), s_region){} ORDER BY t_min",
                     service.table, conditions.images, decimal(position.ra.as_degrees()),
                     decimal(position.dec.as_degrees()), conditions.further);
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

Url service_url(const TapService& service) { return Url::parse(service_base(service.url)); }

std::string authority_of(const TapService& service) {
  return service.mirror_of.empty() ? service_base(service.url) : service.mirror_of;
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
