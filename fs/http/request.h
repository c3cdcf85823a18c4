// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vo/base/ascii.h"

namespace platefs::fs {

/// What a client asked. Foreign text: nothing in it has been looked at.
struct HttpRequest {
  std::string method;
  std::string target;  ///< as it was sent: "/M31/plates.vot?x=y"
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body = {};

  /// The first header of that name, in any case; empty when it was not sent.
  std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (vo::same_ignoring_case(key, name)) return value;
    }
    return {};
  }
  std::size_t count(std::string_view name) const {
    std::size_t found = 0;
    for (const auto& [key, value] : headers) found += vo::same_ignoring_case(key, name) ? 1U : 0U;
    return found;
  }
};

}  // namespace platefs::fs
