// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "cache/answers/answer_cache.h"
#include "cache/answers/answers.h"
#include "vo/base/guarded.h"
#include "vo/services/archive.h"

namespace platefs::cache {

/// What one archive answered about positions. Thread-safe; no network.
class PlateAnswers {
 public:
  /// All outlive it.
  PlateAnswers(const vo::Archive& archive, const AnswerKeeping& keeping, const Freshness& options);

  std::string key_of(const vo::IcrsPosition& position) const;
  /// There is a fresh document; whether it can be read, nobody has looked.
  bool is_fresh(const std::string& key) const;
  std::optional<ArchiveAnswer> find(const std::string& key, bool stale_too);
  /// Remembers what the archive said when it was asked then.
  ArchiveAnswer keep(const std::string& key, vo::Archive::Plates plates, std::int64_t asked_at);

 private:
  bool is_fresh(const std::string& key, const Document& document) const;

  const vo::Archive& archive_;
  Store& store_;
  const Freshness& options_;
  AnswerCache<vo::PlateTable> cache_;
  vo::Guarded<std::set<std::string>> asked_anew_;  ///< by this process, if it is to refresh
};

}  // namespace platefs::cache
