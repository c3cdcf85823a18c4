// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace platefs::vo {

/// How the first bytes of a file say that it is packed: "gzip", "compress (.Z)", "bzip2", "xz", "zstd", "lzip"; empty:
/// it is not, or nobody knows. 6 bytes tell.
inline constexpr std::size_t kPackingBytes = 6;
std::string_view packing_of(std::span<const std::byte> first_bytes);

}  // namespace platefs::vo
