// SPDX-License-Identifier: BSD-3-Clause
#include "cache/archive_desk.h"

#include <fmt/core.h>

#include <utility>

namespace platefs::cache {
namespace {

using vo::Error;
using vo::ErrorKind;

constexpr std::size_t kTablesInMemory = 64;

template <typename Map>
void bound(Map& map, std::size_t most) {
  if (map.size() > most) map.erase(map.begin());
}

}  // namespace

ArchiveDesk::ArchiveDesk(vo::TapService service, vo::Transport& transport, Store& store,
                         Writer& writer, DeskOptions options)
    : archive_(std::move(service), transport),
      store_(store),
      writer_(writer),
      options_(std::move(options)),
      links_(archive_, store_, writer_, options_, pool_),
      pool_(options_.threads) {}

// The whole question is the key: another table, filter or service is another question.
std::string ArchiveDesk::plates_key(const vo::IcrsPosition& position) const {
  return fmt::format("tap {} {}", archive_.service().url.text(),
                     vo::plates_adql(archive_.service(), position));
}

std::shared_ptr<const vo::PlateTable> ArchiveDesk::parsed(const std::string& key,
                                                          const Document& document) {
  {
    auto memory = memory_.lock();
    const auto found = memory->tables.find(key);
    if (found != memory->tables.end() && found->second.fetched_at == document.fetched_at) {
      return found->second.table;
    }
  }
  auto table = std::make_shared<const vo::PlateTable>(archive_.plates_from_document(document.bytes));
  auto memory = memory_.lock();
  memory->tables[key] = {document.fetched_at, table};
  bound(memory->tables, kTablesInMemory);
  return table;
}

bool ArchiveDesk::is_fresh(const std::string& key, const Document& document) {
  if (options_.is_fresh(document)) return true;
  return options_.now() < document.expires_at && memory_.lock()->asked_anew.contains(key);
}

std::optional<ArchiveAnswer> ArchiveDesk::remembered_plates(const std::string& key, bool stale_too) {
  const auto document = store_.document(key);
  if (!document || (!stale_too && !is_fresh(key, *document))) return std::nullopt;
  try {
    return ArchiveAnswer{name(), parsed(key, *document), std::nullopt, document->fetched_at};
  } catch (const Error&) {
    return std::nullopt;  // unreadable now, whatever it was: ask again
  }
}

ArchiveAnswer ArchiveDesk::asked_plates(const std::string& key, const vo::IcrsPosition& position,
                                        const std::stop_token& stop) {
  try {
    const auto now = options_.now();
    Document document{archive_.plates_document(position, stop), false, now,
                      now + options_.expires_after};
    auto table = parsed(key, document);
    if (options_.refresh_before != 0) memory_.lock()->asked_anew.insert(key);
    remember(writer_, key, document);
    return {name(), std::move(table), std::nullopt, now};
  } catch (...) {
    const auto error = vo::current_error(fmt::format("asking {} for plates", name()));
    if (auto old = remembered_plates(key, true)) {
      old->failure = error;
      return *old;
    }
    return {name(), nullptr, error, 0};
  }
}

void ArchiveDesk::plates_at(const vo::IcrsPosition& position, vo::Completion<ArchiveAnswer> done) {
  const auto key = plates_key(position);
  if (auto held = remembered_plates(key, false)) return done(std::move(*held));
  if (!plates_flight_.join(key, std::move(done))) return;
  auto duty = std::make_shared<vo::Completion<ArchiveAnswer>>(
      [this, key](const vo::Outcome<ArchiveAnswer>& answer) { plates_flight_.answer(key, answer); });
  pool_.post([this, key, position, duty](const std::stop_token& stop) {
    // Told when it is remembered: whoever asks again at once must not find nothing.
    writer_.post([duty, answer = asked_plates(key, position, stop)](Store&) { (*duty)(answer); });
  });
}

}  // namespace platefs::cache
