// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "cache/store/store.h"
#include "cache/store/writer.h"

namespace platefs::cache {

/// How an archive's answers are kept.
struct Freshness {
  std::int64_t expires_after = 30 * 86400;  ///< seconds that an answer counts as fresh
  /// Answers of that second and before are asked anew: who asks keeps in mind that it has. 0: none are.
  std::int64_t refresh_before = 0;
  int threads = 4;
  /// So long those who want one of many positions now wait for the answer to all; then theirs is asked for alone.
  std::chrono::milliseconds patience_with_joins = std::chrono::seconds(5);
  std::function<std::int64_t()> now;  ///< Unix seconds
  /// Hears what nobody need do anything about.
  std::function<void(std::string_view)> note = [](std::string_view) {};

  bool is_fresh(const Document& document) const;
};

/// Writes the document soon. A disk that refuses costs a question next time, not this answer.
void remember(Writer& writer, const std::string& key, Document document);

}  // namespace platefs::cache
