// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "vo/base/error.h"
#include "vo/fits/hdu/source.h"

namespace platefs::vo {

/// A gzip-ed file (RFC 1952) as if it were not. Nothing in it can be found without unpacking all
/// that stands before, so it is unpacked from its beginning, no further than is read, and the last
/// few MiB are kept: a header may be read twice, and a FITS reader goes forwards. One who goes back
/// further makes it begin anew, a few times only. Memory is bounded, and so is what a small file
/// may swell to.
class GzipSource : public FitsSource {
 public:
  /// `packed` is borrowed.
  explicit GzipSource(FitsSource& packed);
  ~GzipSource() override;
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  /// Once the end was met, the size; before, the most it may be.
  std::uint64_t size() override;
  std::uint64_t end_before(std::uint64_t bound) override;
  /// Also throws Error{Malformed} where the file is broken or ends too early, Error{Rejected} where
  /// it swells beyond all bounds or would have to be unpacked again and again.
  void read(std::span<const ByteRange> ranges, std::span<std::byte> out) override;
  bool is_cancelled() const override { return packed_.is_cancelled(); }

 private:
  struct Inflation;

  void begin();
  void read_one(ByteRange range, std::span<std::byte> out);
  void advance();
  void feed();
  void finish_member();
  void forget_the_old();
  std::uint64_t kept_from() const { return position_ - kept_.size(); }

  FitsSource& packed_;
  std::unique_ptr<Inflation> inflation_;
  std::vector<std::byte> input_;
  std::uint64_t packed_position_ = 0;  ///< behind `input_` in the packed file
  std::vector<std::byte> kept_;        ///< the last bytes before `position_`
  std::uint64_t position_ = 0;         ///< how far the file is unpacked
  bool has_ended_ = false;
  int beginnings_ = 0;
};

/// The file in `file` unpacked if it begins as gzip does; null when it is not packed. `file` is
/// borrowed. Throws Error{Rejected} naming any other packing.
std::unique_ptr<FitsSource> unpacked(FitsSource& file);

/// What `use` makes of the file, or of the one that is packed in it: called with `file`, and once
/// more with what it unpacks to when it turns out Malformed and gzip-ed. So a plain file costs no
/// request to find out.
template <typename Use>
auto with_plain(FitsSource& file, const Use& use) {
  try {
    return use(file);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::Malformed) throw;
    const auto plain = unpacked(file);
    if (!plain) throw;
    return use(*plain);
  }
}

}  // namespace platefs::vo
