// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "fs/tree/node.h"
#include "vo/base/guarded.h"

namespace platefs::fs {

/// Keeps what the latest requests found. The kernel holds the inodes of a mount between two calls; between two requests
/// of a client nobody else would hold a target with the names of its plates, which may be 100,000, nor what is known of
/// a file. Thread-safe.
class RecentNodes {
 public:
  static constexpr std::size_t kTargets = 4;  ///< each with its plates, as long as their table is kept anyway
  static constexpr std::size_t kFiles = 256;

  void keep(const Node& node);

 private:
  /// The latest first.
  template <typename T>
  using Latest = std::vector<std::shared_ptr<T>>;
  struct Kept {
    Latest<TargetState> targets;
    Latest<cache::Product> files;
  };
  vo::Guarded<Kept> kept_;
};

}  // namespace platefs::fs
