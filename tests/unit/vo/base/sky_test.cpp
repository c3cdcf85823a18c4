// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/sky.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

IcrsPosition at(double ra, double dec) { return IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec)); }

TEST(Angle, IsTheSameInEveryUnit) {
  EXPECT_DOUBLE_EQ(Angle::arcminutes(30).as_degrees(), 0.5);
  EXPECT_DOUBLE_EQ(Angle::arcseconds(90).as_arcminutes(), 1.5);
  EXPECT_DOUBLE_EQ(Angle::degrees(180).as_radians(), M_PI);
  EXPECT_DOUBLE_EQ(Angle::radians(M_PI_2).as_degrees(), 90.0);
}

TEST(Position, HoldsTheWholeSphere) {
  EXPECT_NO_THROW(at(0, -90));
  EXPECT_NO_THROW(at(359.999999, 90));
}

TEST(Position, RefusesWhatIsNoPlaceAndSaysIt) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_THROW(at(360, 0), Error);
  EXPECT_THROW(at(-0.1, 0), Error);
  EXPECT_THROW(at(0, 90.1), Error);
  EXPECT_THROW(at(nan, 0), Error);
  EXPECT_THROW(at(0, nan), Error);
  EXPECT_THROW(at(infinity, 0), Error);
  try {
    at(400, 95);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), testing::HasSubstr("400"));
  }
}

TEST(Separation, IsExactWhereTheLawOfCosinesIsNot) {
  const double milliarcsecond = 1e-3;
  const auto moved = at(156.0, 48.0 + milliarcsecond / 3600);
  EXPECT_NEAR(separation(at(156.0, 48.0), moved).as_arcseconds(), milliarcsecond, 1e-9);
}

TEST(Separation, GoesTheShortWayAcrossTheZeroMeridian) {
  EXPECT_NEAR(separation(at(359.5, 0), at(0.5, 0)).as_degrees(), 1.0, 1e-12);
}

TEST(Separation, SeesOnePointInThePole) {
  EXPECT_NEAR(separation(at(10, 90), at(200, 90)).as_degrees(), 0.0, 1e-12);
  EXPECT_NEAR(separation(at(0, 89), at(180, 89)).as_degrees(), 2.0, 1e-12);
}

TEST(Separation, OfAntipodesIsHalfATurn) {
  EXPECT_NEAR(separation(at(10, 20), at(190, -20)).as_degrees(), 180.0, 1e-6);
}

TEST(Offset, IsAsFarAwayAsAskedInEveryDirection) {
  for (const double dec : {-90.0, -48.0, 0.0, 89.99}) {
    for (const double direction : {0.0, 45.0, 90.0, 200.0, 359.0}) {
      const auto moved = offset(at(0.01, dec), Angle::degrees(direction), Angle::degrees(0.3));
      EXPECT_NEAR(separation(at(0.01, dec), moved).as_degrees(), 0.3, 1e-9);
      EXPECT_GE(moved.ra.as_degrees(), 0.0);
      EXPECT_LT(moved.ra.as_degrees(), 360.0);
    }
  }
}

TEST(Offset, GoesOppositeWaysInOppositeDirectionsAtThePolesToo) {
  for (const double dec : {-90.0, -89.9999999, 0.0, 90.0}) {
    for (const double direction : {0.0, 45.0, 90.0, 170.0}) {
      const auto one = offset(at(120, dec), Angle::degrees(direction), Angle::degrees(0.3));
      const auto other = offset(at(120, dec), Angle::degrees(direction + 180), Angle::degrees(0.3));
      EXPECT_NEAR(separation(one, other).as_degrees(), 0.6, 1e-9) << dec << ' ' << direction;
    }
  }
}

TEST(Offset, CountsTheDirectionFromNorthThroughEast) {
  EXPECT_NEAR(offset(at(10, 0), Angle::degrees(0), Angle::degrees(1)).dec.as_degrees(), 1.0, 1e-12);
  EXPECT_NEAR(offset(at(10, 0), Angle::degrees(90), Angle::degrees(1)).ra.as_degrees(), 11.0, 1e-12);
}

}  // namespace
}  // namespace platefs::vo
