// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "cache/answers/freshness.h"
#include "cache/answers/plate_answers.h"
#include "vo/base/single_flight.h"
#include "vo/base/worker_pool.h"

namespace platefs::cache {

class BatchSize;

/// Asks one archive for the plates of many positions by few requests, where its service takes uploads;
/// where it does not, or such a request fails, each position that somebody waits for is asked for alone,
/// as ever: nobody sees a difference but in time. Thread-safe; never blocks.
class BulkPlateQuery {
 public:
  using Flight = vo::SingleFlight<ArchiveAnswer>;
  /// Asks for a position that was joined in the flight already.
  using AskAlone = std::function<void(const std::string& key, const vo::IcrsPosition&)>;

  /// All outlive it.
  struct Parts {
    const vo::Archive& archive;
    PlateAnswers& answers;
    std::shared_ptr<Flight> flight;  ///< the writer may have answers for it that it has not told yet
    AnswerKeeping keeping;
    vo::WorkerPool& pool;
    const Freshness& options;
  };
  BulkPlateQuery(const Parts& queries, AskAlone ask_alone);

  /// Of those that are neither held and fresh nor on their way. Whoever asks for one of them meanwhile gets
  /// the answer as soon as it comes.
  void start(const std::vector<vo::IcrsPosition>& positions);

 private:
  struct Question {
    std::string key;
    vo::IcrsPosition position;
  };
  struct Batch;
  class Join;

  void answer(std::deque<Question>& questions, const std::stop_token& stop);
  bool takes_uploads(const std::stop_token& stop);
  bool asked_capabilities(const std::string& key, const std::stop_token& stop);
  void ask_together(std::deque<Question>& questions, const std::stop_token& stop);
  bool ask_joined(std::deque<Question>& questions, std::size_t count, BatchSize& size, const std::stop_token& stop);
  void keep(std::deque<Question>& questions, std::vector<std::string> documents, std::int64_t asked_at);
  void leave_alone(std::deque<Question>& questions);
  static void forget(std::deque<Question>& questions, std::size_t count, const std::set<std::string>& keys);

  Parts queries_;
  AskAlone ask_alone_;
  AnswerCache<bool> takes_uploads_;  ///< by the key of the service's capabilities
};

/// How many positions to ask for at once, so that the answers stay below the service's limit of rows, and each small:
/// it is held in several forms while it is read.
class BatchSize {
 public:
  std::size_t next() const { return next_; }
  /// The service cut an answer of so many positions short.
  void was_too_much(std::size_t positions, std::size_t rows);
  void was_answered(std::size_t positions, std::size_t rows);
  /// So many answers came in vain that the rest is not worth the trouble.
  bool is_hopeless() const;

 private:
  static constexpr std::size_t kMost = 100;   // a table of 7 kB; as much work as a service's time limit lets it do
  static constexpr std::size_t kFirst = 50;   // before it is known how many plates a target has
  static constexpr std::size_t kRows = 1000;  // what one join saves is saved by then
  static constexpr std::size_t kLeast = 4;    // where each target has hundreds
  std::size_t next_ = kFirst;
  std::size_t limit_ = SIZE_MAX;
  int cut_short_ = 0;
};

}  // namespace platefs::cache
