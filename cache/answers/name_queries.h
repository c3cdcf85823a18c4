// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "cache/answers/answers.h"
#include "cache/store/writer.h"
#include "vo/base/guarded.h"
#include "vo/base/single_flight.h"
#include "vo/base/worker_pool.h"
#include "vo/http/transport.h"

namespace platefs::cache {

/// The counter for names of objects: asks a resolver (vo/services/sesame.h) once, remembers a position for good and
/// that there is none for ten minutes. A failure is no answer and is not remembered. Thread-safe; never
/// blocks.
class NameQueries {
 public:
  /// Without a `service` no name is known. `transport`, `store` and `writer` outlive this.
  NameQueries(std::optional<vo::Url> service, vo::Transport& transport, Store& store, Writer& writer,
              std::function<std::int64_t()> now);

  /// What is remembered; asks nobody.
  std::optional<ObjectAnswer> known(const std::string& name) const;
  /// Held: answered before this returns. Else one question, shared by all who ask.
  void resolve(const std::string& name, vo::Completion<ObjectAnswer> done);
  void stop() { pool_.stop(); }

 private:
  /// An answer as long as it may be believed.
  struct Known {
    ObjectAnswer answer;
    std::int64_t until = 0, asked_at = 0;  ///< Unix seconds

    /// Where an object is does not change; that nobody knows it does, and the clock may be set back.
    bool is_valid(std::int64_t now) const { return until == INT64_MAX || (now < until && asked_at <= now); }
  };

  /// What `service` said; without one, what the latest one said, whichever it was.
  std::optional<Known> stored(const std::optional<vo::Url>& service, const std::string& name) const;
  ObjectAnswer ask(const std::string& name, const std::stop_token& stop);

  std::optional<vo::Url> service_;
  vo::Transport& transport_;
  Store& store_;
  Writer& writer_;
  std::function<std::int64_t()> now_;
  vo::SingleFlight<ObjectAnswer> flight_;
  /// What was asked or read from the store lately: it answers before the writer has stored it.
  mutable vo::Guarded<std::map<std::string, Known>> recent_;
  vo::WorkerPool pool_{2};  ///< last: ends first
};

}  // namespace platefs::cache
