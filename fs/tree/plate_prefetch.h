// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
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
///
/// A browser opens the stamps of index.html from a mount one at a time, each when the one before is there. Whose page
/// was opened a moment ago, has more of the next stamps made ready, and from the first one on; links of the first
/// screen are asked for with the page. Thread-safe; never blocks.
class PlatePrefetch {
 public:
  /// `library` outlives it and its own questions. 0: never.
  PlatePrefetch(cache::Library& library, std::size_t ahead);
  ~PlatePrefetch();
  PlatePrefetch(const PlatePrefetch&) = delete;
  PlatePrefetch& operator=(const PlatePrefetch&) = delete;

  /// A File or Document is being opened.
  void on_open(const Node& node);

 private:
  struct Run {
    std::size_t last = 0;    ///< place of the plate that was opened last, by name
    std::size_t length = 0;  ///< plates in order up to it
    std::size_t asked = 0;   ///< places before it have been made ready
  };
  struct Stretch {
    std::size_t first = 0, end = 0;
  };
  class Page;
  struct Eagerness {
    std::size_t shortest_run, ahead;
    std::size_t least;  ///< of what is ahead, before more is added to it
  };
  Stretch note(const std::string& what, std::size_t place, const Eagerness& eagerness);
  void note_page(const Node& page);
  std::shared_ptr<Page> page_of(const Node& file, const std::shared_ptr<const TargetSnapshot>& snapshot);

  using Clock = std::chrono::steady_clock;

  cache::Library& library_;
  std::size_t ahead_;
  vo::Guarded<std::map<std::string, Run>> runs_;
  struct OpenedPage {
    Clock::time_point opened_at;
    std::shared_ptr<Page> page = {};
  };
  vo::Guarded<std::map<std::string, OpenedPage>> pages_;  ///< by TargetState::view()
};

}  // namespace platefs::fs
