// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "vo/base/guarded.h"

namespace platefs::cache {

/// Tells the log what fails, once: who lists a broken target ten times makes one line. Thread-safe.
class FailureLog {
 public:
  using Warn = std::function<void(std::string_view)>;
  /// Without `warn` it keeps silent.
  explicit FailureLog(Warn warn) : warn_(std::move(warn)) {}

  /// `subject` failed for the reason `text`; told unless that was the last news of the subject.
  void failed(const std::string& subject, const std::string& text);
  /// The subject is well again: its next failure is news.
  void is_over(const std::string& subject);

 private:
  Warn warn_;
  vo::Guarded<std::map<std::string, std::string>> told_;
};

}  // namespace platefs::cache
