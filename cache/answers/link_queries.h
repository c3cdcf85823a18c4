// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/answers/answer_cache.h"
#include "cache/answers/answers.h"
#include "cache/answers/found_datalinks.h"
#include "cache/answers/freshness.h"
#include "cache/answers/link_batching.h"
#include "vo/base/single_flight.h"
#include "vo/base/worker_pool.h"
#include "vo/services/archive.h"
#include "vo/services/nested_links.h"

namespace platefs::cache {

/// Answers what one archive's DataLink says of a plate: from memory, from the store, or by asking, several
/// plates in one request for whoever goes through a table (link_batching.h). A document is asked for once,
/// however many wait for it. Where the service fails or has nothing, the file that the ObsCore row names
/// stands in for a short while. Thread-safe; never blocks.
class LinkQueries {
 public:
  using Links = std::shared_ptr<const LinksAnswer>;

  /// All of these outlive it, and what `keeping` names; `pool` has ended before it goes.
  LinkQueries(const vo::Archive& archive, const AnswerKeeping& keeping, const Freshness& options, vo::WorkerPool& pool);

  void links_of(const PlateRef& plate, vo::Completion<Links> done);
  /// Those that are not known are asked for, as many in one request as their service takes; a service that takes one at
  /// a time is not asked.
  void ask_ahead(const std::vector<PlateRef>& plates);
  /// Asked for again, alone, where the answer at hand is in doubt; that one where the archive fails.
  void links_anew(const PlateRef& plate, const LinksDoubt& doubt, vo::Completion<Links> done);
  /// Nothing: they would have to be asked for.
  Links known_links(const PlateRef& plate);

 private:
  struct Question {
    PlateRef plate;
    vo::LinksQuestion links;
    std::string key;
    bool is_found = false;               ///< the row names the document as if it were the file
    bool is_answered_elsewhere = false;  ///< comes along for the URL's sake (with_neighbours)
  };
  std::optional<Question> question_about(const PlateRef& plate);
  static std::optional<Question> question_by_url(const PlateRef& plate);

  void ask(const Question& question);
  void ask_together(std::vector<Question> questions);
  void post(std::vector<std::string> keys, vo::WorkerPool::Job conversation);
  void answer(const Question& question, const std::stop_token& stop);
  void answer_alone(const Question& question, const std::stop_token& stop);
  void look_behind_url(const Question& question, const std::stop_token& stop);
  void answer_together(std::vector<Question> questions, const std::stop_token& stop);
  bool answer_part(const Question& question, std::optional<std::string> part, const std::stop_token& stop);
  void leave_to_itself(const Question& question);
  void fail(const Question& question, const vo::Error& error);
  std::vector<Question> with_neighbours(const Question& question);
  static bool is_one_of_many(const Question& question, const std::string& endpoint);
  bool is_to_be_asked(const Question& question);

  Links remembered(const Question& question, bool stale_too);
  Links stand_in(const Question& question);
  Links keep_stand_in(const Question& question, const vo::Error& error);
  std::shared_ptr<LinksAnswer> links_in(const Question& question, const Document& document, vo::DatalinkDocument served,
                                        const vo::DocumentAt& nested_at) const;
  vo::DatalinkDocument asked_nested(const Question& question, const vo::Url& url, const std::stop_token& stop);
  vo::DatalinkDocument kept_nested(const Question& question, const vo::Url& url) const;
  Links keep_new(const Question& question, vo::Archive::LinksDocument asked, const std::stop_token& stop);

  const vo::Archive& archive_;
  const Freshness& options_;
  vo::WorkerPool& pool_;
  AnswerKeeping keeping_;
  FoundDatalinks found_;
  LinkBatching batches_;
  vo::SingleFlight<Links> flight_;
  AnswerCache<LinksAnswer> cache_;
};

}  // namespace platefs::cache
