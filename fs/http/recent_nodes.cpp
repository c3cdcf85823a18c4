// SPDX-License-Identifier: BSD-3-Clause
#include "fs/http/recent_nodes.h"

#include <algorithm>

namespace platefs::fs {
namespace {

/// Puts `item` in front; what has to go for it, so that it goes after the lock.
template <typename T>
std::shared_ptr<T> put_in_front(std::vector<std::shared_ptr<T>>& latest, const std::shared_ptr<T>& item,
                                std::size_t most) {
  if (!item || (!latest.empty() && latest.front() == item)) return nullptr;
  std::shared_ptr<T> dropped;
  auto at = std::ranges::find(latest, item);
  if (at == latest.end()) {
    if (latest.size() >= most) {
      dropped = std::move(latest.back());
      latest.pop_back();
    }
    latest.push_back(item);
    at = latest.end() - 1;
  }
  std::rotate(latest.begin(), at, at + 1);
  return dropped;
}

}  // namespace

void RecentNodes::keep(const Node& node) {
  std::shared_ptr<TargetState> target;
  std::shared_ptr<cache::Product> file;
  const auto kept = kept_.lock();
  target = put_in_front(kept->targets, node.target, kTargets);
  file = put_in_front(kept->files, node.product, kFiles);
}

}  // namespace platefs::fs
