// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/host_credentials.h"

#include <algorithm>

namespace platefs::vo {

bool HostCredentials::is_for(const Url& url) const {
  return std::find(origins.begin(), origins.end(), url.origin()) != origins.end();
}

const HostCredentials* credentials_for(const std::vector<HostCredentials>& all, const Url& url,
                                       const std::optional<Url>& service) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& each) {
    return each.is_for(url) && (!service || each.service.empty() || each.service == service->text());
  });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace platefs::vo
