// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "cache/library.h"
#include "fs/tree/node.h"
#include "fs/tree/target.h"
#include "vo/base/guarded.h"

namespace platefs::fs {

/// Follows a program that opens the files of a target's plates one behind the other, such as `for f in cutouts/*`, and
/// has the next few made ready: an archive takes its time for each, and takes several at once. Nothing is
/// asked for that is more than `ahead` plates from the last one opened, so it stops when the reader does.
/// Thread-safe; never blocks.
class PlatePrefetch {
 public:
  /// `library` outlives it. 0: never.
  PlatePrefetch(cache::Library& library, std::size_t ahead) : library_(library), ahead_(ahead) {}

  /// `file` (a File) is being opened.
  void on_open(const Node& file);

 private:
  struct Run {
    std::size_t last = 0;    ///< place of the plate that was opened last, by name
    std::size_t length = 0;  ///< plates in order up to it
    std::size_t asked = 0;   ///< places before it have been made ready
  };
  struct Stretch {
    std::size_t first = 0, end = 0;
  };
  Stretch note(const std::string& what, std::size_t place);

  cache::Library& library_;
  std::size_t ahead_;
  vo::Guarded<std::map<std::string, Run>> runs_;
};

}  // namespace platefs::fs
