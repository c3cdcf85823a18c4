// SPDX-License-Identifier: BSD-3-Clause
#include "cache/plates_memory.h"

#include <fmt/core.h>

#include <utility>

namespace platefs::cache {
namespace {

constexpr std::size_t kTablesInMemory = 64;

template <typename Map>
void bound(Map& map, std::size_t most) {
  if (map.size() > most) map.erase(map.begin());
}

}  // namespace

PlatesMemory::PlatesMemory(const vo::Archive& archive, Store& store, Writer& writer, const DeskOptions& options)
    : archive_(archive), store_(store), writer_(writer), options_(options) {}

// The whole question is the key: another table, filter or service is another question.
std::string PlatesMemory::key_of(const vo::IcrsPosition& position) const {
  return fmt::format("tap {} {}", archive_.service().url.text(),
                     vo::plates_adql(archive_.service(), position));
}

std::shared_ptr<const vo::PlateTable> PlatesMemory::parsed(const std::string& key,
                                                           const Document& document) {
  {
    auto state = state_.lock();
    const auto found = state->tables.find(key);
    if (found != state->tables.end() && found->second.fetched_at == document.fetched_at) {
      return found->second.table;
    }
  }
  auto table = std::make_shared<const vo::PlateTable>(archive_.plates_from_document(document.bytes));
  auto state = state_.lock();
  state->tables[key] = {document.fetched_at, table};
  bound(state->tables, kTablesInMemory);
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

ArchiveAnswer PlatesMemory::keep(const std::string& key, std::string bytes, std::int64_t asked_at) {
  const Document document{std::move(bytes), false, asked_at, asked_at + options_.expires_after};
  auto table = parsed(key, document);
  if (options_.refresh_before != 0) state_.lock()->asked_anew.insert(key);
  remember(writer_, key, document);
  return {archive_.service().name, std::move(table), std::nullopt, asked_at};
}

}  // namespace platefs::cache
