// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/pictures/canvas.h"

#include <cairo.h>
#include <fmt/core.h>

#include <cstring>
#include <span>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

constexpr double kRim = 1.2;  // pixels on each side

void use(cairo_t* context, std::uint32_t colour, double opacity = 1) {
  const auto part = [colour](int shift) { return static_cast<double>(colour >> shift & 0xFFu) / 255; };
  cairo_set_source_rgba(context, part(16), part(8), part(0), opacity);
}

/// A surface of its own with the picture's pixels.
cairo_surface_t* surface_of(const Picture& picture) {
  auto* surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, picture.width, picture.height);
  auto* data = cairo_image_surface_get_data(surface);
  if (data == nullptr) return surface;  // its status says why
  const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(surface));
  const auto row = static_cast<std::size_t>(picture.width) * sizeof(std::uint32_t);
  for (int y = 0; y < picture.height; ++y) {
    std::memcpy(data + static_cast<std::size_t>(y) * stride,
                picture.pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width), row);
  }
  cairo_surface_mark_dirty(surface);
  return surface;
}

cairo_status_t append(void* closure, const unsigned char* data, unsigned length) {
  try {
    const auto bytes = std::as_bytes(std::span{data, length});
    auto& file = *static_cast<std::vector<std::byte>*>(closure);
    file.insert(file.end(), bytes.begin(), bytes.end());
    return CAIRO_STATUS_SUCCESS;
  } catch (const std::bad_alloc&) {
    return CAIRO_STATUS_NO_MEMORY;
  }
}

void require_good(cairo_status_t status) {
  if (status == CAIRO_STATUS_SUCCESS) return;
  throw Error{ErrorKind::LocalIo, fmt::format("a picture can't be drawn: {}", cairo_status_to_string(status))};
}

}  // namespace

struct Canvas::Drawing {
  explicit Drawing(const Picture& picture) : surface(surface_of(picture)), context(cairo_create(surface)) {}
  ~Drawing() {
    cairo_destroy(context);
    cairo_surface_destroy(surface);
  }
  Drawing(const Drawing&) = delete;
  Drawing& operator=(const Drawing&) = delete;

  void set_font(double size) const {
    cairo_select_font_face(context, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(context, size);
  }
  void finish() const {
    require_good(cairo_status(context));
    cairo_surface_flush(surface);
    require_good(cairo_surface_status(surface));
  }

  cairo_surface_t* surface;
  cairo_t* context;
};

Canvas::Canvas(const Picture& picture) : drawing_(std::make_unique<Drawing>(picture)) {}
Canvas::~Canvas() = default;
Canvas::Canvas(Canvas&& other) noexcept = default;

void Canvas::line(double x1, double y1, double x2, double y2, double width, std::uint32_t colour, std::uint32_t halo) {
  auto* context = drawing_->context;
  cairo_set_line_cap(context, CAIRO_LINE_CAP_BUTT);
  cairo_move_to(context, x1, y1);
  cairo_line_to(context, x2, y2);
  cairo_set_line_width(context, width + 2 * kRim);
  use(context, halo, 0.7);
  cairo_stroke_preserve(context);
  cairo_set_line_width(context, width);
  use(context, colour);
  cairo_stroke(context);
}

double Canvas::text_width(const std::string& words, double size) {
  drawing_->set_font(size);
  cairo_text_extents_t extents{};
  cairo_text_extents(drawing_->context, words.c_str(), &extents);
  return extents.x_advance;
}

void Canvas::text(double x, double y, const std::string& words, double size, std::uint32_t colour, std::uint32_t halo,
                  Align align) {
  auto* context = drawing_->context;
  const double width = text_width(words, size);
  cairo_move_to(context, x - (align == Align::Left ? 0 : align == Align::Middle ? width / 2 : width), y);
  cairo_text_path(context, words.c_str());
  cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width(context, 2 * kRim + size / 10);
  use(context, halo, 0.75);
  cairo_stroke_preserve(context);
  use(context, colour);
  cairo_fill(context);
}

void Canvas::place(const Picture& other, double x, double y, double width, double height) {
  auto* context = drawing_->context;
  auto* surface = surface_of(other);
  cairo_save(context);
  cairo_rectangle(context, x, y, width, height);
  cairo_clip(context);
  cairo_translate(context, x, y);
  cairo_scale(context, width / other.width, height / other.height);
  cairo_set_source_surface(context, surface, 0, 0);
  cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_GOOD);
  cairo_pattern_set_extend(cairo_get_source(context), CAIRO_EXTEND_PAD);
  cairo_paint(context);
  cairo_restore(context);
  cairo_surface_destroy(surface);
}

Picture Canvas::take() {
  drawing_->finish();
  auto* surface = drawing_->surface;
  Picture picture{cairo_image_surface_get_width(surface), cairo_image_surface_get_height(surface), 0};
  const auto* data = cairo_image_surface_get_data(surface);
  const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(surface));
  for (int y = 0; y < picture.height; ++y) {
    std::memcpy(&picture.at(0, y), data + static_cast<std::size_t>(y) * stride,
                static_cast<std::size_t>(picture.width) * sizeof(std::uint32_t));
  }
  for (auto& pixel : picture.pixels) pixel &= 0xFFFFFFu;  // the fourth byte means nothing
  return picture;
}

std::vector<std::byte> Canvas::png() {
  drawing_->finish();
  std::vector<std::byte> file;
  require_good(cairo_surface_write_to_png_stream(drawing_->surface, append, &file));
  return file;
}

}  // namespace platefs::vo
