// SPDX-License-Identifier: BSD-3-Clause
#include "vo/tap.h"

#include <fmt/format.h>

namespace platefs::vo {
namespace {

/// As an ADQL literal: quotes doubled.
std::string quoted(std::string_view text) {
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

std::string plates_adql(const TapService& service, const IcrsPosition& position) {
  auto adql = fmt::format(
      "SELECT * FROM {} WHERE dataproduct_type = 'image' AND 1 = CONTAINS(POINT('ICRS', {}, {}), s_region)",
      service.table, decimal(position.ra.as_degrees()), decimal(position.dec.as_degrees()));
  for (const auto& pattern : service.excluded_collections) {
    adql += fmt::format(" AND NOT obs_collection LIKE {}", quoted(pattern));
  }
  if (!service.where.empty()) adql += fmt::format(" AND ({})", service.where);
  return adql + " ORDER BY t_min";
}

http::Request sync_query(const TapService& service, const std::string& adql) {
  auto base = service.url.text();
  while (base.ends_with('/')) base.pop_back();
  http::Request request{.url = Url::parse(base + "/sync")};
  request.form = form_encoded({{"REQUEST", "doQuery"},
                               {"LANG", "ADQL"},
                               {"RESPONSEFORMAT", "votable"},
                               {"QUERY", adql}});
  return request;
}

}  // namespace platefs::vo
