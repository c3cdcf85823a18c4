// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "vo/base/guarded.h"

namespace platefs::cache {

/// Codes beside those of errno and LMDB.
constexpr int kIndexWasMoved = -1;    ///< the index lost its name, to nothing or to another file
constexpr int kIndexIsOfOthers = -2;  ///< damaged or of another format, and processes use it

/// Why the index or its folders could not be written.
struct WriteRefusal {
  int code = 0;  ///< errno, LMDB's, or one of those above
  std::string what;
};

/// Nothing is wrong with the disk: a word of the path is a file, or names nothing that could be made.
bool is_mistaken_path(int code);
/// A refusal that lasts as long as the process.
bool is_for_good(int code);
/// The warning: what could not be done, what that means, what to do.
std::string text_of(const WriteRefusal& refusal, const std::filesystem::path& directory, bool can_read);

/// Whether it is worth a try to write to the index: not for a while after a try that failed, and never
/// again after some. Thread-safe.
class WriteAccess {
 public:
  using Clock = std::chrono::steady_clock;
  bool is_open() const { return Clock::now().time_since_epoch().count() >= not_before_.load(); }
  /// Says whether this refusal is news: the first of its kind since something was written.
  bool refuse(const WriteRefusal& refusal, bool for_good);
  void note_success();
  std::string reason() const { return last_.lock()->what; }

 private:
  std::atomic<Clock::rep> not_before_{0};
  std::atomic<bool> is_refused_{false};
  mutable vo::Guarded<WriteRefusal> last_;
};

}  // namespace platefs::cache
