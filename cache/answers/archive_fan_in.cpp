// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/archive_fan_in.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace platefs::cache {

ArchiveFanIn::ArchiveFanIn(const vo::IcrsPosition& position, std::vector<std::string> archives, std::int64_t now,
                           Done done)
    : archives_(std::move(archives)) {
  const auto state = state_.lock();
  state->answer = std::make_shared<PlatesAnswer>(PlatesAnswer{position, {}, now});
  state->answer->archives.resize(archives_.size());
  state->has_answered.resize(archives_.size());
  state->done = std::move(done);
}

bool ArchiveFanIn::has_table(const State& state) {
  return std::ranges::any_of(state.answer->archives, [](const ArchiveAnswer& part) { return part.table != nullptr; });
}

bool ArchiveFanIn::is_complete(const State& state) {
  return std::ranges::all_of(state.has_answered, [](bool answered) { return answered; });
}

void ArchiveFanIn::take(std::size_t archive, vo::Outcome<ArchiveAnswer> part) {
  {
    const auto state = state_.lock();
    if (!state->answer) return;
    state->answer->archives[archive] =
        part ? part.value() : ArchiveAnswer{archives_[archive], nullptr, part.error(), 0};
    state->has_answered[archive] = true;
    if (!is_complete(*state)) return;
  }
  finish();
}

bool ArchiveFanIn::could_be_closed() const {
  const auto state = state_.lock();
  return state->answer && has_table(*state) && !is_complete(*state);
}

std::vector<std::size_t> ArchiveFanIn::missing() const {
  std::vector<std::size_t> indices;
  const auto state = state_.lock();
  for (std::size_t i = 0; i < archives_.size(); ++i) {
    if (!state->has_answered[i]) indices.push_back(i);
  }
  return indices;
}

bool ArchiveFanIn::close() {
  {
    const auto state = state_.lock();
    if (!state->answer || !has_table(*state)) return false;
    for (std::size_t i = 0; i < archives_.size(); ++i) {
      if (state->has_answered[i]) continue;
      const vo::Error late(vo::ErrorKind::TimedOut,
                           fmt::format("{} has not answered yet; its plates are listed once it has", archives_[i]));
      state->answer->archives[i] = {archives_[i], nullptr, late, 0};
    }
  }
  finish();
  return true;
}

void ArchiveFanIn::finish() {
  std::shared_ptr<PlatesAnswer> answer;
  Done done;
  bool any_table = false;
  {
    const auto state = state_.lock();
    if (!state->answer) return;
    any_table = has_table(*state);
    answer = std::move(state->answer);
    done = std::move(state->done);
  }
  if (any_table) return done(std::shared_ptr<const PlatesAnswer>(std::move(answer)));
  done(*answer->archives.front().failure);
}

}  // namespace platefs::cache
