// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "cache/answers/answer_cache.h"
#include "vo/base/single_flight.h"
#include "vo/base/worker_pool.h"
#include "vo/http/transport.h"
#include "vo/services/star_catalogue.h"

namespace platefs::cache {

/// Stars of a catalogue around targets, as tables that sequences can be made of (vo::offered_stars): asked once, then
/// remembered for 90 days. Thread-safe; never blocks.
class StarQueries {
 public:
  using Table = std::shared_ptr<const std::string>;  ///< CSV, see vo::sequence_csv

  /// Without a catalogue nobody is asked. All arguments outlive it.
  StarQueries(std::optional<vo::StarCatalogue> catalogue, vo::Transport& transport, const AnswerKeeping& keeping,
              std::function<std::int64_t()> now);

  bool has_catalogue() const { return catalogue_.has_value(); }
  /// For people; empty without a catalogue.
  std::string title() const { return catalogue_ ? catalogue_->title : std::string(); }
  /// Those that are remembered; null: they have to be asked for.
  Table known(const vo::Cone& cone) const;
  /// Error{NotFound} without a catalogue.
  void ask(const vo::Cone& cone, vo::Completion<Table> done);
  void stop() { pool_.stop(); }

 private:
  std::string key_of(const vo::Cone& cone) const;
  Table asked(const vo::Cone& cone, const std::stop_token& stop);

  std::optional<vo::StarCatalogue> catalogue_;
  vo::Transport& transport_;
  std::function<std::int64_t()> now_;
  mutable AnswerCache<std::string> cache_;
  vo::SingleFlight<Table> flight_;
  vo::WorkerPool pool_{1};
};

}  // namespace platefs::cache
