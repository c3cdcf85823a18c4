// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/found_datalinks.h"

#include <fmt/core.h>

namespace platefs::cache {
namespace {

constexpr std::string_view kFoundDatalink = "datalink-at ";

std::string key_of_found(const std::string& authority, const vo::Url& endpoint) {
  return fmt::format("{}{} {}", kFoundDatalink, authority, endpoint.text());
}

}  // namespace

FoundDatalinks::Keys FoundDatalinks::kept() const {
  Keys kept;
  for (auto& key : keeping_.store.document_keys(kFoundDatalink)) {
    const auto times = keeping_.store.document_times(key);
    if (times && options_.is_fresh(*times)) kept.insert(std::move(key));
  }
  return kept;
}

bool FoundDatalinks::has_any() {
  const auto keys = keys_.lock();
  if (!*keys) *keys = kept();
  return !(*keys)->empty();
}

bool FoundDatalinks::contain(const std::string& authority, const vo::Url& endpoint) {
  const auto keys = keys_.lock();
  if (!*keys) *keys = kept();
  return (*keys)->contains(key_of_found(authority, endpoint));
}

void FoundDatalinks::add(const std::string& authority, const vo::Url& endpoint) {
  auto key = key_of_found(authority, endpoint);
  {
    const auto keys = keys_.lock();
    if (!*keys) *keys = kept();
    if (!(*keys)->insert(key).second) return;
  }
  const auto now = options_.now();
  remember(keeping_.writer, key,
           {.bytes = {}, .absent = false, .fetched_at = now, .expires_at = now + options_.expires_after});
}

}  // namespace platefs::cache
