// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "cache/guarded.h"
#include "cache/desk_options.h"
#include "cache/library.h"
#include "cache/links_desk.h"
#include "cache/query_pool.h"
#include "cache/single_flight.h"
#include "cache/writer.h"
#include "vo/archive.h"

namespace platefs::cache {

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
  LinksDesk& links() { return links_; }

 private:
  std::string plates_key(const vo::IcrsPosition& position) const;
  bool is_fresh(const std::string& key, const Document& document);
  std::optional<ArchiveAnswer> remembered_plates(const std::string& key, bool stale_too);
  ArchiveAnswer asked_plates(const std::string& key, const vo::IcrsPosition& position,
                             const std::stop_token& stop);
  std::shared_ptr<const vo::PlateTable> parsed(const std::string& key, const Document& document);

  vo::Archive archive_;
  Store& store_;
  Writer& writer_;
  DeskOptions options_;
  SingleFlight<ArchiveAnswer> plates_flight_;

  struct Memory {
    struct Table {
      std::int64_t fetched_at = 0;
      std::shared_ptr<const vo::PlateTable> table;
    };
    std::map<std::string, Table> tables;             ///< parsed answers, the latest few
    std::set<std::string> asked_anew;                ///< by this desk, if it is to refresh
  };
  Guarded<Memory> memory_;
  LinksDesk links_;
  QueryPool pool_;                                   ///< last: ends first
};

}  // namespace platefs::cache
