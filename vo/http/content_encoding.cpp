// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/content_encoding.h"

#include <algorithm>
#include <array>

#include "vo/base/ascii.h"

namespace platefs::vo {
namespace {

bool is_known_encoding(std::string_view name) {
  constexpr std::array<std::string_view, 8> kKnown{"", "gzip", "x-gzip", "deflate", "br", "zstd", "identity", "none"};
  return std::any_of(kKnown.begin(), kKnown.end(),
                     [name](std::string_view known) { return same_ignoring_case(name, known); });
}

}  // namespace

/// Encodings may lie one upon the other: "gzip, br".
bool has_unknown_encoding(const http::Head& head) {
  const auto names = head.header("content-encoding").value_or("");
  for (std::string_view rest = names; !rest.empty();) {
    const auto name = rest.substr(0, rest.find(','));
    if (!is_known_encoding(trimmed(name))) return true;
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
  }
  return false;
}

void settle_encoding(http::Head& head, Encoded encoded) {
  const auto encoding = head.header("content-encoding").value_or("identity");
  const bool is_encoded = encoded == Encoded::Undone && encoding != "identity" && !encoding.empty();
  if (is_encoded && head.status == 206) return;
  std::erase_if(head.headers, [is_encoded](const auto& each) {
    return each.first == "content-encoding" || (is_encoded && each.first == "content-length");
  });
}

}  // namespace platefs::vo
