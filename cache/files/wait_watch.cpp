// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/wait_watch.h"

#include <algorithm>
#include <utility>

#include "cache/files/stored_product.h"

namespace platefs::cache {

void WaitWatch::watch(std::weak_ptr<StoredProduct> product) {
  {
    const auto state = state_.lock();
    state->products.push_back(std::move(product));
    if (std::exchange(state->is_set, true)) return;
  }
  set_timer();
}

void WaitWatch::set_timer() {
  constexpr auto kShortest = std::chrono::milliseconds(10);
  timer_.after(std::max<vo::Timer::Clock::duration>(deadline_ / 4, kShortest), [this] { look(); });
}

void WaitWatch::look() {
  std::vector<std::weak_ptr<StoredProduct>> products;
  state_.lock()->products.swap(products);
  const auto now = vo::Timer::Clock::now();
  std::erase_if(products, [&](const auto& known) {
    const auto product = known.lock();
    return !product || !product->look_after(now, deadline_);
  });
  {
    const auto state = state_.lock();
    state->products.insert(state->products.end(), products.begin(), products.end());
    state->is_set = !state->products.empty();
    if (!state->is_set) return;
  }
  set_timer();
}

}  // namespace platefs::cache
