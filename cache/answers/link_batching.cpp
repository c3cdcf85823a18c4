// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/link_batching.h"

#include <algorithm>

namespace platefs::cache {
namespace {

constexpr std::size_t kMostTables = 256;
constexpr std::size_t kLeap = 4;  // rows with other endpoints, or known already

}  // namespace

std::size_t LinkBatching::size_for(const void* table, std::size_t row, const std::string& endpoint) {
  const auto state = state_.lock();
  if (state->single.contains(endpoint)) return 1;
  if (state->runs.size() > kMostTables) state->runs.clear();
  auto& run = state->runs[{table, endpoint}];
  const bool goes_on = run.size != 0 && row >= run.end && row <= run.end + kLeap;
  run.size = goes_on ? std::min(run.size * 4, kMost) : 1;
  run.end = row + run.size;
  return run.size;
}

void LinkBatching::takes_one_only(const std::string& endpoint) { state_.lock()->single.insert(endpoint); }

}  // namespace platefs::cache
