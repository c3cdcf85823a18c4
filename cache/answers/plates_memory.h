// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "cache/answers/answers.h"
#include "cache/answers/freshness.h"
#include "cache/store/writer.h"
#include "vo/base/guarded.h"
#include "vo/services/archive.h"

namespace platefs::cache {

/// One archive's answers about positions: as documents in the store, those used last as tables, up to a number
/// of bytes.
/// Thread-safe; no network.
class PlatesMemory {
 public:
  /// All outlive it.
  PlatesMemory(const vo::Archive& archive, Store& store, Writer& writer, const Freshness& options);

  std::string key_of(const vo::IcrsPosition& position) const;
  /// There is a fresh document; whether it can be read, nobody has looked.
  bool is_fresh(const std::string& key) const;
  std::optional<ArchiveAnswer> find(const std::string& key, bool stale_too);
  /// Remembers what the archive said when it was asked then.
  ArchiveAnswer keep(const std::string& key, vo::Archive::Plates plates, std::int64_t asked_at);

 private:
  bool is_fresh(const std::string& key, const Document& document) const;
  std::shared_ptr<const vo::PlateTable> parsed(const std::string& key, const Document& document);
  std::shared_ptr<const vo::PlateTable> kept(const std::string& key, std::int64_t fetched_at, vo::PlateTable table);

  const vo::Archive& archive_;
  Store& store_;
  Writer& writer_;
  const Freshness& options_;

  struct State {
    struct Table {
      std::string key;
      std::int64_t fetched_at = 0;
      std::shared_ptr<const vo::PlateTable> table;
      std::uint64_t bytes = 0;
    };
    std::list<Table> tables;  ///< parsed answers, last used first
    std::unordered_map<std::string, std::list<Table>::iterator> places;
    std::uint64_t bytes = 0;
    std::set<std::string> asked_anew;  ///< by this process, if it is to refresh
  };
  static void drop(State& state, std::list<State::Table>::iterator table);

  mutable vo::Guarded<State> state_;
};

}  // namespace platefs::cache
