// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/curl_context.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

namespace platefs::vo {
namespace {

constexpr std::size_t kMostHosts = 256;
constexpr std::size_t kMostJars = 16;
constexpr std::size_t kMostTold = 1000;
constexpr std::chrono::seconds kDistrustLasts{60};

}  // namespace

CurlCookies& CurlHost::cookies_of(const std::string& service) {
  if (cookies_.size() >= kMostJars && !cookies_.contains(service) && queue.under_way() <= 1) cookies_.clear();
  return cookies_[service];
}

bool CurlHost::needs_new_connection(Clock::time_point began, Clock::time_point now) const {
  return !distrusted_ || began < *distrusted_ || now - *distrusted_ > kDistrustLasts;
}

// libcurl counts whole seconds of a connection's life, and takes 0 for "any": in the first two seconds none but new
// ones are used.
void CurlHost::choose_connection(Clock::time_point now, CurlRoute& route) const {
  if (!distrusted_) return;
  const auto since = std::chrono::floor<std::chrono::seconds>(now - *distrusted_);
  if (since.count() < 2) {
    route.is_fresh = true;
  } else {
    route.longest_life = since - std::chrono::seconds{1};
  }
}

CurlHost& CurlHosts::at(const std::string& origin) {
  auto found = hosts_.find(origin);
  if (found == hosts_.end()) {
    if (hosts_.size() >= kMostHosts) prune();
    found = hosts_.try_emplace(origin, options_, origin).first;
  }
  found->second.last_use = CurlHost::Clock::now();
  return found->second;
}

/// The half that was used least lately, of those that can be spared: an archive may name any number of hosts.
void CurlHosts::prune() {
  std::vector<std::pair<CurlHost::Clock::time_point, std::string>> idle;
  for (const auto& [origin, host] : hosts_) {
    if (host.is_idle()) idle.emplace_back(host.last_use, origin);
  }
  std::sort(idle.begin(), idle.end());
  idle.resize((idle.size() + 1) / 2);
  for (const auto& [when, origin] : idle) hosts_.erase(origin);
}

CurlContext::CurlContext(CurlOptions chosen)
    : options(std::move(chosen)),
      proxies(ProxyRules::from_environment([](const char* name) { return std::getenv(name); }, options.proxy)),
      gateway(options.gateway),
      borders(options.allows_private_addresses),
      https(options.https_first),
      hosts(options) {}

void CurlContext::warn_once(const std::string& text) {
  if (told_.size() < kMostTold && told_.insert(text).second) options.warn(text);
}

}  // namespace platefs::vo
