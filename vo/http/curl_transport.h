// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>

#include "vo/base/thread.h"
#include "vo/http/curl_options.h"
#include "vo/http/transport.h"

namespace platefs::vo {

class CurlInbox;
class CurlLoop;

/// The transport over libcurl: HTTP/1.1, one thread, which the constructor starts (so construct it
/// after any fork) and stop() or the destructor end within milliseconds: transfers that are left end
/// in on_end(Error{Cancelled}), and one that is started afterwards does so at once, on the caller's
/// thread. Thread-safe; nothing here waits for the network.
///
/// Redirects (301, 302, 303, 307, 308; at most 10) are followed to http and https only;
/// Authorization and Cookie don't follow to another origin. A handler that throws ends its transfer
/// with that error. The constructor throws Error{LocalIo} when libcurl can't be set up.
class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(CurlOptions options);
  ~CurlTransport() override;
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  TransferTicket start(http::Request request, std::shared_ptr<TransferHandler> handler) override;
  void expect_many(const Url& url) override;

  /// Ends every transfer and the thread: when it returns no handler is called any more. For one thread
  /// at a time; not from a handler.
  void stop() noexcept;

  /// What is going on; nothing once it has stopped. Asks the transfer thread, so don't call it from a handler.
  TransportStatus snapshot() const;

 private:
  std::unique_ptr<CurlLoop> loop_;
  std::shared_ptr<CurlInbox> inbox_;  // shared with tickets, which may outlive the transport
  Thread thread_;
};

}  // namespace platefs::vo
