// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/answers.h"

#include <fmt/core.h>

#include "vo/base/shown_text.h"

namespace platefs::cache {

std::string LinksAnswer::faults() const {
  std::string text;
  for (const auto& link : document.links) {
    if (!link.is_error()) continue;
    if (text.size() > vo::kLongestShownText) break;
    text += fmt::format("{}{}{}{}", text.empty() ? "" : "; ", link.semantics, link.semantics.empty() ? "" : ": ",
                        link.error_message);
  }
  return text;
}

}  // namespace platefs::cache
