// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/recent_texts.h"

#include <utility>

namespace platefs::fs {
namespace {

constexpr std::size_t kOverhead = 512;  // of an entry beside its text

bool is_same(const std::weak_ptr<const void>& kept, const std::shared_ptr<const void>& origin) {
  return !kept.owner_before(origin) && !origin.owner_before(kept);
}

}  // namespace

std::size_t RecentTexts::cost_of(const Kept& kept) { return kept.text->size() + kept.key.size() + kOverhead; }

void RecentTexts::drop(State& state, std::list<Kept>::iterator kept) {
  state.bytes -= cost_of(*kept);
  state.places.erase(kept->key);
  state.texts.erase(kept);
}

RecentTexts::Text RecentTexts::find(const std::string& key, const std::shared_ptr<const void>& origin) {
  auto state = state_.lock();
  const auto found = state->places.find(key);
  if (found == state->places.end()) return nullptr;
  const auto kept = found->second;
  if (!is_same(kept->origin, origin) || kept->until < now_()) return nullptr;
  state->texts.splice(state->texts.begin(), state->texts, kept);
  return kept->text;
}

void RecentTexts::keep(const std::string& key, const std::shared_ptr<const void>& origin, Text text) {
  add({key, origin, std::move(text), Clock::time_point::max()});
}

void RecentTexts::keep(const std::string& key, const std::shared_ptr<const void>& origin, Text text,
                       Clock::duration lifetime) {
  add({key, origin, std::move(text), now_() + lifetime});
}

void RecentTexts::add(Kept kept) {
  auto state = state_.lock();
  if (const auto old = state->places.find(kept.key); old != state->places.end()) drop(*state, old->second);
  state->bytes += cost_of(kept);
  state->texts.push_front(std::move(kept));
  state->places.emplace(state->texts.front().key, state->texts.begin());
  while (state->bytes > most_bytes_ && state->texts.size() > 1) drop(*state, std::prev(state->texts.end()));
}

}  // namespace platefs::fs
