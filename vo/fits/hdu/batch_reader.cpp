// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/hdu/batch_reader.h"

#include <algorithm>
#include <span>

namespace platefs::vo {
namespace {

constexpr std::uint64_t kMaxBatch = std::uint64_t{16} << 20;
constexpr std::size_t kMaxRangesPerBatch = 16384;

}  // namespace

void BatchReader::add(ByteRange range) {
  while (!range.empty()) {
    if (pending_ == kMaxBatch || ranges_.size() == kMaxRangesPerBatch) flush();
    const ByteRange part{range.first, range.first + std::min(range.size(), kMaxBatch - pending_)};
    append(part);
    pending_ += part.size();
    range.first = part.end;
  }
}

void BatchReader::flush() {
  if (ranges_.empty()) return;
  const auto held = out_.size();
  out_.resize(held + pending_);
  source_.read(ranges_, std::span{out_}.subspan(held));
  ranges_.clear();
  pending_ = 0;
}

void BatchReader::append(ByteRange part) {
  if (!ranges_.empty() && ranges_.back().end == part.first) {
    ranges_.back().end = part.end;
  } else {
    ranges_.push_back(part);
  }
}

}  // namespace platefs::vo
