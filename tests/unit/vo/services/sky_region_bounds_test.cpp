// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "vo/services/sky_region.h"

namespace platefs::vo {
namespace {

IcrsPosition at(double ra, double dec) { return IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec)); }

TEST(SkyRegionBounds, HoldEveryPlaceOfTheArea) {
  std::mt19937 random{5};
  std::uniform_real_distribution<double> turn{0, 360}, sine{-1, 1};
  for (const auto* text :
       {"circle 10 20 5", "polygon 350 -10 10 -10 10 12 350 12", "Box ICRS 120 -70 30 10", "Ellipse ICRS 5 88 12 3 40",
        "range 350 20 -40 30", "Union (Circle ICRS 10 10 4 Circle ICRS 30 -10 7)",
        "Intersection (Circle ICRS 10 10 40 Circle ICRS 30 -10 30)", "polygon 0 80 90 80 180 80 270 80"}) {
    const auto region = SkyRegion::parse(text);
    ASSERT_TRUE(region) << text;
    const auto bounds = region->bounds();
    ASSERT_TRUE(bounds) << text;
    int inside = 0;
    for (int i = 0; i < 60'000; ++i) {
      const auto place = at(turn(random), Angle::radians(std::asin(sine(random))).as_degrees());
      if (!region->contains(place)) continue;
      ++inside;
      ASSERT_LE(separation(place, bounds->centre).as_degrees(), bounds->radius.as_degrees() + 1e-6)
          << text << " at " << place.ra.as_degrees() << " " << place.dec.as_degrees();
    }
    EXPECT_GT(inside, 10) << text;
  }
}

TEST(SkyRegionBounds, AreNotThereForWhatHasNoEnd) {
  EXPECT_FALSE(SkyRegion::parse("Not (Circle ICRS 10 10 4)")->bounds());
  EXPECT_FALSE(SkyRegion::parse("circle 10 10 120")->bounds());
  EXPECT_FALSE(SkyRegion::parse("range 0 360 -90 90")->bounds());
}

}  // namespace
}  // namespace platefs::vo
