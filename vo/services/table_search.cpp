// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/table_search.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <functional>
#include <utility>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/sql_like.h"
#include "vo/http/file_download.h"
#include "vo/services/indexed_rows.h"
#include "vo/services/plate_search.h"
#include "vo/tables/batched_table.h"
#include "vo/tables/table_file.h"

namespace platefs::vo {
namespace {

/// Changes whenever an index of before would be read wrongly, or hold other rows.
constexpr std::string_view kIndexForm = "1";
constexpr std::chrono::seconds kRemoteLasts{86400};
constexpr std::chrono::seconds kLocalLasts{60};
/// A host that does not answer is left alone so long.
constexpr std::chrono::seconds kAfterFailure{60};
constexpr std::uint64_t kLargestDownload = std::uint64_t{16} << 30;

bool is_local(const TapService& service) { return service.url.scheme() == "file"; }

/// What a server says of the version of a file: the two that it may be asked by again, and the length.
struct RemoteTableVersion {
  std::string etag, modified;

  static RemoteTableVersion in(std::string_view text) {
    const auto end = text.find('\n');
    if (end == text.npos || !text.starts_with("http ")) return {};
    return {std::string{text.substr(5, end - 5)}, std::string{text.substr(end + 1)}};
  }
  static std::string text_of(const http::Head& head) {
    return fmt::format("http {}\n{}", head.header("etag").value_or(""), head.header("last-modified").value_or(""));
  }
};

std::int64_t changed_at(const std::filesystem::path& file) {
  struct stat facts {};
  return ::stat(file.c_str(), &facts) == 0 ? static_cast<std::int64_t>(facts.st_mtim.tv_sec) : 0;
}

/// The rest of a list that was cut short is told of as services do.
void note_overflow(FramedVotable& read) {
  read.table.truncated = true;
  const auto table = read.frame.find("<TABLE ");
  if (table != read.frame.npos) read.frame.insert(table, "<INFO name=\"QUERY_STATUS\" value=\"OVERFLOW\"/>\n");
}

}  // namespace

std::string table_question(const TapService& service, const IcrsPosition& position) {
  const auto conditions = plates_conditions(service);
  return fmt::format("table {} at {} {} {} {}{}", service.table_settings->columns.text(), position.ra.as_degrees(),
                     position.dec.as_degrees(), service.reach.as_degrees(), conditions.types, conditions.further);
}

TableSearch::TableSearch(const TapService& service, Transport& transport)
    : service_(service),
      settings_(*service.table_settings),
      transport_(transport),
      source_(fmt::format("{}\n{}\n{}", kIndexForm, service.url.text(), settings_.columns.text())),
      file_(settings_.index_directory / index_file_name(source_)) {
  for (const auto& base : settings_.base_directories) base_files_.push_back(base / index_file_name(source_));
}

std::chrono::seconds TableSearch::answers_last(const TapService& service) {
  return is_local(service) ? kLocalLasts : kRemoteLasts;
}

TableSearch::Answer TableSearch::at(const IcrsPosition& position, const std::stop_token& stop) {
  for (bool is_first = true;; is_first = false) {
    const auto [index, failure] = present(stop);
    try {
      Answer answer{{read_votable(index->head().frame), index->head().frame}, failure};
      auto& table = answer.read.table;
      auto rows = index->rows_at(position, kMostPlates, service_.reach);
      if (rows.size() > kMostPlates) {
        rows.pop_back();
        note_overflow(answer.read);
      }
      for (const auto& row : rows) append_indexed_row(row.bytes, table.fields.size(), table.rows);
      drop_rows_outside(table, PlaceForm::Box, position, service_.reach);
      drop_unwanted(table);
      return answer;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::Corrupt || !is_first) throw;
      forget(index, stop);  // what can be made again is not worth a failure
    }
  }
}

TableSearch::Facts TableSearch::facts(const std::stop_token& stop) {
  const auto [index, failure] = present(stop);
  return {index->head(), looked_at_by_any(), failure};
}

std::optional<TableSearch::Facts> TableSearch::kept_facts() const {
  const auto index = kept();
  return index ? std::optional{Facts{index->head(), looked_at_by_any(), std::nullopt}} : std::nullopt;
}

bool TableSearch::is_wanted(const Votable& table, std::size_t row) const {
  const auto text = [&](int column) {
    return column < 0 ? std::string{} : text_of(table.rows.cell(row, static_cast<std::size_t>(column)));
  };
  const auto type = text(table.column("dataproduct_type"));
  const auto& types = service_.dataproduct_types;
  if (!type.empty() && !types.empty() && std::ranges::find(types, type) == types.end()) return false;
  const auto collection = text(table.column("obs_collection"));
  return std::ranges::none_of(service_.excluded_collections,
                              [&](const std::string& pattern) { return is_like(collection, pattern); });
}

void TableSearch::drop_unwanted(Votable& table) const {
  VotableRows wanted;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    if (is_wanted(table, row)) wanted.push_back(table.rows[row].values());
  }
  if (wanted.size() != table.rows.size()) table.rows = std::move(wanted);
}

TableSearch::Present TableSearch::present(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait(lock, stop, [this] { return !is_busy_; })) {
    throw Error{ErrorKind::Cancelled, "nobody waits for the table"};
  }
  is_busy_ = true;
  const auto known = index_;
  lock.unlock();
  try {
    auto found = refreshed(known, stop);
    lock.lock();
    index_ = found.index;
    is_busy_ = false;
    changed_.notify_all();
    return found;
  } catch (...) {
    if (!lock.owns_lock()) lock.lock();
    is_busy_ = false;
    changed_.notify_all();
    throw;
  }
}

/// But not the one that another thread has made meanwhile.
void TableSearch::forget(const Index& broken, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait(lock, stop, [this] { return !is_busy_; }) || (index_ && index_ != broken)) return;
  index_ = nullptr;
  looked_at_.reset();
  std::error_code is_gone_already;
  if (!std::filesystem::remove(file_, is_gone_already)) mistrusts_bases_ = true;
}

/// The index that some process made before; null where there is none that can be used.
TableSearch::Index TableSearch::kept() const {
  auto index = kept_in(file_);
  for (auto base = base_files_.begin(); !index && !mistrusts_bases_ && base != base_files_.end(); ++base) {
    index = kept_in(*base);
  }
  return index;
}

/// When some process has asked whether the table has changed. Bases tell of when they were made.
std::int64_t TableSearch::looked_at_by_any() const {
  auto at = changed_at(file_);
  for (const auto& base : base_files_) {
    if (at == 0 && !mistrusts_bases_) at = changed_at(base);
  }
  return at;
}

TableSearch::Index TableSearch::kept_in(const std::filesystem::path& file) const {
  try {
    auto index = TableIndex::open(file);
    return index->head().source == source_ ? index : nullptr;
  } catch (const Error&) {
    return nullptr;
  }
}

TableSearch::Present TableSearch::refreshed(const Index& known, const std::stop_token& stop) {
  const auto index = known ? known : kept();
  return is_local(service_) ? refreshed_local(index, stop) : refreshed_remote(index, stop);
}

TableSearch::Present TableSearch::refreshed_local(Index known, const std::stop_token& stop) {
  const std::filesystem::path path{service_.url.file_path()};
  const auto version = version_of_file(path);
  if (known && known->head().version == version) return {std::move(known), std::nullopt};
  std::filesystem::create_directories(settings_.index_directory);
  TableFile file{settings_.index_directory};
  file.copy_from(path, stop);
  const auto bytes = file.bytes(stop);
  return {built(version, bytes,
                [&] {
                  if (stop.stop_requested()) throw Error{ErrorKind::Cancelled, "nobody waits for the table"};
                  file.forget_pages();
                }),
          std::nullopt};
}

TableSearch::Present TableSearch::refreshed_remote(Index known, const std::stop_token& stop) {
  const auto now = std::chrono::steady_clock::now();
  const auto age = std::time(nullptr) - looked_at_by_any();
  const bool is_young = age >= -300 && age < kRemoteLasts.count();
  const bool was_looked_at = looked_at_ && now < *looked_at_ + kRemoteLasts;  // which no base can note
  const bool is_fresh = (is_young || was_looked_at) && (!settings_.asks_anew || looked_at_);
  if (known && is_fresh && !failure_) return {std::move(known), std::nullopt};
  if (known && failure_ && looked_at_ && now < *looked_at_ + kAfterFailure) return {std::move(known), failure_};
  looked_at_ = now;
  failure_.reset();
  std::filesystem::create_directories(settings_.index_directory);
  http::Request request{.url = service_.url};
  request.on_behalf_of = service_url(service_);
  request.compressible = true;
  request.max_body = kLargestDownload;
  request.timeout = service_.query_timeout;
  if (known) {
    const auto version = RemoteTableVersion::in(known->head().version);
    if (!version.etag.empty()) request.headers.emplace_back("If-None-Match", version.etag);
    if (!version.modified.empty()) request.headers.emplace_back("If-Modified-Since", version.modified);
  }
  try {
    auto index = asked_twice(std::move(request), known, stop);
    return {std::move(index), std::nullopt};
  } catch (const Error& error) {
    if (!known || error.kind() == ErrorKind::Cancelled) throw;
    failure_ = error;
    return {std::move(known), error};
  }
}

/// Where a cache on the way answers with what is no table, the archive itself is asked once more.
TableSearch::Index TableSearch::asked_twice(http::Request request, const Index& known,
                                            const std::stop_token& stop) const {
  if (service_.is_behind_cache) {
    try {
      return asked(request, known, stop);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::Malformed) throw;
    }
    request.go_past_caches();
  }
  return asked(std::move(request), known, stop);
}

/// `known` where it is still the version.
TableSearch::Index TableSearch::asked(http::Request request, const Index& known, const std::stop_token& stop) const {
  TableFile file{settings_.index_directory};
  const auto head = fetch_to_file(transport_, std::move(request), file.fd(), stop);
  if (head.status == 304 && known) {
    ::utimensat(AT_FDCWD, file_.c_str(), nullptr, 0);  // looked at now
    return known;
  }
  if (head.status != 200) throw error_of_status(head, {});
  const auto bytes = file.bytes(stop);
  return built(RemoteTableVersion::text_of(head), bytes, [&] {
    if (stop.stop_requested()) throw Error{ErrorKind::Cancelled, "nobody waits for the table"};
    file.forget_pages();
  });
}

TableSearch::Index TableSearch::built(const std::string& version, std::string_view table,
                                      const std::function<void()>& after_batch) const {
  const auto name =
      fmt::format("the table {}", is_local(service_) ? service_.url.file_path() : service_.url.for_display());
  try {
    TableIndexBuilder builder{file_};
    RowIndexer rows{settings_.columns, {name, service_.url}, builder, after_batch};
    const auto read = read_table_in_batches(table, rows);
    if (!read.has_table) throw Error::malformed("it has no table");
    builder.finish({source_, version, rows.frame(read)});
    return TableIndex::open(file_);
  } catch (const Error& error) {
    if (error.message().find(name) != std::string::npos) throw;
    throw error.within(fmt::format("reading {}", name));
  }
}

}  // namespace platefs::vo
