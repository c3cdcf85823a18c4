// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/links_memory.h"

#include <utility>

namespace platefs::cache {
namespace {

constexpr std::uint64_t kOfLink = sizeof(vo::Link) + 200;  // and its name, and its place in lists

/// The document, the same again as links, and what the parts of that cost by themselves.
std::uint64_t bytes_of(const LinksAnswer& links) {
  return 2 * links.served.size() + links.document.links.size() * kOfLink + sizeof(LinksAnswer);
}

}  // namespace

LinksMemory::Links LinksMemory::find(const std::string& key) const {
  const auto state = state_.lock();
  const auto found = state->links.find(key);
  return found == state->links.end() ? nullptr : found->second;
}

void LinksMemory::keep(const std::string& key, Links links) {
  const auto state = state_.lock();
  state->bytes += bytes_of(*links);
  const auto [place, is_new] = state->links.try_emplace(key);
  if (is_new) {
    state->order.push_back(key);
  } else {
    state->bytes -= bytes_of(*place->second);
  }
  place->second = std::move(links);
  while (state->bytes > most_bytes_ && state->order.size() > 1) drop_oldest(*state);
}

void LinksMemory::drop_oldest(State& state) const {
  const auto node = state.links.extract(state.order.front());
  state.bytes -= bytes_of(*node.mapped());
  state.order.pop_front();
}

}  // namespace platefs::cache
