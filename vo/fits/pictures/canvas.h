// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "vo/fits/pictures/picture.h"

namespace platefs::vo {

/// Lines and words upon a picture, smooth at their edges (cairo). Coordinates are pixels from the top left corner, of
/// which the first one's centre is (0.5, 0.5). One thread at a time may use an object.
class Canvas {
 public:
  explicit Canvas(const Picture& picture);
  ~Canvas();
  Canvas(Canvas&& other) noexcept;
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;

  /// A colour is 0xRRGGBB; a line has a rim of `halo` so that it shows on any ground.
  void line(double x1, double y1, double x2, double y2, double width, std::uint32_t colour, std::uint32_t halo);
  enum class Align { Left, Middle, Right };
  /// `y` is the base line; `size` the height of a line of text.
  void text(double x, double y, const std::string& words, double size, std::uint32_t colour, std::uint32_t halo,
            Align align = Align::Left);
  double text_width(const std::string& words, double size);
  /// The other picture scaled into a box.
  void place(const Picture& other, double x, double y, double width, double height);

  /// What has been drawn. Throws Error{LocalIo} with cairo's words when it could not be.
  Picture take();
  /// The same as a PNG file.
  std::vector<std::byte> png();

 private:
  struct Drawing;
  std::unique_ptr<Drawing> drawing_;
};

}  // namespace platefs::vo
