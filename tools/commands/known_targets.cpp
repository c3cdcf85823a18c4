// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/known_targets.h"

#include <fmt/core.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <utility>

#include "fs/tree/plate_name.h"
#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/services/sesame.h"

namespace platefs::tools {
namespace {

constexpr std::string_view kObjectPrefix = "object ";

/// Resolvers mind neither case nor blanks.
std::string without_blanks(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c != ' ' && c != '_') plain += vo::lower(c);
  }
  return plain;
}

/// The name in "object RESOLVER NAME".
std::string_view object_in(std::string_view key) {
  key.remove_prefix(kObjectPrefix.size());
  return key.substr(std::min(key.find(' '), key.size() - 1) + 1);
}

std::uint64_t hash_of(const std::string& did) { return XXH3_64bits(did.data(), did.size()); }

std::string scan_of(const std::string& did) {
  vo::Plate plate;
  plate.obs_publisher_did = did;
  return fs::scan_id(plate);
}

}  // namespace

namespace {

/// A plate's name begins with the date of the exposure.
bool is_named_within(const std::string& plate, const fs::Years& years) {
  int year = 0;
  const auto [end, problem] = std::from_chars(plate.data(), plate.data() + plate.size(), year);
  return problem == std::errc{} && *end == '-' && year >= years.first && year <= years.last;
}

}  // namespace

KnownTargets::KnownTargets(const cache::Store& store) : store_(store) {
  for (const auto& key : store.document_keys(kTargetPrefix)) {
    if (auto entered = target(key.substr(kTargetPrefix.size()))) entered_.push_back(std::move(*entered));
  }
}

std::optional<vo::IcrsPosition> KnownTargets::object(const std::string& name) const {
  const auto wanted = without_blanks(name);
  for (const auto& key : store_.document_keys(kObjectPrefix)) {
    if (without_blanks(object_in(key)) != wanted) continue;
    const auto answer = store_.document(key);
    try {
      if (answer && !answer->absent) return vo::read_sesame(answer->bytes).position;
    } catch (const vo::Error&) {
      continue;  // unreadable now: as if it had not been asked
    }
  }
  return std::nullopt;
}

std::optional<fs::Target> KnownTargets::target(const std::string& spelled) const {
  const auto parsed = fs::parse_target(spelled, vo::Angle::arcminutes(10));
  if (const auto* place = std::get_if<fs::Target>(&parsed)) return *place;
  const auto* named = std::get_if<fs::ObjectName>(&parsed);
  if (named == nullptr) return std::nullopt;
  const auto position = object(named->name);
  return position ? std::optional{named->at(*position)} : std::nullopt;
}

std::vector<std::string> KnownTargets::names_of(const std::string& spelled) const {
  std::vector<std::string> names;
  const auto meant = target(spelled);
  if (!meant) return names;
  for (const auto& key : store_.document_keys(kTargetPrefix)) {
    auto name = key.substr(kTargetPrefix.size());
    const auto entered = target(name);
    const bool is_same = entered && entered->canonical_name() == meant->canonical_name() &&
                         entered->years == meant->years && entered->object.empty() == meant->object.empty();
    if (is_same) names.push_back(std::move(name));
  }
  return names;
}

FilePaths::FilePaths(const KnownTargets& known) : known_(known) {
  constexpr std::size_t kFew = 4096;
  std::size_t most = kFew;
  for (std::size_t i = 0; i < known_.entered_.size(); ++i) {
    const auto& entered = known_.entered_[i];
    if (entered.years) continue;
    regions_.push_back({{entered.position, entered.radius}, i});
    for (const auto& [key, plate] : known_.store_.names("target/" + entered.canonical_name())) {
      places_.push_back({hash_of(fs::did_of_name(key)), i});
    }
    if (places_.size() < most) continue;
    keep_first_of_each();  // many targets may be on the same plates
    most = std::max(kFew, 2 * places_.size());
  }
  keep_first_of_each();
  std::ranges::stable_sort(regions_, std::less{}, &Region::cone);
}

void FilePaths::keep_first_of_each() {
  std::ranges::stable_sort(places_, {}, &Place::did);
  const auto is_same = [](const Place& a, const Place& b) { return a.did == b.did; };
  places_.erase(std::unique(places_.begin(), places_.end(), is_same), places_.end());
}

/// Targets have the same plates, as often as not, but seldom the same region.
std::string FilePaths::of(const CachedFile& file) {
  if (!file.region) {
    const auto did = hash_of(file.did);
    const auto at = std::ranges::lower_bound(places_, did, {}, &Place::did);
    return at == places_.end() || at->did != did ? "" : path_in(at->target, file);
  }
  const auto& cone = *file.region;
  auto at = std::ranges::lower_bound(regions_, cone, std::less{}, &Region::cone);
  for (; at != regions_.end() && at->cone == cone; ++at) {
    if (auto path = path_in(at->target, file); !path.empty()) return path;
  }
  return {};
}

std::string FilePaths::path_in(std::size_t target, const CachedFile& file) {
  const auto& plate = plate_in(target, file.did);
  if (plate.empty()) return {};
  return fmt::format("{}/{}/{}", known_.entered_[target].directory_name(), plate, file.file_name());
}

/// Files that follow each other are mostly of one target.
const std::string& FilePaths::plate_in(std::size_t target, const std::string& did) {
  static const std::string none;
  if (latest_ != target) {
    names_.clear();
    for (auto& [key, name] : known_.store_.names("target/" + known_.entered_[target].canonical_name())) {
      names_.try_emplace(fs::did_of_name(key), std::move(name));
    }
    latest_ = target;
  }
  const auto found = names_.find(did);
  return found == names_.end() ? none : found->second;
}

std::set<std::string> KnownTargets::plates_of(const fs::Target& target) const {
  std::set<std::string> dids;
  const auto add = [&](const fs::Target& same) {
    for (const auto& [key, name] : store_.names("target/" + same.canonical_name())) {
      if (!target.years || is_named_within(name, *target.years)) dids.insert(fs::did_of_name(key));
    }
  };
  add(target);
  // Which plates cover a place has nothing to do with the radius of cutouts.
  for (const auto& entered : entered_) {
    if (entered.position == target.position) add(entered);
  }
  return dids;
}

std::set<std::string> KnownTargets::plates_called(const std::string& name) const {
  std::set<std::string> dids;
  for (const auto& entered : entered_) {
    for (const auto& [key, called] : store_.names("target/" + entered.canonical_name())) {
      const auto did = fs::did_of_name(key);
      if (called == name || scan_of(did) == name) dids.insert(did);
    }
  }
  return dids;
}

}  // namespace platefs::tools
