// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/siap.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "vo/base/ascii.h"

namespace platefs::vo {
namespace {

/// Half an arc second: as good as a point, and more than services round away.
constexpr double kPointRadius = 0.5 / 3600;

http::Request question(const TapService& service, const Url::Parameters& parameters) {
  http::Request request{.url = service_url(service).with_query(parameters)};
  request.on_behalf_of = service_url(service);
  request.timeout = service.query_timeout;
  return request;
}

std::string degrees(Angle angle) { return fmt::format("{:.9f}", angle.as_degrees()); }

/// The older of two spellings first, where there are two (UCD 1 with VOX:, and UCD1+).
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kNames{
    {{"VOX:Image_AccessReference", "access_url"},
     {"meta.ref.url", "access_url"},
     {"VOX:Image_Format", "access_format"},
     {"meta.code.mime", "access_format"},
     {"VOX:Image_Title", "obs_title"},
     {"meta.title", "obs_title"},
     {"POS_EQ_RA_MAIN", "s_ra"},
     {"pos.eq.ra;meta.main", "s_ra"},
     {"POS_EQ_DEC_MAIN", "s_dec"},
     {"pos.eq.dec;meta.main", "s_dec"},
     {"VOX:Image_MJDateObs", "t_min"},
     {"INST_ID", "instrument_name"},
     {"meta.ref.ivoid", "obs_publisher_did"}}};

}  // namespace

http::Request siap2_query(const TapService& service, const IcrsPosition& position) {
  Url::Parameters parameters{{"POS", fmt::format("CIRCLE {} {} {:.9f}", degrees(position.ra), degrees(position.dec),
                                                 std::max(kPointRadius, service.reach.as_degrees()))},
                             {"MAXREC", std::to_string(kMostPlates)},
                             {"RESPONSEFORMAT", "votable"}};
  for (const auto& type : service.dataproduct_types) parameters.emplace_back("DPTYPE", type);
  return question(service, parameters);
}

http::Request siap1_query(const TapService& service, const IcrsPosition& position) {
  return question(service, {{"POS", fmt::format("{},{}", degrees(position.ra), degrees(position.dec))},
                            {"SIZE", fmt::format("{}", 2 * service.reach.as_degrees())},
                            {"INTERSECT", service.reach.as_degrees() > 0 ? "OVERLAPS" : "COVERS"},
                            {"FORMAT", "image/fits"}});
}

void name_as_obscore(Votable& siap1) {
  auto fields = siap1.fields.all();
  std::set<std::string_view> given;
  for (const auto& [ucd, name] : kNames) {
    for (auto& field : fields) {
      if (given.contains(name) || !same_ignoring_case(field.ucd, ucd)) continue;
      field.name = name;
      given.insert(name);
    }
  }
  siap1.fields = std::move(fields);
}

}  // namespace platefs::vo
