// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/pictures/stamp.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "tests/support/sky_plate.h"
#include "vo/fits/aligned/sky_grid.h"
#include "vo/fits/pictures/picture.h"

namespace platefs::vo {
namespace {

using test::SkyPlate;

Cone around(const SkyPlate& plate) { return {plate.target, Angle::arcminutes(5)}; }

Picture stamp(const SkyPlate& plate, Tone tone = Tone::StarsDark) {
  const auto file = plate.file();
  MemoryFitsSource source{test::bytes_of(file)};
  return picture_of_jpeg(stamp_of(source, around(plate), {"1890-05-17", {}, {}}, tone));
}

double light(std::uint32_t pixel) {
  return (0.3 * (pixel >> 16 & 0xFF) + 0.59 * (pixel >> 8 & 0xFF) + 0.11 * (pixel & 0xFF)) / 255;
}

/// Mean light of a square about a pixel from the top left, counted from 0.
double light_at(const Picture& picture, double x, double y, int reach) {
  double sum = 0;
  for (int v = -reach; v <= reach; ++v) {
    for (int u = -reach; u <= reach; ++u)
      sum += light(picture.at(static_cast<int>(std::lround(x)) + u, static_cast<int>(std::lround(y)) + v));
  }
  return sum / ((2 * reach + 1) * (2 * reach + 1));
}

SkyPlate with_stars(SkyPlate plate) {
  const auto grid = SkyGrid::of_pictures(around(plate), kStampSize);
  plate.stars = {plate.target, grid.position_of({100, 150}), grid.position_of({400, 330}),
                 grid.position_of({150, 350})};
  return plate;
}

TEST(Stamp, HasTheTargetInItsMiddleAndStarsInOneTone) {
  for (const double rotation : {0.0, 47.0, 180.0}) {
    for (const bool is_mirrored : {false, true}) {
      for (const double depth : {-9000.0, 9000.0}) {
        auto plate = with_stars({.rotation = rotation, .is_mirrored = is_mirrored, .depth = depth});
        const auto dark = stamp(plate), bright = stamp(plate, Tone::StarsBright);
        EXPECT_LT(light_at(dark, 240, 240, 2), 0.2) << rotation;
        EXPECT_GT(light_at(bright, 240, 240, 2), 0.8) << rotation;
        EXPECT_LT(light_at(dark, 99, 481 - 150, 2), 0.3) << "rows from the top";
        EXPECT_GT(light_at(dark, 330, 200, 8), 0.6) << "the sky";
        EXPECT_LT(light_at(bright, 330, 200, 8), 0.4) << "the sky";
      }
    }
  }
}

TEST(Stamp, HasItsStarWithinHalfAPixelOfTheMiddle) {
  const auto picture = stamp(with_stars({.rotation = 33, .grain = 30}));
  double sum = 0, x = 0, y = 0;
  for (int v = -8; v <= 8; ++v) {
    for (int u = -8; u <= 8; ++u) {
      const double depth = std::max(0.75 - light(picture.at(240 + u, 240 + v)), 0.0);
      sum += depth, x += depth * u, y += depth * v;
    }
  }
  EXPECT_NEAR(x / sum, 0, 0.5);
  EXPECT_NEAR(y / sum, 0, 0.5);
}

TEST(Stamp, HasTicksThatLeaveTheTargetFree) {
  SkyPlate plate;  // no star at all
  const auto picture = stamp(plate);
  const auto is_red = [&](int x, int y) {
    const auto pixel = picture.at(x, y);
    return static_cast<int>(pixel >> 16 & 0xFF) - static_cast<int>(pixel & 0xFF) > 60;
  };
  for (int u = -9; u <= 9; ++u) {
    for (int v = -9; v <= 9; ++v) EXPECT_FALSE(is_red(240 + u, 240 + v));
  }
  for (const int sense : {-1, 1}) {
    EXPECT_TRUE(is_red(240 + 20 * sense, 240));
    EXPECT_TRUE(is_red(240, 240 + 20 * sense));
  }
}

bool is_blue(const Picture& picture, int x, int y) {
  const auto pixel = picture.at(x, y);
  return static_cast<int>(pixel & 0xFF) - static_cast<int>(pixel >> 16 & 0xFF) > 60;
}

TEST(Stamp, HasMarksBesideTheirStarsWithinThePicture) {
  const auto plate = with_stars({});
  const auto grid = SkyGrid::of_pictures(around(plate), kStampSize);
  SkyMarks marks{{{grid.position_of({101, 481 - 150}), "a"}, {grid.position_of({471, 481 - 300}), "zz"}}, "two"};
  const auto behind = offset(plate.target, Angle::degrees(0), Angle::degrees(170));
  marks.list.push_back({behind, "x"});
  const auto file = plate.file();
  MemoryFitsSource source{test::bytes_of(file)};
  const auto picture = picture_of_jpeg(stamp_of(
      source, around(plate), {"1890-05-17", {}, {}, std::make_shared<const SkyMarks>(marks)}, Tone::StarsDark));
  for (int u = -3; u <= 3; ++u) EXPECT_FALSE(is_blue(picture, 100 + u, 150)) << "the star stays free";
  EXPECT_TRUE(is_blue(picture, 100 + 11, 150));
  EXPECT_TRUE(is_blue(picture, 470 - 11, 300)) << "on the side where its letters have room";
  int marked = 0;
  for (int y = 0; y < kStampSize; ++y) {
    for (int x = 0; x < kStampSize; ++x) marked += is_blue(picture, x, y) ? 1 : 0;
  }
  EXPECT_GT(marked, 40);
  EXPECT_LT(marked, 400);
}

/// Dark pixels where a stamp says what it was taken for.
int ink_of_guess(const Picture& picture) {
  int ink = 0;
  for (int y = 40; y < 58; ++y) {
    for (int x = 120; x < 360; ++x) ink += light(picture.at(x, y)) < 0.25 ? 1 : 0;
  }
  return ink;
}

TEST(Stamp, SaysWhatItWasTakenForWhereNothingTellsTheTone) {
  SkyPlate blank;  // no star at all
  EXPECT_GT(ink_of_guess(stamp(blank)), 200);
  EXPECT_EQ(ink_of_guess(stamp(with_stars({}))), 0);
  const auto file = blank.file();
  MemoryFitsSource source{test::bytes_of(file)};
  const auto told = picture_of_jpeg(
      stamp_of(source, around(blank), {"1890-05-17", {}, {}, nullptr, Polarity::StarsAreBright}, Tone::StarsDark));
  EXPECT_EQ(ink_of_guess(told), 0);
}

TEST(Stamp, IsEmptyPaperWhereThePlateEnds) {
  SkyPlate plate = with_stars({.width = 100});
  const auto picture = stamp(plate);
  EXPECT_NEAR(light_at(picture, 10, 200, 5), light(0xF4F1EA), 0.01);
}

TEST(Chart, IsAPngFile) {
  const auto file = with_stars({}).file();
  MemoryFitsSource source{test::bytes_of(file)};
  const auto chart = chart_of(source, around({}), {"", "undated_x", "156.011+48.148"}, Tone::StarsDark);
  ASSERT_GT(chart.size(), 24u);
  EXPECT_EQ(std::to_integer<char>(chart[1]), 'P');
  EXPECT_EQ(std::to_integer<int>(chart[18]) * 256 + std::to_integer<int>(chart[19]), 801);
}

}  // namespace
}  // namespace platefs::vo
