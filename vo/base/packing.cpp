// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/packing.h"

#include <algorithm>
#include <array>
#include <utility>

namespace platefs::vo {
namespace {

using namespace std::string_view_literals;

constexpr auto kMagics = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"\x1f\x8b"sv, "gzip"},
    {"\x1f\x9d"sv, "compress (.Z)"},
    {"\x1f\xa0"sv, "compress (.Z)"},
    {"BZh"sv, "bzip2"},
    {"\xfd"
     "7zXZ\0"sv,
     "xz"},
    {"\x28\xb5\x2f\xfd"sv, "zstd"},
    {"LZIP"sv, "lzip"},
});

}  // namespace

std::string_view packing_of(std::span<const std::byte> first_bytes) {
  const std::string_view text{reinterpret_cast<const char*>(first_bytes.data()), first_bytes.size()};
  const auto* const found =
      std::ranges::find_if(kMagics, [&](const auto& magic) { return text.starts_with(magic.first); });
  return found == kMagics.end() ? std::string_view{} : found->second;
}

}  // namespace platefs::vo
