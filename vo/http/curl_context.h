// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <set>
#include <string>

#include "vo/http/circuit_breaker.h"
#include "vo/http/curl_handle.h"
#include "vo/http/curl_options.h"
#include "vo/http/gateway.h"
#include "vo/http/host_pace.h"
#include "vo/http/host_queue.h"
#include "vo/http/https_first.h"
#include "vo/http/network_place.h"
#include "vo/http/proxy_choice.h"
#include "vo/http/spare_connections.h"

namespace platefs::vo {

/// What the transfer thread knows of one origin.
class CurlHost {
 public:
  using Clock = std::chrono::steady_clock;

  CurlHost(const CurlOptions& options, const std::string& origin)
      : queue(options.limit_at(origin)),
        health(options.health),
        pace({options.retry.first_wait, options.retry.longest_wait, options.interval_at(origin)}) {}

  /// What the origin asked to be told again, by the service whose requests led there: one's session is not another's.
  CurlCookies& cookies_of(const std::string& service);

  /// A kept connection turned out to be dead, the others may be so: none that was open by now is used again.
  void distrust_connections(Clock::time_point now) {
    distrusted_ = now;
    spare.close_all();
  }
  /// Would a request that began then, and waits in vain for an answer by a kept connection, do better by a new one?
  /// Not when all were new within the last minute: the server itself is silent.
  bool needs_new_connection(Clock::time_point began, Clock::time_point now) const;
  /// Which connections a request that begins now may use.
  void choose_connection(Clock::time_point now, CurlRoute& route) const;

  bool is_idle() const { return queue.waiting() + queue.under_way() == 0; }

  HostQueue queue;
  SpareConnections spare;
  CircuitBreaker health;
  HostPace pace;
  bool has_unknown_encodings = false;  // by name; what it sends is none
  std::uint64_t requests = 0, failures = 0, bytes = 0;
  Clock::time_point last_use{};

 private:
  std::map<std::string, CurlCookies> cookies_;
  std::optional<Clock::time_point> distrusted_;
};

/// The hosts that were asked, the latest few hundred of those that nobody waits for. Transfer thread only.
class CurlHosts {
 public:
  explicit CurlHosts(const CurlOptions& options) : options_(options) {}

  /// Stays where it is as long as anything waits for it or is under way there.
  CurlHost& at(const std::string& origin);

  auto begin() { return hosts_.begin(); }
  auto end() { return hosts_.end(); }
  auto begin() const { return hosts_.begin(); }
  auto end() const { return hosts_.end(); }

 private:
  void prune();

  const CurlOptions& options_;
  std::map<std::string, CurlHost> hosts_;
};

/// What all transfers of one loop share. Transfer thread only.
struct CurlContext {
  explicit CurlContext(CurlOptions chosen);
  CurlContext(const CurlContext&) = delete;
  CurlContext& operator=(const CurlContext&) = delete;

  void warn_once(const std::string& text);

  const CurlOptions options;
  const ProxyRules proxies;
  Gateway gateway;
  NetworkBorders borders;
  HttpsFirst https;
  CurlHosts hosts;

 private:
  std::set<std::string> told_;
};

}  // namespace platefs::vo
