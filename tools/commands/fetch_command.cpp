// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/fetch_command.h"

#include <fmt/core.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <sstream>

#include "tools/cli/configuration.h"
#include "tools/cli/credits.h"
#include "tools/cli/interruptible_wait.h"
#include "tools/cli/log.h"
#include "tools/cli/progress.h"
#include "tools/cli/reporting.h"
#include "tools/cli/sequence_sources.h"
#include "tools/commands/export.h"
#include "tools/commands/exported_documents.h"
#include "tools/commands/fetch_report.h"
#include "tools/commands/fetch_run.h"
#include "tools/commands/fetch_shard.h"
#include "tools/commands/target_files.h"
#include "tools/commands/target_list.h"
#include "tools/commands/wiring.h"
#include "vo/base/error.h"

namespace platefs::tools {
namespace {

using vo::Error;
using vo::ErrorKind;

std::string content_of(const std::string& file) {
  std::ostringstream content;
  if (file == "-") {
    content << std::cin.rdbuf();
    return content.str();
  }
  std::ifstream stream{file, std::ios::binary};
  if (!stream) throw Error{ErrorKind::NotFound, std::strerror(errno)};
  content << stream.rdbuf();
  return content.str();
}

/// One line, however many rows there are.
void tell_left_out(const std::string& file, const std::vector<std::string>& places) {
  if (places.empty()) return;
  constexpr std::size_t kTold = 5;
  std::string told;
  for (const auto& place : std::span{places}.first(std::min(kTold, places.size())))
    told += (told.empty() ? "" : ", ") + place;
  if (places.size() > kTold) told += fmt::format(" and {} more", places.size() - kTold);
  message("{}: left out, since there is no position: {}", file, told);
}

std::vector<WantedTarget> targets_of(const FetchCommand& command) {
  const auto radius = radius_from(command.common.radius);
  std::vector<WantedTarget> targets;
  for (const auto& word : command.targets) targets.push_back(wanted_target(word, radius));
  if (!command.targets_file.empty()) {
    try {
      auto list = read_targets(content_of(command.targets_file), radius);
      tell_left_out(command.targets_file, list.without_target);
      std::ranges::move(list.targets, std::back_inserter(targets));
    } catch (const Error& error) {
      throw error.within(command.targets_file);
    }
  }
  if (targets.empty()) {
    throw Error{ErrorKind::Rejected, "no targets: platefs fetch 156.011+48.148, or --targets FILE"};
  }
  return targets;
}

/// Where what was asked for is to be found, if it is in one folder.
std::string place_of(const FetchCommand& command, const std::vector<WantedTarget>& targets) {
  if (targets.empty()) return {};  // this part has none
  if (command.what.size() != 1 || command.what.front() == "full" || command.what.front() == "all") return {};
  const auto& what = command.what.front();
  const auto& target = targets.front();
  const auto name = target.target ? target.target->directory_name() : target.word;
  return place_of_files(targets.size() == 1 ? name : "", what == "aligned" ? what : what + "s");
}

int fetch(const FetchCommand& command) {
  auto targets = targets_of(command);
  const auto shard = command.shard.empty() ? std::nullopt : std::optional{Shard::from(command.shard)};
  if (shard) shard->keep_own(targets);
  warn_of_array(command.common.jobs_per_host, gateway_from(command.common).has_value());
  check_options(command.common);
  FetchReport report{{command.as_json, has_bar(command.common, command.as_json), command.dry_run, command.common.quiet,
                      !command.to.empty(), targets.size()}};
  std::unique_ptr<Export> files;
  if (!command.to.empty() && !command.dry_run) {
    files = make_export(command.to, shard ? shard->manifest_name() : "manifest.jsonl", command.common);
    report.add_place(command.to + " has them");
  } else if (!command.dry_run) {
    report.add_place(place_of(command, targets));
  }
  InterruptibleWait wait;
  ::signal(SIGPIPE, SIG_IGN);
  bool interrupted = false;
  std::optional<vo::Error> not_kept;
  {
    const auto log = Log::to_stderr(log_level_of_command(command.common));
    Application application{command.common, log, Application::WaitPolicy::Batches};
    auto wanted = WantedFiles::from(command.what);
    wanted.sequences = sequences_of(command.common, log);
    FetchRun run{
        application.library(),
        report,
        {wanted, radius_from(command.common.radius), command.jobs, command.dry_run, command.pins, files.get()}};
    interrupted = run_interruptibly(application, run, report, targets, wait);
    if (command.pins && !interrupted) application.pin(run.held());
    if (files && !interrupted)
      write_documents(application.library(), credits_of(command.common), report.answered(), *files);
    not_kept = application.stop();
  }
  if (files) files->finish(!interrupted);
  const int code = report.finish(interrupted ? wait.exit_code() : 0);
  if (!not_kept) return code;
  message("what came last is not in the cache: {}", not_kept->what());
  return code == kDone ? kFailed : code;
}

}  // namespace

int run_fetch(const FetchCommand& given) {
  return reporting_errors([command = given]() mutable {
    settle(command.common);
    return fetch(command);
  });
}

}  // namespace platefs::tools
