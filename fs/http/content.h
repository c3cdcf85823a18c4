// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "cache/files/product.h"
#include "fs/http/parking.h"

namespace platefs::fs {

/// What is sent of a text or an open file, read while it comes. Belongs to the connection's thread.
class Content {
 public:
  /// Sends `range` of `text`, or of `file` if there is one.
  Content(std::shared_ptr<const std::string> text, std::shared_ptr<cache::OpenFile> file, vo::ByteRange range)
      : text_(std::move(text)), file_(std::move(file)), range_(range) {}

  enum class State { Some, Waits, Failed };
  struct Piece {
    State state;
    std::size_t size = 0;  ///< of Some: so many bytes of `out` are filled; never 0
  };
  /// The bytes from `at` on, counted from the beginning of the range, which are not behind its end. Waits: `parking`
  /// has suspended the connection; call again with the same when it was resumed. Failed: nothing more comes.
  Piece read(std::uint64_t at, std::span<char> out, Parking& parking);
  /// All of the range into `out`, which has its size, if it is here. False: read() goes on.
  bool read_at_once(std::span<char> out, Parking& parking);

 private:
  void ask(std::uint64_t first, std::uint64_t size, Parking& parking);
  bool has(std::uint64_t first) const {
    return !is_asked_ && extent_.size > 0 && first >= extent_at_ && first - extent_at_ < extent_.size;
  }
  Piece copy_from_extent(std::uint64_t first, std::span<char> out);

  std::shared_ptr<const std::string> text_;
  std::shared_ptr<cache::OpenFile> file_;
  vo::ByteRange range_;
  cache::Extent extent_;
  std::uint64_t extent_at_ = 0;  ///< where in the file the extent begins
  bool is_asked_ = false;
  bool has_failed_ = false;
  int unreadable_ = 0;  ///< times in a row that what was here could not be read
};

}  // namespace platefs::fs
