// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/first_of.h"

#include <fmt/core.h>

#include <utility>

#include "cache/files/file_kinds.h"

namespace platefs::cache {

using vo::ByteRange;
using vo::Error;

FirstOf::FirstOf(CachedFile& file, const Make& first, const Make& second, Choose choose)
    : file_(file),
      choose_(std::move(choose)),
      first_(first(file, [this](const Error& error, ByteRange missing) { first_failed(error, missing); })),
      second_(second(file, [this](const Error& error, ByteRange missing) { second_failed(error, missing); })) {}

bool FirstOf::is_seconds(const ObjectInfo* present) { return present != nullptr && present->facts.source == kNextBest; }

Origin::Standing FirstOf::standing() const {
  auto standing = (present_is_seconds_ ? second_ : first_)->standing();
  standing.is_under_way = first_->standing().is_under_way || second_->standing().is_under_way;
  return standing;
}

void FirstOf::update(const Demand& demand, Tasks& tasks) {
  present_is_seconds_ = is_seconds(demand.present) && !demand.is_outdated;
  if (demand.change == Demand::Change::Less) {
    first_->update(demand, tasks);
    return second_->update(demand, tasks);
  }
  if (!second_->standing().is_under_way) stands_in_ = false;  // once more from the first
  serving().update(demand, tasks);
}

void FirstOf::first_failed(const Error& error, ByteRange missing) {
  if (file_.keeps_next_best(error)) return;
  const auto fallback = choose_(error);
  if (fallback == Fallback::AfterRefusal) file_.does_without_best(error);
  bool is_taken = false;
  file_.decide(Demand::Change::More, [&](const Demand& demand, Tasks& tasks) {
    const bool has_begun = demand.present != nullptr && demand.present->facts.source == "download";
    if (fallback == Fallback::None || demand.is_nothing()) return;
    if (fallback == Fallback::AfterRefusal && has_begun) return;
    is_taken = stands_in_ = true;
    refusal_.reset();
    if (fallback == Fallback::AfterRefusal) refusal_ = error;
    second_->update(demand, tasks);
  });
  if (!is_taken) file_.failed(error, missing);
}

void FirstOf::second_failed(const Error& error, ByteRange missing) {
  std::optional<Error> refusal;
  {
    const auto lock = file_.lock();
    stands_in_ = false;
    refusal = std::exchange(refusal_, std::nullopt);
  }
  if (!refusal) return file_.failed(error, missing);
  file_.failed({refusal->kind(), fmt::format("{}; {}", refusal->message(), error.message())}, missing);
}

}  // namespace platefs::cache
