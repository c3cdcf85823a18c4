// SPDX-License-Identifier: BSD-3-Clause
#include "fs/http/parking.h"

#include <utility>

namespace platefs::fs {

Parking::Next Parking::next() {
  const auto state = state_.lock();
  if (state->is_over) return {nullptr, true};
  if (state->step) {
    Next next{std::move(*state->step), false};
    state->step.reset();
    return next;
  }
  // Under the lock, so that whoever resumes it finds it suspended.
  state->watched = watch_.watch(connection_.fd(), weak_from_this());
  if (state->watched == 0) {
    state->is_over = true;
    return {nullptr, true};
  }
  connection_.suspend();
  return {};
}

Parking::Step Parking::take_ready() {
  const auto state = state_.lock();
  if (state->is_over || !state->step) return nullptr;
  return std::move(*std::exchange(state->step, std::nullopt));
}

void Parking::wake(State& state) {
  if (state.watched == 0) return;
  watch_.forget(std::exchange(state.watched, 0), connection_.fd());
  connection_.resume();
}

std::uint64_t Parking::begin() {
  const auto state = state_.lock();
  state->withdraw = nullptr;
  return ++state->question;
}

void Parking::answered(std::uint64_t question, Step step) {
  std::function<void()> done;  // goes after the lock: what it owns may ask in its destructor
  const auto state = state_.lock();
  if (state->is_ended || state->is_over || state->question != question) return;
  done = std::exchange(state->withdraw, nullptr);
  state->step = std::move(step);
  wake(*state);
}

void Parking::withdraw_by(std::uint64_t question, std::function<void()> withdraw) {
  bool is_too_late = false;
  {
    const auto state = state_.lock();
    is_too_late = state->is_over;
    if (!is_too_late && state->question == question && !state->step) state->withdraw = withdraw;
  }
  if (is_too_late) withdraw();
}

void Parking::give_up() {
  std::function<void()> withdraw;
  {
    const auto state = state_.lock();
    if (state->is_over || state->is_ended) return;
    state->is_over = true;
    withdraw = std::exchange(state->withdraw, nullptr);
    wake(*state);
  }
  if (withdraw) withdraw();
}

void Parking::end() {
  std::function<void()> withdraw;
  std::optional<Step> step;
  {
    const auto state = state_.lock();
    state->is_ended = true;
    withdraw = std::exchange(state->withdraw, nullptr);
    step = std::exchange(state->step, std::nullopt);
  }
  if (withdraw) withdraw();
}

}  // namespace platefs::fs
