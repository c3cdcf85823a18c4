// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/place_condition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platefs::vo {
namespace {

using testing::HasSubstr;
using testing::Not;

IcrsPosition at(double ra, double dec) { return IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec)); }

std::string box(double ra, double dec) { return place_condition(PlaceForm::Box, at(ra, dec)); }

TEST(PlaceCondition, AsksForTheRegionThatContainsThePlace) {
  EXPECT_EQ(place_condition(PlaceForm::Region, at(156.5, -48)), "1 = CONTAINS(POINT('ICRS', 156.5, -48), s_region)");
}

TEST(PlaceCondition, AsksForRowsWithoutARegionByTheirCentre) {
  const auto text = place_condition(PlaceForm::RegionOrBox, at(156.5, 48));
  EXPECT_THAT(text,
              HasSubstr("(1 = CONTAINS(POINT('ICRS', 156.5, 48), s_region) OR (s_region IS NULL AND s_dec BETWEEN"));
}

TEST(PlaceCondition, NeedsNoGeometryForABox) {
  const auto text = box(180, 10);
  EXPECT_THAT(text, Not(HasSubstr("CONTAINS")));
  EXPECT_THAT(text, HasSubstr("s_dec BETWEEN -15 AND 35 AND s_ra BETWEEN 154."));
  EXPECT_THAT(text, HasSubstr("(s_fov IS NULL OR s_dec BETWEEN 10 - s_fov AND 10 + s_fov)"));
}

TEST(PlaceCondition, GoesRoundRightAscensionZero) {
  EXPECT_THAT(box(1, 0), HasSubstr("(s_ra >= 336 OR s_ra <= 26)"));
  EXPECT_THAT(box(359, 0), HasSubstr("(s_ra >= 334 OR s_ra <= 24)"));
}

TEST(PlaceCondition, LeavesRightAscensionOutNearThePoles) {
  EXPECT_THAT(box(100, 80), Not(HasSubstr("s_ra")));
  EXPECT_THAT(box(100, 80), HasSubstr("s_dec BETWEEN 55 AND 90"));
  EXPECT_THAT(box(100, -89),
              HasSubstr("s_dec BETWEEN -90 AND -64 AND (s_fov IS NULL OR s_dec BETWEEN -89 - s_fov AND -89 + s_fov)"));
}

TEST(PlaceCondition, JoinsWithColumns) {
  EXPECT_EQ(place_condition_of_join(PlaceForm::RegionOrBox, "o", "t.ra", "t.dec"),
            "(1 = CONTAINS(POINT('ICRS', t.ra, t.dec), o.s_region) OR (o.s_region IS NULL AND "
            "o.s_dec BETWEEN t.dec - o.s_fov AND t.dec + o.s_fov))");
}

TEST(PlaceCondition, AsksForPlatesThatMeetACircle) {
  const auto reach = Angle::degrees(0.5);
  EXPECT_EQ(place_condition(PlaceForm::Region, at(156.5, -48), reach),
            "1 = INTERSECTS(CIRCLE('ICRS', 156.5, -48, 0.5), s_region)");
  const auto text = place_condition(PlaceForm::Box, at(180, 10), reach);
  EXPECT_THAT(text, HasSubstr("s_dec BETWEEN -15.5 AND 35.5 AND s_ra BETWEEN 154."));
  EXPECT_THAT(text, HasSubstr("s_dec BETWEEN 9.5 - s_fov AND 10.5 + s_fov"));
  EXPECT_EQ(place_condition_of_join(PlaceForm::RegionOrBox, "o", "t.ra", "t.dec", reach),
            "(1 = INTERSECTS(CIRCLE('ICRS', t.ra, t.dec, 0.5), o.s_region) OR (o.s_region IS NULL AND "
            "o.s_dec BETWEEN t.dec - o.s_fov - 0.5 AND t.dec + o.s_fov + 0.5))");
}

TEST(PlaceCondition, OfHalfTheSkyLeavesRightAscensionOut) {
  EXPECT_THAT(place_condition(PlaceForm::Box, at(180, 0), Angle::degrees(90)), Not(HasSubstr("s_ra")));
}

TEST(GeometryRefusal, IsToldFromOtherRefusals) {
  const auto says = [](ErrorKind kind, const char* text) { return is_refusal_of_geometry(Error{kind, text}); };
  EXPECT_TRUE(says(ErrorKind::Rejected, "function contains(spoint, character varying) does not exist"));
  EXPECT_TRUE(says(ErrorKind::Rejected, "Geometry functions are not supported"));
  EXPECT_FALSE(says(ErrorKind::Rejected, "no table ivoa.obscore"));
  EXPECT_FALSE(says(ErrorKind::Unavailable, "contains nothing"));
}

}  // namespace
}  // namespace platefs::vo
