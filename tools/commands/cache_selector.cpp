// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/cache_selector.h"

#include <fmt/core.h>
#include <fnmatch.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <set>

#include "tools/commands/child_answer.h"
#include "tools/commands/known_targets.h"
#include "vo/base/error.h"

namespace platefs::tools {
namespace {

using Matches = std::function<bool(const CachedFile&)>;
using Maybe = std::optional<Matches>;
using Dids = std::set<std::string>;
using Path = std::filesystem::path;

std::optional<cache::ObjectId> object_number_in(const std::string& text) {
  cache::ObjectId id = 0;
  const auto* end = text.data() + text.size();
  const auto [at, problem] = std::from_chars(text.data(), end, id);
  return problem == std::errc{} && at == end ? std::optional{id} : std::nullopt;
}

/// Which file of a plate a path means by its last words; all of them when it says nothing.
struct Part {
  std::string kind, link;

  bool holds(const CachedFile& file) const {
    return (kind.empty() || file.kind == kind) && (link.empty() || file.link == link);
  }
};

const std::map<std::string, std::string>& kinds_by_folder() {
  static const std::map<std::string, std::string> kinds{
      {"cutouts", "cutout"}, {"previews", "preview"}, {"links", "link"}};
  return kinds;
}

Part part_of(const Path& path) {
  static const std::map<std::string, std::string> by_name{
      {"cutout.fits", "cutout"}, {"full.fits", "full"}, {"preview.jpg", "preview"}};
  const auto name = path.filename().string();
  if (const auto found = by_name.find(name); found != by_name.end()) return {found->second, {}};
  const auto& folders = kinds_by_folder();
  if (const auto found = folders.find(name); found != folders.end()) return {found->second, {}};
  const auto found = folders.find(path.parent_path().filename().string());
  if (found == folders.end()) return {};
  return {found->second, found->second == "link" ? name : ""};
}

/// A place whose cutouts are meant. A radius that is spelled out is meant, too; without one, those of every radius are.
struct Region {
  fs::Target target;
  bool means_radius = false;

  bool holds(const CachedFile& file) const {
    return !file.region ||
           (file.region->centre == target.position && (!means_radius || file.region->radius == target.radius));
  }
};

std::optional<Region> region_in(const KnownTargets& known, const std::string& spelled) {
  auto target = known.target(spelled);
  if (!target) return std::nullopt;
  return Region{std::move(*target), spelled.find('@') != std::string::npos};
}

/// The target below whose directory the path is.
std::optional<Region> region_on(const KnownTargets& known, const Path& path) {
  for (auto at = path; at.has_relative_path(); at = at.parent_path()) {
    if (auto region = region_in(known, at.filename().string())) return region;
  }
  return std::nullopt;
}

Matches of_plates(Dids dids, Part part = {}, std::optional<Region> region = {}) {
  return [dids = std::move(dids), part = std::move(part), region = std::move(region)](const CachedFile& file) {
    return dids.contains(file.did) && part.holds(file) && (!region || region->holds(file));
  };
}

Matches of_target(const KnownTargets& known, Region region, Part part = {}) {
  return [dids = known.plates_of(region.target), region = std::move(region),
          part = std::move(part)](const CachedFile& file) {
    const bool is_any = file.region && !region.target.years;
    return part.holds(file) && region.holds(file) && (is_any || dids.contains(file.did));
  };
}

Path without_slash(const std::string& text) {
  Path path{text};
  return path.has_filename() ? path : path.parent_path();
}

/// A mount whose process is stopped does not answer; its words then have to do.
std::string did_at(const Path& path) {
  constexpr std::size_t kLongest = 4096;
  return answer_of_child(
      [&](int answer) {
        std::array<char, kLongest> value{};
        const auto size = ::getxattr(path.c_str(), "user.platefs.did", value.data(), value.size());
        if (size > 0) [[maybe_unused]]
          const auto written = ::write(answer, value.data(), static_cast<std::size_t>(size));
      },
      {.patience = std::chrono::seconds{1}, .most_bytes = kLongest});
}

/// What a mount itself says of the path.
Maybe as_mounted(const KnownTargets& known, const std::string& selector) {
  const auto path = without_slash(selector);
  const auto did = did_at(path);
  if (did.empty()) return std::nullopt;
  std::error_code ignored;
  return of_plates({did}, part_of(path), region_on(known, std::filesystem::absolute(path, ignored)));
}

/// The plate in whose directory, or of whose name in cutouts/ and the like, the path is.
Dids plates_on(const KnownTargets& known, const Path& path) {
  for (const auto& word :
       {path.filename(), path.stem(), path.parent_path().filename(), path.parent_path().parent_path().filename()}) {
    if (auto dids = known.plates_called(word.string()); !dids.empty()) return dids;
  }
  return {};
}

/// A path by its words alone, whether it is mounted or not: …/TARGET, …/TARGET/cutouts, …/PLATE, …/PLATE/full.fits.
Maybe as_words(const KnownTargets& known, const std::string& selector) {
  const auto path = without_slash(selector);
  if (!path.has_parent_path() || selector.find("://") != std::string::npos) return std::nullopt;
  auto region = region_on(known, path);
  if (auto dids = plates_on(known, path); !dids.empty()) return of_plates(std::move(dids), part_of(path), region);
  if (!region) return std::nullopt;
  const bool is_folder = kinds_by_folder().contains(path.filename().string());
  const bool is_target = known.target(path.filename().string()).has_value();
  if (!is_folder && !is_target) return std::nullopt;
  return of_target(known, std::move(*region), is_folder ? part_of(path) : Part{});
}

Matches meaning_of(const cache::Store& store, const std::string& selector) {
  if (const auto id = object_number_in(selector)) {
    return [id](const CachedFile& file) { return file.info.id == *id; };
  }
  const KnownTargets known{store};
  if (auto mounted = as_mounted(known, selector)) return *mounted;
  if (auto words = as_words(known, selector)) return *words;
  if (auto region = region_in(known, selector)) return of_target(known, std::move(*region));
  if (auto dids = known.plates_called(selector); !dids.empty()) return of_plates(std::move(dids));
  return [selector](const CachedFile& file) {
    return file.did == selector || ::fnmatch(selector.c_str(), file.did.c_str(), 0) == 0;
  };
}

}  // namespace

std::vector<cache::ObjectId> selected_files(const cache::Store& store, const std::vector<std::string>& selectors,
                                            const std::vector<std::string>& kinds) {
  auto ids = store.object_ids();
  if (selectors.empty() && kinds.empty()) return ids;
  std::vector<Matches> meanings;
  for (const auto& selector : selectors) meanings.push_back(meaning_of(store, selector));
  std::vector<bool> means_some(selectors.size());
  std::vector<cache::ObjectId> selected;
  store.for_each_object(ids, [&](const cache::ObjectInfo& info) {
    const auto file = cached_file(info);
    bool is_meant = selectors.empty();
    for (std::size_t i = 0; i < meanings.size(); ++i) {
      if (!meanings[i](file)) continue;
      means_some[i] = is_meant = true;
    }
    if (is_meant && (kinds.empty() || std::ranges::count(kinds, file.kind) > 0)) selected.push_back(info.id);
  });
  for (std::size_t i = 0; i < selectors.size(); ++i) {
    if (means_some[i]) continue;
    throw vo::Error{vo::ErrorKind::NotFound,
                    fmt::format("nothing in the cache is '{}'; `platefs cache list` shows what there is, "
                                "`platefs fetch` brings more",
                                selectors[i])};
  }
  return selected;
}

}  // namespace platefs::tools
