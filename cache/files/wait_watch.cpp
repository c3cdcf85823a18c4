// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/wait_watch.h"

#include <algorithm>
#include <utility>

#include "cache/files/cached_file.h"

namespace platefs::cache {

void WaitWatch::watch(std::weak_ptr<CachedFile> file) {
  {
    const auto state = state_.lock();
    state->files.push_back(std::move(file));
    if (std::exchange(state->is_set, true)) return;
  }
  set_timer();
}

void WaitWatch::set_timer() {
  constexpr auto kShortest = std::chrono::milliseconds(10);
  timer_.after(std::max<vo::Timer::Clock::duration>(deadline_ / 4, kShortest), [this] { look(); });
}

void WaitWatch::look() {
  std::vector<std::weak_ptr<CachedFile>> files;
  state_.lock()->files.swap(files);
  const auto now = vo::Timer::Clock::now();
  std::erase_if(files, [&](const auto& known) {
    const auto file = known.lock();
    return !file || !file->look_after(now, deadline_);
  });
  {
    const auto state = state_.lock();
    state->files.insert(state->files.end(), files.begin(), files.end());
    state->is_set = !state->files.empty();
    if (!state->is_set) return;
  }
  set_timer();
}

}  // namespace platefs::cache
