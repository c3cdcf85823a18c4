// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/sky_region.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "vo/services/great_circle.h"

namespace platefs::vo {
namespace {

IcrsPosition at(double ra, double dec) { return IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec)); }

bool holds(const std::string& text, double ra, double dec) {
  const auto region = SkyRegion::parse(text);
  EXPECT_TRUE(region) << text;
  return region && region->contains(at(ra, dec));
}

TEST(SkyRegion, ReadsEverySpellingOfAPolygon) {
  for (const std::string text :
       {"Polygon ICRS 9 39 11 39 11 41 9 41", "POLYGON J2000 9 39 11 39 11 41 9 41", "polygon 9 39 11 39 11 41 9 41",
        "Polygon UNKNOWNFrame 9 39 11 39 11 41 9 41", "Polygon ICRS TOPOCENTER SPHERICAL2 9 39 11 39 11 41 9 41",
        "9 39 11 39 11 41 9 41", "POLYGON ICRS 9.0,39.0,11.0,39.0,11.0,41.0,9.0,41.0",
        "Polygon ICRS 9 41 11 41 11 39 9 39 9 41", "Polygon FK5 9 39 11 39 11 41 9 41 unit deg"}) {
    EXPECT_TRUE(holds(text, 10, 40)) << text;
    EXPECT_FALSE(holds(text, 12, 40)) << text;
    EXPECT_FALSE(holds(text, 190, -40)) << text << ": the other side of the sky";
  }
}

TEST(SkyRegion, ReadsTheOtherShapes) {
  EXPECT_TRUE(holds("Circle ICRS 10 40 1", 10, 40.99));
  EXPECT_FALSE(holds("Circle ICRS 10 40 1", 10, 41.01));
  EXPECT_TRUE(holds("10 40 1", 10, 40.99));
  EXPECT_TRUE(holds("Box ICRS 10 40 2 4", 10, 41.9));
  EXPECT_FALSE(holds("Box ICRS 10 40 2 4", 12, 40));
  EXPECT_TRUE(holds("Ellipse ICRS 10 40 3 1 90", 13.5, 40));
  EXPECT_FALSE(holds("Ellipse ICRS 10 40 3 1 90", 10, 42));
  EXPECT_TRUE(holds("range 350 10 -5 5", 1, 1));
  EXPECT_FALSE(holds("range 350 10 -5 5", 180, 1));
  EXPECT_FALSE(holds("POSITION J2000 10 40", 10, 40)) << "a point is no area";
}

TEST(SkyRegion, ReadsCombinations) {
  const std::string both = "Circle ICRS 10 40 1 Circle ICRS 20 40 1";
  for (const auto& text :
       {both, "Union ICRS ( " + both + " )", std::string("UNION J2000 (Circle 10 40 1 Circle 20 40 1)")}) {
    EXPECT_TRUE(holds(text, 10, 40)) << text;
    EXPECT_TRUE(holds(text, 20, 40)) << text;
    EXPECT_FALSE(holds(text, 15, 40)) << text;
  }
  const std::string ring = "Intersection ICRS ( Circle 10 40 2 Not (Circle 10 40 1) )";
  EXPECT_TRUE(holds(ring, 10, 41.5));
  EXPECT_FALSE(holds(ring, 10, 40.5));
}

TEST(SkyRegion, HoldsOnTheWholeSphere) {
  EXPECT_TRUE(holds("Polygon ICRS 359 -1 1 -1 1 1 359 1", 0, 0)) << "across RA 0";
  EXPECT_TRUE(holds("Polygon ICRS 359 -1 1 -1 1 1 359 1", 359.5, 0.5));
  EXPECT_TRUE(holds("Polygon ICRS 0 88 90 88 180 88 270 88", 45, 90)) << "round the pole";
  EXPECT_TRUE(holds("Polygon ICRS 0 88 90 88 180 88 270 88", 200, 89));
  EXPECT_FALSE(holds("Polygon ICRS 0 88 90 88 180 88 270 88", 200, 85));
  EXPECT_TRUE(holds("Polygon ICRS 9 39 11 39 11 41 9 41", 9, 39)) << "a corner belongs to it";
}

TEST(SkyRegion, IsNothingWhereTheTextTellsNone) {
  for (const std::string text :
       {"", "Polygon", "Polygon ICRS 1 2 3 4", "Polygon ICRS 1 2 3 4 5", "Polygon GALACTIC 9 39 11 39 11 41",
        "Circle ICRS 10 100 1", "Circle ICRS nan 40 1", "Union ICRS ( )", "Union ICRS ( Circle ICRS 1 2 3", "moc 4/1-3",
        "Circle ICRS 10 40 -1", "Circle ICRS 10 40 1 unit arcmin", "1 2", "hello"}) {
    EXPECT_FALSE(SkyRegion::parse(text)) << text;
  }
  std::string deep = "Circle 1 2 3";
  for (int i = 0; i < 1000; ++i) deep = "Union ( " + deep + " )";
  EXPECT_FALSE(SkyRegion::parse(deep));
  EXPECT_FALSE(SkyRegion::parse(std::string(1 << 20, '1')));
}

TEST(SkyRegion, OfAFieldOfViewIsItsCircle) {
  const auto region = SkyRegion::circle(at(10, 40), Angle::degrees(2));
  EXPECT_TRUE(region.contains(at(10, 40.99)));
  EXPECT_FALSE(region.contains(at(10, 41.01)));
}

TEST(SkyRegion, TellsHowFarTheNearestEdgeIs) {
  const auto place = IcrsPosition::at(Angle::degrees(10), Angle::degrees(20));
  const auto edge = [&](std::string_view text) {
    const auto region = SkyRegion::parse(text);
    const auto distance = region ? region->distance_to_edge(place) : std::nullopt;
    return distance ? distance->as_degrees() : -1;
  };
  EXPECT_NEAR(edge("CIRCLE ICRS 10 21 3"), 2, 1e-9);
  EXPECT_NEAR(edge("POLYGON 8 19 12 19 12 25 8 25"), 0.98925, 1e-5);  // a great circle bulges over its parallel
  EXPECT_NEAR(edge("BOX ICRS 10 20 4 3"), 1.5, 1e-9);
  EXPECT_EQ(edge("CIRCLE 10 30 3"), -1) << "outside";
  EXPECT_EQ(edge("UNION (CIRCLE 10 20 3 CIRCLE 12 20 3)"), -1) << "no edge of a simple form";
}

TEST(SkyRegion, AnEdgeIsNoLongerThanItsEnds) {
  const auto at = [](double ra, double dec) { return IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec)); };
  EXPECT_NEAR(distance_to_arc(at(5, 3), at(0, 0), at(10, 0)).as_degrees(), 3, 1e-9);
  EXPECT_NEAR(distance_to_arc(at(13, 0), at(0, 0), at(10, 0)).as_degrees(), 3, 1e-9);
  EXPECT_NEAR(distance_to_arc(at(358, 0), at(0, 0), at(10, 0)).as_degrees(), 2, 1e-9);
  EXPECT_NEAR(distance_to_arc(at(7, 4), at(7, 1), at(7, 1)).as_degrees(), 3, 1e-9);
}

bool meets(const char* text, double ra, double dec, double radius) {
  const Cone cone{IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec)), Angle::degrees(radius)};
  return SkyRegion::parse(text)->meets(cone);
}

TEST(SkyRegion, MeetsACircleThatReachesIntoIt) {
  for (const auto* square : {"POLYGON ICRS 9 -1 11 -1 11 1 9 1", "BOX ICRS 10 0 2 2", "RANGE 9 11 -1 1"}) {
    EXPECT_TRUE(meets(square, 10, 0, 0.1)) << square << ": inside";
    EXPECT_TRUE(meets(square, 12, 0, 1.01)) << square << ": over an edge";
    EXPECT_FALSE(meets(square, 12, 0, 0.99)) << square << ": before it";
    EXPECT_TRUE(meets(square, 10, 0, 5)) << square << ": around it";
  }
  EXPECT_TRUE(meets("POLYGON ICRS 9 -1 11 -1 11 1 9 1", 11.7, 1.7, 1.0)) << "over a corner";
  EXPECT_FALSE(meets("POLYGON ICRS 9 -1 11 -1 11 1 9 1", 11.75, 1.75, 1.0)) << "beside it";
  EXPECT_TRUE(meets("CIRCLE ICRS 10 0 1", 12, 0, 1.01));
  EXPECT_FALSE(meets("CIRCLE ICRS 10 0 1", 12, 0, 0.99));
  EXPECT_TRUE(meets("ELLIPSE ICRS 10 0 2 1 90", 13, 0, 1.01));
  EXPECT_FALSE(meets("ELLIPSE ICRS 10 0 2 1 90", 10, 2.5, 1.0));
  EXPECT_TRUE(meets("POSITION ICRS 10 0", 10.5, 0, 0.6));
  EXPECT_TRUE(meets("UNION ICRS (CIRCLE 10 0 1 CIRCLE 50 0 1)", 52, 0, 1.5));
  EXPECT_FALSE(meets("INTERSECTION ICRS (CIRCLE 10 0 1 CIRCLE 50 0 1)", 52, 0, 1.5));
  EXPECT_FALSE(meets("NOT CIRCLE ICRS 10 0 3", 10, 0, 1));
  EXPECT_TRUE(meets("NOT CIRCLE ICRS 10 0 3", 10, 0, 4));
}

}  // namespace
}  // namespace platefs::vo
