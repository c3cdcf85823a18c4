// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/target.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "fs/tree/plate_name.h"

namespace platefs::fs {
namespace {

using cache::PlateRef;
using cache::PlatesAnswer;

// An exposure listed twice by one archive is one directory: its first row counts, which knows the files of the others
// in its table. Exposures of one plate are directories of their own, and so are plates of two archives that share a
// DID.
std::vector<PlateRef> distinct_plates(const PlatesAnswer& answer) {
  std::vector<PlateRef> plates;
  std::set<std::tuple<std::string_view, std::string_view, std::string_view>> seen;
  for (const auto& part : answer.archives) {
    if (!part.table) continue;
    for (std::size_t i = 0; i < part.table->plates.size(); ++i) {
      const auto& plate = part.table->plates[i];
      if (seen.emplace(part.table->authority, plate.obs_publisher_did, plate.exposure).second)
        plates.push_back({part.table, i});
    }
  }
  return plates;
}

std::vector<vo::Plate> plates_of(const std::vector<PlateRef>& refs) {
  std::vector<vo::Plate> plates;
  plates.reserve(refs.size());
  for (const auto& ref : refs) plates.push_back(ref.plate());
  return plates;
}

std::shared_ptr<const TargetSnapshot> snapshot_of(std::shared_ptr<const PlatesAnswer> answer,
                                                  const std::vector<PlateRef>& plates, const PlateNames& names) {
  auto snapshot = std::make_shared<TargetSnapshot>();
  snapshot->answer = std::move(answer);
  for (const auto& ref : plates) {
    const auto* const name = name_of(names, ref.plate());
    if (name != nullptr) snapshot->plates.push_back(std::make_shared<PlateEntry>(PlateEntry{*name, ref}));
  }
  std::sort(snapshot->plates.begin(), snapshot->plates.end(),
            [](const auto& a, const auto& b) { return a->name < b->name; });
  return snapshot;
}

}  // namespace

std::shared_ptr<const PlateEntry> TargetSnapshot::find(std::string_view name) const {
  const auto found = std::lower_bound(plates.begin(), plates.end(), name,
                                      [](const auto& entry, std::string_view wanted) { return entry->name < wanted; });
  return found != plates.end() && (*found)->name == name ? *found : nullptr;
}

TargetState::TargetState(cache::Library& library, Target target)
    : library_(library), target_(std::move(target)), identity_("target/" + target_.canonical_name()) {}

std::shared_ptr<const TargetSnapshot> TargetState::known() const { return state_.lock()->snapshot; }

std::optional<vo::Error> TargetState::failure() const { return state_.lock()->failure; }

void TargetState::ask(vo::Completion<Snapshot> done) {
  library_.plates_at(target_.position, [self = shared_from_this(), done = std::move(done)](
                                           vo::Outcome<std::shared_ptr<const PlatesAnswer>> answer) mutable {
    if (!answer) {
      self->state_.lock()->failure = answer.error();
      return done(answer.error());
    }
    if (auto same = self->still_good(*answer.value())) return done(std::move(same));
    self->name_plates(std::move(answer).value(), std::move(done));
  });
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
    names = assign_plate_names(plates_of(*plates), names);
  };
  library_.update_names(identity_, change,
                        [self = shared_from_this(), answer = std::move(answer), plates,
                         done = std::move(done)](vo::Outcome<std::map<std::string, std::string>> names) mutable {
                          if (!names) return done(names.error());
                          auto snapshot = snapshot_of(std::move(answer), *plates, names.value());
                          {
                            auto state = self->state_.lock();
                            state->snapshot = snapshot;
                            state->failure.reset();
                          }
                          done(std::move(snapshot));
                        });
}

}  // namespace platefs::fs
