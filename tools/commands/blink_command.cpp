// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/blink_command.h"

#include <fmt/core.h>
#include <signal.h>
#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <span>

#include "cache/files/album.h"
#include "fs/pages/plates_table.h"
#include "fs/pages/region.h"
#include "fs/tree/fixed_names.h"
#include "tools/cli/configuration.h"
#include "tools/cli/log.h"
#include "tools/cli/progress.h"
#include "tools/cli/reporting.h"
#include "tools/cli/sequence_sources.h"
#include "tools/commands/target_files.h"
#include "tools/commands/viewer.h"
#include "vo/base/error.h"
#include "vo/base/wait_for.h"

namespace platefs::tools {
namespace {

namespace files = std::filesystem;
using vo::Error;
using vo::ErrorKind;
using Snapshot = std::shared_ptr<const fs::TargetSnapshot>;

/// Hears what a fetch reports, and remembers what it brought.
class Gathering final : public FetchListener {
 public:
  explicit Gathering(FetchReport& report) : report_(report) {}

  void target_answered(const NamedTarget& target, const fs::TargetSnapshot& snapshot) override {
    const std::lock_guard lock(mutex_);
    target_ = target.target;
    snapshot_ = snapshot;
    report_.target_answered(target, snapshot);
  }
  void target_failed(const std::string& label, const Error& error) override { report_.target_failed(label, error); }
  void planned(const std::vector<FetchJob>& jobs) override { report_.planned(jobs); }
  void progressed(std::uint64_t bytes) override { report_.progressed(bytes); }
  void ended(const FetchJob& job, const FetchResult& result) override {
    {
      const std::lock_guard lock(mutex_);
      if (result.state == FetchState::Fetched || result.state == FetchState::Cached) good_.emplace(job.plate, job.id);
    }
    report_.ended(job, result);
  }

  // After the fetch, the rest only where there was an answer:
  bool has_answer() const { return target_.has_value(); }
  const fs::Target& target() const { return *target_; }
  const fs::TargetSnapshot& snapshot() const { return snapshot_; }
  /// By the names of their plates, which is by epoch.
  const std::map<std::string, cache::ProductId>& good() const { return good_; }

 private:
  FetchReport& report_;
  std::mutex mutex_;
  std::optional<fs::Target> target_;
  fs::TargetSnapshot snapshot_;
  std::map<std::string, cache::ProductId> good_;
};

/// A directory of the user's own, gone with this.
class PassingDirectory {
 public:
  PassingDirectory() {
    auto name = (files::temp_directory_path() / "platefs-blink-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw Error{ErrorKind::LocalIo, fmt::format("can't make a directory like {}: {}", name, std::strerror(errno))};
    }
    path_ = name;
  }
  ~PassingDirectory() {
    std::error_code problem;
    files::remove_all(path_, problem);
  }
  PassingDirectory(const PassingDirectory&) = delete;
  PassingDirectory& operator=(const PassingDirectory&) = delete;

  const files::path& path() const { return path_; }

 private:
  files::path path_;
};

void write_file(const files::path& file, const std::string& content) {
  std::ofstream stream{file, std::ios::binary};
  stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  stream.close();
  if (!stream) throw Error{ErrorKind::LocalIo, fmt::format("can't write {}: {}", file.string(), std::strerror(errno))};
}

std::string content_of(cache::Product& product) {
  using Opened = std::shared_ptr<cache::OpenFile>;
  const auto file = vo::wait_for<Opened>([&](vo::Completion<Opened> done) { product.open(std::move(done)); });
  std::string content;
  constexpr std::uint64_t kStep = 1u << 20;
  for (std::uint64_t at = 0; at < file->size(); at += kStep) {
    const vo::ByteRange range{at, std::min(at + kStep, file->size())};
    const auto extent =
        vo::wait_for<cache::Extent>([&](vo::Completion<cache::Extent> done) { file->read(range, std::move(done)); });
    const auto before = content.size();
    content.resize(before + extent.size);
    cache::copy_extent(extent, std::as_writable_bytes(std::span{content}.subspan(before)));
  }
  return content;
}

/// The plates, with the paths of the images that are here.
std::string table_of(const Gathering& gathered, const files::path& directory) {
  auto table = fs::plates_table(gathered.snapshot(), gathered.target(), directory.string());
  table.fields.resize(table.fields.size() - 2);  // of full plates and previews there are no files here
  return vo::votable_text(table);
}

Exhibition laid_out(cache::Library& library, const Gathering& gathered, const files::path& directory) {
  const auto name = gathered.target().title();
  Exhibition shown{fmt::format("{}: {} of {} plates", name, gathered.good().size(), gathered.snapshot().plates.size()),
                   {},
                   directory / "plates.vot",
                   directory / "target.reg"};
  files::create_directory(directory / "cutouts");
  for (const auto& [plate, id] : gathered.good()) {
    const auto file = directory / "cutouts" / (plate + ".fits");
    write_file(file, content_of(*library.product(id)));
    shown.images.push_back(file);
  }
  write_file(shown.table, table_of(gathered, directory));
  write_file(shown.region, fs::region_text(gathered.target()));
  return shown;
}

void write_animation(cache::Library& library, const Gathering& gathered, const WantedFiles& wanted,
                     const std::string& file) {
  const auto& plates = gathered.snapshot().plates;
  const auto& target = gathered.target();
  using Kind = cache::AlbumId::Kind;
  cache::AlbumId id{
      Kind::Animation,        {}, plates.size(), {target.position, target.radius}, target.title(), wanted.variant,
      wanted.marks_on(target)};
  for (const auto at : cache::album_places(Kind::Animation, plates.size())) id.plates.push_back(plates[at]->ref);
  write_file(file, content_of(*library.album(id)));
}

void check_gif(const std::string& file) {
  const auto directory = files::absolute(file).parent_path();
  std::error_code problem;
  if (files::is_directory(file, problem)) {
    throw Error{ErrorKind::Rejected, fmt::format("--gif wants a file, and {} is a directory", file)};
  }
  if (!files::is_directory(directory, problem)) {
    throw Error{ErrorKind::Rejected, fmt::format("there is no directory {} for --gif", directory.string())};
  }
}

files::path program_of(const BlinkCommand& command) {
  const auto& viewer = viewer_named(command.program);
  auto program = installed(viewer);
  if (program.empty()) {
    throw Error{ErrorKind::NotFound,
                fmt::format("{} is not installed, or not in $PATH: `{}`; or --with another program, or --gif FILE",
                            viewer.name, viewer.package)};
  }
  return program;
}

/// What was brought, laid out for the program, or written.
int show(Application& application, const Gathering& gathered, const WantedFiles& wanted, const BlinkCommand& command,
         const files::path& program) {
  if (!gathered.has_answer()) return kFailed;
  const auto plates = gathered.snapshot().plates.size();
  if (gathered.good().empty()) {
    message("{}: nothing to show of {} plates", command.target, plates);
    return kFailed;
  }
  if (!command.gif.empty()) {
    write_animation(application.library(), gathered, wanted, command.gif);
    application.stop();
    return write_out(fmt::format("{} has {} of {} plates\n", command.gif, gathered.good().size(), plates)) ? kDone
                                                                                                           : kFailed;
  }
  const PassingDirectory directory;
  const auto shown = laid_out(application.library(), gathered, directory.path());
  application.stop();
  if (!command.common.quiet) message("{}, in {}", shown.title, command.program);
  const int code = run_and_wait(program, words_of(viewer_named(command.program), shown));
  if (code == 0) return kDone;
  if (code > 128) return code;
  message("{} ended with exit code {}", command.program, code);
  return kFailed;
}

int blink(const BlinkCommand& command) {
  const auto target = wanted_target(command.target, radius_from(command.common.radius));
  check_options(command.common);
  if (!command.gif.empty()) check_gif(command.gif);
  const auto program = command.gif.empty() ? program_of(command) : files::path{};  // before anything is fetched
  FetchReport report{{.has_bar = has_bar(command.common, false), .is_quiet = true}};
  Gathering gathered{report};
  InterruptibleWait wait;
  ::signal(SIGPIPE, SIG_IGN);
  const auto log = Log::to_stderr(log_level_of_command(command.common));
  Application application{command.common, log};
  auto wanted = WantedFiles::from({command.gif.empty() ? "cutout" : "stamp"});
  if (command.common.positive) wanted.variant = "positive";
  wanted.sequences = sequences_of(command.common, log);
  FetchRun run{application.library(), gathered, {wanted, radius_from(command.common.radius), command.jobs}};
  if (run_interruptibly(application, run, report, {target}, wait)) return report.finish(wait.exit_code());
  report.finish(0);
  return show(application, gathered, wanted, command, program);
}

}  // namespace

int run_blink(const BlinkCommand& given) {
  return reporting_errors([command = given]() mutable {
    settle(command.common);
    return blink(command);
  });
}

}  // namespace platefs::tools
