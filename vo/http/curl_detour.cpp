// SPDX-License-Identifier: BSD-3-Clause
// What goes to the gateway, and to the archive itself where that fails.
#include <fmt/core.h>

#include <utility>

#include "vo/http/curl_transfer.h"

namespace platefs::vo {

bool CurlTransfer::is_for_gateway(Clock::time_point now) const {
  return context_.gateway.is_there() && context_.gateway.is_for(request_, credentials() != nullptr, now);
}

/// True: this head is not the archive's answer, or not the one that the archive would give us.
bool CurlTransfer::is_to_go_past_gateway(const http::Head& head) {
  if (const auto failure = Gateway::failure_in(head)) {
    next_ = past_gateway(*failure, of_gateway(fmt::format("HTTP status {}", head.status)), Clock::now());
    return true;
  }
  context_.gateway.answered(origin(), head);
  // It wants to see its own cookie, which nobody brings it by the gateway.
  if (!redirect_target(head) || !head.header("set-cookie")) return false;
  is_left_to_archive_ = goes_past_gateway_ = true;
  next_ = Held{error_of_status(head, {})};
  return true;
}

/// The archive is asked itself, at once, and this was no attempt of ours at it.
CurlTransfer::Outcome CurlTransfer::past_gateway(Gateway::Failure failure, const Error& why, Clock::time_point now) {
  is_left_to_archive_ = goes_past_gateway_ = true;
  if (context_.gateway.failed(origin(), failure, now)) {
    const auto rest = std::chrono::duration<double>(options().gateway->rest).count();
    options().warn(
        fmt::format("{}: archives are asked themselves, each for one file at a time; the gateway again in {} s",
                    why.message(), rest));
  }
  return Held{why};
}

/// It is given less time than an archive: for its head, and in a part of a file, which is gone on with where it broke.
bool CurlTransfer::waits_for_gateway() const {
  return is_by_gateway_ && (status_ == 0 || (request_.range && received_ > 0));
}

CurlTransfer::Clock::time_point CurlTransfer::gateway_deadline() const {
  const auto last_sign = status_ == 0 ? began_ : deadline_ - timeout();
  return last_sign + context_.gateway.patience(origin());
}

CurlTransfer::Outcome CurlTransfer::end_wait_for_gateway(Clock::time_point now) {
  const auto silent = of_gateway("no answer in time");
  auto outcome = past_gateway(Gateway::Failure::Silent, silent, now);
  if (head_handed_out_) outcome = Ended{silent.within(fmt::format("{}, after {} bytes", story(), received_))};
  abandon();
  return outcome;
}

Error CurlTransfer::of_gateway(std::string_view why) const {
  return {ErrorKind::Unavailable, fmt::format("the gateway {}: {}", context_.gateway.url().for_display(), why)};
}

}  // namespace platefs::vo
