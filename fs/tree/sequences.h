// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fs/tree/target_name.h"
#include "vo/base/guarded.h"
#include "vo/tables/star_sequence.h"

namespace platefs::fs {

/// The comparison stars of one target. Immutable.
struct Sequence {
  std::vector<vo::ComparisonStar> stars;      ///< with their letters, the brightest first; empty: see `problem`
  std::shared_ptr<const vo::SkyMarks> marks;  ///< the same for pictures; null: none
  std::filesystem::path file;                 ///< where they are from
  std::string problem;                        ///< why that file can't be used; empty: it can
};

/// Sequences of comparison stars that the user gave: one file whose stars are taken where they are near a target, and
/// folders with a file for each target, NAME.csv: as the target is called in the mount (blanks or _ between words, in
/// any case), or its place ("156.011+48.148"). Files are read when a target is looked at, and again when they changed;
/// what is small and local is read at once. Thread-safe.
class Sequences {
 public:
  struct Sources {
    std::filesystem::path file;                  ///< --sequence; empty: none
    std::vector<std::filesystem::path> folders;  ///< sequences/, the stronger first; need not be there
  };
  /// `warn` hears of each file that can't be used, once.
  Sequences(Sources sources, std::function<void(std::string_view)> warn);

  /// Null: there is none for this target. A target's own file wins over the one for all.
  std::shared_ptr<const Sequence> of(const Target& target) const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Read {
    std::shared_ptr<const Sequence> sequence;
    std::string version;  ///< of the file that it was read from, and of which one
    Clock::time_point looked_at;
  };
  std::filesystem::path file_of(const Target& target) const;
  std::shared_ptr<const Sequence> read(const std::filesystem::path& file, const Target& target) const;

  Sources sources_;
  std::function<void(std::string_view)> warn_;
  mutable vo::Guarded<std::map<std::string, Read>> known_;
};

}  // namespace platefs::fs
