// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/index_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>

#include "tools/cli/interruptible_wait.h"
#include "tools/cli/log.h"
#include "tools/cli/progress.h"
#include "tools/cli/reporting.h"
#include "tools/commands/index_run.h"
#include "tools/commands/wiring.h"
#include "vo/base/error.h"
#include "vo/base/thread.h"

namespace platefs::tools {
namespace {

using vo::Error;
using vo::ErrorKind;
using Json = nlohmann::ordered_json;

constexpr std::size_t kFilesOfAReason = 3;

/// Tells what goes on: failures as they come above a bar, at the end a summary, with plates that have no place by
/// reason.
class IndexReport {
 public:
  IndexReport(const CommonOptions& options, bool as_json)
      : has_bar_(!as_json && shows_progress(options)), is_quiet_(options.quiet), as_json_(as_json) {}

  void tell(const std::string& file, const std::string& reason, bool is_failure) {
    const std::lock_guard lock(mutex_);
    if (is_failure) return complain(reason);
    auto& files = unsolved_[harmless(reason)];
    ++files.count;
    if (files.first.size() < kFilesOfAReason) files.first.push_back(harmless(file));
  }

  void draw(const IndexProgress& progress) {
    const std::lock_guard lock(mutex_);
    if (!has_bar_) return;
    auto text = progress.files == 0 ? std::string{"looking for files"}
                                    : fmt::format("{} of {} files", progress.done(), progress.files);
    if (progress.failed > 0) text += fmt::format(", {} failed", progress.failed);
    if (progress.bytes > 0) text += ", " + size_text(progress.bytes);
    const auto width = progress_width();
    constexpr std::size_t kBar = 30;
    if (progress.files > 0 && text.size() + kBar + 4 < width) {
      const auto filled = kBar * progress.done() / progress.files;
      text = fmt::format("[{}{}] {}", std::string(filled, '#'), std::string(kBar - filled, '.'), text);
    }
    write_message("\r\x1b[K" + text.substr(0, width - 1));
    is_drawn_ = true;
  }

  void finish(const IndexProgress& progress, const std::string& table, std::size_t plates, bool is_interrupted) {
    const std::lock_guard lock(mutex_);
    wipe();
    for (const auto& [reason, files] : unsolved_) {
      std::string names;
      for (const auto& file : files.first) names += (names.empty() ? "" : ", ") + file;
      if (files.count > files.first.size()) names += fmt::format(" and {} more", files.count - files.first.size());
      message("no place in the sky: {} ({})", names, reason);
    }
    if (as_json_) {
      write_out(Json{{"table", table},
                     {"files", progress.files},
                     {"plates", plates},
                     {"read", progress.read},
                     {"unchanged", progress.unchanged},
                     {"unsolved", progress.unsolved},
                     {"failed", progress.failed},
                     {"bytes", progress.bytes},
                     {"header_bytes", progress.header_bytes},
                     {"interrupted", is_interrupted}}
                    .dump(2, ' ', false, Json::error_handler_t::replace) +
                "\n");
    } else if (!is_quiet_) {
      write_out(fmt::format("{}: {} of {} files; {} read ({}), {} unchanged, {} without a place, {} failed\n",
                            harmless(table), progress.done(), progress.files, progress.read, size_text(progress.bytes),
                            progress.unchanged, progress.unsolved, progress.failed));
    }
    if (is_interrupted) message("interrupted; what was read is in the table, the same command goes on from there");
  }

 private:
  void wipe() {
    if (is_drawn_) write_message("\r\x1b[K");
    is_drawn_ = false;
  }
  void complain(const std::string& reason) {
    wipe();
    message("{}", reason);
  }

  struct Unsolved {
    std::size_t count = 0;
    std::vector<std::string> first;
  };
  bool has_bar_, is_quiet_, as_json_;
  std::mutex mutex_;
  bool is_drawn_ = false;
  std::map<std::string, Unsolved> unsolved_;  ///< by reason
};

std::string collection_of(const ArchivesCommand& command) {
  if (!command.collection.empty()) return command.collection;
  auto name = command.names.front();
  while (name.ends_with('/')) name.pop_back();
  name = name.substr(name.rfind('/') + 1);
  std::ranges::replace_if(
      name, [](char c) { return c == '?' || c == '#' || c == ' '; }, '_');
  return name.empty() || name == "." || name == "-" ? "plates" : name;
}

struct Done {
  std::size_t failures = 0;
};

/// Everything on one thread, which starts those that read.
Done indexed(const ArchivesCommand& command, vo::Transport& transport, IndexRun& run, IndexReport& report,
             const std::stop_token& stop) {
  const auto content = shelf_content(command.names, transport, stop);
  for (const auto& failure : content.failures) report.tell("", failure.message(), true);
  if (content.files.empty() && content.failures.empty()) {
    throw Error{ErrorKind::Rejected,
                fmt::format("no FITS files (.fits, .fits.gz, .fits.fz …) in {}", command.names.front())};
  }
  if (!content.failures.empty()) run.keep_all_of_before();
  run.run(content.files, stop);
  return {content.failures.size()};
}

int exit_code_of(const IndexProgress& progress, std::size_t failures) {
  if (progress.failed + failures == 0) return kDone;
  return progress.read + progress.unchanged > 0 ? kDoneInPart : kFailed;
}

}  // namespace

int index_plates(const ArchivesCommand& command) {
  if (command.names.empty() || command.output.empty()) {
    throw Error{ErrorKind::Rejected,
                "archives index wants what to look through, and -o plates.vot: a folder, a URL, a list"};
  }
  const auto table = std::filesystem::absolute(command.output).lexically_normal();
  auto known = read_plate_table(table);
  IndexReport report{command.common, command.as_json};
  InterruptibleWait wait;
  const auto transport = make_transport(command.common, Log::to_stderr(log_level_of_command(command.common)));
  IndexRun run{*transport,
               {table, collection_of(command), std::max(4, 2 * command.common.jobs_per_host),
                [&](const std::string& file, const std::string& reason, bool is_failure) {
                  report.tell(file, reason, is_failure);
                }},
               std::move(known)};
  std::optional<vo::Outcome<Done>> done;
  {
    Ticker bar{std::chrono::milliseconds{200}, [&] { report.draw(run.progress()); }};
    vo::Thread work;
    done = wait.answer_to<Done>([&](vo::Completion<Done> tell) {
      const auto told = std::make_shared<vo::Completion<Done>>(std::move(tell));
      work = vo::Thread{
          "index", [&, told](const std::stop_token& stop) { (*told)(indexed(command, *transport, run, report, stop)); },
          [told](const Error& error) { (*told)(error); }};
    });
    work.request_stop();
    work.join();
  }
  if (done && !*done) throw done->error();
  const auto rows = run.rows();
  write_plate_table(table, rows);
  const auto progress = run.progress();
  report.finish(progress, command.output, rows.size(), !done);
  return done ? exit_code_of(progress, done->value().failures) : wait.exit_code();
}

}  // namespace platefs::tools
