// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "vo/base/url.h"
#include "vo/http/transport.h"

namespace platefs::vo {

/// How one logs in to a service that knows its users by a cookie, as its web page does. Holds secrets, so it is never
/// printed.
struct FormLogin {
  Url url;                                ///< where the form is sent to
  std::string form;                       ///< its fields, form-encoded
  Url service;                            ///< whose requests want it (http::Request::on_behalf_of)
  std::vector<std::string> origins = {};  ///< where they go; the session is that of the origin of `url`
};

/// A transport that logs in before the first request of a service that wants it, after twenty minutes, and once more
/// where a request is answered with 401 or 403; the other requests of the service wait for that. The session itself is
/// kept by the transport below, as cookies of the origin for that service. A login that fails ends the requests that
/// waited in Error{NotAuthorized}, and is not tried again for a minute: services lock accounts. Thread-safe; never
/// blocks.
class LoginTransport final : public Transport {
 public:
  using Clock = std::chrono::steady_clock;

  /// `inner` outlives it, and ends its transfers before this goes.
  LoginTransport(Transport& inner, std::vector<FormLogin> logins);
  ~LoginTransport() override;
  LoginTransport(const LoginTransport&) = delete;
  LoginTransport& operator=(const LoginTransport&) = delete;

  TransferTicket start(http::Request request, std::shared_ptr<TransferHandler> handler) override;
  void expect_many(const Url& url) override { inner_.expect_many(url); }

 private:
  class Passage;
  class Session;

  Transport& inner_;
  std::vector<std::shared_ptr<Session>> sessions_;
};

}  // namespace platefs::vo
