// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/failure_log.h"

#include <cstddef>
#include <utility>

namespace platefs::cache {
namespace {

constexpr std::size_t kMostSubjects = 10000;  // then all may be told again

}  // namespace

void FailureLog::failed(const std::string& subject, const std::string& text) {
  if (!warn_) return;
  {
    const auto told = told_.lock();
    if (told->size() >= kMostSubjects) told->clear();
    if (std::exchange((*told)[subject], text) == text) return;
  }
  warn_(text);
}

void FailureLog::is_over(const std::string& subject) { told_.lock()->erase(subject); }

}  // namespace platefs::cache
