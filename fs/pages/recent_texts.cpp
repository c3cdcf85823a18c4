// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/recent_texts.h"

#include <utility>

namespace platefs::fs {
namespace {

constexpr std::size_t kOverhead = 512;  // of an entry beside its text
constexpr std::size_t kSizesPart = 4;   // one part in so many of the memory is for sizes alone

bool is_same(const std::weak_ptr<const void>& kept, const std::shared_ptr<const void>& origin) {
  return !kept.owner_before(origin) && !origin.owner_before(kept);
}

}  // namespace

std::size_t RecentTexts::overhead_of(const Kept& kept) { return kept.key.size() + kOverhead; }

void RecentTexts::drop(State& state, Place kept) {
  state.places.erase(kept->key);
  if (kept->text) {
    state.text_bytes -= overhead_of(*kept) + kept->size;
    state.texts.erase(kept);
  } else {
    state.size_bytes -= overhead_of(*kept);
    state.sizes.erase(kept);
  }
}

/// Keeps the size alone.
void RecentTexts::let_go(State& state, Place kept) {
  state.text_bytes -= overhead_of(*kept) + kept->size;
  state.size_bytes += overhead_of(*kept);
  kept->text = nullptr;
  state.sizes.splice(state.sizes.begin(), state.texts, kept);
}

RecentTexts::Text RecentTexts::find(const std::string& key, const std::shared_ptr<const void>& origin) {
  auto state = state_.lock();
  const auto* kept = valid(*state, key, origin);
  if (kept == nullptr || !(*kept)->text) return nullptr;
  state->texts.splice(state->texts.begin(), state->texts, *kept);
  return (*kept)->text;
}

std::optional<std::size_t> RecentTexts::size_of(const std::string& key, const std::shared_ptr<const void>& origin) {
  auto state = state_.lock();
  const auto* kept = valid(*state, key, origin);
  return kept == nullptr ? std::nullopt : std::optional{(*kept)->size};
}

/// Where it is, unless it holds no longer; else null.
const RecentTexts::Place* RecentTexts::valid(const State& state, const std::string& key,
                                             const std::shared_ptr<const void>& origin) const {
  const auto found = state.places.find(key);
  if (found == state.places.end()) return nullptr;
  const auto& kept = *found->second;
  return is_same(kept.origin, origin) && kept.until >= now_() ? &found->second : nullptr;
}

void RecentTexts::keep(const std::string& key, const std::shared_ptr<const void>& origin, Text text) {
  add(key, origin, std::move(text), Clock::time_point::max());
}

void RecentTexts::keep(const std::string& key, const std::shared_ptr<const void>& origin, Text text,
                       Clock::duration lifetime) {
  add(key, origin, std::move(text), now_() + lifetime);
}

void RecentTexts::add(const std::string& key, const std::shared_ptr<const void>& origin, Text text,
                      Clock::time_point until) {
  auto state = state_.lock();
  if (const auto old = state->places.find(key); old != state->places.end()) drop(*state, old->second);
  const auto size = text->size();
  state->texts.push_front({key, origin, std::move(text), size, until});
  state->text_bytes += overhead_of(state->texts.front()) + size;
  state->places.emplace(state->texts.front().key, state->texts.begin());
  const auto most_sizes = most_bytes_ / kSizesPart;
  while (state->text_bytes > most_bytes_ - most_sizes && state->texts.size() > 1) {
    let_go(*state, std::prev(state->texts.end()));
  }
  while (state->size_bytes > most_sizes) drop(*state, std::prev(state->sizes.end()));
}

}  // namespace platefs::fs
