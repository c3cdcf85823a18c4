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
  std::uint32_t text, halo, mark, empty;
};

Inks inks_of(Tone tone) {
  if (tone == Tone::StarsDark) return {0x111111, 0xFFFFFF, 0xE03A00, 0xF4F1EA};
  return {0xF5F5F5, 0x000000, 0xFF8A3C, 0x1C1E22};
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

/// Rows from the top, as pictures have them.
Picture image_of(const Resampled& image, int size, Tone tone) {
  const int step = std::clamp(static_cast<int>(1 / std::sqrt(image.area)), 1, size / 4);
  const auto shades = shades_of(image.values, sky_of(image.values, size, step));
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

Picture picture_of(FitsSource& cutout, const Cone& cone, int size, Tone tone) {
  return image_of(resampled(cutout, SkyGrid::of_pictures(cone, size), Kernel::Bilinear), size, tone);
}

}  // namespace

std::vector<std::byte> stamp_of(FitsSource& cutout, const Cone& cone, const PlateCaption& caption, Tone tone) {
  const auto inks = inks_of(tone);
  Canvas canvas{picture_of(cutout, cone, kStampSize, tone)};
  mark_target(canvas, kStampSize, inks);
  const double text_size = 0.052 * kStampSize;
  canvas.text(0.03 * kStampSize, kStampSize - 0.035 * kStampSize, date_words(caption), text_size, inks.text, inks.halo);
  draw_bar(canvas, kStampSize, Angle::degrees(2 * cone.radius.as_degrees()), 0.75 * text_size, inks);
  return jpeg_of(canvas.take());
}

std::vector<std::byte> chart_of(FitsSource& cutout, const Cone& cone, const PlateCaption& caption, Tone tone) {
  const auto inks = inks_of(tone);
  Canvas canvas{picture_of(cutout, cone, kChartSize, tone)};
  mark_target(canvas, kChartSize, inks);
  const double text_size = 0.03 * kChartSize, left = 0.025 * kChartSize;
  canvas.text(left, left + text_size, caption.place, text_size, inks.text, inks.halo);
  canvas.text(left, kChartSize - left - 1.35 * text_size, date_words(caption), text_size, inks.text, inks.halo);
  canvas.text(left, kChartSize - left, caption.plate, 0.75 * text_size, inks.text, inks.halo);
  draw_bar(canvas, kChartSize, Angle::degrees(2 * cone.radius.as_degrees()), 0.8 * text_size, inks);
  draw_compass(canvas, kChartSize, 0.8 * text_size, inks);
  return canvas.png();
}

}  // namespace platefs::vo
