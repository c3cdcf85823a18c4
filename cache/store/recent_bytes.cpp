// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/recent_bytes.h"

#include <algorithm>

namespace platefs::cache {

using vo::ByteRange;

void RecentBytes::add(std::uint64_t object, std::uint64_t offset, SharedBytes bytes, Copy copy) {
  const auto state = state_.lock();
  const Place place{object, offset};
  if (const auto before = state->entries.find(place); before != state->entries.end()) remove(*state, before);
  auto& line = state->line(copy);
  line.bytes += bytes->capacity();
  while (!line.places.empty() && !state->entries.contains(line.places.front())) line.places.pop_front();
  line.places.push_back(place);
  state->entries[place] = {std::move(bytes), copy};
  ++all_;
  if (copy == Copy::Only) ++only_copies_;
  shorten(*state, Copy::AlsoOnDisk, kMostOnDisk);
  shorten(*state, Copy::Only, kMostOnly);
}

void RecentBytes::remove(State& state, const std::map<Place, Entry>::iterator& entry) {
  state.line(entry->second.copy).bytes -= entry->second.bytes->capacity();
  --all_;
  if (entry->second.copy == Copy::Only) --only_copies_;
  state.entries.erase(entry);
}

void RecentBytes::shorten(State& state, Copy copy, std::uint64_t most) {
  auto& line = state.line(copy);
  while (line.bytes > most && !line.places.empty()) {
    const auto entry = state.entries.find(line.places.front());
    line.places.pop_front();
    if (entry != state.entries.end() && entry->second.copy == copy) remove(state, entry);
  }
}

void RecentBytes::forget(std::uint64_t object) {
  if (all_ == 0) return;
  const auto state = state_.lock();
  auto entry = state->entries.lower_bound({object, 0});
  while (entry != state->entries.end() && entry->first.first == object) remove(*state, entry++);
}

const std::pair<const RecentBytes::Place, RecentBytes::Entry>* RecentBytes::piece_at(const State& state,
                                                                                     std::uint64_t object,
                                                                                     std::uint64_t at) {
  auto entry = state.entries.upper_bound({object, at});
  if (entry == state.entries.begin()) return nullptr;
  --entry;
  const auto& [place, piece] = *entry;
  return place.first == object && at < place.second + piece.bytes->size() ? &*entry : nullptr;
}

std::optional<RecentBytes::Pieces> RecentBytes::read_some(std::uint64_t object, ByteRange range) const {
  if (all_ == 0 || range.empty()) return std::nullopt;
  Pieces some;
  if (!add_piece(*state_.lock(), object, range, some)) return std::nullopt;
  return some;
}

std::optional<RecentBytes::Pieces> RecentBytes::read(std::uint64_t object, ByteRange range) const {
  Pieces all;
  if (range.empty()) return all;
  if (all_ == 0) return std::nullopt;
  const auto state = state_.lock();
  while (!range.empty()) {
    if (!add_piece(*state, object, range, all)) return std::nullopt;
  }
  return all;
}

bool RecentBytes::add_piece(const State& state, std::uint64_t object, ByteRange& range, Pieces& pieces) {
  const auto* piece = piece_at(state, object, range.first);
  if (piece == nullptr) return false;
  const auto& [place, entry] = *piece;
  const auto skipped = range.first - place.second;
  const auto size = std::min<std::uint64_t>(entry.bytes->size() - skipped, range.size());
  pieces.bytes.push_back(std::span(*entry.bytes).subspan(skipped, size));
  pieces.keep.push_back(entry.bytes);
  range.first += size;
  return true;
}

std::vector<ByteRange> RecentBytes::only_here(std::uint64_t object) const {
  std::vector<ByteRange> ranges;
  if (only_copies_ == 0) return ranges;
  const auto state = state_.lock();
  for (auto entry = state->entries.lower_bound({object, 0});
       entry != state->entries.end() && entry->first.first == object; ++entry) {
    if (entry->second.copy != Copy::Only) continue;
    ranges.push_back({entry->first.second, entry->first.second + entry->second.bytes->size()});
  }
  return ranges;
}

}  // namespace platefs::cache
