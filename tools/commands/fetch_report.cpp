// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/fetch_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "tools/cli/options.h"
#include "tools/cli/progress.h"
#include "tools/cli/reporting.h"
#include "vo/base/error.h"

namespace platefs::tools {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kBarWidth = 24, kLeastBar = 6;

std::string line_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string counted(std::uint64_t number, const char* what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

/// Of a plate that there is an image is expected; a preview is had or not.
bool is_remark(const FetchJob& job, const FetchResult& result) {
  const bool is_absent_image = result.state == FetchState::Absent && job.id.kind != cache::ProductKind::Preview;
  return (is_absent_image && !result.error.empty()) || result.state == FetchState::Impossible;
}

std::string path_of(const FetchJob& job) {
  return fmt::format("{}/{}/{}", job.target.target.directory_name(), job.plate, job.file);
}

}  // namespace

void FetchReport::wipe() {
  if (!bar_is_drawn_) return;
  write_message("\r\x1b[K");
  bar_is_drawn_ = false;
}

void FetchReport::print(const std::string& line) {
  wipe();
  const auto text = line + "\n";
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written)
    throw vo::Error{vo::ErrorKind::LocalIo, fmt::format("can't write the answer: {}", std::strerror(errno))};
}

void FetchReport::complain(const std::string& line) {
  wipe();
  message("{}", harmless(line));
}

void FetchReport::draw() {
  if (!style_.has_bar) return;
  write_message("\r\x1b[K" + (planned_ == 0 ? progress_text() : bar()));
  bar_is_drawn_ = true;
}

/// Files in all, as far as the targets that answered tell.
std::uint64_t FetchReport::expected() const {
  const auto answered = targets_ + failed_targets_;
  return answered == 0 || answered >= style_.targets ? planned_ : planned_ * style_.targets / answered;
}

std::string FetchReport::bar() const {
  const auto text = progress_text();
  const auto width = progress_width();
  if (text.size() + kLeastBar + 4 > width) return text.substr(0, width - 1);
  const auto room = std::min(kBarWidth, width - text.size() - 4);
  const auto filled = room * std::min(done_, expected()) / expected();
  return fmt::format("[{}{}] {}", std::string(filled, '#'), std::string(room - filled, '.'), text);
}

std::string FetchReport::progress_text() const {
  const auto passed = std::chrono::duration<double>(Clock::now() - began_).count();
  if (planned_ == 0) return fmt::format("asking which plates there are, {:.0f} s", passed);
  const auto all = expected();
  auto text = fmt::format("{} of {}{}", done_, all == planned_ ? "" : "about ", counted(all, "file"));
  if (const auto failed = count(FetchState::Failed); failed > 0) text += fmt::format(", {} failed", failed);
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(arrived_) / std::max(passed, 0.1));
  text += fmt::format(", {}, {}/s", size_text(arrived_), size_text(rate));
  if (done_ > 0 && done_ < all) {
    const auto left = passed * static_cast<double>(all - done_) / static_cast<double>(done_);
    text += fmt::format(", {} left", time_text(std::chrono::seconds(static_cast<std::int64_t>(left))));
  }
  return text;
}

void FetchReport::tick(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  arrived_ = bytes;
  draw();
}

void FetchReport::target_answered(const NamedTarget& target, const fs::TargetSnapshot& snapshot) {
  const std::lock_guard lock(mutex_);
  ++targets_;
  if (style_.keeps_answered) answered_.push_back(target.target.directory_name());
  bool is_partial = false;
  for (const auto& part : snapshot.answer->archives) {
    if (!part.failure) continue;
    is_partial = true;
    complain(fmt::format("{}: {}", target.label, part.failure->message()));
  }
  if (is_partial) ++partial_targets_;
  if (style_.as_json) {
    print(line_of({{"event", "target"},
                   {"target", target.label},
                   {"directory", target.target.directory_name()},
                   {"plates", snapshot.plates.size()},
                   {"complete", !is_partial}}));
  } else if (snapshot.plates.empty()) {
    complain(fmt::format("{}: no plate covers it", target.label));
  }
}

void FetchReport::target_failed(const std::string& label, const vo::Error& error) {
  const std::lock_guard lock(mutex_);
  ++failed_targets_;
  if (style_.as_json) {
    print(line_of({{"event", "target"}, {"target", label}, {"error", error.message()}}));
  } else {
    complain(error.message());
  }
}

void FetchReport::planned(const std::vector<FetchJob>& jobs) {
  const std::lock_guard lock(mutex_);
  planned_ += jobs.size();
}

void FetchReport::ended(const FetchJob& job, const FetchResult& result) {
  const std::lock_guard lock(mutex_);
  ++done_;
  ++files_[result.state];
  planned_bytes_ += result.bytes;
  if (result.state == FetchState::Planned) all_exact_ &= result.size_is_exact;
  if (style_.as_json) {
    const auto& plate = job.id.plate.plate();
    Json json{{"event", "file"},
              {"target", job.target.label},
              {"plate", job.plate},
              {"file", job.file},
              {"state", name_of(result.state)},
              {"size", result.size},
              {"size_is_exact", result.size_is_exact},
              {"bytes", result.bytes},
              {"did", plate.obs_publisher_did.view()},
              {"archive", plate.archive}};
    if (!result.error.empty()) json["error"] = result.error;
    print(line_of(json));
  } else if (result.state == FetchState::Failed) {
    complain(fmt::format("{}: {}", path_of(job), result.error));
  } else if (is_remark(job, result) && !style_.is_quiet) {
    complain(fmt::format("{} can't exist: {}", path_of(job), result.error));
  }
}

std::uint64_t FetchReport::count(FetchState state) const {
  const auto found = files_.find(state);
  return found == files_.end() ? 0 : found->second;
}

/// What can't be had for good is no failure: the same command would not do better.
int FetchReport::exit_code() const {
  const auto failed = count(FetchState::Failed) + failed_targets_ + partial_targets_;
  if (failed == 0) return kDone;
  const auto good = done_ - count(FetchState::Failed) + targets_ - partial_targets_;
  return good > 0 || partial_targets_ > 0 ? kDoneInPart : kFailed;
}

std::string FetchReport::summary() const {
  if (style_.dry_run) {
    return fmt::format("{} of {} would be fetched, {}{}; {} cached", counted(count(FetchState::Planned), "file"),
                       counted(targets_, "target"), all_exact_ ? "" : "about ", size_text(planned_bytes_),
                       count(FetchState::Cached));
  }
  auto text =
      fmt::format("{} fetched, {}; {} cached before, {} not offered", counted(count(FetchState::Fetched), "file"),
                  size_text(planned_bytes_), count(FetchState::Cached), count(FetchState::Absent));
  if (const auto impossible = count(FetchState::Impossible); impossible > 0) {
    text += fmt::format(", {} can't exist", impossible);
  }
  text += fmt::format(", {} failed", count(FetchState::Failed));
  const bool has_files = count(FetchState::Fetched) + count(FetchState::Cached) > 0;
  return has_files && !place_.empty() ? text + "\n" + place_ : text;
}

int FetchReport::finish(int interrupted_code) {
  const std::lock_guard lock(mutex_);
  wipe();
  const bool interrupted = interrupted_code != 0;
  const int code = interrupted ? interrupted_code : exit_code();
  if (style_.as_json) {
    Json json{{"event", "summary"},      {"targets", targets_},           {"failed_targets", failed_targets_},
              {"bytes", planned_bytes_}, {"bytes_are_exact", all_exact_}, {"interrupted", interrupted}};
    for (const auto state : {FetchState::Cached, FetchState::Fetched, FetchState::Planned, FetchState::Absent,
                             FetchState::Impossible, FetchState::Failed}) {
      json[std::string{name_of(state)}] = count(state);
    }
    print(line_of(json));
    return code;
  }
  if (!style_.is_quiet) print(summary());
  if (interrupted) complain("interrupted; what was fetched is kept, the same command goes on from there");
  if (code == kFailed || code == kDoneInPart) {
    complain("the same command tries again what failed; `platefs doctor` looks for the reason");
  }
  return code;
}

}  // namespace platefs::tools
