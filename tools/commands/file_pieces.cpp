// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/file_pieces.h"

#include <algorithm>
#include <vector>

#include "vo/base/error.h"
#include "vo/base/wait_for.h"

namespace platefs::tools {

void for_each_piece(cache::OpenFile& file, const std::function<void(std::span<const std::byte>)>& take) {
  constexpr std::uint64_t kPiece = 1u << 20;
  for (std::uint64_t at = 0; at < file.size(); at += kPiece) {
    const vo::ByteRange range{at, std::min(at + kPiece, file.size())};
    const auto extent =
        vo::wait_for<cache::Extent>([&](vo::Completion<cache::Extent> done) { file.read(range, std::move(done)); });
    if (extent.size != range.size()) throw vo::Error{vo::ErrorKind::Malformed, "it ended early"};
    std::vector<std::byte> bytes(extent.size);
    cache::copy_extent(extent, bytes);
    take(bytes);
  }
}

}  // namespace platefs::tools
