// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "vo/http/transport.h"
#include "vo/services/tap.h"
#include "vo/tables/column_mapping.h"
#include "vo/tables/table_index.h"
#include "vo/votable/votable.h"

namespace platefs::vo {

/// How a table that is an archive is read and kept.
struct TableSettings {
  ColumnMapping columns;                  ///< what its columns are in ObsCore, where they are not called so
  std::filesystem::path index_directory;  ///< a folder of the cache; made when it is needed
  std::vector<std::filesystem::path> base_directories;  ///< of published caches, only read, where that has no index
  bool asks_anew = false;  ///< a remote table is looked at once whenever it was looked at last
};

/// Finds plates in a table of rows (VOTable, FITS, CSV, TSV, ECSV; gzip-ed or not), which is a local file that the user
/// named, or lies behind a URL. The rows are sorted by their place once for each version of the table
/// (table_index.h): a local file is looked at at every question, a remote one is asked for by its ETag and
/// Last-Modified once a day. Relative access URLs are those of the table; only a local table names local files.
/// Thread-safe; blocks. Throws Error.
class TableSearch {
 public:
  /// Both outlive it. `service` has table settings.
  TableSearch(const TapService& service, Transport& transport);

  struct Answer {
    FramedVotable read;
    std::optional<Error> failure;  ///< the table could not be looked at: the rows are those of the version before
  };
  Answer at(const IcrsPosition& position, const std::stop_token& stop);

  /// Of the present version, and when it was looked at last (Unix seconds).
  struct Facts {
    IndexHead head;
    std::int64_t indexed_at = 0;
    std::optional<Error> failure;
  };
  Facts facts(const std::stop_token& stop);
  /// Those of the index that some process made before; asks nobody.
  std::optional<Facts> kept_facts() const;

  /// So long an answer is taken for the present one.
  static std::chrono::seconds answers_last(const TapService& service);

 private:
  using Index = std::shared_ptr<const TableIndex>;
  struct Present {
    Index index;
    std::optional<Error> failure;
  };
  Present present(const std::stop_token& stop);
  Present refreshed(const Index& known, const std::stop_token& stop);
  Present refreshed_local(Index known, const std::stop_token& stop);
  Present refreshed_remote(Index known, const std::stop_token& stop);
  Index asked_twice(http::Request request, const Index& known, const std::stop_token& stop) const;
  Index asked(http::Request request, const Index& known, const std::stop_token& stop) const;
  Index kept() const;
  Index kept_in(const std::filesystem::path& file) const;
  std::int64_t looked_at_by_any() const;
  Index built(const std::string& version, std::string_view table, const std::function<void()>& after_batch) const;
  void forget(const Index& broken, const std::stop_token& stop);
  bool is_wanted(const Votable& table, std::size_t row) const;
  void drop_unwanted(Votable& table) const;

  const TapService& service_;
  const TableSettings& settings_;
  Transport& transport_;
  std::string source_;
  std::filesystem::path file_;
  std::vector<std::filesystem::path> base_files_;
  std::atomic<bool> mistrusts_bases_ = false;  ///< the index of one was broken

  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool is_busy_ = false;  ///< one thread looks at the table, or reads it
  Index index_;
  std::optional<std::chrono::steady_clock::time_point> looked_at_;
  std::optional<Error> failure_;  ///< of then
};

/// The question for plates at a place in a table, as a text.
std::string table_question(const TapService& service, const IcrsPosition& position);

}  // namespace platefs::vo
