// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/fetch_jobs.h"

#include <algorithm>

namespace platefs::tools {

WantedFiles WantedFiles::from(const std::vector<std::string>& what) {
  const auto has = [&](const char* word) { return std::find(what.begin(), what.end(), word) != what.end(); };
  const bool all = has("all");
  return {all || has("cutout"), all || has("preview"), all || has("full"), all, has("stamp"), has("aligned")};
}

std::shared_ptr<const vo::SkyMarks> WantedFiles::marks_on(const fs::Target& target) const {
  const auto sequence = sequences ? sequences->of(target) : nullptr;
  return sequence ? sequence->marks : nullptr;
}

std::vector<FetchJob> jobs_of(const NamedTarget& target, const fs::PlateEntry& plate, const WantedFiles& wanted,
                              const cache::LinksAnswer* links) {
  std::vector<FetchJob> jobs;
  const vo::Cone region{target.target.position, target.target.radius};
  const auto add = [&](cache::ProductKind kind, const std::string& file, const std::string& link = {}) {
    jobs.push_back({target, plate.name, file, {plate.ref, kind, region, link}});
  };
  if (wanted.cutout) add(cache::ProductKind::Cutout, "cutout.fits");
  if (wanted.preview) add(cache::ProductKind::Preview, "preview.jpg");
  if (wanted.full) add(cache::ProductKind::Full, "full.fits");
  if (wanted.aligned) add(cache::ProductKind::Aligned, "aligned.fits");
  if (wanted.stamp) {
    add(cache::ProductKind::Stamp, "stamp.jpg");
    jobs.back().id.variant = wanted.variant;
    jobs.back().id.marks = wanted.marks_on(target.target);
  }
  if (!wanted.links || links == nullptr) return jobs;
  for (const auto& [name, link] : links->files.others) add(cache::ProductKind::Link, "links/" + name, name);
  return jobs;
}

std::string_view name_of(FetchState state) {
  switch (state) {
    case FetchState::Cached:
      return "cached";
    case FetchState::Fetched:
      return "fetched";
    case FetchState::Planned:
      return "planned";
    case FetchState::Absent:
      return "absent";
    case FetchState::Impossible:
      return "impossible";
    case FetchState::Failed:
      return "failed";
  }
  return "";
}

}  // namespace platefs::tools
