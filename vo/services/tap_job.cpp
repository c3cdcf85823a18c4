// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/tap_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <pugixml.hpp>
#include <regex>
#include <utility>

#include "vo/base/ascii.h"
#include "vo/base/excerpt.h"
#include "vo/base/xml_text.h"

namespace platefs::vo {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kLargestJob = 1 << 20;

/// What a job says of itself (UWS 1.1 section 2.1).
struct JobState {
  std::string phase;   ///< in upper case
  std::string result;  ///< href, as written; empty: by the standard's path
  std::string error;   ///< message of its errorSummary
};

bool is_element(const pugi::xml_node& node, std::string_view name) { return local_name(node.name()) == name; }

pugi::xml_node child_of(const pugi::xml_node& node, std::string_view name) {
  return node.find_child([&](const auto& child) { return is_element(child, name); });
}

std::string href_of(const pugi::xml_node& node) {
  for (const auto& attribute : node.attributes()) {
    if (std::string_view(attribute.name()).ends_with("href")) return std::string(trimmed(attribute.value()));
  }
  return {};
}

JobState state_in(const std::string& document) {
  pugi::xml_document xml;
  const auto result = xml.load_buffer(document.data(), document.size());
  const auto job = xml.document_element();
  if (!result || !is_element(job, "job")) {
    throw Error{ErrorKind::Malformed, "this is no job of a service: " + first_words(document)};
  }
  JobState state;
  state.phase = trimmed(child_of(job, "phase").child_value());
  std::ranges::transform(state.phase, state.phase.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  state.error = trimmed(child_of(child_of(job, "errorSummary"), "message").child_value());
  const auto results = child_of(job, "results");
  for (const auto& each : results.children()) {
    const bool is_the_table = std::string_view(each.attribute("id").value()) == "result";
    if (is_element(each, "result") && (is_the_table || state.result.empty())) state.result = href_of(each);
  }
  return state;
}

bool is_over(const std::string& phase) {
  constexpr std::array kLast{"COMPLETED", "ERROR", "ABORTED", "ARCHIVED"};
  return std::ranges::find(kLast, phase) != kLast.end();
}

/// Waits; throws Error{Cancelled} on `stop`.
void rest(std::chrono::milliseconds wait, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, wait, [] { return false; });
  if (stop.stop_requested()) throw Error{ErrorKind::Cancelled, "nobody waits for it any more"};
}

/// One job from its creation to its deletion.
class Job {
 public:
  Job(Transport& transport, const JobQuestion& question, const JobRules& rules, const std::stop_token& stop)
      : transport_(transport), question_(question), rules_(rules), stop_(stop), until_(Clock::now() + rules.longest) {}
  ~Job() { remove(); }
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  void create() {
    auto request = request_to(question_.jobs);
    auto parameters = question_.parameters;
    parameters.emplace_back("PHASE", "RUN");
    request.form = form_encoded(parameters);
    const auto made = answered(std::move(request));
    // The list of jobs is where it was sent to, the job where it was sent from there.
    if (made.head.url.text() == question_.jobs.text()) {
      throw Error{ErrorKind::Malformed, fmt::format("{} made no job", made.head.url.for_display())};
    }
    url_ = made.head.url;
    state_ = state_in(made.body);
  }

  void run() {
    auto wait = rules_.first_wait;
    while (!is_over(state_.phase)) {
      if (Clock::now() > until_) {
        throw Error{ErrorKind::TimedOut, fmt::format("the job {} is still {} after {} s", url_->for_display(),
                                                     state_.phase, seconds(rules_.longest))};
      }
      // Some services take no PHASE with the query.
      if (state_.phase == "PENDING") start();
      const auto asked = Clock::now();
      look();
      // A service that knows WAIT has held its answer; any other is not asked all the time.
      if (!is_over(state_.phase) && Clock::now() - asked < rules_.first_wait) {
        rest(wait, stop_);
        wait = std::min(wait * 3 / 2, rules_.longest_wait);
      }
    }
  }

  Url result() {
    if (state_.phase != "COMPLETED") {
      const auto why = state_.error.empty() ? error_document() : state_.error;
      throw Error{ErrorKind::Rejected,
                  fmt::format("the job {} ended as {}: {}", url_->for_display(), state_.phase, why)};
    }
    return state_.result.empty() ? path("results/result") : url_->resolve(state_.result);
  }

 private:
  static long seconds(std::chrono::milliseconds time) { return static_cast<long>(time.count() / 1000); }

  Url path(std::string_view name) const { return Url::parse(fmt::format("{}/{}", service_base(*url_), name)); }

  /// A cache on the way would keep the phase that it saw first, or what another job of that number said.
  http::Request request_to(const Url& url) const {
    http::Request request{.url = url};
    request.go_past_caches();
    request.on_behalf_of = question_.on_behalf_of;
    request.max_body = kLargestJob;
    return request;
  }

  http::Response answered(http::Request request) {
    auto response = fetch(transport_, std::move(request), stop_);
    if (response.head.status >= 400) throw error_of_status(response.head, response.body);
    return response;
  }

  void start() {
    auto request = request_to(path("phase"));
    request.form = form_encoded({{"PHASE", "RUN"}});
    answered(std::move(request));
  }

  void look() {
    auto request = request_to(url_->with_query({{"WAIT", std::to_string(rules_.held.count())}}));
    request.timeout = std::chrono::milliseconds(rules_.held) + std::chrono::seconds(30);
    state_ = state_in(answered(std::move(request)).body);
  }

  /// What the service keeps of a failure where the job itself does not tell.
  std::string error_document() {
    try {
      return std::string(first_words(answered(request_to(path("error"))).body));
    } catch (const Error& error) {
      return error.message();
    }
  }

  /// Jobs that are left take up place at the service, for days. Without a wait: nobody needs the answer.
  void remove() noexcept {
    if (!url_) return;
    try {
      struct Nobody final : TransferHandler {
        void on_head(const http::Head&) override {}
        Flow on_body(std::span<const std::byte>) override { return Flow::Continue; }
        void on_end(std::optional<Error>) override {}
      };
      auto request = request_to(*url_);
      request.form = form_encoded({{"ACTION", "DELETE"}});  // UWS 1.1 section 2.2.3.1: for clients without DELETE
      transport_.start(std::move(request), std::make_shared<Nobody>());
    } catch (...) {  // it ends by its own destruction time
    }
  }

  Transport& transport_;
  const JobQuestion& question_;
  const JobRules& rules_;
  const std::stop_token& stop_;
  Clock::time_point until_;
  std::optional<Url> url_;
  JobState state_;
};

}  // namespace

void use_result_of_job(Transport& transport, const JobQuestion& question, const JobRules& rules,
                       const std::stop_token& stop, const std::function<void(const Url& result)>& use) {
  Job job{transport, question, rules, stop};
  job.create();
  job.run();
  use(job.result());
}

http::Response job_answer(Transport& transport, const TapService& service, const std::string& adql,
                          const JobRules& rules, const std::stop_token& stop) {
  const JobQuestion question{resource_url(service, "async"), sync_parameters(adql), service_url(service)};
  http::Response answer;
  use_result_of_job(transport, question, rules, stop, [&](const Url& result) {
    http::Request request{.url = result};
    request.go_past_caches();
    request.on_behalf_of = question.on_behalf_of;
    request.max_body = rules.largest_result;
    request.compressible = true;
    answer = fetch(transport, std::move(request), stop);
  });
  return answer;
}

bool asks_for_a_job(const Error& failure) {
  if (failure.kind() == ErrorKind::TimedOut) return true;
  if (failure.kind() != ErrorKind::Rejected && failure.kind() != ErrorKind::Unavailable) return false;
  static const std::regex words{"async|time ?-?out|timed out|time limit|execution time|too long|statement timeout",
                                std::regex::icase};
  return std::regex_search(failure.message(), words);
}

}  // namespace platefs::vo
