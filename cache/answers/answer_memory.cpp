// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/answer_memory.h"

#include <iterator>
#include <utility>

namespace platefs::cache {
namespace {

constexpr std::uint64_t kOverhead = 256;  // of an entry beside its value

}  // namespace

/// The entry, taken out: a value is destroyed without the lock.
std::list<AnswerMemory::Entry> AnswerMemory::taken(State& state, std::list<Entry>::iterator entry) {
  state.bytes -= entry->kept.bytes + kOverhead;
  state.by_key.erase(entry->key);
  std::list<Entry> out;
  out.splice(out.begin(), state.entries, entry);
  return out;
}

std::optional<AnswerMemory::Kept> AnswerMemory::find(std::string_view key) {
  const auto state = state_.lock();
  const auto found = state->by_key.find(key);
  if (found == state->by_key.end()) return std::nullopt;
  state->entries.splice(state->entries.begin(), state->entries, found->second);
  return found->second->kept;
}

void AnswerMemory::keep(const std::string& key, Kept kept) {
  std::list<Entry> gone;
  const auto state = state_.lock();
  const auto take = [&](std::list<Entry>::iterator entry) { gone.splice(gone.end(), taken(*state, entry)); };
  if (const auto old = state->by_key.find(key); old != state->by_key.end()) take(old->second);
  state->bytes += kept.bytes + kOverhead;
  state->entries.push_front({key, std::move(kept)});
  state->by_key.emplace(state->entries.front().key, state->entries.begin());
  while (state->bytes > most_bytes_ && state->entries.size() > 1) take(std::prev(state->entries.end()));
}

void AnswerMemory::drop(std::string_view key) {
  std::list<Entry> gone;
  const auto state = state_.lock();
  const auto found = state->by_key.find(key);
  if (found != state->by_key.end()) gone = taken(*state, found->second);
}

}  // namespace platefs::cache
