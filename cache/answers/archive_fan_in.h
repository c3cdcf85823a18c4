// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cache/answers/answers.h"
#include "vo/base/guarded.h"

namespace platefs::cache {

/// Collects the archives' answers to one question. Complete when all have answered, or when it is
/// closed: then those that have not are said to be late. Thread-safe.
class ArchiveFanIn {
 public:
  using Done = vo::Completion<std::shared_ptr<const PlatesAnswer>>;

  ArchiveFanIn(const vo::IcrsPosition& position, std::vector<std::string> archives, std::int64_t now, Done done);

  /// The answer of the archive with that index; too late is ignored.
  void take(std::size_t archive, vo::Outcome<ArchiveAnswer> part);
  /// Waits no longer. Without a table from anybody that would be no answer: then nothing happens, and
  /// false comes back.
  bool close();
  /// Somebody has plates while others are still asked.
  bool could_be_closed() const;
  /// Indices of archives that have not answered.
  std::vector<std::size_t> missing() const;

 private:
  struct State {
    std::shared_ptr<PlatesAnswer> answer;  ///< null once it was handed out
    std::vector<bool> has_answered;
    Done done;
  };
  static bool has_table(const State& state);
  static bool is_complete(const State& state);
  void finish();

  std::vector<std::string> archives_;
  vo::Guarded<State> state_;
};

}  // namespace platefs::cache
