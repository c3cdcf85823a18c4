// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "vo/base/error.h"
#include "vo/http/transport.h"
#include "vo/services/tap.h"

namespace platefs::vo {

/// Patience with a job, and with each answer about it.
struct JobRules {
  std::chrono::milliseconds longest = std::chrono::minutes(30);    ///< from its creation to its last phase
  std::chrono::milliseconds first_wait{200}, longest_wait{10000};  ///< between two looks, where the service holds none
  std::chrono::seconds held{30};  ///< how long a service is asked to hold its answer (UWS 1.1 section 2.2.1.1, WAIT)
  std::uint64_t largest_result = UINT64_MAX;
};

/// What a service of jobs (UWS 1.1) is asked.
struct JobQuestion {
  Url jobs;  ///< the list of jobs, to which the parameters are sent
  Url::Parameters parameters;
  std::optional<Url> on_behalf_of;
};

/// Makes the job, starts it where it did not start by itself, waits, hands `use` the URL of its result (the one called
/// "result", else the first), and deletes the job whatever happened, also on `stop`. Throws as job_answer.
void use_result_of_job(Transport& transport, const JobQuestion& question, const JobRules& rules,
                       const std::stop_token& stop, const std::function<void(const Url& result)>& use);

/// The answer to `adql` by an asynchronous job (TAP 1.1 section 2.3, UWS 1.1): makes it, starts it where it did not
/// start by itself, waits, gets the result, and deletes the job whatever happened, also on `stop`. A VOTable, unread.
/// Throws the job's own words as Error{Rejected}, Error{TimedOut} when it takes longer than `rules` allow, and what
/// transfers end with. Blocks; for a query thread.
http::Response job_answer(Transport& transport, const TapService& service, const std::string& adql,
                          const JobRules& rules, const std::stop_token& stop);

/// Whether the failure of a synchronous query says that a job may do: the service does not answer in time, or names its
/// limit of time.
bool asks_for_a_job(const Error& failure);

}  // namespace platefs::vo
