// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/tap_jobs.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace platefs::demo {
namespace {

constexpr std::size_t kMostJobs = 100;

Answer see(std::uint64_t job) {
  auto answer = text_answer(303, "text/plain", "");
  answer.set("Location", fmt::format("/tap/async/{}", job));
  return answer;
}

Answer no_job() { return text_answer(404, "text/plain", "there is no such job\n"); }

}  // namespace

Answer TapJobs::answer(const Request& request, std::string_view path) {
  if (path.empty() || path == "/") {
    return request.method == "POST" ? create(request) : text_answer(405, "text/plain", "POST a query\n");
  }
  path.remove_prefix(1);
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(path.data(), path.data() + path.size(), number);
  if (failure != std::errc{}) return no_job();
  return job(request, number, path.substr(static_cast<std::size_t>(end - path.data())));
}

Answer TapJobs::create(const Request& request) {
  const auto state = state_.lock();
  const auto number = ++state->last;
  state->jobs[number] = {request, request.parameter("PHASE") == "RUN" ? looks_ : -1};
  if (state->jobs.size() > kMostJobs) state->jobs.erase(state->jobs.begin());
  return see(number);
}

Answer TapJobs::job(const Request& request, std::uint64_t number, std::string_view what) {
  std::optional<Request> query;
  {
    const auto state = state_.lock();
    const auto found = state->jobs.find(number);
    if (found == state->jobs.end()) return no_job();
    auto& job = found->second;
    if (request.method == "POST" && request.parameter("ACTION") == "DELETE") {
      state->jobs.erase(found);
      return text_answer(200, "text/plain", "deleted\n");
    }
    if (what == "/phase" && request.method == "POST" && request.parameter("PHASE") == "RUN") {
      if (job.looks_left < 0) job.looks_left = looks_;
      return see(number);
    }
    if (what.empty()) return document(*state, number);
    if (what != "/results/result" || job.looks_left != 0) return no_job();
    query = job.query;
  }
  return run_(*query);
}

Answer TapJobs::document(State& state, std::uint64_t number) const {
  auto& job = state.jobs[number];
  const auto* const phase = job.looks_left < 0 ? "PENDING" : job.looks_left > 0 ? "EXECUTING" : "COMPLETED";
  if (job.looks_left > 0) --job.looks_left;
  return text_answer(
      200, "text/xml",
      fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<uws:job xmlns:uws=\"http://www.ivoa.net/xml/UWS/v1.0\" "
                  "xmlns:xlink=\"http://www.w3.org/1999/xlink\" version=\"1.1\">"
                  "<uws:jobId>{0}</uws:jobId><uws:phase>{1}</uws:phase><uws:results><uws:result id=\"result\" "
                  "xlink:href=\"/tap/async/{0}/results/result\"/></uws:results></uws:job>\n",
                  number, phase));
}

}  // namespace platefs::demo
