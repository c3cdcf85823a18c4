// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "vo/base/url.h"
#include "vo/fits/hdu/source.h"
#include "vo/http/transport.h"

namespace platefs::tools {

/// The headers of a FITS file behind a URL, with as few bytes and requests as can be: a stretch that begins a header is
/// fetched as far as that goes, and what is asked for behind it reads as zeros. Nothing but headers may be read. One
/// thread at a time. Throws Error.
class HeaderSource final : public vo::FitsSource {
 public:
  struct Answer {
    std::string version;                ///< ETag, Last-Modified and size, as one text
    bool is_unchanged = false;          ///< since the version that was asked for
    std::optional<std::uint64_t> size;  ///< of the file
  };

  /// The first request: `expected` bytes, unless the file still has `version` (empty: whatever it has).
  HeaderSource(vo::Transport& transport, vo::Url url, std::stop_token stop, const std::string& version,
               std::uint64_t expected);

  const Answer& answer() const { return answer_; }
  /// Bytes of the file that came, and how many of them stand before the end of the last header that was read.
  std::uint64_t arrived() const { return held_.size(); }
  std::uint64_t headers_end() const { return headers_end_; }
  /// It is packed by gzip: then it is read as it comes, packed.
  bool is_packed() const;

  std::uint64_t size() override { return size_; }
  void read(std::span<const vo::ByteRange> ranges, std::span<std::byte> out) override;
  bool is_cancelled() const override { return stop_.stop_requested(); }

 private:
  void fetch_until(std::uint64_t end, const std::string& version);
  void read_header(vo::ByteRange range, std::span<std::byte> out);
  void read_far(vo::ByteRange range, std::span<std::byte> out);
  std::vector<std::byte> fetched(vo::ByteRange range, const std::string& version);

  vo::Transport& transport_;
  vo::Url url_;
  std::stop_token stop_;
  std::vector<std::byte> held_;  ///< the beginning of the file
  std::uint64_t size_ = UINT64_MAX, headers_end_ = 0;
  Answer answer_;
};

}  // namespace platefs::tools
