// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/answers/answers.h"
#include "cache/answers/bulk_plate_query.h"
#include "cache/answers/freshness.h"
#include "cache/answers/link_queries.h"
#include "cache/answers/plate_answers.h"
#include "cache/store/writer.h"
#include "vo/base/single_flight.h"
#include "vo/base/worker_pool.h"
#include "vo/services/archive.h"

namespace platefs::cache {

/// One archive's counter: asks its questions once, remembers the answers, and when the archive fails
/// hands out what was remembered together with the failure. Thread-safe; never blocks.
class PlateQueries {
 public:
  /// `transport` and what `keeping` names outlive it.
  PlateQueries(vo::TapService service, vo::Transport& transport, const AnswerKeeping& keeping, Freshness options);

  const std::string& name() const { return archive_.service().name; }
  vo::WorkerPool& pool() { return pool_; }

  /// Asks for the plates of many positions ahead of those who will.
  void query_plates_ahead(const std::vector<vo::IcrsPosition>& positions) { ahead_.start(positions); }
  void plates_at(const vo::IcrsPosition& position, vo::Completion<ArchiveAnswer> done);
  /// What is remembered, however old; asks nobody.
  std::optional<ArchiveAnswer> known_plates_at(const vo::IcrsPosition& position) {
    return answers_.find(answers_.key_of(position), true);
  }
  LinkQueries& links() { return links_; }

 private:
  void take_up_habits(Store& store);
  void keep_habits();
  void ask(const std::string& key, const vo::IcrsPosition& position);
  ArchiveAnswer asked_plates(const std::string& key, const vo::IcrsPosition& position, const std::stop_token& stop);

  vo::Archive archive_;
  Writer& writer_;
  Freshness options_;
  vo::Guarded<vo::SearchHabits> kept_habits_;
  PlateAnswers answers_;
  std::shared_ptr<vo::SingleFlight<ArchiveAnswer>> flight_ = std::make_shared<vo::SingleFlight<ArchiveAnswer>>();
  LinkQueries links_;
  BulkPlateQuery ahead_;
  vo::WorkerPool pool_;  ///< last: ends first
};

}  // namespace platefs::cache
