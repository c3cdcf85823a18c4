// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/https_first.h"

namespace platefs::vo {

std::optional<Url> HttpsFirst::better(const Url& url) const {
  const auto found = origins_.find(url.origin());
  if (found == origins_.end() || refused_.contains(found->first)) return std::nullopt;
  const auto site = url.text().find('/', url.scheme().size() + 3);
  const auto rest = site == std::string::npos ? std::string() : url.text().substr(site);
  return Url::parse(found->second + rest);
}

}  // namespace platefs::vo
