// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/plate_answers.h"

#include <fmt/core.h>

#include <memory>
#include <utility>

namespace platefs::cache {

PlateAnswers::PlateAnswers(const vo::Archive& archive, const AnswerKeeping& keeping, const Freshness& options)
    : archive_(archive),
      store_(keeping.store),
      options_(options),
      cache_(keeping, {[](const vo::PlateTable& table) { return vo::memory_of(table); }, true}) {}

// The whole question is the key: another table, filter or service is another question.
std::string PlateAnswers::key_of(const vo::IcrsPosition& position) const {
  return fmt::format("tap {} {}", vo::service_key(archive_.service()),
                     vo::plates_question(archive_.service(), position));
}

bool PlateAnswers::is_fresh(const std::string& key, const Document& document) const {
  if (options_.is_fresh(document)) return true;
  return is_in_date(document, options_.now()) && asked_anew_.lock()->contains(key);
}

bool PlateAnswers::is_fresh(const std::string& key) const {
  const auto times = store_.document_times(key);
  return times && is_fresh(key, *times);
}

std::optional<ArchiveAnswer> PlateAnswers::find(const std::string& key, bool stale_too) {
  const auto found = cache_.find(
      key, [&](const Document& document, bool) { return stale_too || is_fresh(key, document); },
      [&](const Document& document) {
        return std::make_shared<const vo::PlateTable>(archive_.plates_from_document(document.bytes));
      });
  if (!found) return std::nullopt;
  return ArchiveAnswer{archive_.service().name, found->value, std::nullopt, found->fetched_at};
}

ArchiveAnswer PlateAnswers::keep(const std::string& key, vo::Archive::Plates plates, std::int64_t asked_at) {
  if (options_.refresh_before != 0) asked_anew_.lock()->insert(key);
  auto kept = cache_.put(key, {std::move(plates.document), false, asked_at, asked_at + options_.expires_after},
                         std::make_shared<const vo::PlateTable>(std::move(plates.table)));
  return {archive_.service().name, std::move(kept.value), std::nullopt, asked_at};
}

}  // namespace platefs::cache
