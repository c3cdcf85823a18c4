// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/star_catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

StarCatalogue catalogue() {
  StarCatalogue made{"Demo", {.name = "demo", .url = Url::parse("http://stars.test/tap"), .table = "s.stars"}};
  made.name = "id";
  made.magnitude = "b - 0.1";
  made.brightest = 8;
  made.faintest = 15.5;
  return made;
}

TEST(StarCatalogue, IsAskedForTheStarsOfACone) {
  const Cone cone{IcrsPosition::at(Angle::degrees(156.25), Angle::degrees(-48.5)), Angle::degrees(0.25)};
  EXPECT_EQ(stars_adql(catalogue(), cone),
            "SELECT TOP 5000 id, ra, dec, b - 0.1 FROM s.stars WHERE 1 = CONTAINS(POINT('ICRS', ra, dec), "
            "CIRCLE('ICRS', 156.25, -48.5, 0.25)) AND b - 0.1 BETWEEN 8 AND 15.5 ORDER BY b - 0.1");
}

TEST(StarCatalogue, AnswersStarsAndLeavesOutWhatIsNone) {
  Votable answer;
  answer.fields = {VotableField{}, VotableField{}, VotableField{}, VotableField{}};
  answer.rows.push_back({std::string{"one"}, 10.0, 20.0, 11.5F});
  answer.rows.push_back({std::int64_t{123456789012345678}, 11.0, 20.0, 12.5});
  answer.rows.push_back({std::string{"no magnitude"}, 11.0, 20.0, VotableValue{}});
  answer.rows.push_back({std::string{"off the sphere"}, 11.0, 120.0, 9.0});
  const auto stars = stars_in(answer);
  ASSERT_EQ(stars.size(), 2u);
  EXPECT_EQ(stars[0].name, "one");
  EXPECT_EQ(stars[1].name, "123456789012345678");
  EXPECT_EQ(stars[1].magnitude, 12.5);
}

TEST(StarCatalogue, ThatAnswersOtherColumnsIsToldSo) {
  Votable answer;
  answer.fields = {VotableField{}, VotableField{}};
  EXPECT_THROW(stars_in(answer), Error);
}

}  // namespace
}  // namespace platefs::vo
