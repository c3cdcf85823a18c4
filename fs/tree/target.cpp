// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/target.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <set>
#include <string_view>
#include <utility>

#include "fs/tree/plate_name.h"
#include "fs/tree/selection.h"
#include "vo/base/repeats.h"

namespace platefs::fs {
namespace {

using cache::PlateRef;
using cache::PlatesAnswer;

// An exposure listed twice by one archive is one directory: its first row counts, which knows the files of the others
// in its table. Exposures of one plate are directories of their own, and so are plates of two archives that share a
// DID.
std::vector<PlateRef> distinct_plates(const PlatesAnswer& answer) {
  const std::hash<std::string_view> hash;
  std::vector<PlateRef> plates;
  std::vector<std::uint64_t> hashes;
  for (const auto& part : answer.archives) {
    if (!part.table) continue;
    const auto& listed = part.table->plates;
    plates.reserve(plates.size() + listed.size());
    hashes.reserve(hashes.size() + listed.size());
    for (std::size_t i = 0; i < listed.size(); ++i) {
      plates.push_back({part.table, i});
      hashes.push_back(hash(listed[i].obs_publisher_did) ^ (3 * hash(listed[i].exposure)));
    }
  }
  std::set<std::array<std::string_view, 3>> seen;
  std::vector<std::size_t> again;
  for (const auto i : vo::places_of_repeated(hashes)) {
    const auto& plate = plates[i].plate();
    if (!seen.insert({plate.obs_publisher_did, plate.exposure, plate.authority}).second) again.push_back(i);
  }
  for (const auto i : again) plates[i].table = nullptr;
  if (!again.empty()) std::erase_if(plates, [](const PlateRef& ref) { return ref.table == nullptr; });
  return plates;
}

std::vector<const vo::Plate*> plates_of(const std::vector<PlateRef>& refs) {
  std::vector<const vo::Plate*> plates;
  plates.reserve(refs.size());
  for (const auto& ref : refs) plates.push_back(&ref.plate());
  return plates;
}

std::shared_ptr<const TargetSnapshot> snapshot_of(std::shared_ptr<const PlatesAnswer> answer,
                                                  const std::vector<PlateRef>& plates, const PlateNames& names,
                                                  const std::optional<Years>& years, Holding holding) {
  NamesByPlate names_by_plate{names};
  std::vector<std::pair<std::string_view, const PlateRef*>> named;
  named.reserve(plates.size());
  for (const auto& ref : plates) {
    if (years && !is_within(*years, ref.plate())) continue;
    if (const auto* const name = names_by_plate.of(ref.plate())) named.emplace_back(*name, &ref);
  }
  // Archives sort by date, and so do names, nearly.
  std::ranges::stable_sort(named, {}, [](const auto& each) { return each.first; });
  auto snapshot = std::make_shared<TargetSnapshot>();
  snapshot->answer = std::move(answer);
  snapshot->holding = holding;
  snapshot->plates.reserve(named.size());
  for (const auto& [name, ref] : named) {
    auto& list = ref->plate().unsolved.empty() ? snapshot->plates : snapshot->unsolved;
    list.push_back(std::make_shared<PlateEntry>(PlateEntry{std::string{name}, *ref}));
  }
  return snapshot;
}

std::shared_ptr<const PlateEntry> found_in(const std::vector<std::shared_ptr<const PlateEntry>>& plates,
                                           std::string_view name) {
  const auto found = std::lower_bound(plates.begin(), plates.end(), name,
                                      [](const auto& entry, std::string_view wanted) { return entry->name < wanted; });
  return found != plates.end() && (*found)->name == name ? *found : nullptr;
}

}  // namespace

std::shared_ptr<const PlateEntry> TargetSnapshot::find(std::string_view name) const { return found_in(plates, name); }

std::shared_ptr<const PlateEntry> TargetSnapshot::find_unsolved(std::string_view name) const {
  return found_in(unsolved, name);
}

TargetState::TargetState(cache::Library& library, Target target, Holding holding)
    : library_(library),
      target_(std::move(target)),
      holding_(holding),
      identity_(fmt::format("target/{}{}", target_.canonical_name(), holding == Holding::Plates ? "" : "/timeseries")),
      view_(target_.years ? fmt::format("{} of {}-{}", identity_, target_.years->first, target_.years->last)
                          : identity_) {}

std::shared_ptr<TargetState> TargetState::time_series() {
  const auto state = state_.lock();
  if (!state->time_series) state->time_series = std::make_shared<TargetState>(library_, target_, Holding::TimeSeries);
  return state->time_series;
}

std::shared_ptr<const TargetSnapshot> TargetState::known() const { return state_.lock()->snapshot; }

std::optional<vo::Error> TargetState::failure() const { return state_.lock()->failure; }

void TargetState::ask(vo::Completion<Snapshot> done) {
  const auto take = [self = shared_from_this()](auto answer, vo::Completion<Snapshot> told) {
    if (!answer) {
      self->state_.lock()->failure = answer.error();
      return told(answer.error());
    }
    if (auto same = self->still_good(*answer.value())) return told(std::move(same));
    self->name_plates(std::move(answer).value(), std::move(told));
  };
  auto answered = [take, done = std::move(done)](vo::Outcome<std::shared_ptr<const PlatesAnswer>> answer) mutable {
    take(std::move(answer), std::move(done));
  };
  if (holding_ == Holding::TimeSeries) return library_.time_series_at(target_.position, std::move(answered));
  library_.plates_at(target_.position, std::move(answered));
}

// The same tables and the same failures: what was made of them (names, pages) is still right.
std::shared_ptr<const TargetSnapshot> TargetState::still_good(const PlatesAnswer& answer) const {
  auto state = state_.lock();
  if (!state->snapshot) return nullptr;
  const auto& old = state->snapshot->answer->archives;
  const bool same =
      std::equal(old.begin(), old.end(), answer.archives.begin(), answer.archives.end(),
                 [](const auto& a, const auto& b) { return a.table == b.table && !a.failure && !b.failure; });
  if (!same) return nullptr;
  state->failure.reset();
  return state->snapshot;
}

void TargetState::name_plates(std::shared_ptr<const PlatesAnswer> answer, vo::Completion<Snapshot> done) {
  auto plates = std::make_shared<std::vector<PlateRef>>(distinct_plates(*answer));
  const auto change = [plates](std::map<std::string, std::string>& names) {
    add_plate_names(plates_of(*plates), names);
  };
  library_.update_names(identity_, change,
                        [self = shared_from_this(), answer = std::move(answer), plates,
                         done = std::move(done)](vo::Outcome<std::map<std::string, std::string>> names) mutable {
                          if (!names) return done(names.error());
                          auto snapshot = snapshot_of(std::move(answer), *plates, names.value(), self->target_.years,
                                                      self->holding_);
                          {
                            auto state = self->state_.lock();
                            state->snapshot = snapshot;
                            state->failure.reset();
                          }
                          done(std::move(snapshot));
                        });
}

}  // namespace platefs::fs
