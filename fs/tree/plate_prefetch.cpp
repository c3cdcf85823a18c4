// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/plate_prefetch.h"

#include <fmt/core.h>

#include <algorithm>

namespace platefs::fs {
namespace {

constexpr std::size_t kShortestRun = 2;
constexpr std::size_t kSkipped = 3;  // plates that a reader may leave out
constexpr std::size_t kMostRuns = 64;

}  // namespace

/// The places to make ready now.
PlatePrefetch::Stretch PlatePrefetch::note(const std::string& what, std::size_t place) {
  const auto runs = runs_.lock();
  if (runs->size() > kMostRuns && !runs->contains(what)) runs->clear();
  auto& run = (*runs)[what];
  if (place == run.last && run.length != 0) return {};  // the same once more
  const bool goes_on = run.length != 0 && place > run.last && place <= run.last + kSkipped;
  run = {place, goes_on ? run.length + 1 : 1, goes_on ? std::max(run.asked, place + 1) : place + 1};
  if (run.length < kShortestRun) return {};
  const Stretch stretch{run.asked, std::max(run.asked, place + 1 + ahead_)};
  run.asked = stretch.end;
  return stretch;
}

void PlatePrefetch::on_open(const Node& file) {
  if (ahead_ == 0 || file.product_kind == cache::ProductKind::Link || !file.target || !file.plate) return;
  const auto snapshot = file.target->known();
  if (!snapshot) return;
  const auto& plates = snapshot->plates;
  const auto place = std::ranges::lower_bound(plates, file.plate->name, {}, [](const auto& p) { return p->name; });
  if (place == plates.end()) return;
  const auto what = fmt::format("{} {}", static_cast<int>(file.product_kind), file.target->view());
  const auto stretch = note(what, static_cast<std::size_t>(place - plates.begin()));
  const auto& target = file.target->target();
  for (auto i = stretch.first; i < std::min(stretch.end, plates.size()); ++i) {
    const auto product = library_.product(
        {plates[i]->ref, file.product_kind, {target.position, target.radius}, {}, file.variant, file.marks});
    if (product->facts().state == cache::ProductState::Cached) continue;
    // Kept by the product; a failure is told when somebody opens the file.
    product->open([](const vo::Outcome<std::shared_ptr<cache::OpenFile>>&) {});
  }
}

}  // namespace platefs::fs
