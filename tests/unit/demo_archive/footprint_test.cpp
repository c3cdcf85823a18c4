// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/footprint.h"

#include <gtest/gtest.h>

#include "tools/demo_archive/noise.h"
#include "tools/demo_archive/plate_catalogue.h"
#include "vo/fits/hdu/header.h"
#include "vo/fits/wcs/sky_map.h"

namespace platefs::demo {
namespace {

using vo::Angle;
using vo::IcrsPosition;

IcrsPosition at(double ra, double dec) { return {Angle::degrees(ra), Angle::degrees(dec)}; }

TEST(Footprint, HoldsThePixelsOfItsPlateAndNoOthers) {
  Noise noise(7);
  for (const auto& plate : demo_plates()) {
    const auto outline = plate.outline();
    for (int i = 0; i < 200; ++i) {
      const vo::Pixel pixel{(noise.uniform() * 2 - 0.5) * plate.width, (noise.uniform() * 2 - 0.5) * plate.height};
      // A distorted side is a curve that the corners follow to a few pixels.
      const double near = plate.solution.sip != 0 ? 4 : 0.01;
      const auto beyond = [near](double value, double size) {
        return std::max(0.5 - value, value - size - 0.5) > near;
      };
      const auto within = [near](double value, double size) { return value > 0.5 + near && value < size + 0.5 - near; };
      const auto position = plate.solution.position_of(pixel);
      if (within(pixel.x, plate.width) && within(pixel.y, plate.height)) {
        EXPECT_TRUE(contains(outline, position)) << plate.id << ' ' << pixel.x << ' ' << pixel.y;
      } else if (beyond(pixel.x, plate.width) || beyond(pixel.y, plate.height)) {
        EXPECT_FALSE(contains(outline, position)) << plate.id << ' ' << pixel.x << ' ' << pixel.y;
      }
    }
  }
}

TEST(Footprint, WorksAcrossRightAscensionZeroAndOverAPole) {
  const std::vector zero = {at(359, -1), at(1, -1), at(1, 1), at(359, 1)};
  EXPECT_TRUE(contains(zero, at(0.5, 0)));
  EXPECT_TRUE(contains(zero, at(359.5, 0)));
  EXPECT_FALSE(contains(zero, at(2, 0)));
  EXPECT_FALSE(contains(zero, at(180, 0)));
  const std::vector pole = {at(0, 88), at(90, 88), at(180, 88), at(270, 88)};
  EXPECT_TRUE(contains(pole, at(33, 90)));
  EXPECT_TRUE(contains(pole, at(200, 89)));
  EXPECT_FALSE(contains(pole, at(200, 87)));
}

TEST(Footprint, IsTouchedByACircleThatReachesIt) {
  const std::vector square = {at(10, 10), at(12, 10), at(12, 12), at(10, 12)};
  EXPECT_TRUE(touches(square, at(11, 11), Angle::degrees(0.1)));
  EXPECT_TRUE(touches(square, at(11, 9.5), Angle::degrees(0.51)));
  EXPECT_FALSE(touches(square, at(11, 9.5), Angle::degrees(0.45)));
  EXPECT_FALSE(touches(square, at(9, 9), Angle::degrees(1.2)));
}

TEST(PlateSolution, IsWhatItsCardsSayToWcslib) {
  for (const auto& plate : demo_plates()) {
    vo::FitsHeader header;
    header.set_logical("SIMPLE", true);
    header.set_integer("BITPIX", 16);
    header.set_integer("NAXIS", 2);
    header.set_integer("NAXIS1", plate.width);
    header.set_integer("NAXIS2", plate.height);
    for (auto card : plate.solution.cards()) {
      card.resize(80, ' ');
      header.append(card);
    }
    const auto map = vo::SkyMap::from(header);
    for (const vo::Pixel pixel : {vo::Pixel{1, 1}, vo::Pixel{1.0 * plate.width, 1}, vo::Pixel{300, 500}}) {
      const auto ours = plate.solution.position_of(pixel);
      const auto theirs = map.position_of(pixel);
      ASSERT_TRUE(theirs) << plate.id;
      EXPECT_LT(vo::separation(ours, *theirs).as_arcseconds(), 1e-4) << plate.id;
      const auto back = plate.solution.pixel_of(ours);
      EXPECT_NEAR(back.x, pixel.x, 1e-5) << plate.id;
      EXPECT_NEAR(back.y, pixel.y, 1e-5) << plate.id;
    }
  }
}

}  // namespace
}  // namespace platefs::demo
