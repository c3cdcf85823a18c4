// SPDX-License-Identifier: BSD-3-Clause
#include "cache/fetch/body_writer.h"

#include <algorithm>
#include <utility>

#include "cache/store/xxh3.h"

namespace platefs::cache {
namespace {

constexpr std::size_t kMostUnderWay = 2u << 20;
constexpr std::size_t kResumeBelow = 1u << 20;

}  // namespace

struct BodyWriter::Written {
  Written() : hash(XXH3_createState()) { XXH3_64bits_reset(hash); }
  ~Written() { XXH3_freeState(hash); }
  Written(const Written&) = delete;
  Written& operator=(const Written&) = delete;

  Choose choose;
  ObjectId object = 0;
  std::uint64_t offset = 0;  ///< where the next bytes go
  std::uint64_t bytes = 0;
  bool hashed = false;
  XXH3_state_t* hash;
  std::optional<vo::Error> error;
};

BodyWriter::~BodyWriter() = default;

void BodyWriter::set_ticket(const vo::TransferTicket& ticket) {
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

void BodyWriter::begin(std::uint64_t offset, std::uint64_t end, bool hashed, Choose choose) {
  most_ = end - std::min(offset, end);
  written_ = std::make_shared<Written>();
  written_->choose = std::move(choose);
  written_->offset = offset;
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

bool BodyWriter::is_to_pause() {
  const std::lock_guard lock(mutex_);
  paused_ = under_way_ > kMostUnderWay;
  return paused_;
}

vo::Flow BodyWriter::take(std::span<const std::byte> bytes) {
  if (bytes.size() > most_ - std::min(most_, received_)) return vo::Flow::Stop;
  if (is_to_pause()) return vo::Flow::Pause;
  received_ += bytes.size();
  if (!rest_.empty()) {
    const auto missing = bytes.first(std::min<std::size_t>(kGranuleSize - rest_.size(), bytes.size()));
    append(rest_, missing);
    if (rest_.size() < kGranuleSize) return vo::Flow::Continue;
    hand_over(rest_);
    bytes = bytes.subspan(missing.size());
  }
  const auto whole = bytes.size() / kGranuleSize * kGranuleSize;
  hand_over(bytes.first(whole));
  rest_.clear();
  append(rest_, bytes.subspan(whole));
  return vo::Flow::Continue;
}

void BodyWriter::hand_over(std::span<const std::byte> granules) {
  bool is_news = false;
  while (!granules.empty()) {
    const auto some = granules.first(std::min(granules.size(), BufferPool::kBufferSize));
    if (next_buffer_.capacity() == 0) next_buffer_ = writer_.pool().take();
    is_news |= queue(some);
    granules = granules.subspan(some.size());
  }
  if (!is_news) return;
  writer_.post([self = shared_from_this()](Store& store) { self->write_queue(store); });
}

/// At most a buffer's worth. True: the writer has to be told.
bool BodyWriter::queue(std::span<const std::byte> granules) {
  const std::lock_guard lock(mutex_);
  under_way_ += granules.size();
  const auto room = queue_.empty() ? 0 : BufferPool::kBufferSize - queue_.back().size();
  const auto here = granules.first(std::min(room, granules.size()));
  if (!here.empty()) append(queue_.back(), here);
  if (here.size() < granules.size()) {
    const auto rest = granules.subspan(here.size());
    queue_.push_back(std::exchange(next_buffer_, {}));
    append(queue_.back(), rest);
  }
  return !std::exchange(is_announced_, true);
}

/// On the writer thread.
void BodyWriter::write_queue(Store& store) {
  std::vector<Buffer> buffers;
  {
    const std::lock_guard lock(mutex_);
    buffers.swap(queue_);
    is_announced_ = false;
  }
  for (auto& buffer : buffers) {
    const auto size = buffer.size();
    write(store, std::move(buffer));
    drained(size);
  }
}

void BodyWriter::write(Store& store, Buffer buffer) {
  auto& written = *written_;
  if (written.error) return;
  const auto bytes = writer_.pool().share(std::move(buffer));
  const vo::ByteRange range{written.offset, written.offset + bytes->size()};
  try {
    store.put(written.object, range.first, bytes);
  } catch (...) {
    return stop(vo::current_error("writing to the cache"));
  }
  if (written.hashed) XXH3_64bits_update(written.hash, bytes->data(), bytes->size());
  written.offset = range.end;
  written.bytes += bytes->size();
  if (stored_) stored_(written.object, range);
}

/// On the writer thread: nothing more of this body is of use.
void BodyWriter::stop(vo::Error why) {
  written_->error = std::move(why);
  vo::TransferTicket ticket;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    if (ticket_) ticket = *ticket_;
  }
  ticket.cancel();
}

void BodyWriter::drained(std::size_t bytes) {
  vo::TransferTicket ticket;
  {
    const std::lock_guard lock(mutex_);
    under_way_ -= bytes;
    if (under_way_ > kResumeBelow || !paused_ || !ticket_) return;
    paused_ = false;
    ticket = *ticket_;
  }
  ticket.resume();
}

void BodyWriter::finish(bool is_whole, Done done) {
  if (is_whole) hand_over(rest_);
  rest_.clear();
  writer_.post([self = shared_from_this(), done = std::move(done)](Store& store) {
    const auto& written = *self->written_;
    if (written.error) return done(store, *written.error);
    done(store, Total{written.object, written.bytes, written.hashed ? XXH3_64bits_digest(written.hash) : 0});
  });
}

}  // namespace platefs::cache
