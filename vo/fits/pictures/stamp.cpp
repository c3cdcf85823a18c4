// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/pictures/stamp.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "vo/fits/aligned/resample.h"
#include "vo/fits/pictures/canvas.h"
#include "vo/fits/pictures/shades.h"

namespace platefs::vo {
namespace {

constexpr int kChartSize = 801;
constexpr double kLongestBar = 0.3;  // of the picture

/// Colours of one tone.
struct Inks {
  std::uint32_t text, halo, mark, star, empty;
};

Inks inks_of(Tone tone) {
  if (tone == Tone::StarsDark) return {0x111111, 0xFFFFFF, 0xE03A00, 0x0050B4, 0xF4F1EA};
  return {0xF5F5F5, 0x000000, 0xFF8A3C, 0x7CC4FF, 0x1C1E22};
}

/// A length of one digit that takes at most part of the picture, and its words.
struct Bar {
  double arcseconds = 0;
  std::string words;
};

Bar bar_of(Angle width) {
  constexpr std::array kLengths{1.0,   2.0,    5.0,    10.0,   20.0,   30.0,    60.0,    120.0,  300.0,
                                600.0, 1200.0, 1800.0, 3600.0, 7200.0, 18000.0, 36000.0, 72000.0};
  double length = kLengths.front();
  for (const double candidate : kLengths) {
    if (candidate <= kLongestBar * width.as_arcseconds()) length = candidate;
  }
  if (length >= 3600) return {length, fmt::format("{:g}°", length / 3600)};
  if (length >= 60) return {length, fmt::format("{:g}′", length / 60)};
  return {length, fmt::format("{:g}″", length)};
}

Sky sky_of_image(const Resampled& image, int size, std::optional<Polarity> told) {
  const int step = std::clamp(static_cast<int>(1 / std::sqrt(image.area)), 1, size / 4);
  return sky_of(image.values, size, step, told);
}

/// Rows from the top, as pictures have them.
Picture image_of(const Resampled& image, const Sky& sky, int size, Tone tone) {
  const auto shades = shades_of(image.values, sky);
  const auto inks = inks_of(tone);
  Picture picture{size, size, inks.empty};
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      const auto shade = shades[static_cast<std::size_t>((size - 1 - y) * size + x)];
      if (!shade) continue;
      picture.at(x, y) = grey(tone == Tone::StarsDark ? static_cast<unsigned char>(255 - *shade) : *shade);
    }
  }
  return picture;
}

/// Four ticks around the centre of the picture.
void mark_target(Canvas& canvas, int size, const Inks& inks) {
  const double middle = size / 2.0, free = 0.022 * size, length = 0.045 * size, width = std::max(size / 240.0, 1.2);
  for (int quarter = 0; quarter < 4; ++quarter) {
    const double angle = quarter * std::numbers::pi / 2;
    const double u = std::round(std::cos(angle)), v = std::round(std::sin(angle));
    canvas.line(middle + u * free, middle + v * free, middle + u * (free + length), middle + v * (free + length), width,
                inks.mark, inks.halo);
  }
}

/// A tick that begins beside the star, and letters behind it, which stay within the picture.
void mark_stars(Canvas& canvas, const SkyGrid& grid, const SkyMarks* marks, const Inks& inks) {
  if (marks == nullptr) return;
  const double size = grid.size(), free = 0.012 * size, length = 0.022 * size, width = std::max(size / 320.0, 1.0);
  const double text_size = 0.036 * size;
  for (const auto& mark : marks->list) {
    const auto pixel = grid.pixel_of(mark.place);
    if (!pixel) continue;
    const double x = pixel->x - 0.5, y = size - (pixel->y - 0.5);  // of pictures: rows from the top
    if (x < 0 || y < 0 || x > size || y > size) continue;
    const double side = x + free + length + canvas.text_width(mark.letters, text_size) > 0.98 * size ? -1 : 1;
    canvas.line(x + side * free, y, x + side * (free + length), y, width, inks.star, inks.halo);
    canvas.text(x + side * (free + 1.2 * length), y + 0.33 * text_size, mark.letters, text_size, inks.star, inks.halo,
                side > 0 ? Canvas::Align::Left : Canvas::Align::Right);
  }
}

void draw_bar(Canvas& canvas, int size, Angle width, double text_size, const Inks& inks) {
  const auto bar = bar_of(width);
  const double length = bar.arcseconds / width.as_arcseconds() * size;
  const double right = size - 0.03 * size, y = size - 0.035 * size, foot = 0.008 * size;
  canvas.line(right - length, y, right, y, 2, inks.text, inks.halo);
  for (const double x : {right - length, right}) canvas.line(x, y - foot, x, y + foot, 2, inks.text, inks.halo);
  canvas.text(right - length / 2, y - 0.6 * text_size, bar.words, text_size, inks.text, inks.halo,
              Canvas::Align::Middle);
}

void draw_arrow(Canvas& canvas, double x, double y, double u, double v, double length, const Inks& inks) {
  const double tip_x = x + u * length, tip_y = y + v * length, head = 0.22 * length;
  canvas.line(x, y, tip_x, tip_y, 2, inks.text, inks.halo);
  for (const double side : {-0.5, 0.5}) {
    canvas.line(tip_x - head * (u + side * v), tip_y - head * (v - side * u), tip_x, tip_y, 2, inks.text, inks.halo);
  }
}

void draw_compass(Canvas& canvas, int size, double text_size, const Inks& inks) {
  const double length = 0.075 * size, x = size - 0.04 * size, y = 0.05 * size + text_size + length;
  draw_arrow(canvas, x, y, 0, -1, length, inks);
  draw_arrow(canvas, x, y, -1, 0, length, inks);
  canvas.text(x, y - length - 0.3 * text_size, "N", text_size, inks.text, inks.halo, Canvas::Align::Middle);
  canvas.text(x - length - 0.7 * text_size, y + 0.35 * text_size, "E", text_size, inks.text, inks.halo,
              Canvas::Align::Middle);
}

std::string date_words(const PlateCaption& caption) { return caption.date.empty() ? "no date" : caption.date; }

/// A picture with the wrong side turned up must not look like any other.
void tell_guess(Canvas& canvas, int size, const Sky& sky, const Inks& inks) {
  const std::string taken = sky.polarity == Polarity::StarsAreDark ? "negative" : "positive";
  canvas.text(size / 2.0, 0.115 * size, "no star tells: taken for a " + taken, 0.034 * size, inks.text, inks.halo,
              Canvas::Align::Middle);
}

/// The sky with what is marked on it.
Canvas canvas_of(FitsSource& cutout, const Cone& cone, int size, const PlateCaption& caption, Tone tone) {
  const auto grid = SkyGrid::of_pictures(cone, size);
  const auto image = resampled(cutout, grid, Kernel::Bilinear);
  const auto sky = sky_of_image(image, size, caption.polarity);
  const auto inks = inks_of(tone);
  Canvas canvas{image_of(image, sky, size, tone)};
  mark_stars(canvas, grid, caption.marks.get(), inks);
  mark_target(canvas, size, inks);
  if (!sky.has_stars && !caption.polarity) tell_guess(canvas, size, sky, inks);
  return canvas;
}

}  // namespace

std::vector<std::byte> stamp_of(FitsSource& cutout, const Cone& cone, const PlateCaption& caption, Tone tone) {
  const auto inks = inks_of(tone);
  auto canvas = canvas_of(cutout, cone, kStampSize, caption, tone);
  const double text_size = 0.052 * kStampSize;
  canvas.text(0.03 * kStampSize, kStampSize - 0.035 * kStampSize, date_words(caption), text_size, inks.text, inks.halo);
  draw_bar(canvas, kStampSize, Angle::degrees(2 * cone.radius.as_degrees()), 0.75 * text_size, inks);
  return jpeg_of(canvas.take());
}

std::vector<std::byte> chart_of(FitsSource& cutout, const Cone& cone, const PlateCaption& caption, Tone tone) {
  const auto inks = inks_of(tone);
  auto canvas = canvas_of(cutout, cone, kChartSize, caption, tone);
  const double text_size = 0.03 * kChartSize, left = 0.025 * kChartSize;
  canvas.text(left, left + text_size, caption.place, text_size, inks.text, inks.halo);
  canvas.text(left, kChartSize - left - 1.35 * text_size, date_words(caption), text_size, inks.text, inks.halo);
  canvas.text(left, kChartSize - left, caption.plate, 0.75 * text_size, inks.text, inks.halo);
  draw_bar(canvas, kChartSize, Angle::degrees(2 * cone.radius.as_degrees()), 0.8 * text_size, inks);
  draw_compass(canvas, kChartSize, 0.8 * text_size, inks);
  return canvas.png();
}

}  // namespace platefs::vo
