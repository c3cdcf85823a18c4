// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/answers.h"

#include <fmt/core.h>

#include <set>

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

vo::ErrorKind LinksAnswer::kind_of_faults() const {
  std::set<vo::ErrorKind> of_this, of_others;
  for (const auto& link : document.links) {
    if (!link.is_error()) continue;
    auto& kinds = vo::is_or_narrower(link.semantics, "#this") ? of_this : of_others;
    kinds.insert(vo::kind_of_fault(link.error_message));
  }
  const auto& kinds = of_this.empty() ? of_others : of_this;
  return kinds.size() == 1 ? *kinds.begin() : vo::ErrorKind::Rejected;
}

}  // namespace platefs::cache
