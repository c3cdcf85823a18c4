// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/library.h"
#include "fs/tree/target_name.h"
#include "vo/base/guarded.h"

namespace platefs::fs {

/// A plate under its name in one target.
struct PlateEntry {
  std::string name;  ///< "1890-05-17_i00811"
  cache::PlateRef ref;

  const vo::Plate& plate() const { return ref.plate(); }
};

/// What is asked for at a target's place: its directory holds plates, timeseries/ in it light curves.
enum class Holding { Plates, TimeSeries };

/// What a target's directory holds, as of one answer, or timeseries/ in it, whose entries are light curves then.
/// Immutable.
struct TargetSnapshot {
  std::shared_ptr<const cache::PlatesAnswer> answer;
  std::vector<std::shared_ptr<const PlateEntry>> plates;  ///< sorted by name, which is by epoch
  /// Those that could be on the place, and that no image of it can be had of (vo::Plate::unsolved); sorted likewise.
  std::vector<std::shared_ptr<const PlateEntry>> unsolved = {};
  Holding holding = Holding::Plates;

  std::shared_ptr<const PlateEntry> find(std::string_view name) const;
  std::shared_ptr<const PlateEntry> find_unsolved(std::string_view name) const;
};

/// A target that somebody looked at: remembers its latest snapshot and gets a newer one. Thread-safe.
class TargetState : public std::enable_shared_from_this<TargetState> {
 public:
  /// `library` outlives the state.
  TargetState(cache::Library& library, Target target, Holding holding = Holding::Plates);

  const Target& target() const { return target_; }
  Holding holding() const { return holding_; }
  /// That of the light curves of the same place, which is asked for by itself.
  std::shared_ptr<TargetState> time_series();
  /// Begins with the canonical name; the same for every spelling of the place.
  const std::string& identity() const { return identity_; }
  /// The same, and which of the plates of the place are shown.
  const std::string& view() const { return view_; }
  /// The latest snapshot; null before the first.
  std::shared_ptr<const TargetSnapshot> known() const;
  /// The present snapshot: at once when the answer is held and fresh, else after the query.
  void ask(vo::Completion<std::shared_ptr<const TargetSnapshot>> done);
  /// Why the latest question failed, if it did.
  std::optional<vo::Error> failure() const;

 private:
  using Snapshot = std::shared_ptr<const TargetSnapshot>;
  void name_plates(std::shared_ptr<const cache::PlatesAnswer> answer, vo::Completion<Snapshot> done);
  Snapshot still_good(const cache::PlatesAnswer& answer) const;

  cache::Library& library_;
  Target target_;
  Holding holding_;
  std::string identity_, view_;
  struct State {
    std::shared_ptr<TargetState> time_series;  ///< null: nobody wanted it yet
    Snapshot snapshot;
    std::optional<vo::Error> failure;
  };
  vo::Guarded<State> state_;
};

}  // namespace platefs::fs
