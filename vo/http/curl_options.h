// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vo/http/circuit_breaker.h"
#include "vo/http/gateway.h"
#include "vo/http/host_credentials.h"
#include "vo/http/message.h"
#include "vo/http/retry_policy.h"

namespace platefs::vo {

/// How CurlTransport behaves. A value, fixed for the life of the transport.
struct CurlOptions {
  /// "platefs/VERSION (+URL)"; never with "Mozilla" in it, or DaCHS answers with web pages.
  std::string user_agent = "platefs";
  std::size_t per_host_limit = 4;  ///< requests under way at one origin, and so connections to it
  /// Origins that take fewer, or more.
  std::map<std::string, std::size_t> limits = {};
  /// Between the beginnings of two requests to an origin, where it is known how many it answers.
  std::map<std::string, std::chrono::milliseconds> intervals = {};
  /// Without a byte of an answer for so long a request ends in Error{TimedOut}. Attempts and the
  /// waits between them count together; waiting in the host's queue and being paused don't count.
  std::chrono::milliseconds timeout{30'000};
  std::chrono::milliseconds connect_timeout{10'000};  ///< name, TCP and TLS together
  /// "http://host:port", "socks5h://…"; empty: none. Nothing: what the environment says
  /// (http_proxy, https_proxy, all_proxy). no_proxy is heeded with both.
  std::optional<std::string> proxy = {};
  std::optional<GatewayOptions> gateway = {};  ///< reached without a proxy
  /// Each goes to the origins that it names, redirects and proxies or not, and nowhere else; and not for what
  /// another service names.
  std::vector<HostCredentials> credentials = {};
  std::string ca_bundle = {};  ///< a PEM file in place of the system's certificates
  /// What a service names may be anywhere in private networks, not only where it is itself (network_place.h).
  bool allows_private_addresses = false;
  /// Origins with http that are asked by https first, and the origin that this is there (https_first.h).
  std::map<std::string, std::string> https_first = {};
  /// Hears of an origin of https_first that it was refused, so that nobody need try soon. Transfer thread.
  std::function<void(const std::string& origin)> on_https_refused = [](const std::string&) {};
  /// Hears what a user should know, each thing once. Transfer thread.
  std::function<void(std::string_view)> warn = [](std::string_view) {};
  bool asks_past_caches = false;  ///< caches on the way are told to ask the archive
  bool offline = false;           ///< every request ends in Error{Offline}; no connection is made
  RetryRules retry = {};
  /// How long a request may wait for a host that limits how many it answers (429); nothing: as for an answer.
  std::optional<std::chrono::milliseconds> busy_patience = {};
  HealthRules health = {};

  std::size_t limit_at(const std::string& origin) const {
    const auto own = limits.find(origin);
    return own == limits.end() ? per_host_limit : own->second;
  }
  std::chrono::milliseconds interval_at(const std::string& origin) const {
    const auto own = intervals.find(origin);
    return own == intervals.end() ? std::chrono::milliseconds{0} : own->second;
  }
};

struct HostStatus {
  std::string origin;
  std::size_t under_way = 0;
  std::size_t waiting = 0;
  std::uint64_t requests = 0;  ///< attempts begun
  std::uint64_t failures = 0;  ///< of these
  std::uint64_t bytes = 0;     ///< of bodies handed out
  int failures_in_a_row = 0;
  std::chrono::milliseconds left_alone_for{0};  ///< zero: it may be asked
  bool is_probing = false;                      ///< one request finds out whether it is back
};

struct TransferStatus {
  std::string url;  ///< for display
  http::Priority priority = http::Priority::Reader;
  std::chrono::milliseconds age{0};  ///< since start()
  std::uint64_t bytes = 0;
  int attempt = 0;            ///< 0: not begun
  bool is_under_way = false;  ///< else it waits for its host or its next attempt
  bool is_paused = false;
};

struct TransportStatus {
  std::vector<HostStatus> hosts;          ///< by origin
  std::vector<TransferStatus> transfers;  ///< oldest first
  std::optional<GatewayStatus> gateway = {};
};

}  // namespace platefs::vo
