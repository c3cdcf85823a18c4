// SPDX-License-Identifier: BSD-3-Clause
#include "cache/archive_desk.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace platefs::cache {
namespace {

using vo::Error;
using vo::ErrorKind;

constexpr std::size_t kTablesInMemory = 64;
constexpr std::size_t kLinksInMemory = 20000;
constexpr std::int64_t kFaultLastsSeconds = 600;

bool has_fault_only(const vo::DatalinkDocument& document) {
  return !document.links.empty() &&
         std::all_of(document.links.begin(), document.links.end(),
                     [](const vo::Link& link) { return link.is_error(); });
}

template <typename Map>
void bound(Map& map, std::size_t most) {
  if (map.size() > most) map.erase(map.begin());
}

// A links service that fails for a plate says nothing against the file that ObsCore names itself.
void add_row_links(vo::DatalinkDocument& document, const vo::Plate& plate) {
  if (!has_fault_only(document) || plate.is_datalink() || plate.access_url.empty()) return;
  for (auto& link : vo::links_of_row(plate).links) document.links.push_back(std::move(link));
}

std::shared_ptr<LinksAnswer> answer_from(vo::DatalinkDocument document, const vo::Plate& plate) {
  auto answer = std::make_shared<LinksAnswer>();
  answer->document = std::move(document);
  add_row_links(answer->document, plate);
  answer->files = vo::plate_links(answer->document, plate);
  return answer;
}

}  // namespace

ArchiveDesk::ArchiveDesk(vo::TapService service, vo::Transport& transport, Store& store,
                         Writer& writer, DeskOptions options)
    : archive_(std::move(service), transport),
      store_(store),
      writer_(writer),
      options_(std::move(options)),
      pool_(options_.threads) {}

bool ArchiveDesk::is_fresh(const std::string& key, const Document& document) {
  if (options_.now() >= document.expires_at) return false;
  if (options_.refresh_before == 0 || document.fetched_at > options_.refresh_before) return true;
  // A second is long: an answer with the same one may be from before or from this desk itself.
  return memory_.lock()->asked_anew.contains(key);
}

void ArchiveDesk::remember(const std::string& key, const Document& document) {
  if (options_.refresh_before != 0) memory_.lock()->asked_anew.insert(key);
  writer_.post([key, document](Store& store) {
    try {
      store.put_document(key, document);
    } catch (const Error&) {
      // A full disk costs a question next time, not this answer.
    }
  });
}

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
    remember(key, document);
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
    (*duty)(asked_plates(key, position, stop));
  });
}

ArchiveDesk::Links ArchiveDesk::keep_links(const std::string& key, const PlateRef& plate,
                                           const Document& document) {
  auto answer = answer_from(vo::read_datalink(vo::read_votable(document.bytes)), plate.plate());
  answer->served = document.bytes;
  answer->fetched_at = document.fetched_at;
  if (has_fault_only(answer->document)) return answer;  // it may be well again soon
  auto memory = memory_.lock();
  memory->links[key] = answer;
  bound(memory->links, kLinksInMemory);
  return answer;
}

ArchiveDesk::Links ArchiveDesk::remembered_links(const std::string& key, const PlateRef& plate,
                                                 bool stale_too) {
  {
    auto memory = memory_.lock();
    const auto found = memory->links.find(key);
    if (found != memory->links.end()) return found->second;
  }
  const auto document = store_.document(key);
  if (!document || (!stale_too && !is_fresh(key, *document))) return nullptr;
  try {
    return keep_links(key, plate, *document);
  } catch (const Error&) {
    return nullptr;
  }
}

ArchiveDesk::Links ArchiveDesk::asked_links(const std::string& key, const PlateRef& plate,
                                            const std::stop_token& stop) {
  const auto question = vo::Archive::links_question(*plate.table, plate.plate());
  const auto now = options_.now();
  Document document{archive_.links_document(question->endpoint, {question->id}, stop), false, now, 0};
  auto links = keep_links(key, plate, document);
  const bool is_fault = has_fault_only(links->document);
  document.expires_at = now + (is_fault ? kFaultLastsSeconds : options_.expires_after);
  remember(key, document);
  return links;
}

namespace {

std::string links_key(const vo::LinksQuestion& question) {
  return fmt::format("datalink {} {}", question.endpoint.text(), question.id);
}

}  // namespace

std::shared_ptr<const LinksAnswer> ArchiveDesk::known_links(const PlateRef& plate) {
  const auto question = vo::Archive::links_question(*plate.table, plate.plate());
  if (!question) return answer_from(vo::links_of_row(plate.plate()), plate.plate());
  return remembered_links(links_key(*question), plate, false);
}

void ArchiveDesk::links_of(const PlateRef& plate, vo::Completion<Links> done) {
  if (auto held = known_links(plate)) return done(std::move(held));
  const auto key = links_key(*vo::Archive::links_question(*plate.table, plate.plate()));
  if (!links_flight_.join(key, std::move(done))) return;
  auto duty = std::make_shared<vo::Completion<Links>>(
      [this, key](const vo::Outcome<Links>& links) { links_flight_.answer(key, links); });
  pool_.post([this, key, plate, duty](const std::stop_token& stop) {
    try {
      (*duty)(asked_links(key, plate, stop));
    } catch (...) {
      const auto error = vo::current_error(
          fmt::format("reading the DataLink of {}", plate.plate().obs_publisher_did));
      const auto old = remembered_links(key, plate, true);
      (*duty)(old ? vo::Outcome<Links>{old} : vo::Outcome<Links>{error});
    }
  });
}

}  // namespace platefs::cache
