// SPDX-License-Identifier: BSD-3-Clause
#include "vo/tables/star_sequence.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Cone cone_at(double ra, double dec, double arcminutes) {
  return {IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec)), Angle::arcminutes(arcminutes)};
}

ComparisonStar star_at(const std::string& name, double ra, double dec, double magnitude) {
  return {name, IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec)), magnitude};
}

std::string refusal(std::string_view text) {
  try {
    read_sequence(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Rejected);
    return error.message();
  }
  return {};
}

std::vector<std::string> letters_of_all(const std::vector<ComparisonStar>& stars) {
  std::vector<std::string> letters;
  for (const auto& star : stars) letters.push_back(star.letters);
  return letters;
}

TEST(StarSequence, IsReadByItsHeadingsInAnyOrder) {
  const auto stars = read_sequence("mag,note,dec,ra,name\n10.5,x,48.1,156.0,112\n11.25,,-5,10:24:00,\"b, south\"\n");
  ASSERT_EQ(stars.size(), 2u);
  EXPECT_EQ(stars[0], star_at("112", 156.0, 48.1, 10.5));
  EXPECT_EQ(stars[1].name, "b, south");
  EXPECT_NEAR(stars[1].place.ra.as_degrees(), 156.0, 1e-9);
  EXPECT_EQ(stars[1].place.dec.as_degrees(), -5);
}

TEST(StarSequence, TakesBarsAndHoursAndACommentAndAnEmptyName) {
  const auto stars = read_sequence("# AAVSO\r\nlabel|ra|dec|V\r\n|10h24m02.7s|-00d08m51s|12.1\r\n");
  ASSERT_EQ(stars.size(), 1u);
  EXPECT_EQ(stars[0].name, "12.1");
  EXPECT_NEAR(stars[0].place.ra.as_degrees(), 15 * (10 + 24 / 60.0 + 2.7 / 3600), 1e-9);
  EXPECT_NEAR(stars[0].place.dec.as_degrees(), -(8 / 60.0 + 51 / 3600.0), 1e-9);
}

TEST(StarSequence, ThatIsNoneSaysInWhichLine) {
  EXPECT_THAT(refusal(""), HasSubstr("empty"));
  EXPECT_THAT(refusal("name,ra,dec\na,1,2\n"), HasSubstr("no heading 'mag'"));
  EXPECT_THAT(refusal("name,ra,dec,mag\na,1,2,3\nb,1,2,faint\n"), HasSubstr("line 3 of the sequence: 'faint'"));
  EXPECT_THAT(refusal("name,ra,dec,mag\na,1,95,3\n"), HasSubstr("line 2"));
  EXPECT_THAT(refusal("name,ra,dec,mag\na,10:70:00,5,3\n"), HasSubstr("is no position"));
  EXPECT_THAT(refusal("name,ra,dec,mag\na,nan,5,3\n"), HasSubstr("is no position"));
  std::string long_one = "name,ra,dec,mag\n";
  for (std::size_t i = 0; i <= kMostComparisonStars; ++i) long_one += "a,1,2,3\n";
  EXPECT_THAT(refusal(long_one), HasSubstr("more than"));
}

TEST(StarSequence, IsReadBackAsItWasWritten) {
  const std::vector<ComparisonStar> stars{star_at("a, \"the\" first", 10, -20.5, 9.75), star_at("b", 11, 20.5, 12.1)};
  EXPECT_EQ(read_sequence(sequence_csv(stars)), stars);
}

TEST(StarSequence, HasLettersByBrightnessOfStarsThatAreOnThePictures) {
  const auto cone = cone_at(0.1, 80, 10);
  const auto stars = lettered({star_at("112", 0.1, 80.05, 11.2), star_at("98", 0.2, 79.9, 9.8),
                               star_at("far", 0.1, 80.2, 8), star_at("behind", 359.9, 80.01, 12)},
                              cone);
  ASSERT_EQ(stars.size(), 3u);
  EXPECT_EQ(stars[0].name, "98");
  EXPECT_THAT(letters_of_all(stars), ElementsAre("a", "b", "c"));
  EXPECT_EQ(stars[2].name, "behind");
}

TEST(StarSequence, KeepsLettersThatTheStarsHave) {
  const auto cone = cone_at(10, 0, 10);
  EXPECT_THAT(letters_of_all(lettered({star_at("b", 10, 0.1, 12), star_at("F", 10, 0.05, 11)}, cone)),
              ElementsAre("f", "b"));
  EXPECT_THAT(letters_of_all(lettered({star_at("b", 10, 0.1, 12), star_at("B", 10, 0.05, 11)}, cone)),
              ElementsAre("a", "b"));
}

TEST(StarSequence, HasTwoLettersAfterZAndAnEnd) {
  std::vector<ComparisonStar> many;
  for (int i = 0; i < 100; ++i) many.push_back(star_at(fmt::format("s{}", i), 10, 0.001 * i, 10 + 0.01 * i));
  const auto letters = letters_of_all(lettered(many, cone_at(10, 0, 10)));
  ASSERT_EQ(letters.size(), kMostStarsOfTarget);
  EXPECT_EQ(letters[25], "z");
  EXPECT_EQ(letters[26], "aa");
  EXPECT_EQ(letters[53], "bb");
}

TEST(OfferedStars, AreAloneInTheFieldAndOfEvenSteps) {
  std::vector<ComparisonStar> catalogue{star_at("target", 10, 0.0001, 5),  // the target itself
                                        star_at("pair 1", 10.05, 0, 9), star_at("pair 2", 10.0505, 0, 10),
                                        star_at("edge", 10.16, 0, 8)};
  for (int i = 0; i < 60; ++i) {
    catalogue.push_back(star_at(fmt::format("s{}", i), 9.9 + 0.01 * (i % 10), -0.08 + 0.01 * (i / 10), 10 + 0.1 * i));
  }
  const auto offered = offered_stars(catalogue, cone_at(10, 0, 10), 8);
  ASSERT_EQ(offered.size(), 8u);
  for (const auto& star : offered) EXPECT_THAT(star.name, testing::StartsWith("s"));
  for (std::size_t i = 1; i < offered.size(); ++i) {
    EXPECT_NEAR(offered[i].magnitude - offered[i - 1].magnitude, 5.9 / 7, 0.6) << i;
  }
}

TEST(OfferedStars, OfAnEmptyFieldAreNone) {
  EXPECT_TRUE(offered_stars({}, cone_at(10, 0, 10)).empty());
  EXPECT_EQ(marks_of({}), nullptr);
}

TEST(SkyMarks, HaveAKeyOfPlacesAndLetters) {
  const auto cone = cone_at(10, 0, 10);
  const auto one = marks_of(lettered({star_at("a", 10, 0.05, 11)}, cone));
  const auto same = marks_of(lettered({star_at("a", 10, 0.05, 12)}, cone));
  const auto other = marks_of(lettered({star_at("b", 10, 0.05, 11)}, cone));
  const auto moved = marks_of(lettered({star_at("a", 10, 0.0501, 11)}, cone));
  EXPECT_EQ(one->key, same->key);
  EXPECT_NE(one->key, other->key);
  EXPECT_NE(one->key, moved->key);
}

}  // namespace
}  // namespace platefs::vo
