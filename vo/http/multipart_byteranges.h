// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "vo/http/message.h"

namespace platefs::vo {

/// The boundary that a Content-Type of multipart/byteranges names (RFC 9110 section 14.6); empty
/// when it is another type, or names none that RFC 2046 allows.
std::optional<std::string> byteranges_boundary(std::string_view content_type);

/// Reads a multipart/byteranges body as it arrives. Each part's length is taken from its
/// Content-Range, so what is inside a part is never searched for a boundary. Needs a few kB,
/// whatever comes. Parts come in the server's order; they may be merged, repeated or missing, which
/// is for the listener to judge.
class MultipartByteranges {
 public:
  struct Listener {
    virtual ~Listener() = default;
    /// A part begins. May throw to end the reading.
    virtual void on_part(const http::ContentRange& range) = 0;
    /// Bytes of the present part; `offset` is their place in the file.
    virtual void on_bytes(std::uint64_t offset, std::span<const std::byte> bytes) = 0;
  };

  /// The listener outlives this.
  MultipartByteranges(std::string_view boundary, Listener& listener);

  /// Throws Error{Malformed}: no multipart body, or a part without a Content-Range.
  void take(std::span<const std::byte> bytes);

  /// The closing boundary was seen; what follows is ignored.
  bool has_ended() const { return place_ == Place::Behind; }

 private:
  enum class Place { Between, Headers, Body, Behind };

  std::size_t take_line(std::span<const std::byte> bytes);
  std::size_t take_body(std::span<const std::byte> bytes);
  void end_line();
  void end_delimiter();
  void end_header();
  void begin_body();

  std::string delimiter_;  ///< "--" and the boundary
  Listener& listener_;
  Place place_ = Place::Between;
  std::string line_;
  std::size_t overhead_ = 0;  ///< bytes outside of parts since the last one
  std::optional<http::ContentRange> range_;
  std::uint64_t offset_ = 0;  ///< of the next byte of the part
  std::uint64_t left_ = 0;    ///< bytes of the part still to come
};

}  // namespace platefs::vo
