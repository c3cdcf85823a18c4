// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/renewed_texts.h"

#include <fmt/core.h>

namespace platefs::fs {
namespace {

constexpr std::size_t kMost = 10'000;

std::string mark_of(std::uint32_t version) { return version == 0 ? std::string{} : fmt::format("@{}", version); }

}  // namespace

void RenewedTexts::apply_to(Node& document) const {
  const auto versions = versions_.lock();
  const auto found = versions->find(document.identity);
  if (found == versions->end()) return;
  document.version = found->second;
  document.identity += mark_of(document.version);
}

void RenewedTexts::renew(const Node& document) {
  const auto first = document.identity.substr(0, document.identity.size() - mark_of(document.version).size());
  const auto versions = versions_.lock();
  if (versions->size() > kMost) versions->clear();
  auto& version = (*versions)[first];
  if (version <= document.version) version = document.version + 1;
}

}  // namespace platefs::fs
