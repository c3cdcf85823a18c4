// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/aligned/sky_grid.h"

#include <gtest/gtest.h>

#include <cmath>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

Cone cone(double ra, double dec, double arcminutes) {
  return {IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec)), Angle::arcminutes(arcminutes)};
}

TEST(SkyGrid, OfFramesHasTheFinestRoundScaleThatFits) {
  const auto scale_of = [](double arcminutes) {
    return SkyGrid::of_frames(cone(10, 20, arcminutes)).pixel().as_arcseconds();
  };
  EXPECT_DOUBLE_EQ(scale_of(0.1), 0.5);
  EXPECT_DOUBLE_EQ(scale_of(5), 0.5);
  EXPECT_DOUBLE_EQ(scale_of(10), 1);
  EXPECT_DOUBLE_EQ(scale_of(11), 1.5);
  EXPECT_DOUBLE_EQ(scale_of(30), 3);
  EXPECT_DOUBLE_EQ(scale_of(600), 70);
}

TEST(SkyGrid, OfFramesHoldsTheWholeConeInAnOddNumberOfPixelsUpTo1201) {
  for (const double radius : {0.02, 0.7, 5.0, 10.0, 10.01, 47.0, 600.0}) {
    const auto grid = SkyGrid::of_frames(cone(10, 20, radius));
    EXPECT_EQ(grid.size() % 2, 1) << radius;
    EXPECT_LE(grid.size(), 1201) << radius;
    EXPECT_GE(grid.size() * grid.pixel().as_arcminutes() / 2, radius);
  }
}

TEST(SkyGrid, HasTheTargetInTheMiddleNorthUpAndEastLeft) {
  const auto grid = SkyGrid::of_pictures(cone(359.999, -89.5, 10), 481);
  EXPECT_EQ(grid.reference(), 241);
  const auto middle = grid.position_of({241, 241});
  EXPECT_NEAR(middle.ra.as_degrees(), 359.999, 1e-9);
  EXPECT_NEAR(middle.dec.as_degrees(), -89.5, 1e-12);
  EXPECT_GT(grid.position_of({241, 300}).dec, middle.dec);
  const auto left = grid.position_of({240, 241});
  EXPECT_LT(left.ra.as_degrees(), 180) << "east of RA 360 it begins anew";
}

TEST(SkyGrid, FindsThePixelOfEveryPositionAgain) {
  for (const double dec : {-90.0, -45.3, 0.0, 48.1, 90.0}) {
    const auto grid = SkyGrid::of_frames(cone(0.01, dec, 20));
    for (const Pixel& pixel : {Pixel{1, 1}, Pixel{300.25, 17.5}, Pixel{600, 600}}) {
      const auto found = grid.pixel_of(grid.position_of(pixel));
      ASSERT_TRUE(found);
      EXPECT_NEAR(found->x, pixel.x, 1e-6) << dec;
      EXPECT_NEAR(found->y, pixel.y, 1e-6) << dec;
    }
  }
}

TEST(SkyGrid, IsWhatItsCardsSayToWcslib) {
  const auto grid = SkyGrid::of_frames(cone(83.2, -5.4, 10));
  FitsHeader header;
  header.set_integer("NAXIS", 2);
  header.set_integer("NAXIS1", grid.size());
  header.set_integer("NAXIS2", grid.size());
  grid.describe(header);
  const auto map = SkyMap::from(header);
  for (const Pixel& pixel : {Pixel{1, 1}, Pixel{1201, 3}, Pixel{601, 601}, Pixel{200.5, 900}}) {
    EXPECT_LT(separation(*map.position_of(pixel), grid.position_of(pixel)).as_arcseconds(), 1e-6);
  }
}

TEST(SkyGrid, IsNotMadeOfHalfTheSky) { EXPECT_THROW(SkyGrid::of_frames(cone(1, 1, 31 * 60)), Error); }

}  // namespace
}  // namespace platefs::vo
