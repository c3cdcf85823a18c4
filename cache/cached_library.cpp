// SPDX-License-Identifier: BSD-3-Clause
#include "cache/cached_library.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "cache/answers/archive_fan_in.h"
#include "cache/files/file_kinds.h"
#include "vo/services/time_series.h"

namespace platefs::cache {
namespace {

using vo::Error;
using vo::ErrorKind;

constexpr std::string_view kTargetPrefix = "target ";

constexpr std::size_t kRecentAlbums = 4;  // some ten megabytes each

constexpr int kTimeSeriesThreads = 2;  // for who enters a folder now and then

Freshness for_time_series(Freshness options) {
  options.threads = std::min(options.threads, kTimeSeriesThreads);
  return options;
}

}  // namespace

CachedLibrary::CachedLibrary(const Archives& archives, vo::Transport& transport, Store& store, Writer& writer)
    : transport_(transport),
      store_(store),
      writer_(writer),
      hosts_(std::max<std::size_t>(archives.jobs_per_host, 1)),
      now_(archives.options.now),
      program_(archives.program),
      patience_(archives.patience),
      failures_(store, writer, archives.options.now),
      failure_log_(archives.warn),
      answers_(archives.answer_bytes),
      objects_(archives.resolver, transport, {answers_, store, writer}, archives.options.now),
      stars_(archives.catalogue, transport, {answers_, store, writer}, archives.options.now),
      watch_(timer_, archives.deadline) {
  for (const auto& service : archives.services) {
    plate_queries_.push_back(
        std::make_unique<PlateQueries>(service, transport, AnswerKeeping{answers_, store, writer}, archives.options));
    if (auto series = vo::time_series_service(service)) {
      time_series_queries_.push_back(std::make_unique<PlateQueries>(
          std::move(*series), transport, AnswerKeeping{answers_, store, writer}, for_time_series(archives.options)));
    }
  }
}

CachedLibrary::~CachedLibrary() = default;

void CachedLibrary::shut() {
  std::vector<std::shared_ptr<CachedFile>> live;
  {
    auto products = products_.lock();
    for (const auto& [key, known] : products->by_key) {
      if (auto product = known.lock()) live.push_back(std::move(product));
    }
  }
  for (const auto& product : live) product->shut();
}

void CachedLibrary::stop() {
  shut();  // what was opened meanwhile
  for (const auto& queries : plate_queries_) queries->pool().stop();
  for (const auto& queries : time_series_queries_) queries->pool().stop();
  objects_.stop();
  stars_.stop();
  timer_.stop();
}

PlateQueries& CachedLibrary::queries_of(const PlateRef& plate) {
  const auto found = std::find_if(plate_queries_.begin(), plate_queries_.end(),
                                  [&](const auto& queries) { return queries->name() == plate.table->archive; });
  return found == plate_queries_.end() ? *plate_queries_.front() : **found;
}

void CachedLibrary::plates_at(const vo::IcrsPosition& position,
                              vo::Completion<std::shared_ptr<const PlatesAnswer>> done) {
  ask({plate_queries_}, position, std::move(done));
}

void CachedLibrary::time_series_at(const vo::IcrsPosition& position,
                                   vo::Completion<std::shared_ptr<const PlatesAnswer>> done) {
  if (time_series_queries_.empty())
    return done(std::make_shared<const PlatesAnswer>(PlatesAnswer{position, {}, now_()}));
  ask({time_series_queries_, plate_queries_.size()}, position, std::move(done));
}

bool CachedLibrary::knows_time_series_at(const vo::IcrsPosition& position) {
  return std::ranges::any_of(time_series_queries_, [&](const auto& queries) {
    const auto known = queries->known_plates_at(position);
    return known && !known->table->plates.empty();
  });
}

void CachedLibrary::ask(const Asked& asked, const vo::IcrsPosition& position,
                        vo::Completion<std::shared_ptr<const PlatesAnswer>> done) {
  std::vector<std::string> names;
  for (const auto& queries : asked.archives) names.push_back(queries->name());
  auto fan_in = std::make_shared<ArchiveFanIn>(position, std::move(names), now_(), std::move(done));
  for (std::size_t i = 0; i < asked.archives.size(); ++i) {
    asked.archives[i]->plates_at(
        position, [this, fan_in, i, first = asked.first_number, position](vo::Outcome<ArchiveAnswer> part) {
          late_.lock()->erase({first + i, position});
          log_plates(first + i, position, part);
          fan_in->take(i, std::move(part));
          if (fan_in->could_be_closed()) limit_wait(fan_in, first, position);
        });
  }
}

void CachedLibrary::log_plates(std::size_t archive, const vo::IcrsPosition& position,
                               const vo::Outcome<ArchiveAnswer>& part) {
  const auto subject = fmt::format("{} {} {}", archive, position.ra.as_degrees(), position.dec.as_degrees());
  const auto failure = part ? part.value().failure : part.error();
  if (!failure) return failure_log_.is_over(subject);
  if (failure->kind() != ErrorKind::Cancelled) failure_log_.failed(subject, failure->message());
}

/// An archive that has answered does not wait long for one that has not: at most once for each question and archive.
void CachedLibrary::limit_wait(const std::shared_ptr<ArchiveFanIn>& fan_in, std::size_t first_number,
                               const vo::IcrsPosition& position) {
  if (!patience_) return;
  const auto missing = fan_in->missing();
  bool all_known_to_be_late = true;
  {
    const auto late = late_.lock();
    for (const auto i : missing) all_known_to_be_late &= late->contains({first_number + i, position});
  }
  if (all_known_to_be_late) {
    fan_in->close();
    return;
  }
  timer_.after(*patience_, [this, fan_in, first_number, position] {
    const auto still_missing = fan_in->missing();
    if (!fan_in->close()) return;
    const auto late = late_.lock();
    for (const auto i : still_missing) late->insert({first_number + i, position});
  });
}

void CachedLibrary::query_plates_ahead(const std::vector<vo::IcrsPosition>& positions) {
  for (const auto& queries : plate_queries_) queries->query_plates_ahead(positions);
}

void CachedLibrary::ask_links_ahead(const std::vector<PlateRef>& plates) {
  std::map<PlateQueries*, std::vector<PlateRef>> by_archive;
  for (const auto& plate : plates) by_archive[&queries_of(plate)].push_back(plate);
  for (const auto& [queries, of_archive] : by_archive) queries->links().ask_ahead(of_archive);
}

void CachedLibrary::links_of(const PlateRef& plate, vo::Completion<std::shared_ptr<const LinksAnswer>> done) {
  queries_of(plate).links().links_of(plate, std::move(done));
}

void CachedLibrary::links_anew(const PlateRef& plate, const LinksDoubt& doubt,
                               vo::Completion<std::shared_ptr<const LinksAnswer>> done) {
  queries_of(plate).links().links_anew(plate, doubt, std::move(done));
}

std::shared_ptr<const LinksAnswer> CachedLibrary::known_links(const PlateRef& plate) {
  return queries_of(plate).links().known_links(plate);
}

std::shared_ptr<CachedFile> CachedLibrary::make_product(const ProductId& id) {
  return make_file(
      {store_, writer_, transport_, *this, hosts_, now_, [this](const Failure& failure) { report(failure); },
       [this](const Failure& failure) { clear_report(failure); }, &watch_, replacements_, &queries_of(id.plate).pool(),
       program_},
      id);
}

std::shared_ptr<Product> CachedLibrary::product(const ProductId& id) {
  const auto key = id.key();
  auto products = products_.lock();
  if (products->by_key.size() >= products->prune_at) {
    std::erase_if(products->by_key, [](const auto& entry) { return entry.second.expired(); });
    products->prune_at = std::max<std::size_t>(1024, 2 * products->by_key.size());
  }
  auto& known = products->by_key[key];
  if (auto product = known.lock()) return product;
  auto product = make_product(id);
  known = product;
  return product;
}

std::shared_ptr<Product> CachedLibrary::album(const AlbumId& id) {
  auto products = products_.lock();
  std::erase_if(products->albums, [](const auto& entry) { return entry.second.expired(); });
  auto& known = products->albums[id.key()];
  const auto keep_a_while = [&recent = products->recent_albums](const std::shared_ptr<Album>& album) {
    if (std::ranges::find(recent, album) != recent.end()) return;
    recent.push_back(album);
    if (recent.size() > kRecentAlbums) recent.pop_front();
  };
  if (auto album = known.lock()) {
    keep_a_while(album);
    return album;
  }
  auto& pool = id.plates.empty() ? plate_queries_.front()->pool() : queries_of(id.plates.front()).pool();
  auto album = std::make_shared<Album>(*this, pool, now_, id);
  known = album;
  keep_a_while(album);
  return album;
}

std::shared_ptr<Product> CachedLibrary::catalogue(const vo::Cone& cone) {
  if (!stars_.has_catalogue()) return nullptr;
  auto products = products_.lock();
  std::erase_if(products->catalogues, [](const auto& entry) { return entry.second.expired(); });
  auto& known = products->catalogues[cone];
  if (auto file = known.lock()) return file;
  auto file = std::make_shared<CatalogueFile>(stars_, cone);
  known = file;
  return file;
}

std::vector<Failure> CachedLibrary::failures() const { return failures_.all(); }

void CachedLibrary::report(const Failure& failure) {
  failure_log_.failed(subject_of(failure), fmt::format("{} of {}: {}", failure.file, failure.did, failure.message));
  failures_.add(failure);
}

void CachedLibrary::clear_report(const Failure& failure) {
  failure_log_.is_over(subject_of(failure));
  failures_.remove(failure);
}

void CachedLibrary::update_names(const std::string& group,
                                 std::function<void(std::map<std::string, std::string>&)> change,
                                 vo::Completion<std::map<std::string, std::string>> done) {
  // Names that are all given already need no writer: this is every listing but the first.
  auto known = store_.names(group);
  const auto before = known.size();
  change(known);
  if (known.size() == before) return done(std::move(known));
  auto told = std::make_shared<vo::Completion<std::map<std::string, std::string>>>(std::move(done));
  writer_.post([group, change = std::move(change), told, known = std::move(known), before](Store& store) mutable {
    const auto change_again = [&](std::map<std::string, std::string>& names) {
      if (before > 0 || !names.empty()) return change(names);
      names = known;  // where there were none and still are none, they come out the same
    };
    try {
      (*told)(store.update_names(group, change_again));
    } catch (const Error&) {
      (*told)(std::move(known));  // a full disk: names as they come out now, not remembered
    }
  });
}

std::vector<std::string> CachedLibrary::targets(TargetOrder order) const {
  const bool by_name = order == TargetOrder::ByName;
  std::vector<std::pair<std::int64_t, std::string>> entered;
  auto on_their_way = entered_->lock()->on_their_way;  // before the store is asked: it has those that are no more
  for (const auto& key : store_.document_keys(kTargetPrefix)) {
    const auto document = by_name ? std::nullopt : store_.document_times(key);
    auto name = key.substr(kTargetPrefix.size());
    on_their_way.erase(name);
    entered.emplace_back(document ? -document->fetched_at : 0, std::move(name));
  }
  for (const auto& [name, at] : on_their_way) entered.emplace_back(by_name ? 0 : -at, name);
  std::sort(entered.begin(), entered.end());
  std::vector<std::string> names;
  names.reserve(entered.size());
  for (auto& [when, name] : entered) names.push_back(std::move(name));
  return names;
}

std::string CachedLibrary::note_on_target(const std::string& name) const {
  const auto document = store_.document(std::string{kTargetPrefix} + name);
  return document ? document->bytes : std::string();
}

void CachedLibrary::remember_target(const std::string& name, const std::string& note) {
  std::int64_t at = now_();
  {
    auto entered = entered_->lock();
    if (entered->on_their_way.contains(name)) return;
    // The latest already, unless somebody took it off the list.
    if (entered->latest == name && store_.document_times(std::string{kTargetPrefix} + name)) return;
    at = std::max(at, entered->at + 1);
    entered->latest = name;
    entered->at = at;
    entered->on_their_way.emplace(name, at);
  }
  writer_.post([entered = entered_, name, note, at](Store& store) {
    try {
      store.put_document(std::string{kTargetPrefix} + name,
                         {.bytes = note, .absent = false, .fetched_at = at, .expires_at = INT64_MAX});
    } catch (const Error&) {
      // Not listed next time: no harm.
    }
    entered->lock()->on_their_way.erase(name);
  });
}

}  // namespace platefs::cache
