// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vo/base/url.h"
#include "vo/http/message.h"

namespace platefs::vo {

/// A site's cache of HTTP, which is asked in place of archives: `GET https://archive/path` in absolute form (RFC 9112
/// section 3.2.2), so that answers of https can be kept, too.
struct GatewayOptions {
  Url url;                              ///< http or https, of the gateway itself
  std::vector<std::string> hosts = {};  ///< archives that it is asked for, and what is below these names; empty: all
  std::chrono::milliseconds patience{5'000};  ///< without a head of an answer for so long it counts as failing
  std::chrono::milliseconds rest{60'000};     ///< so long it is not asked again then
};

struct GatewayStatus {
  std::string url;
  std::uint64_t answered = 0;  ///< requests, by the gateway
  std::uint64_t hits = 0;      ///< of these, out of its cache
  std::uint64_t direct = 0;    ///< requests that archives answered themselves
  std::uint64_t failures = 0;
  std::chrono::milliseconds left_alone_for{0};  ///< zero: it may be asked
};

/// What of a Head says that a cache answered: Cache-Status (RFC 9211), or the X-Cache of most caches. Pure.
bool is_cache_hit(const http::Head& head);

/// Which requests go to the gateway, and whether it is well: as a whole where it can't be reached, for one archive
/// where it is silent or has nothing but an error of its own. After a rest one request finds out whether it is back.
/// Without options nothing goes there. Time is given in. Not thread-safe.
class Gateway {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Wait = std::chrono::milliseconds;
  enum class Failure {
    Unreachable,  ///< whatever would be asked
    Silent,       ///< no head in time
    Error,        ///< 502, 503 or 504 of its own
    NotServed,    ///< 421: it does not go to that archive
  };

  explicit Gateway(std::optional<GatewayOptions> options) : options_(std::move(options)) {}

  bool is_there() const { return options_.has_value(); }
  const Url& url() const { return options_->url; }

  /// GETs without anybody's credentials, which are the same for everybody, for archives that it serves.
  bool is_for(const http::Request& request, bool has_credentials, TimePoint now) const;
  /// Whether a request for `origin` that begins now goes there. True after a rest: it finds out for the others.
  bool enter(const std::string& origin, TimePoint now);
  /// It is not to be asked for `origin` now: what would go there goes to the archive, one at a time.
  bool rests(const std::string& origin, TimePoint now) const;
  Wait patience(const std::string& origin) const;

  /// 502, 503, 504 and 407 where the head does not say that they are the archive's, and 421.
  static std::optional<Failure> failure_in(const http::Head& head);
  void answered(const std::string& origin, const http::Head& head);
  /// An archive answered itself, after `waited`. One that takes longer than the gateway was given is no failing
  /// gateway.
  void passed(const std::string& origin, Wait waited);
  /// True: that is news, no failure was known.
  bool failed(const std::string& origin, Failure failure, TimePoint now);

  GatewayStatus status(TimePoint now) const;

 private:
  struct Health {
    std::optional<TimePoint> rests_until;  ///< nothing: it is well
    bool is_silent = false;
    bool is_served = true;
    std::optional<Wait> patience = {};
  };
  bool serves(const Url& url, TimePoint now) const;
  bool is_ill(TimePoint now) const;
  Health& at(const std::string& origin);
  const Health* known(const std::string& origin) const;

  std::optional<GatewayOptions> options_;
  Health whole_;
  std::map<std::string, Health> archives_;  // by origin
  GatewayStatus counts_;
};

}  // namespace platefs::vo
