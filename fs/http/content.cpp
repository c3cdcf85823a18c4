// SPDX-License-Identifier: BSD-3-Clause
#include "fs/http/content.h"

#include <algorithm>
#include <cstring>

#include "vo/base/error.h"

namespace platefs::fs {
namespace {

/// As much as the kernel asks of a mount at once: a client hears of the first bytes of a slow file as soon.
constexpr std::uint64_t kMostAtOnce = 128 << 10;

/// `extent` from `skipped` on, `size` bytes of it.
cache::Extent part_of(const cache::Extent& extent, std::uint64_t skipped, std::uint64_t size) {
  auto part = extent;
  part.size = size;
  if (extent.fd >= 0) {
    part.offset += skipped;
    return part;
  }
  part.memory.clear();
  for (auto piece : extent.memory) {
    const auto drop = std::min<std::uint64_t>(skipped, piece.size());
    skipped -= drop;
    piece = piece.subspan(static_cast<std::size_t>(drop));
    piece = piece.first(static_cast<std::size_t>(std::min<std::uint64_t>(size, piece.size())));
    size -= piece.size();
    if (!piece.empty()) part.memory.push_back(piece);
  }
  return part;
}

}  // namespace

void Content::ask(std::uint64_t first, std::uint64_t size, Parking& parking) {
  const vo::ByteRange wanted{first, first + std::min(size, kMostAtOnce)};
  is_asked_ = true;
  extent_ = {};
  parking.ask<cache::Extent>([&](vo::Completion<cache::Extent> done) { file_->read(wanted, std::move(done)); },
                             [this, first](vo::Outcome<cache::Extent>& got) {
                               is_asked_ = false;
                               has_failed_ = !got;
                               if (!got) return;
                               extent_ = std::move(got).value();
                               extent_at_ = first;
                               has_failed_ = extent_.size == 0;
                             });
}

Content::Piece Content::copy_from_extent(std::uint64_t first, std::span<char> out) {
  const auto skipped = first - extent_at_;
  const auto size = std::min<std::uint64_t>(extent_.size - skipped, out.size());
  const auto part = part_of(extent_, skipped, size);
  cache::copy_extent(part, std::as_writable_bytes(out.first(static_cast<std::size_t>(size))));
  unreadable_ = 0;
  return {State::Some, static_cast<std::size_t>(size)};
}

Content::Piece Content::read(std::uint64_t at, std::span<char> out, Parking& parking) {
  const auto first = range_.first + at;
  if (first >= range_.end) return {State::Failed};
  out = out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), range_.end - first)));
  if (!file_) {
    std::memcpy(out.data(), text_->data() + first, out.size());
    return {State::Some, out.size()};
  }
  while (!has_failed_) {
    if (has(first)) {
      try {
        return copy_from_extent(first, out);
      } catch (const vo::Error&) {
        // The cached file was cut short behind our back: what it held is fetched now.
        if (++unreadable_ > 1) return {State::Failed};
        extent_ = {};
      }
    }
    if (!is_asked_) ask(first, out.size(), parking);
    const auto next = parking.next();
    if (next.is_over) return {State::Failed};
    if (!next.step) return {State::Waits};
    next.step();
  }
  return {State::Failed};
}

bool Content::read_at_once(std::span<char> out, Parking& parking) {
  for (auto first = range_.first; !out.empty();) {
    std::size_t got = out.size();
    if (!file_) {
      std::memcpy(out.data(), text_->data() + first, got);
    } else if (has(first)) {
      try {
        got = copy_from_extent(first, out).size;
      } catch (const vo::Error&) {
        extent_ = {};  // read() has it fetched
        return false;
      }
    } else {
      if (!is_asked_) ask(first, out.size(), parking);
      const auto step = parking.take_ready();
      if (!step) return false;
      step();
      if (has_failed_) return false;
      continue;
    }
    first += got;
    out = out.subspan(got);
  }
  return true;
}

}  // namespace platefs::fs
