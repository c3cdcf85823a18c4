// SPDX-License-Identifier: BSD-3-Clause
// Plates that were exposed several times: a WCS description for each.
#include <fmt/core.h>
#include <gmock/gmock.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/support/fits_builder.h"
#include "vo/base/error.h"
#include "vo/fits/cutout.h"
#include "vo/fits/cutout_header.h"
#include "vo/fits/wcs/letters.h"
#include "vo/fits/wcs/sky_map.h"

namespace platefs::vo {
namespace {

using test::bytes_of;
using test::Cards;
using test::joined;
using testing::HasSubstr;

IcrsPosition at(double ra, double dec) { return IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec)); }

/// 1.44 arcsec a pixel, centred at (ra, dec), turned by some degrees.
Cards solution(const std::string& letter, double ra, double dec, double turn = 0) {
  const double scale = 4e-4, c = scale * std::cos(turn), s = scale * std::sin(turn);
  const auto card = [&](const std::string& keyword, const std::string& value) {
    auto name = keyword + letter;
    name.resize(8, ' ');
    return name + "= " + value;
  };
  return {card("CTYPE1", "'RA---TAN'"),
          card("CTYPE2", "'DEC--TAN'"),
          card("CRVAL1", std::to_string(ra)),
          card("CRVAL2", std::to_string(dec)),
          card("CRPIX1", "450.5"),
          card("CRPIX2", "350.5"),
          card("CD1_1", std::to_string(-c * 1e4) + "E-4"),
          card("CD1_2", std::to_string(s * 1e4) + "E-4"),
          card("CD2_1", std::to_string(s * 1e4) + "E-4"),
          card("CD2_2", std::to_string(c * 1e4) + "E-4")};
}

CutoutProvenance row_at(double ra, double dec) {
  CutoutProvenance known;
  known.source_did = "ivo://example/plates?i00811";
  known.centres.own = at(ra, dec);
  return known;
}

FitsHeader cut_at(const Cards& cards, const IcrsPosition& target, const CutoutProvenance& known) {
  const auto file = test::image_file(8, {900, 700}, cards);
  MemoryFitsSource source{bytes_of(file)};
  return FitsHeader::parse(cut(source, {target, Angle::degrees(0.01)}, known).file);
}

std::string history(const FitsHeader& header) {
  std::string text;
  for (const auto& card : header.cards()) {
    if (card.starts_with("HISTORY ")) text += card.substr(8, card.find_last_not_of(' ') - 7) + " ";
  }
  return text;
}

/// The plate's pixel that the cutout's primary description gives for a place, by the section in HISTORY.
Pixel plate_pixel(const FitsHeader& cutout, const IcrsPosition& place) {
  const auto text = history(cutout);
  long x = 0, y = 0;
  EXPECT_EQ(std::sscanf(text.c_str() + text.find("Section: "), "Section: [%ld:%*d,%ld:", &x, &y), 2);
  const auto pixel = SkyMap::from(cutout).pixel_of(place).value();
  return {pixel.x + static_cast<double>(x) - 1, pixel.y + static_cast<double>(y) - 1};
}

TEST(Exposures, ACutoutIsPlacedByTheDescriptionOfItsRow) {
  // Both cover the target, in different places of the plate.
  const auto cards = joined(solution("", 150, 20), solution("A", 150.1, 20.05));
  const auto target = at(150.05, 20.02);
  const auto first = cut_at(cards, target, row_at(150, 20)), second = cut_at(cards, target, row_at(150.1, 20.05));
  EXPECT_EQ(exposure_in_history(first), "primary");
  EXPECT_EQ(exposure_in_history(second), "A");
  const auto expected = [&](const Cards& alone) {
    return SkyMap::from(FitsHeader::parse(bytes_of(test::header_unit(alone)))).pixel_of(target).value();
  };
  EXPECT_NEAR(plate_pixel(first, target).x, expected(solution("", 150, 20)).x, 1e-6);
  EXPECT_NEAR(plate_pixel(second, target).x, expected(solution("", 150.1, 20.05)).x, 1e-6);
  EXPECT_NEAR(plate_pixel(second, target).y, expected(solution("", 150.1, 20.05)).y, 1e-6);
}

TEST(Exposures, TheChosenDescriptionIsThePrimaryOneAndTheOthersStay) {
  const auto cards =
      joined(joined(solution("", 150, 20, 0.1), solution("A", 163, 24, 0.2)), solution("B", 170, -30, 0.3));
  const auto header = cut_at(cards, at(163.02, 24.03), row_at(163, 24));
  EXPECT_EQ(header.real("CRVAL1"), 163.0);
  EXPECT_EQ(header.real("CRVAL1A"), 163.0);  // letters go on to mean what they mean in the plate
  EXPECT_EQ(header.real("CRVAL1B"), 170.0);
  EXPECT_EQ(header.real("CRVAL1C"), 150.0);  // the former primary one
  EXPECT_THAT(history(header), HasSubstr("Exposure: A WCS description of the plate, the primary one here"));
  EXPECT_THAT(history(header), HasSubstr("The plate's primary WCS description is C here"));
}

TEST(Exposures, EveryDescriptionGoesOnToSayWhatItSaid) {
  for (const auto& linear : {Cards{"CDELT1  = -4E-4", "CDELT2  = 4E-4", "CROTA2  = 12.0"},
                             Cards{"CDELT1  = -4E-4", "CDELT2  = 4E-4", "PC001001= 0.98", "PC001002= -0.2",
                                   "PC002001= 0.2", "PC002002= 0.98"},
                             Cards{"CDELT1  = -4E-4", "CDELT2  = 5E-4", "CROTA2  = -100.0"}}) {
    auto primary = joined({"CTYPE1  = 'RA---TAN'", "CTYPE2  = 'DEC--TAN'", "CRVAL1  = 150.0", "CRVAL2  = 20.0",
                           "CRPIX1  = 450.5", "CRPIX2  = 350.5", "RADECSYS= 'FK4'", "EQUINOX = 1950.0"},
                          linear);
    auto header = FitsHeader::parse(
        bytes_of(test::header_unit(joined(primary, joined(solution("A", 163, 24), {"RADESYSA= 'FK5'"})))));
    const auto before = SkyMap::all_from(header);
    const auto change = make_primary(header, 'A');
    EXPECT_EQ(change.former, 'B');
    const auto after = SkyMap::all_from(header);
    ASSERT_EQ(after.size(), before.size() + 1);
    for (const Pixel pixel : {Pixel{1, 1}, Pixel{800, 30}, Pixel{450, 600}}) {
      EXPECT_LT(separation(*after[0].position_of(pixel), *before[1].position_of(pixel)).as_arcseconds(), 1e-5);
      EXPECT_LT(separation(*after[1].position_of(pixel), *before[1].position_of(pixel)).as_arcseconds(), 1e-5);
      EXPECT_LT(separation(*after[2].position_of(pixel), *before[0].position_of(pixel)).as_arcseconds(), 1e-5);
    }
  }
}

TEST(Exposures, CardsOfThePrimaryDescriptionStandBeforeThoseOfOthers) {
  auto header = FitsHeader::parse(bytes_of(test::header_unit(joined(solution("", 150, 20), solution("A", 163, 24)))));
  make_primary(header, 'A');
  std::string order;
  for (const auto& card : header.cards()) {
    if (card.starts_with("CRVAL1")) order += card[6];
  }
  EXPECT_EQ(order, " BA");
}

TEST(Exposures, WithAllLettersInUseTheVacatedOneIsTaken) {
  Cards cards = solution("", 150, 20);
  for (char letter = 'A'; letter <= 'Z'; ++letter)
    cards = joined(cards, solution(std::string(1, letter), 100 + letter, 0));
  auto header = FitsHeader::parse(bytes_of(test::header_unit(cards)));
  EXPECT_EQ(make_primary(header, 'K').former, 'K');
  EXPECT_EQ(header.real("CRVAL1K"), 150.0);
  EXPECT_EQ(header.real("CRVAL1"), 175.0);
}

TEST(Exposures, OneSolutionUnderTwoNamesIsThePrimaryOne) {
  const auto cards = joined(joined(solution("", 163, 24), solution("A", 150, 20)), solution("B", 163, 24));
  EXPECT_EQ(exposure_in_history(cut_at(cards, at(163.02, 24.03), row_at(163, 24))), "primary");
}

TEST(Exposures, WhatOnlyAnotherExposureCoversIsNoCutoutOfThisOne) {
  auto third = row_at(250, 60);
  third.centres.others = {at(150, 20), at(163, 24)};
  const auto cards = joined(solution("", 150, 20), solution("A", 163, 24));
  EXPECT_THROW(cut_at(cards, at(150.02, 20.03), third), Error);
  EXPECT_NO_THROW(cut_at(cards, at(150.02, 20.03), row_at(250, 60)));  // nothing else is known
}

TEST(Exposures, AnArchivesAnswerForAnotherExposureIsRefused) {
  auto second = row_at(150.1, 20.05);
  second.centres.others = {at(150, 20)};
  const auto plate = test::image_file(8, {900, 700}, joined(solution("", 150, 20), solution("A", 150.1, 20.05)));
  MemoryFitsSource source{bytes_of(plate)};
  const Cone cone{at(150.05, 20.02), Angle::degrees(0.01)};
  const auto of_first = cut(source, cone, row_at(150, 20)).file;  // as a service that knows no exposures cuts
  MemoryFitsSource answer{of_first};
  EXPECT_THROW(trimmed(answer, cone, second), Error);
  EXPECT_NO_THROW(trimmed(answer, cone, row_at(150, 20)));
}

TEST(Exposures, AnAnswerWhosePrimaryDescriptionIsAnotherExposuresIsMended) {
  const auto small =
      test::image_file(8, {50, 50},
                       joined(solution("", 10, 20),
                              Cards{"CTYPE1A = 'RA---TAN'", "CTYPE2A = 'DEC--TAN'", "CRVAL1A = 163.0", "CRVAL2A = 24.0",
                                    "CRPIX1A = 25.5", "CRPIX2A = 25.5", "CD1_1A  = -4E-4", "CD2_2A  = 4E-4"}));
  MemoryFitsSource answer{bytes_of(small)};
  const auto mended = trimmed(answer, {at(163, 24), Angle::degrees(0.01)}, row_at(163, 24));
  ASSERT_TRUE(mended);
  EXPECT_EQ(FitsHeader::parse(mended->file).real("CRVAL1"), 163.0);
}

/// What a service answers that cuts by the description of `letter`, whichever exposure was asked for; all its cards
/// stay.
std::string answer_cut_by(const std::string& letter, const Cone& cone) {
  const auto cards = joined(solution("", 150.02, 20.01), joined(solution("A", 150, 20), solution("B", 150.02, 20.01)));
  const auto alone = letter == "A" ? solution("", 150, 20) : solution("", 150.02, 20.01);
  const auto file = test::image_file(8, {900, 700}, alone);
  MemoryFitsSource plate{bytes_of(file)};
  const auto box = section_of(plate, cone).cone.box;
  Cards moved;
  for (const auto& card : cards) {
    const auto axis = card.starts_with("CRPIX1") ? box.x1 : box.y1;
    const bool is_pixel = card.starts_with("CRPIX");
    moved.push_back(is_pixel ? fmt::format("{:<8}= {}", card.substr(0, card.find_first_of(" =")),
                                           std::stod(card.substr(card.find('=') + 1)) - static_cast<double>(axis - 1))
                             : card);
  }
  return test::image_file(8, {box.width(), box.height()}, moved);
}

TEST(Exposures, AnAnswerThatWasCutByAnotherDescriptionIsRefusedWhereItEndsBeforeTheRegion) {
  const Cone cone{at(150.01, 20.005), Angle::degrees(0.03)};
  const auto first = row_at(150, 20);
  const auto by_a = answer_cut_by("A", cone), by_b = answer_cut_by("B", cone);
  MemoryFitsSource own{bytes_of(by_a)}, of_another{bytes_of(by_b)};
  EXPECT_NO_THROW(trimmed(own, cone, first));
  EXPECT_THROW(trimmed(of_another, cone, first), Error);
  EXPECT_NO_THROW(trimmed(of_another, cone, row_at(150.02, 20.01)));
}

/// DaCHS and others leave the alternates' reference pixels where they were on the plate.
TEST(Exposures, AnAnswerWhoseAlternateWasNotMovedIsRefused) {
  const auto cards = [](double x, double y) {
    auto primary = solution("", 150.02, 20.01);
    primary[4] = fmt::format("CRPIX1  = {}", 450.5 - x);
    primary[5] = fmt::format("CRPIX2  = {}", 350.5 - y);
    return joined(primary, solution("A", 150, 20));
  };
  const Cone cone{at(150.1, 19.95), Angle::degrees(0.01)};
  auto second = row_at(150, 20);
  second.centres.others = {at(150.02, 20.01)};
  for (const int size : {160, 220, 300}) {  // larger than asked, the target by the primary description in the middle
    const auto pixel = SkyMap::from(FitsHeader::parse(bytes_of(test::header_unit(cards(0, 0))))).pixel_of(cone.centre);
    const auto x = std::round(pixel->x - size / 2.0), y = std::round(pixel->y - size / 2.0);
    const auto file = test::image_file(8, {size, size}, cards(x, y));
    MemoryFitsSource answer{bytes_of(file)};
    EXPECT_THROW(trimmed(answer, cone, second), Error) << size;
    EXPECT_NO_THROW(trimmed(answer, cone, row_at(150.02, 20.01))) << size;
  }
}

TEST(Exposures, AnAnswerThatEndsWithThePlateIsTheExposuresOwn) {
  const auto near_edge = at(150.0 - 0.155 / std::cos(0.349), 20.01);  // columns to the right are beyond the plate's end
  const Cone cone{near_edge, Angle::degrees(0.03)};
  const auto by_a = answer_cut_by("A", cone);
  MemoryFitsSource own{bytes_of(by_a)};
  const auto answer = trimmed(own, cone, row_at(150, 20));
  ASSERT_TRUE(answer);  // its primary description is another's
  EXPECT_LT(answer->section.image_width, answer->section.cone.whole.width() - 5);
}

TEST(Exposures, ObjectNamesThePlaceAndHistoryWhatThePlateWasExposedFor) {
  const auto header = cut_at(joined(solution("", 150, 20), {"OBJECT  = 'M 31'"}), at(150.02, 20.03), row_at(150, 20));
  EXPECT_EQ(header.text("OBJECT"), "J100004.80+200148.0");
  EXPECT_THAT(history(header), HasSubstr("OBJECT of the plate: M 31"));
}

TEST(Exposures, AFrameInUnknownWordsIsARemark) {
  const auto cut_with = [](const std::string& frame, const std::string& equinox) {
    return cut_at(joined(solution("", 150, 20), {"RADESYS = '" + frame + "'", equinox}), at(150.02, 20.03),
                  row_at(150, 20));
  };
  for (const auto* frame : {"UNKNOWN", "GAPPT", "mean"}) {
    EXPECT_THAT(history(cut_with(frame, "EQUINOX = 2000.0")),
                HasSubstr("is not understood: the coordinates are taken for FK5"))
        << frame;
    EXPECT_THAT(history(cut_with(frame, "COMMENT")), HasSubstr("taken for ICRS")) << frame;
  }
  for (const auto* frame : {"fk5", "J2000", "ICRF2", "FK5/J2000", ""}) {
    EXPECT_THAT(history(cut_with(frame, "COMMENT")), Not(HasSubstr("not understood"))) << frame;
  }
}

}  // namespace
}  // namespace platefs::vo
