// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "vo/base/url.h"

namespace platefs::vo {

/// Through which proxy a URL is asked for. libcurl would find out by itself, but then nobody knew whether an address
/// that it connects to is the archive's or the proxy's, nor whose fault a failure is. A value.
struct ProxyRules {
  std::string for_http = {}, for_https = {};  ///< "http://host:port", "socks5h://…"; empty: none
  std::string exceptions = {};                ///< as in no_proxy

  /// As libcurl reads http_proxy (in lower case only), https_proxy, all_proxy, no_proxy. `given` stands in for the
  /// first three; "" there means none.
  using Variable = std::function<const char*(const char* name)>;
  static ProxyRules from_environment(const Variable& variable, const std::optional<std::string>& given);

  /// Empty: asked directly.
  std::string proxy_for(const Url& url) const;
};

/// Is `host` among the words of a no_proxy: "*", names and the domains below them, addresses, networks as
/// 10.0.0.0/8 or fd00::/8? Pure.
bool is_exempt(const std::string& host, std::string_view exceptions);

}  // namespace platefs::vo
