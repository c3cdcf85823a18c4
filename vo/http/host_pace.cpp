// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/host_pace.h"

#include <algorithm>

namespace platefs::vo {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWindow{1'000};  // what most services count over
constexpr std::size_t kMostAnswers = 64;
constexpr milliseconds kLongestInterval{10'000};
constexpr milliseconds kShortestInterval{5};
constexpr milliseconds kQuiet{30'000};  // without a complaint: it may go faster
constexpr milliseconds kStep{5'000};    // between two steps faster

}  // namespace

void HostPace::forget_old(TimePoint now) {
  while (!answers_.empty() && answers_.front() + kWindow <= now) answers_.pop_front();
}

void HostPace::answered(TimePoint now) {
  own_hold_ = rules_.first_hold;
  forget_old(now);
  if (answers_.size() < kMostAnswers) answers_.push_back(now);
  const bool is_calm = interval_ > milliseconds{0} && now - last_complaint_ > kQuiet && now - last_faster_ > kStep;
  if (!is_calm) return;
  last_faster_ = now;
  interval_ = interval_ * 4 / 5;
  if (interval_ < kShortestInterval) interval_ = milliseconds{0};
  interval_ = std::max(interval_, rules_.shortest_interval);
}

/// A tenth slower than what it took within the last second; half as fast where it took nothing.
void HostPace::learn_rate(TimePoint now) {
  forget_old(now);
  const bool took_some = !answers_.empty();
  const auto as_taken = took_some ? kWindow * 11 / 10 / static_cast<long>(answers_.size()) : Wait{0};
  interval_ = std::min(std::max(as_taken, took_some ? interval_ * 11 / 10 : interval_ * 2), kLongestInterval);
  // It would take them for new: they were answered before it complained.
  answers_.clear();
}

void HostPace::refused(TimePoint began, TimePoint now, std::optional<Wait> asked_for) {
  const bool is_news = began >= last_complaint_;
  if (is_news) {
    learn_rate(now);
    last_complaint_ = now;
  }
  held_until_ = std::max(held_until_, now + std::max(own_hold_, asked_for.value_or(Wait{0})));
  if (is_news) own_hold_ = std::min(2 * own_hold_, rules_.longest_hold);
}

HostPace::TimePoint HostPace::next_begin() const {
  if (interval_ == Wait{0}) return held_until_;
  return std::max(held_until_, last_begin_ + interval_);
}

}  // namespace platefs::vo
