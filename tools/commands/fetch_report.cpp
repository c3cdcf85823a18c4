// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/fetch_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "tools/cli/options.h"
#include "tools/cli/reporting.h"
#include "vo/base/error.h"

namespace platefs::tools {
namespace {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr std::size_t kBarWidth = 24;

std::string line_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string counted(std::uint64_t number, const char* what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
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
  const auto now = Clock::now();
  if (!style_.has_bar || now - drawn_ < 100ms) return;
  drawn_ = now;
  const auto filled = planned_ == 0 ? 0 : kBarWidth * std::min(done_, planned_) / planned_;
  const auto seconds = std::chrono::duration<double>(now - began_).count();
  write_message(
      fmt::format("\r\x1b[K[{}{}] {} of {}, {}, {}/s", std::string(filled, '#'), std::string(kBarWidth - filled, '.'),
                  done_, counted(planned_, "file"), size_text(bytes_),
                  size_text(static_cast<std::uint64_t>(static_cast<double>(bytes_) / std::max(seconds, 0.1)))));
  bar_is_drawn_ = true;
}

void FetchReport::target_answered(const NamedTarget& target, const fs::TargetSnapshot& snapshot) {
  const std::lock_guard lock(mutex_);
  ++targets_;
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

void FetchReport::progressed(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  bytes_ += bytes;
  draw();
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
    complain(fmt::format("{}/{}/{}: {}", job.target.target.directory_name(), job.plate, job.file, result.error));
  }
  draw();
}

int FetchReport::exit_code() const {
  const auto count = [&](FetchState state) {
    const auto found = files_.find(state);
    return found == files_.end() ? std::uint64_t{0} : found->second;
  };
  const auto failed = count(FetchState::Failed) + failed_targets_ + partial_targets_;
  if (failed == 0) return kDone;
  const auto good = done_ - count(FetchState::Failed) + targets_ - partial_targets_;
  return good > 0 || partial_targets_ > 0 ? kDoneInPart : kFailed;
}

int FetchReport::finish(int interrupted_code) {
  const std::lock_guard lock(mutex_);
  wipe();
  const bool interrupted = interrupted_code != 0;
  const int code = interrupted ? interrupted_code : exit_code();
  if (style_.as_json) {
    Json json{{"event", "summary"},      {"targets", targets_},           {"failed_targets", failed_targets_},
              {"bytes", planned_bytes_}, {"bytes_are_exact", all_exact_}, {"interrupted", interrupted}};
    for (const auto state :
         {FetchState::Cached, FetchState::Fetched, FetchState::Planned, FetchState::Absent, FetchState::Failed}) {
      json[std::string{name_of(state)}] = files_[state];
    }
    print(line_of(json));
    return code;
  }
  if (style_.dry_run) {
    print(fmt::format("{} of {} would be fetched, {}{}; {} cached", counted(files_[FetchState::Planned], "file"),
                      counted(targets_, "target"), all_exact_ ? "" : "about ", size_text(planned_bytes_),
                      files_[FetchState::Cached]));
    return code;
  }
  print(fmt::format("{} fetched, {}; {} cached before, {} not offered, {} failed",
                    counted(files_[FetchState::Fetched], "file"), size_text(planned_bytes_), files_[FetchState::Cached],
                    files_[FetchState::Absent], files_[FetchState::Failed]));
  if (interrupted) complain("interrupted; what was fetched is kept, the same command goes on from there");
  if (code == kFailed || code == kDoneInPart) {
    complain("the same command tries again what failed; `platefs doctor` looks for the reason");
  }
  return code;
}

}  // namespace platefs::tools
