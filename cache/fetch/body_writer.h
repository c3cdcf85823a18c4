// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "cache/store/writer.h"
#include "vo/base/completion.h"
#include "vo/http/transport.h"

namespace platefs::cache {

/// Carries a body from the transfer thread to the writer thread: cuts it into whole granules, keeps
/// at most 2 MiB on the way (then the transfer pauses), and says when granules are stored.
///
/// Bytes arrive in small pieces. What has come while the writer was busy is written in one go: a
/// writer with time on its hands takes each piece at once, one with much to do takes few large
/// ones.
///
/// Calls from the transfer thread: begin, take, finish, in that order. Callbacks run on the writer
/// thread, in order. The first that fails stops the transfer; the error is given to finish's
/// `done`. What is on the way still counts for nothing then.
class BodyWriter : public std::enable_shared_from_this<BodyWriter> {
 public:
  using Choose = std::function<ObjectId(Store&)>;  ///< creates or stages the object; may throw
  using Stored = std::function<void(ObjectId, vo::ByteRange)>;
  struct Total {
    ObjectId object = 0;
    std::uint64_t bytes = 0;  ///< received through this writer
    std::uint64_t hash = 0;   ///< XXH3 of them, in order; 0 when not asked for
  };
  using Done = std::function<void(Store&, vo::Outcome<Total>)>;

  BodyWriter(Writer& writer, Stored stored) : writer_(writer), stored_(std::move(stored)) {}
  ~BodyWriter();

  /// The transfer to pause when the writer falls behind, and to continue when it has caught up. Any thread.
  void set_ticket(const vo::TransferTicket& ticket);
  /// The body is the bytes from `offset` up to `end` at most. `hashed`: the total is to carry their hash.
  void begin(std::uint64_t offset, std::uint64_t end, bool hashed, Choose choose);
  /// Flow::Stop when there are more bytes than that; nothing of these is taken then.
  vo::Flow take(std::span<const std::byte> bytes);
  /// `is_whole`: the body ended where the file ends, so that a last short granule counts. `done`
  /// runs on the writer thread after everything before it.
  void finish(bool is_whole, Done done);
  std::uint64_t received() const { return received_; }

 private:
  struct Written;
  bool is_to_pause();
  void hand_over(std::span<const std::byte> granules);
  bool queue(std::span<const std::byte> granules);
  void write_queue(Store& store);
  void write(Store& store, Buffer buffer);
  void drained(std::size_t bytes);
  void stop(vo::Error why);

  Writer& writer_;
  Stored stored_;
  std::shared_ptr<Written> written_;  ///< the writer thread's side
  Buffer rest_;                       ///< less than a granule
  Buffer next_buffer_;                ///< of the pool, empty: for the queue when it needs one
  std::uint64_t most_ = 0;            ///< to be received in all
  std::uint64_t received_ = 0;
  std::mutex mutex_;           ///< guards what follows
  std::vector<Buffer> queue_;  ///< whole granules, one behind the other
  bool is_announced_ = false;  ///< the writer has been told of the queue
  std::size_t under_way_ = 0;  ///< bytes queued or being written
  std::optional<vo::TransferTicket> ticket_;
  bool paused_ = false;
  bool stopped_ = false;
};

}  // namespace platefs::cache
