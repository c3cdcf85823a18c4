// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>

#include "vo/base/error.h"
#include "vo/http/message.h"

namespace platefs::vo {

/// What a handler wants after a piece of the body.
enum class Flow {
  Continue,
  Pause,  ///< this piece was not taken; it comes again after TransferTicket::resume()
  Stop,   ///< enough: ends the transfer with on_end(Error{Cancelled})
};

/// Hears the story of one request. Called on one thread of the transport's, in the order head, body…, end;
/// must not block, parse or take a lock that is held during I/O.
struct TransferHandler {
  virtual ~TransferHandler() = default;

  /// The final answer, after redirects and retries, whatever its status. Not called when the
  /// request failed before.
  virtual void on_head(const http::Head& head) = 0;
  virtual Flow on_body(std::span<const std::byte> bytes) = 0;
  /// Exactly once, last. Nothing: the body is complete by its own framing.
  virtual void on_end(std::optional<Error> error) = 0;
};

/// Handle of a running transfer. Dropping it changes nothing. Thread-safe.
class TransferTicket {
 public:
  struct Handle {
    virtual ~Handle() = default;
    virtual void cancel() = 0;  ///< on_end(Error{Cancelled}) follows unless it has ended already
    virtual void resume() = 0;
  };

  TransferTicket() = default;
  explicit TransferTicket(std::shared_ptr<Handle> handle) : handle_(std::move(handle)) {}

  void cancel() const {
    if (handle_) handle_->cancel();
  }
  void resume() const {
    if (handle_) handle_->resume();
  }

 private:
  std::shared_ptr<Handle> handle_;
};

/// Runs requests. Thread-safe; never blocks.
///
/// Before the handler hears anything the transport retries on its own what retry_policy.h allows:
/// connection failures, 408, 429, 502, 503, 504. Once a byte of a body has been handed out, a broken
/// connection is on_end(Error{Unavailable}): only the caller knows how to go on from there.
struct Transport {
  virtual ~Transport() = default;
  virtual TransferTicket start(http::Request request, std::shared_ptr<TransferHandler> handler) = 0;
  /// Many requests to the host of `url` are about to follow the next one: connections for them may be opened at once.
  virtual void expect_many(const Url& /*url*/) {}
};

/// Runs one request and waits for its whole body: short documents only (request.max_body bounds
/// it). Throws the Error of a failed transfer, Error{Cancelled} on `stop`. A status of 4xx or 5xx
/// is an answer, not an error: see `error_of_status`. `stop` is obeyed at once, whatever the
/// transport does.
http::Response fetch(Transport& transport, http::Request request, const std::stop_token& stop);

/// The Error that an HTTP status stands for: 401/403 and a proxy's 407 NotAuthorized, 404/410 NotFound, 429/5xx
/// Unavailable, other 4xx and 204 (off the plate) Rejected, anything else Malformed. The beginning
/// of `excerpt` is shown when it is readable text, not markup.
Error error_of_status(const http::Head& head, std::string_view excerpt);

}  // namespace platefs::vo
