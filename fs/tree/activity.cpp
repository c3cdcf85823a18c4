// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/activity.h"

#include <utility>

namespace platefs::fs {

Activity::Token Activity::note(std::string name, std::shared_ptr<cache::Product> product, pid_t thread) {
  std::uint64_t number = 0;
  {
    const auto state = state_->lock();
    number = state->next++;
    state->files.emplace(number,
                         FileInUse{std::move(name), std::move(product), thread, std::chrono::steady_clock::now()});
  }
  const auto end = [state = state_, number](const void*) { state->lock()->files.erase(number); };
  return {static_cast<const void*>(state_.get()), end};
}

std::vector<FileInUse> Activity::files() const {
  std::vector<FileInUse> all;
  {
    const auto state = state_->lock();
    for (const auto& [number, file] : state->files) all.push_back(file);
  }
  std::erase_if(all, [](const FileInUse& file) { return file.product->facts().state == cache::ProductState::Cached; });
  return all;
}

}  // namespace platefs::fs
