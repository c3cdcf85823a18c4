// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/plates_memory.h"

#include <fmt/core.h>

#include <iterator>
#include <utility>

namespace platefs::cache {

PlatesMemory::PlatesMemory(const vo::Archive& archive, Store& store, Writer& writer, const Freshness& options)
    : archive_(archive), store_(store), writer_(writer), options_(options) {}

// The whole question is the key: another table, filter or service is another question.
std::string PlatesMemory::key_of(const vo::IcrsPosition& position) const {
  return fmt::format("tap {} {}", vo::service_base(archive_.service().url),
                     vo::plates_adql(archive_.service(), position));
}

void PlatesMemory::drop(State& state, std::list<State::Table>::iterator table) {
  state.bytes -= table->bytes;
  state.places.erase(table->key);
  state.tables.erase(table);
}

std::shared_ptr<const vo::PlateTable> PlatesMemory::parsed(const std::string& key, const Document& document) {
  {
    auto state = state_.lock();
    const auto found = state->places.find(key);
    if (found != state->places.end() && found->second->fetched_at == document.fetched_at) {
      state->tables.splice(state->tables.begin(), state->tables, found->second);
      return found->second->table;
    }
  }
  return kept(key, document.fetched_at, archive_.plates_from_document(document.bytes));
}

std::shared_ptr<const vo::PlateTable> PlatesMemory::kept(const std::string& key, std::int64_t fetched_at,
                                                         vo::PlateTable read) {
  auto table = std::make_shared<const vo::PlateTable>(std::move(read));
  const auto bytes = vo::memory_of(*table);
  auto state = state_.lock();
  if (const auto old = state->places.find(key); old != state->places.end()) drop(*state, old->second);
  state->tables.push_front({key, fetched_at, table, bytes});
  state->places.emplace(key, state->tables.begin());
  state->bytes += bytes;
  while (state->bytes > options_.table_bytes && state->tables.size() > 1) drop(*state, std::prev(state->tables.end()));
  return table;
}

bool PlatesMemory::is_fresh(const std::string& key, const Document& document) const {
  if (options_.is_fresh(document)) return true;
  return is_in_date(document, options_.now()) && state_.lock()->asked_anew.contains(key);
}

bool PlatesMemory::is_fresh(const std::string& key) const {
  const auto document = store_.document(key);
  return document && is_fresh(key, *document);
}

std::optional<ArchiveAnswer> PlatesMemory::find(const std::string& key, bool stale_too) {
  const auto document = store_.document(key);
  if (!document || (!stale_too && !is_fresh(key, *document))) return std::nullopt;
  try {
    return ArchiveAnswer{archive_.service().name, parsed(key, *document), std::nullopt, document->fetched_at};
  } catch (const vo::Error&) {
    return std::nullopt;  // unreadable now, whatever it was: ask again
  }
}

ArchiveAnswer PlatesMemory::keep(const std::string& key, vo::Archive::Plates plates, std::int64_t asked_at) {
  auto table = kept(key, asked_at, std::move(plates.table));
  if (options_.refresh_before != 0) state_.lock()->asked_anew.insert(key);
  remember(writer_, key, {std::move(plates.document), false, asked_at, asked_at + options_.expires_after});
  return {archive_.service().name, std::move(table), std::nullopt, asked_at};
}

}  // namespace platefs::cache
