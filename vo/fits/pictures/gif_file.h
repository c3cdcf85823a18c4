// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "vo/fits/pictures/picture.h"

namespace platefs::vo {

/// An animated GIF (89a) that goes on for ever, being written (giflib). All frames share one palette: greys, and
/// mixtures of grey with the colours of the marks. One thread at a time may use an object.
class GifFile {
 public:
  /// Frames of width x height pixels; the comment is ASCII, other characters become '?'. Throws Error{LocalIo}.
  GifFile(int width, int height, const std::string& comment);
  ~GifFile();
  GifFile(const GifFile&) = delete;
  GifFile& operator=(const GifFile&) = delete;

  /// Throws Error{Rejected} for a frame of another size, Error{LocalIo} with giflib's words.
  void add(const Picture& frame, int centiseconds);
  /// The whole file; nothing can be added afterwards.
  std::vector<std::byte> take();

 private:
  struct Writer;
  std::unique_ptr<Writer> writer_;
};

}  // namespace platefs::vo
