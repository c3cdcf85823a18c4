// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/hdu/gzip_source.h"

#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "vo/base/error.h"
#include "vo/base/packing.h"

namespace platefs::vo {
namespace {

constexpr int kGzipOnly = 15 + 16;  // zlib's windowBits: the largest window, gzip's frame
constexpr std::uint64_t kMostUnpacked = std::uint64_t{16} << 30;
constexpr std::size_t kFirstInput = 64 * 1024;            // holds the header of most plates
constexpr std::size_t kMostInput = std::size_t{8} << 20;  // enough for several connections at a time
constexpr std::size_t kOutput = 256 * 1024;
constexpr std::size_t kKept = std::size_t{6} << 20;  // more than the longest header
constexpr int kMostBeginnings = 4;
constexpr std::array kMagic{std::byte{0x1f}, std::byte{0x8b}};

}  // namespace

struct GzipSource::Inflation {
  Inflation() {
    if (inflateInit2(&stream, kGzipOnly) != Z_OK) throw Error{ErrorKind::NoSpace, "no memory to unpack a gzip-ed file"};
  }
  ~Inflation() { inflateEnd(&stream); }
  Inflation(const Inflation&) = delete;
  Inflation& operator=(const Inflation&) = delete;

  z_stream stream{};
};

GzipSource::GzipSource(FitsSource& packed) : packed_(packed) { begin(); }

GzipSource::~GzipSource() = default;

void GzipSource::begin() {
  if (++beginnings_ > kMostBeginnings) {
    throw Error{ErrorKind::Rejected,
                "the gzip-ed FITS file does not lie in the order in which it is read: it would "
                "have to be unpacked "
                "again and again"};
  }
  inflation_ = std::make_unique<Inflation>();
  input_.clear();
  kept_.clear();
  packed_position_ = position_ = 0;
  has_ended_ = false;
}

std::uint64_t GzipSource::size() { return has_ended_ ? position_ : kMostUnpacked; }

std::uint64_t GzipSource::end_before(std::uint64_t bound) {
  while (position_ < bound && !has_ended_) advance();
  return std::min(bound, position_);
}

void GzipSource::read(std::span<const ByteRange> ranges, std::span<std::byte> out) {
  std::vector<std::size_t> order(ranges.size()), starts(ranges.size());
  std::size_t at = 0;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    order[i] = i;
    starts[i] = at;
    at += ranges[i].size();
  }
  std::ranges::sort(order, {}, [&](std::size_t i) { return ranges[i].first; });
  for (const auto i : order) read_one(ranges[i], out.subspan(starts[i], ranges[i].size()));
}

void GzipSource::read_one(ByteRange range, std::span<std::byte> out) {
  if (range.first < kept_from()) begin();
  auto wanted = range.first;
  while (wanted < range.end) {
    if (position_ > wanted) {
      const auto end = std::min(position_, range.end);
      const auto here = std::span{kept_}.subspan(wanted - kept_from(), end - wanted);
      std::ranges::copy(here, out.begin() + static_cast<std::ptrdiff_t>(wanted - range.first));
      wanted = end;
    } else if (has_ended_) {
      throw Error::malformed(fmt::format("the gzip-ed FITS file ends at byte {} although its header tells of {} bytes",
                                         position_, range.end));
    } else {
      advance();
    }
  }
}

/// Unpacks a little more.
void GzipSource::advance() {
  require_wanted(packed_);
  auto& stream = inflation_->stream;
  if (stream.avail_in == 0) feed();
  forget_the_old();
  const auto held = kept_.size();
  kept_.resize(held + kOutput);
  stream.next_out = reinterpret_cast<Bytef*>(kept_.data() + held);
  stream.avail_out = kOutput;
  const int result = inflate(&stream, Z_NO_FLUSH);
  const auto made = kOutput - stream.avail_out;
  kept_.resize(held + made);
  position_ += made;
  if (position_ > kMostUnpacked) {
    throw Error{ErrorKind::Rejected, fmt::format("the gzip-ed file swells to more than {} bytes", kMostUnpacked)};
  }
  if (result == Z_STREAM_END) return finish_member();
  has_ended_ = made == 0 && stream.avail_in == 0;  // broken off: what there was is all there is
  if (result == Z_OK || result == Z_BUF_ERROR) return;
  throw Error::malformed(fmt::format("the gzip-ed file is broken behind byte {}: {}", position_,
                                     stream.msg == nullptr ? "zlib cannot unpack it" : stream.msg));
}

/// The next bytes of the packed file, if there are any.
void GzipSource::feed() {
  const auto size = std::clamp<std::uint64_t>(packed_position_, kFirstInput, kMostInput);
  const auto range = ByteRange{packed_position_, packed_position_ + size}.clipped_to(packed_.size());
  if (range.empty()) return;
  input_.resize(range.size());
  read_range(packed_, range, input_);
  packed_position_ = range.end;
  inflation_->stream.next_in = reinterpret_cast<Bytef*>(input_.data());
  inflation_->stream.avail_in = static_cast<uInt>(input_.size());
}

/// A file may consist of several gzip-ed ones; zeros behind the last are padding.
void GzipSource::finish_member() {
  auto& stream = inflation_->stream;
  if (stream.avail_in == 0) feed();
  const bool goes_on = stream.avail_in > 0 && *stream.next_in == std::to_integer<Bytef>(kMagic[0]);
  has_ended_ = !goes_on || inflateReset(&stream) != Z_OK;
}

void GzipSource::forget_the_old() {
  if (kept_.size() < 2 * kKept) return;
  kept_.erase(kept_.begin(), kept_.end() - static_cast<std::ptrdiff_t>(kKept));
}

std::unique_ptr<FitsSource> unpacked(FitsSource& file) {
  std::array<std::byte, kPackingBytes> first{};
  if (file.end_before(first.size()) < first.size()) return nullptr;
  read_range(file, {0, first.size()}, first);
  const auto packing = packing_of(first);
  if (packing.empty()) return nullptr;
  if (packing == "gzip") return std::make_unique<GzipSource>(file);
  throw Error{ErrorKind::Rejected,
              fmt::format("the plate's file is packed by {}, which is not unpacked here: full.fits is that file as it "
                          "is, to be unpacked by hand",
                          packing)};
}

}  // namespace platefs::vo
