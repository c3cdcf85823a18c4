// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/core.h>

#include <vector>

#include "tools/cli/text_table.h"
#include "tools/commands/query_output.h"
#include "vo/base/error.h"
#include "vo/base/sky.h"

namespace platefs::tools {
namespace {

std::string separation_text(const vo::Plate& plate, const vo::IcrsPosition& target) {
  if (!plate.s_ra || !plate.s_dec) return {};
  try {
    const auto centre = vo::IcrsPosition::at(vo::Angle::degrees(*plate.s_ra), vo::Angle::degrees(*plate.s_dec));
    return fmt::format("{:.3f}", vo::separation(centre, target).as_degrees());
  } catch (const vo::Error&) {
    return {};
  }
}

std::vector<std::string> row_of(const fs::PlateEntry& entry, const fs::Target& target) {
  const auto& plate = entry.plate();
  return {entry.name,
          entry.ref.table->archive,
          plate.obs_collection.str(),
          separation_text(plate, target.position),
          plate.s_pixel_scale ? fmt::format("{:.2f}", *plate.s_pixel_scale) : "",
          (plate.facility_name.empty() ? plate.instrument_name : plate.facility_name).str(),
          plate.obs_title.str()};
}

}  // namespace

std::string plates_listing(const fs::TargetSnapshot& snapshot, const fs::Target& target, std::size_t width) {
  TextTable table;
  // Names of plates are for copying: they are never cut. They begin with the date.
  table.columns = {
      {"plate"},           {"archive", false, 6, true},    {"collection", false, 10, true}, {"centre[deg]", true},
      {"pixel[\"]", true}, {"telescope", false, 10, true}, {"title", false, 12, true}};
  for (const auto& entry : snapshot.plates) table.rows.push_back(row_of(*entry, target));
  return table.text(width);
}

}  // namespace platefs::tools
