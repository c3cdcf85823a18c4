// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/remote_fits.h"

#include <fmt/core.h>

namespace platefs::cache {
namespace {

using vo::ByteRange;
using vo::Error;
using vo::ErrorKind;

template <typename ExtentOf>
void gather(std::span<const ByteRange> ranges, std::span<std::byte> out, const ExtentOf& extent_of) {
  std::size_t at = 0;
  for (const auto& range : ranges) {
    copy_extent(extent_of(range), out.subspan(at, range.size()));
    at += range.size();
  }
}

}  // namespace

Extent ObjectSource::extent(ByteRange range) const {
  if (range.end > size_) {
    throw Error{ErrorKind::Malformed,
                fmt::format("the FITS file ends at byte {} although its header tells of {} bytes", size_, range.end)};
  }
  auto held = store_.read(object_, range);
  if (!held) throw Error{ErrorKind::Corrupt, "the cache lost bytes that were just written"};
  return std::move(*held);
}

void ObjectSource::read(std::span<const ByteRange> ranges, std::span<std::byte> out) {
  gather(ranges, out, [this](ByteRange range) { return extent(range); });
}

}  // namespace platefs::cache
