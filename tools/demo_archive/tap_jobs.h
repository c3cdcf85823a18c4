// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "tools/demo_archive/http.h"
#include "vo/base/guarded.h"

namespace platefs::demo {

/// Asynchronous queries (TAP 1.1 section 2.3, UWS 1.1) of a service that answers at once: POST /async makes a job,
/// which runs when PHASE=RUN is sent with it or to its /phase, and is kept until it is deleted or 100 younger ones are
/// there. A job needs `looks` looks at it until it is done. Thread-safe.
class TapJobs {
 public:
  using Run = std::function<Answer(const Request&)>;
  /// `run` answers a query as /sync does.
  TapJobs(Run run, int looks) : run_(std::move(run)), looks_(looks) {}

  /// `path` is behind "/tap/async".
  Answer answer(const Request& request, std::string_view path);
  std::size_t count() const { return state_.lock()->jobs.size(); }

 private:
  struct Job {
    Request query;
    int looks_left = -1;  ///< -1: it was not started
  };
  struct State {
    std::map<std::uint64_t, Job> jobs;
    std::uint64_t last = 0;
  };

  Answer create(const Request& request);
  Answer job(const Request& request, std::uint64_t number, std::string_view what);
  Answer document(State& state, std::uint64_t number) const;

  Run run_;
  int looks_;
  vo::Guarded<State> state_;
};

}  // namespace platefs::demo
