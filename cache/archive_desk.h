// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "cache/guarded.h"
#include "cache/library.h"
#include "cache/query_pool.h"
#include "cache/single_flight.h"
#include "cache/writer.h"
#include "vo/archive.h"

namespace platefs::cache {

struct DeskOptions {
  std::int64_t expires_after = 30 * 86400;           ///< seconds that an answer counts as fresh
  /// Answers of that moment (Unix seconds) and before are asked anew, once; 0: none are.
  std::int64_t refresh_before = 0;
  int threads = 4;
  std::function<std::int64_t()> now;                 ///< Unix seconds
};

/// One archive's counter: asks its questions once, remembers the answers, and when the archive fails
/// hands out what was remembered together with the failure. Thread-safe; never blocks.
class ArchiveDesk {
 public:
  /// `transport`, `store` and `writer` outlive the desk.
  ArchiveDesk(vo::TapService service, vo::Transport& transport, Store& store, Writer& writer,
              DeskOptions options);

  const std::string& name() const { return archive_.service().name; }
  QueryPool& pool() { return pool_; }

  void plates_at(const vo::IcrsPosition& position, vo::Completion<ArchiveAnswer> done);
  void links_of(const PlateRef& plate, vo::Completion<std::shared_ptr<const LinksAnswer>> done);
  std::shared_ptr<const LinksAnswer> known_links(const PlateRef& plate);

 private:
  using Links = std::shared_ptr<const LinksAnswer>;

  std::string plates_key(const vo::IcrsPosition& position) const;
  std::optional<ArchiveAnswer> remembered_plates(const std::string& key, bool stale_too);
  ArchiveAnswer asked_plates(const std::string& key, const vo::IcrsPosition& position,
                             const std::stop_token& stop);
  std::shared_ptr<const vo::PlateTable> parsed(const std::string& key, const Document& document);

  Links remembered_links(const std::string& key, const PlateRef& plate, bool stale_too);
  Links asked_links(const std::string& key, const PlateRef& plate, const std::stop_token& stop);
  Links keep_links(const std::string& key, const PlateRef& plate, const Document& document);
  void remember(const std::string& key, const Document& document);
  bool is_fresh(const std::string& key, const Document& document);

  vo::Archive archive_;
  Store& store_;
  Writer& writer_;
  DeskOptions options_;
  SingleFlight<ArchiveAnswer> plates_flight_;
  SingleFlight<Links> links_flight_;

  struct Memory {
    struct Table {
      std::int64_t fetched_at = 0;
      std::shared_ptr<const vo::PlateTable> table;
    };
    std::map<std::string, Table> tables;             ///< parsed answers, the latest few
    std::map<std::string, Links> links;
    std::set<std::string> asked_anew;                ///< since refresh_before, if it is set
  };
  Guarded<Memory> memory_;
  QueryPool pool_;                                   ///< last: ends first
};

}  // namespace platefs::cache
