// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vo/http_message.h"
#include "vo/sky.h"

namespace platefs::vo {

/// A TAP service that has an ObsCore table, and which of its rows are wanted.
struct TapService {
  std::string name;                       ///< for messages and paths
  Url url;                                ///< base: requests go to <url>/sync
  std::string table = "ivoa.obscore";
  std::vector<std::string> excluded_collections = {};  ///< SQL LIKE patterns, '%RASS%'
  std::string where = {};                 ///< further ADQL condition, taken as written; may be empty
};

/// The notebook's query: images whose s_region contains the position, without the excluded
/// collections, by t_min. `1 = CONTAINS(POINT('ICRS', …), s_region)` is the form every dialect takes;
/// quotes in patterns are doubled.
std::string plates_adql(const TapService& service, const IcrsPosition& position);

/// The conditions of that query other than the place, each column name with `prefix` ("o.") in front;
/// the service's own ADQL stays as written.
struct PlatesConditions {
  std::string images, further;            ///< "dataproduct_type = 'image'", " AND …" or nothing
};
PlatesConditions plates_conditions(const TapService& service, std::string_view prefix = {});

/// TAP 1.1 section 2: <url>/NAME, as "sync" or "capabilities", and what every ADQL query is sent with.
Url resource_url(const TapService& service, std::string_view name);
Url::Parameters sync_parameters(const std::string& adql);

/// TAP 1.1 section 2: synchronous, POST, VOTable. Errors and overflow come in the body whatever the
/// status: give it to read_votable.
http::Request sync_query(const TapService& service, const std::string& adql);

}  // namespace platefs::vo
