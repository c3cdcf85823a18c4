// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/fetch/body_writer.h"
#include "cache/fetch/response_check.h"
#include "vo/http/transport.h"

namespace platefs::cache {

/// The listener of a download. On the writer thread, in this order: on_begin, on_stored, on_done. On the thread of the
/// transfer, before on_done: on_unusable_range, wants_hash.
struct DownloadListener {
  virtual ~DownloadListener() = default;
  /// The head and the first bytes are good. Creates or stages the object that takes the bytes and
  /// returns its id. May throw: the download then ends with that error.
  virtual ObjectId on_begin(Store& store, const BodyStart& start, const std::string& url) = 0;
  /// The answer is a part and does not say which: of that server parts are of no use.
  virtual void on_unusable_range() {}
  virtual void on_stored(ObjectId object, vo::ByteRange range) = 0;
  /// The total is to carry the hash of the bytes, because no validator tells versions of them apart.
  virtual bool wants_hash() const { return false; }
  /// Exactly once. The total when the body came whole; else why not.
  virtual void on_done(Store& store, vo::Outcome<BodyWriter::Total> outcome) = 0;
};

/// One GET whose body goes to the store. The first bytes are looked at before anything is stored
/// (response_check.h). Owned by the transport until it ends; ended early by cancel().
class Download final : public vo::TransferHandler, public std::enable_shared_from_this<Download> {
 public:
  /// Starts `request` (its range, if any, begins on a granule border).
  static std::shared_ptr<Download> start(vo::Transport& transport, Writer& writer, vo::http::Request request,
                                         Expected expected, std::shared_ptr<DownloadListener> listener);
  void cancel() const { ticket_.cancel(); }  ///< any thread, after start() returned

  void on_head(const vo::http::Head& head) override;
  vo::Flow on_body(std::span<const std::byte> bytes) override;
  void on_end(std::optional<vo::Error> error) override;

  Download(Writer& writer, const vo::http::Request& request, Expected expected,
           std::shared_ptr<DownloadListener> listener);

 private:
  vo::Flow judge_first_bytes();
  std::uint64_t received_until() const { return start_->offset + body_writer_->received(); }
  vo::Flow store(std::span<const std::byte> bytes);
  std::optional<vo::Error> shortfall() const;
  vo::Error failure() const;

  Writer& writer_;
  std::uint64_t asked_first_;
  bool asked_range_;
  Expected expected_;
  std::shared_ptr<DownloadListener> listener_;
  std::shared_ptr<BodyWriter> body_writer_;
  vo::TransferTicket ticket_;

  // transfer thread only:
  vo::http::Head head_;
  std::optional<BodyStart> start_;
  std::vector<std::byte> first_bytes_;  ///< until they are enough to be judged
  std::string excerpt_;                 ///< of an answer that is a failure
  bool begun_ = false;
  std::optional<vo::Error> refused_;
};

}  // namespace platefs::cache
