// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/progress.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <utility>

#include "tools/cli/reporting.h"

namespace platefs::tools {
namespace {

using namespace std::chrono_literals;

constexpr auto kUnnoticed = 300ms;
constexpr auto kInterval = 100ms;

bool is_dumb_terminal() {
  const char* kind = std::getenv("TERM");
  return kind == nullptr || std::string_view{kind} == "dumb";
}

}  // namespace

bool shows_progress(const CommonOptions& options) {
  return !options.quiet && !options.no_progress && ::isatty(STDERR_FILENO) != 0 && !is_dumb_terminal();
}

std::string log_level_of_command(const CommonOptions& options) {
  if (options.verbose) return options.log_level == "debug" ? "debug" : "info";
  if (options.quiet) return options.log_level == "off" ? "off" : "error";
  return options.log_level == "info" ? "warning" : options.log_level;
}

std::size_t progress_width() {
  struct winsize size = {};
  const bool is_known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return is_known ? size.ws_col : 80;
}

std::string time_text(std::chrono::seconds time) {
  const auto seconds = time.count();
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

Ticker::Ticker(std::chrono::milliseconds interval, std::function<void()> tick)
    : thread_(
          "ticker",
          [this, interval, tick = std::move(tick)] {
            std::unique_lock lock(mutex_);
            while (!wake_.wait_for(lock, interval, [this] { return is_ended_; })) {
              lock.unlock();
              tick();
              lock.lock();
            }
          },
          [](const vo::Error&) {}) {}

Ticker::~Ticker() {
  {
    const std::lock_guard lock(mutex_);
    is_ended_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

Spinner::Spinner(const CommonOptions& options, std::string what) : what_(std::move(what)) {
  if (shows_progress(options)) ticker_ = std::make_unique<Ticker>(kInterval, [this] { draw(); });
}

Spinner::~Spinner() {
  ticker_.reset();
  if (is_drawn_) write_message("\r\x1b[K");
}

void Spinner::draw() {
  const auto waited = std::chrono::steady_clock::now() - since_;
  if (waited < kUnnoticed) return;
  constexpr std::string_view kTurns = "|/-\\";
  const auto turn = static_cast<std::size_t>(waited / kInterval) % kTurns.size();
  const auto line = fmt::format("{} {} … {}", kTurns[turn], what_,
                                time_text(std::chrono::duration_cast<std::chrono::seconds>(waited)));
  if (line.size() < progress_width()) write_message("\r\x1b[K" + line);
  is_drawn_ = true;
}

std::string asking(const CommonOptions& options) {
  std::string names;
  for (const auto& entry : archives_from(options)) names += (names.empty() ? "asking " : ", ") + entry.name;
  return options.offline ? "looking into the cache" : harmless(names);
}

}  // namespace platefs::tools
