// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/query_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <map>

#include "fs/pages/errors.h"
#include "fs/tree/find_target.h"
#include "fs/tree/product_state_name.h"
#include "fs/tree/target.h"
#include "tools/cli/configuration.h"
#include "tools/cli/interruptible_wait.h"
#include "tools/cli/log.h"
#include "tools/cli/progress.h"
#include "tools/cli/reporting.h"
#include "tools/cli/text_table.h"
#include "tools/commands/plate_selection.h"
#include "tools/commands/query_output.h"
#include "tools/commands/targets.h"
#include "tools/commands/wiring.h"
#include "vo/base/error.h"

namespace platefs::tools {
namespace {

using Snapshot = std::shared_ptr<const fs::TargetSnapshot>;
using vo::Error;

/// The target and its plates, once both are known, and how their cutouts stood then.
struct Finding {
  fs::Target target;
  Snapshot plates;
  std::map<std::string, std::string_view> states = {};  ///< by the plates' names
};

/// That no catalogue knows a name is told with other advice than that an archive failed.
constexpr std::string_view kAdviceOnNames = "check its spelling, or give coordinates: platefs query 156.011+48.148";

/// The name first, if it has to be resolved, then the plates. `is_placed` becomes true between the two.
void find(cache::Library& library, const QueryCommand& command, std::atomic<bool>& is_placed,
          vo::Completion<Finding> done) {
  fs::find_target(library, command.target, radius_from(command.common.radius),
                  [&library, &is_placed, done = std::move(done)](const vo::Outcome<fs::Target>& target) mutable {
                    if (!target) return done(target.error());
                    is_placed = true;
                    const auto state = std::make_shared<fs::TargetState>(library, target.value());
                    state->ask([state, done = std::move(done)](vo::Outcome<Snapshot> plates) mutable {
                      if (!plates) return done(plates.error());
                      done(Finding{state->target(), std::move(plates).value()});
                    });
                  });
}

void note_states(cache::Library& library, Finding& found) {
  const fs::FailedFiles failed{library.failures()};
  const vo::Cone region{found.target.position, found.target.radius};
  for (const auto& entry : found.plates->plates) {
    found.states[entry->name] = fs::cutout_state(library, entry->ref, region, failed);
  }
}

std::string_view advice_on_name(vo::ErrorKind kind, const CommonOptions& options) {
  if (options.resolver == "none") {
    return "names of objects are looked up nowhere (--resolver none); coordinates need none: platefs query "
           "156.011+48.148";
  }
  if (kind == vo::ErrorKind::NotFound) return kAdviceOnNames;
  return "the resolver of names failed (--resolver names another); coordinates need none: platefs query 156.011+48.148";
}

int tell_failure(const QueryCommand& command, const Error& error, bool is_placed) {
  message("no plates of {}: {}", command.target, error.what());
  message("{}", is_placed ? fs::advice_on(error.kind()) : advice_on_name(error.kind(), command.common));
  return kFailed;
}

int tell_interrupted(int code) {
  message("interrupted before the archives answered");
  return code;
}

// What is missing, as errors.txt of the mount tells it: one text, two readers.
int tell(const QueryCommand& command, const Finding& found) {
  const auto& target = found.target;
  const auto state_of = [&](const fs::PlateEntry& entry) { return found.states.at(entry.name); };
  auto snapshot = within(*found.plates, command.since, command.until);
  if (!command.sort_by.empty()) snapshot = sorted(snapshot, target, command.sort_by, state_of);
  const QueryForm form{command.format, command.columns, terminal_width(), state_of};
  if (!write_out(query_output(form, snapshot, target))) return kFailed;
  if (snapshot.plates.empty() && !found.plates->plates.empty()) {
    message("none of its {} plates was begun in that time", found.plates->plates.size());
  }
  snapshot = *found.plates;
  const auto troubles = fs::errors_text({.target = &target, .snapshot = &snapshot});
  write_message(troubles);
  const auto& archives = snapshot.answer->archives;
  const bool all_answered =
      std::none_of(archives.begin(), archives.end(), [](const auto& part) { return part.failure.has_value(); });
  return all_answered ? kDone : kDoneInPart;
}

int query(const QueryCommand& command) {
  wanted_target(command.target, radius_from(command.common.radius));
  check_options(command.common);
  check_date(command.since, "--since");
  check_date(command.until, "--until");
  InterruptibleWait wait;
  // A broken connection is an error to curl's caller, not a reason to die.
  ::signal(SIGPIPE, SIG_IGN);
  std::optional<vo::Outcome<Finding>> answer;
  std::atomic<bool> is_placed{false};
  {
    // Nobody wants to read of every request between the rows.
    Application application{command.common, Log::to_stderr(log_level_of_command(command.common))};
    const Spinner spinner{command.common, asking(command.common)};
    answer = wait.answer_to<Finding>(
        [&](vo::Completion<Finding> done) { find(application.library(), command, is_placed, std::move(done)); });
    if (answer && *answer) {
      application.library().remember_target(answer->value().target.directory_name());
      note_states(application.library(), answer->value());
    }
    application.stop();
  }
  if (!answer) return tell_interrupted(wait.exit_code());
  ::signal(SIGPIPE, SIG_DFL);  // `platefs query … | head` ends like any other
  if (!*answer) return tell_failure(command, answer->error(), is_placed);
  return tell(command, answer->value());
}

}  // namespace

int run_query(const QueryCommand& command) {
  return reporting_errors([given = command]() mutable {
    settle(given.common);
    return query(given);
  });
}

}  // namespace platefs::tools
