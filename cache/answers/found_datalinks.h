// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <set>
#include <string>

#include "cache/answers/answer_cache.h"
#include "cache/answers/freshness.h"
#include "vo/base/guarded.h"
#include "vo/base/url.h"

namespace platefs::cache {

/// Where access URLs of an archive were found to lead to DataLink documents although its rows do not say so: by the URL
/// without its ID, so that what one plate has shown holds for the others of that service. Kept in the cache as long as
/// an answer. Thread-safe; no network.
class FoundDatalinks {
 public:
  /// Both outlive it, and what `keeping` names.
  FoundDatalinks(const AnswerKeeping& keeping, const Freshness& options) : keeping_(keeping), options_(options) {}

  bool has_any();
  /// `authority`: whose rows these are (vo::authority_of).
  bool contain(const std::string& authority, const vo::Url& endpoint);
  void add(const std::string& authority, const vo::Url& endpoint);

 private:
  using Keys = std::set<std::string>;
  Keys kept() const;

  AnswerKeeping keeping_;
  const Freshness& options_;
  vo::Guarded<std::optional<Keys>> keys_;  ///< null: not looked for yet
};

}  // namespace platefs::cache
