// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "cache/answers/answer_cache.h"
#include "cache/answers/answers.h"
#include "vo/base/single_flight.h"
#include "vo/base/worker_pool.h"
#include "vo/http/transport.h"

namespace platefs::cache {

/// Asks a resolver (vo/services/sesame.h) where an object is, once; remembers a position for good and that there is
/// none for ten minutes. A failure is no answer and is not remembered. Thread-safe; never blocks.
class NameQueries {
 public:
  /// Without a `service` no name is known. `transport` and what `keeping` names outlive this.
  NameQueries(std::optional<vo::Url> service, vo::Transport& transport, const AnswerKeeping& keeping,
              std::function<std::int64_t()> now);

  /// What is remembered; asks nobody.
  std::optional<ObjectAnswer> known(const std::string& name) const;
  /// Held: answered before this returns. Else one question, shared by all who ask.
  void resolve(const std::string& name, vo::Completion<ObjectAnswer> done);
  void stop() { pool_.stop(); }

 private:
  /// What `service` said; without one, what the latest one said, whichever it was.
  std::optional<ObjectAnswer> told(const std::optional<vo::Url>& service, const std::string& name,
                                   bool stale_too) const;
  ObjectAnswer ask(const std::string& name, const std::stop_token& stop);
  ObjectAnswer told_before(const std::string& name, const vo::Error& failure);

  std::optional<vo::Url> service_;
  vo::Transport& transport_;
  std::function<std::int64_t()> now_;
  mutable AnswerCache<ObjectAnswer> cache_;
  vo::SingleFlight<ObjectAnswer> flight_;
  vo::WorkerPool pool_{2};  ///< last: ends first
};

}  // namespace platefs::cache
