// SPDX-License-Identifier: BSD-3-Clause
#include "tools/query_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "fs/errors_text.h"
#include "fs/named_target.h"
#include "fs/target_state.h"
#include "tools/interruptible_wait.h"
#include "tools/log.h"
#include "tools/query_output.h"
#include "tools/wiring.h"
#include "vo/error.h"

namespace platefs::tools {
namespace {

using Snapshot = std::shared_ptr<const fs::TargetSnapshot>;
using vo::Error;
using vo::ErrorKind;

constexpr std::string_view kForms =
    "coordinates such as 156.011+48.148, J102402.7+480851 or 10:24:02.7+48:08:51, or the name of an object";

/// The target and its plates, once both are known.
struct Finding {
  fs::Target target;
  Snapshot plates;
};

/// The name first, if it has to be resolved, then the plates.
void find(cache::Library& library, const QueryCommand& command, vo::Completion<Finding> done) {
  fs::find_target(
      library, command.target, radius_from(command.common.radius),
      [&library, done = std::move(done)](const vo::Outcome<fs::Target>& target) mutable {
        if (!target) return done(target.error());
        const auto state = std::make_shared<fs::TargetState>(library, target.value());
        state->ask([state, done = std::move(done)](vo::Outcome<Snapshot> plates) mutable {
          if (!plates) return done(plates.error());
          done(Finding{state->target(), std::move(plates).value()});
        });
      });
}

/// What is no target is told before anything is opened.
void check_target(const QueryCommand& command) {
  const auto parsed = fs::parse_target(command.target, radius_from(command.common.radius));
  const auto* refused = std::get_if<fs::NoTarget>(&parsed);
  if (refused == nullptr) return;
  throw Error{ErrorKind::Rejected,
              fmt::format("'{}' is no target: {}; give {}", command.target, refused->reason, kForms)};
}

/// The wrong usage of an option is told before anything is opened.
void check_options(const CommonOptions& options) {
  bytes_from(options.cache_size);
  services_from(options);
  resolver_from(options);
}

int tell_failure(const std::string& target, const Error& error) {
  fmt::print(stderr, "platefs: no plates of {}: {}\nplatefs: {}\n", target, error.what(),
             fs::advice_on(error.kind()));
  return kFailed;
}

int tell_interrupted() {
  fmt::print(stderr, "platefs: interrupted before the archives answered\n");
  return kInterrupted;
}

bool write_out(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
                       std::fflush(stdout) == 0;
  if (!written) fmt::print(stderr, "platefs: can't write the answer: {}\n", std::strerror(errno));
  return written;
}

// What is missing, as errors.txt of the mount tells it: one text, two readers.
int tell(const QueryCommand& command, const fs::Target& target, const fs::TargetSnapshot& snapshot) {
  if (!write_out(query_output(command.format, snapshot, target))) return kFailed;
  const auto troubles = fs::errors_text({.target = &target, .snapshot = &snapshot});
  fmt::print(stderr, "{}", troubles);
  const auto& archives = snapshot.answer->archives;
  const bool all_answered = std::none_of(archives.begin(), archives.end(), [](const auto& part) {
    return part.failure.has_value();
  });
  return all_answered ? kDone : kDoneInPart;
}

int query(const QueryCommand& command) {
  check_target(command);
  check_options(command.common);
  InterruptibleWait wait;
  // A broken connection is an error to curl's caller, not a reason to die.
  ::signal(SIGPIPE, SIG_IGN);
  std::optional<vo::Outcome<Finding>> answer;
  {
    // Nobody wants to read of every request between the rows.
    const auto& level = command.common.log_level;
    House house{command.common, Log::to_stderr(level == "info" ? "warning" : level)};
    answer = wait.answer_to<Finding>(
        [&](vo::Completion<Finding> done) { find(house.library(), command, std::move(done)); });
    house.stop();
  }
  if (!answer) return tell_interrupted();
  ::signal(SIGPIPE, SIG_DFL);                        // `platefs query … | head` ends like any other
  if (!*answer) return tell_failure(command.target, answer->error());
  const auto& found = answer->value();
  return tell(command, found.target, *found.plates);
}

}  // namespace

int run_query(const QueryCommand& command) {
  try {
    return query(command);
  } catch (const Error& error) {
    fmt::print(stderr, "platefs: {}\n", error.what());
    return error.kind() == ErrorKind::Rejected ? kWrongUsage : kFailed;
  } catch (const std::exception& error) {
    fmt::print(stderr, "platefs: {}\n", error.what());
    return kFailed;
  }
}

}  // namespace platefs::tools
