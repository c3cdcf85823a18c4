// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/unsolved.h"

#include <fmt/core.h>

#include "fs/pages/plate_facts.h"
#include "vo/base/mjd.h"
#include "vo/base/shown_text.h"

namespace platefs::fs {
namespace {

void add(std::string& text, std::string_view label, std::string_view value) {
  if (!value.empty()) text += fmt::format("  {:<12} {}\n", label, vo::shown_text(value));
}

}  // namespace

std::string unsolved_text(const PlateEntry& entry, const Target& target) {
  const auto& plate = entry.plate();
  auto text = fmt::format("{} may be on this plate, and no image of it can be had: {}.\n\n", target.title(),
                          vo::shown_text(plate.unsolved));
  add(text, "archive", plate.archive);
  add(text, "plate", plate.obs_publisher_did);
  add(text, "exposure", plate.scan_name);
  add(text, "title", plate.obs_title);
  add(text, "collection", plate.obs_collection);
  add(text, "instrument", plate.instrument_name);
  if (plate.t_min) add(text, "begun", vo::iso_datetime(*plate.t_min));
  if (plate.t_max) add(text, "ended", vo::iso_datetime(*plate.t_max));
  if (plate.t_exptime) add(text, "exposed", duration_text(*plate.t_exptime));
  if (plate.s_ra && plate.s_dec) add(text, "centre", fmt::format("{} {}", *plate.s_ra, *plate.s_dec));
  add(text, "file", plate.access_url);
  return text;
}

}  // namespace platefs::fs
