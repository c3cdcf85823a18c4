// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cache/files/product.h"
#include "vo/base/guarded.h"

namespace platefs::fs {

/// A plate's file that a program waits for, or reads while it comes.
struct FileInUse {
  std::string name;  ///< in the mount: "M31/cutouts/1890-05-17_i00811.fits"
  std::shared_ptr<cache::Product> product;
  pid_t thread = 0;  ///< the caller's; 0 for one of another PID namespace
  std::chrono::steady_clock::time_point since;
};

/// Which files of a mount are on their way for whom: what status.json and now.txt tell. A file is noted when it is
/// opened and not all of it is here, until it is closed or the opening fails. Thread-safe.
class Activity {
 public:
  /// While it lives the file is in use; it may outlive the Activity.
  using Token = std::shared_ptr<const void>;

  Token note(std::string name, std::shared_ptr<cache::Product> product, pid_t thread);
  /// Those of which not all is here yet, longest in use first.
  std::vector<FileInUse> files() const;

 private:
  struct State {
    std::map<std::uint64_t, FileInUse> files;
    std::uint64_t next = 1;
  };
  std::shared_ptr<vo::Guarded<State>> state_ = std::make_shared<vo::Guarded<State>>();
};

}  // namespace platefs::fs
