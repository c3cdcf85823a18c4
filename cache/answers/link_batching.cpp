// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/link_batching.h"

#include <algorithm>

namespace platefs::cache {
namespace {

constexpr std::size_t kMostTables = 256;
constexpr std::size_t kLeap = 4;  // rows with other endpoints, or known already

LinkBatching::Rows block_of(std::size_t row) {
  if (row == 0) return {0, 1};
  if (row < 5) return {1, 5};
  if (row < 21) return {5, 21};
  const auto first = row - (row - 21) % LinkBatching::kMost;
  return {first, first + LinkBatching::kMost};
}

}  // namespace

LinkBatching::Rows LinkBatching::rows_with(const void* table, std::size_t row, const std::string& endpoint) {
  const auto state = state_.lock();
  if (state->single.contains(endpoint)) return {row, row + 1};
  if (state->ends.size() > kMostTables) state->ends.clear();
  const auto [known, is_new] = state->ends.try_emplace({table, endpoint}, row);
  const bool goes_on = !is_new && row >= known->second && row <= known->second + kLeap;
  const auto rows = goes_on ? block_of(row) : Rows{row, row + 1};
  known->second = rows.end;
  return rows;
}

void LinkBatching::takes_one_only(const std::string& endpoint) { state_.lock()->single.insert(endpoint); }

}  // namespace platefs::cache
