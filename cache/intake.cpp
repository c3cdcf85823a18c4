// SPDX-License-Identifier: BSD-3-Clause
#include "cache/intake.h"

#include <xxhash.h>

#include <utility>

namespace platefs::cache {
namespace {

constexpr std::size_t kMostUnderWay = 2u << 20;
constexpr std::size_t kResumeBelow = 1u << 20;

}  // namespace

struct Intake::Written {
  Written() : hash(XXH3_createState()) { XXH3_64bits_reset(hash); }
  ~Written() { XXH3_freeState(hash); }
  Written(const Written&) = delete;
  Written& operator=(const Written&) = delete;

  Choose choose;
  ObjectId object = 0;
  std::uint64_t bytes = 0;
  bool hashed = false;
  XXH3_state_t* hash;
  std::optional<vo::Error> error;
};

Intake::~Intake() = default;

void Intake::set_ticket(const vo::TransferTicket& ticket) {
  bool resume = false, stopped = false;
  {
    const std::lock_guard lock(mutex_);
    ticket_ = ticket;
    resume = std::exchange(paused_, false);
    stopped = stopped_;
  }
  if (stopped) return ticket.cancel();
  if (resume) ticket.resume();
}

void Intake::begin(std::uint64_t offset, bool hashed, Choose choose) {
  offset_ = offset;
  written_ = std::make_shared<Written>();
  written_->choose = std::move(choose);
  written_->hashed = hashed;
  writer_.post([self = shared_from_this()](Store& store) {
    auto& written = *self->written_;
    try {
      written.object = written.choose(store);
    } catch (...) {
      self->stop(vo::current_error("starting the file in the cache"));
    }
    written.choose = nullptr;
  });
}

vo::Flow Intake::take(std::span<const std::byte> bytes) {
  if (under_way_ > kMostUnderWay) {
    const std::lock_guard lock(mutex_);
    if (under_way_ > kMostUnderWay) {
      paused_ = true;
      return vo::Flow::Pause;
    }
  }
  received_ += bytes.size();
  const std::size_t whole = (rest_.size() + bytes.size()) / kGranuleSize * kGranuleSize;
  if (rest_.capacity() == 0) rest_ = writer_.pool().take();
  if (whole == 0) {
    rest_.insert(rest_.end(), bytes.begin(), bytes.end());
    return vo::Flow::Continue;
  }
  const auto taken = bytes.begin() + static_cast<std::ptrdiff_t>(whole - rest_.size());
  rest_.insert(rest_.end(), bytes.begin(), taken);
  hand_over(std::exchange(rest_, writer_.pool().take()));
  rest_.insert(rest_.end(), taken, bytes.end());
  return vo::Flow::Continue;
}

void Intake::hand_over(std::vector<std::byte> bytes) {
  under_way_ += bytes.size();
  const std::uint64_t offset = std::exchange(offset_, offset_ + bytes.size());
  writer_.post([self = shared_from_this(), offset, shared = writer_.pool().share(std::move(bytes))](Store& store) {
    self->write(store, offset, shared);
    self->drained(shared->size());
  });
}

void Intake::write(Store& store, std::uint64_t offset, const SharedBytes& bytes) {
  auto& written = *written_;
  if (written.error) return;
  try {
    store.put(written.object, offset, bytes);
    if (written.hashed) XXH3_64bits_update(written.hash, bytes->data(), bytes->size());
    written.bytes += bytes->size();
  } catch (...) {
    return stop(vo::current_error("writing to the cache"));
  }
  if (stored_) stored_(written.object, {offset, offset + bytes->size()});
}

/// On the writer thread: nothing more of this body is of use.
void Intake::stop(vo::Error why) {
  written_->error = std::move(why);
  vo::TransferTicket ticket;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    if (ticket_) ticket = *ticket_;
  }
  ticket.cancel();
}

void Intake::drained(std::size_t bytes) {
  const std::size_t left = under_way_ -= bytes;
  if (left > kResumeBelow) return;
  vo::TransferTicket ticket;
  {
    const std::lock_guard lock(mutex_);
    if (!paused_ || !ticket_) return;
    paused_ = false;
    ticket = *ticket_;
  }
  ticket.resume();
}

void Intake::finish(bool is_whole, Done done) {
  if (is_whole && !rest_.empty()) hand_over(std::move(rest_));
  rest_.clear();
  writer_.post([self = shared_from_this(), done = std::move(done)](Store& store) {
    const auto& written = *self->written_;
    if (written.error) return done(store, *written.error);
    done(store, Total{written.object, written.bytes, written.hashed ? XXH3_64bits_digest(written.hash) : 0});
  });
}

}  // namespace platefs::cache
