// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>

#include "tools/cli/options.h"
#include "vo/base/thread.h"

namespace platefs::tools {

/// Whether a line that changes may be shown: stderr is a terminal that can, and nobody forbade it.
bool shows_progress(const CommonOptions& options);
/// What the log of a command (not of a mount) tells on stderr: no request, unless -v asks for it; of -q errors alone.
std::string log_level_of_command(const CommonOptions& options);
/// Characters in a line of the terminal on stderr; 80 where it does not say.
std::size_t progress_width();
/// "12 s", "3:07", "1:02:45".
std::string time_text(std::chrono::seconds time);

/// Calls a function from time to time, on a thread of its own, until it is destroyed. The function must not throw.
class Ticker {
 public:
  Ticker(std::chrono::milliseconds interval, std::function<void()> tick);
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_ended_ = false;
  vo::Thread thread_;
};

/// Says on stderr what is waited for and since when ("asking gavo … 4 s"), from 0.3 s on, until it is destroyed; then
/// the line is gone. Made after InterruptibleWait, before anything else is written to stderr.
class Spinner {
 public:
  Spinner(const CommonOptions& options, std::string what);
  ~Spinner();
  Spinner(const Spinner&) = delete;
  Spinner& operator=(const Spinner&) = delete;

 private:
  void draw();

  std::string what_;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
  bool is_drawn_ = false;  ///< the ticker's own until it has ended
  std::unique_ptr<Ticker> ticker_;
};

/// "asking gavo, dasch".
std::string asking(const CommonOptions& options);

}  // namespace platefs::tools
