// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "vo/base/url.h"

namespace platefs::vo {

/// Services that are known by an http URL and are asked by https first; by http once https was refused there.
/// Not thread-safe.
class HttpsFirst {
 public:
  /// From origin to origin, as Url::origin() writes them: http://host:80 to https://host:443.
  explicit HttpsFirst(std::map<std::string, std::string> origins) : origins_(std::move(origins)) {}

  /// The same over https; nothing: `url` is to be asked as it is.
  std::optional<Url> better(const Url& url) const;
  bool is_known(const Url& url) const { return origins_.contains(url.origin()); }
  /// True: that is news.
  bool refused(const Url& url) { return origins_.contains(url.origin()) && refused_.insert(url.origin()).second; }

 private:
  std::map<std::string, std::string> origins_;
  std::set<std::string> refused_;
};

}  // namespace platefs::vo
