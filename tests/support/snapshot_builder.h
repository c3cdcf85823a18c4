// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fs/tree/target.h"

namespace platefs::test {

/// Puts together what a target's directory holds, without a library.
class SnapshotBuilder {
 public:
  SnapshotBuilder() { snapshot_->answer = answer_; }

  /// The plates that an archive listed, in the order in which they are named.
  SnapshotBuilder& archive(const std::string& name, const std::vector<std::pair<std::string, vo::Plate>>& plates) {
    auto table = std::make_shared<vo::PlateTable>();
    table->archive = name;
    for (const auto& [plate_name, plate] : plates) table->plates.push_back(plate);
    answer_->archives.push_back({name, table, std::nullopt, 1'700'000'000});
    for (std::size_t i = 0; i < plates.size(); ++i) {
      snapshot_->plates.push_back(std::make_shared<fs::PlateEntry>(fs::PlateEntry{plates[i].first, {table, i}}));
    }
    return *this;
  }
  SnapshotBuilder& failed(const std::string& name, const std::string& why) {
    answer_->archives.push_back({name, nullptr, vo::Error{vo::ErrorKind::TimedOut, why}, 0});
    return *this;
  }

  const fs::TargetSnapshot& get() {
    answer_->answered_at = 1'700'000'000;
    std::sort(snapshot_->plates.begin(), snapshot_->plates.end(),
              [](const auto& a, const auto& b) { return a->name < b->name; });
    return *snapshot_;
  }

 private:
  std::shared_ptr<cache::PlatesAnswer> answer_ = std::make_shared<cache::PlatesAnswer>(
      cache::PlatesAnswer{vo::IcrsPosition::at(vo::Angle::degrees(0), vo::Angle::degrees(0)), {}, 0});
  std::shared_ptr<fs::TargetSnapshot> snapshot_ = std::make_shared<fs::TargetSnapshot>();
};

inline fs::Target target_at(double ra, double dec, const std::string& object = {}) {
  return {vo::IcrsPosition::at(vo::Angle::degrees(ra), vo::Angle::degrees(dec)), vo::Angle::arcminutes(10), true,
          object};
}

}  // namespace platefs::test
