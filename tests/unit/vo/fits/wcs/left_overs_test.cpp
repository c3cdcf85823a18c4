// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/left_overs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fits_builder.h"
#include "vo/fits/hdu/card.h"
#include "vo/fits/wcs/sky_map.h"

namespace platefs::vo {
namespace {

using test::bytes_of;
using test::Cards;
using test::joined;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Cards kReference{"CRVAL1  = 156.011", "CRVAL2  = 48.148", "CRPIX1  = 450.3", "CRPIX2  = 349.8"};
const Cards kCd{"CD1_1   = -0.00032", "CD1_2   = 0.00024", "CD2_1   = 0.00024", "CD2_2   = 0.00032"};
const Cards kSip{"A_ORDER = 2", "A_2_0   = 2E-05", "B_ORDER = 2", "B_1_1   = 1E-05", "AP_ORDER= 2", "AP_2_0  = -2E-05"};
const Cards kScamp{"PV1_0   = 0.001", "PV1_1   = 1.01", "PV1_2   = 0",
                   "PV1_7   = 0.1",   "PV2_1   = 1.02", "PV2_5   = 0.03"};

FitsHeader header_of(const std::string& code, const Cards& more) {
  return FitsHeader::parse(bytes_of(test::header_unit(
      joined(joined({"CTYPE1  = 'RA---" + code + "'", "CTYPE2  = 'DEC--" + code + "'"}, kReference), more))));
}

/// What is removed, in the header's order; every pixel has to stay where it is.
std::vector<std::string> removed_from(FitsHeader header) {
  const auto before = header;
  const auto map = SkyMap::from(before);
  remove_left_overs(header);
  const auto left = SkyMap::from(header);
  for (const auto& pixel : {Pixel{1, 1}, Pixel{900, 700}, Pixel{450, 350}}) {
    EXPECT_LT(separation(*map.position_of(pixel), *left.position_of(pixel)).as_arcseconds(), 1e-7);
  }
  std::vector<std::string> removed;
  for (const auto& card : before.cards()) {
    if (!header.has(keyword_of(card))) removed.emplace_back(keyword_of(card));
  }
  return removed;
}

std::string type_in(FitsHeader header) {
  remove_left_overs(header);
  return header.text("CTYPE1").value_or("");
}

TEST(WcsLeftOvers, OfATpvAreTheSipCards) {
  const auto expected = ElementsAre("A_ORDER", "A_2_0", "B_ORDER", "B_1_1", "AP_ORDER", "AP_2_0");
  EXPECT_THAT(removed_from(header_of("TPV", joined(kCd, joined(kScamp, kSip)))), expected);
  EXPECT_THAT(removed_from(header_of("TAN", joined(kCd, joined(kScamp, kSip)))), expected);
  EXPECT_THAT(removed_from(header_of("TAN", joined(kCd, kSip))), expected);
}

TEST(WcsLeftOvers, OfASipAreScampsPolynomial) {
  EXPECT_THAT(removed_from(header_of("TAN-SIP", joined(kCd, joined(kSip, kScamp)))),
              ElementsAre("PV1_0", "PV1_1", "PV1_2", "PV1_7", "PV2_1", "PV2_5"));
}

TEST(WcsLeftOvers, OfAPlainTanArePvsOfZero) {
  EXPECT_THAT(removed_from(header_of("TAN", joined(kCd, {"PV1_1   = 0.0", "PV2_1   = 0.0", "PV2_5   = 0"}))),
              ElementsAre("PV1_1", "PV2_1", "PV2_5"));
}

TEST(WcsLeftOvers, AreAMatrixBesideTheOneThatCounts) {
  const Cards identity{"PC1_1   = 1.0", "PC2_2   = 1.0", "CDELT1  = 1.0", "CDELT2  = 1.0"};
  EXPECT_THAT(removed_from(header_of("TAN", joined(kCd, identity))), ElementsAre("PC1_1", "PC2_2"));
  EXPECT_THAT(removed_from(header_of("TAN", joined(kCd, {"PC001001= 1.0", "CDELT1  = 0.0", "CDELT2  = 0.0"}))),
              ElementsAre("PC001001", "CDELT1", "CDELT2"));
  EXPECT_THAT(removed_from(header_of("TAN", {"CD1_1   = 0.0", "CD2_2   = 0.0", "PC1_1   = 0.9", "PC1_2   = 0.1",
                                             "CDELT1  = -4E-4", "CDELT2  = 4E-4"})),
              ElementsAre("CD1_1", "CD2_2"));
}

TEST(WcsLeftOvers, AreNoneWhereEveryCardCounts) {
  for (const auto& header :
       {header_of("TAN", kCd), header_of("TPV", joined(kCd, kScamp)), header_of("TAN-SIP", joined(kCd, kSip)),
        header_of("ZPN", joined(kCd, {"PV2_1   = 1.0", "PV2_3   = 1.9"})),
        header_of("ZPN-SIP", joined(kCd, joined(kSip, {"PV2_1   = 1.0", "PV2_3   = 1.9"}))),
        header_of("TAN", {"CDELT1  = -4E-4", "CDELT2  = 4E-4", "CROTA2  = 12.0"})}) {
    auto same = header;
    EXPECT_THAT(remove_left_overs(same), IsEmpty());
    EXPECT_EQ(same.cards(), header.cards());
  }
}

TEST(WcsLeftOvers, LeaveATypeThatSaysWhatTheDistortionIs) {
  EXPECT_EQ(type_in(header_of("TAN", joined(kCd, kScamp))), "RA---TPV");
  EXPECT_EQ(type_in(header_of("TPV", kCd)), "RA---TAN");
  EXPECT_EQ(type_in(header_of("TAN-SIP", joined(kCd, {"A_ORDER = 1", "A_1_0   = 0.01", "B_ORDER = 1"}))), "RA---TAN");
  auto header = header_of("TAN", joined(kCd, kScamp));
  EXPECT_THAT(remove_left_overs(header).at(0), HasSubstr("CTYPE1 of the plate: RA---TAN"));
}

TEST(WcsLeftOvers, OfOneDescriptionMayCountInAnother) {
  const Cards other{"CTYPE1A = 'RA---TAN-SIP'", "CTYPE2A = 'DEC--TAN-SIP'", "CRVAL1A = 156.0", "CRVAL2A = 48.0",
                    "CRPIX1A = 400.0",          "CRPIX2A = 300.0",          "CD1_1A  = -4E-4", "CD2_2A  = 4E-4"};
  EXPECT_THAT(removed_from(header_of("TAN-SIP", joined(kCd, joined(kSip, other)))), IsEmpty());
}

/// astropy would apply the alternate's SIP cards to the primary one, for they know no letter.
TEST(WcsLeftOvers, AreAlternatesWithSipBesideAPrimaryDescriptionWithout) {
  const auto alternates = [](const std::string& letter, const std::string& code) {
    return Cards{"CTYPE1" + letter + " = 'RA---" + code + "'",
                 "CTYPE2" + letter + " = 'DEC--" + code + "'",
                 "CRVAL1" + letter + " = 156.0",
                 "CRVAL2" + letter + " = 48.0",
                 "CD1_1" + letter + "  = -4E-4",
                 "CD2_2" + letter + "  = 4E-4"};
  };
  auto header = header_of(
      "TPV", joined(kCd, joined(kScamp, joined(kSip, joined(alternates("A", "TAN-SIP"), alternates("B", "TAN"))))));
  EXPECT_THAT(remove_left_overs(header), Contains(HasSubstr("WCS description A of the plate is left out")));
  EXPECT_FALSE(header.has("CRVAL1A") || header.has("A_ORDER") || header.has("AP_2_0"));
  EXPECT_TRUE(header.has("CRVAL1B") && header.has("PV1_7"));
}

TEST(WcsLeftOvers, AreOldSpellingsBesideThoseOfToday) {
  EXPECT_THAT(removed_from(header_of("TAN", joined(kCd, {"CD001001= 0.5", "CD01_02 = 0.0"}))),
              ElementsAre("CD001001", "CD01_02"));
  EXPECT_THAT(removed_from(header_of(
                  "TAN", {"PC1_1   = 0.9", "PC1_2   = 0.1", "PC001001= 1.0", "CDELT1  = -4E-4", "CDELT2  = 4E-4"})),
              ElementsAre("PC001001"));
}

TEST(WcsLeftOvers, ArePartsOfAPlateSolutionOfTheDigitizedSkySurvey) {
  EXPECT_THAT(removed_from(header_of("TAN", joined(kCd, {"XPIXELSZ= 6.0", "YPIXELSZ= '6.0'", "CNPIX1  = 0",
                                                         "PLTSCALE= 67.2", "PPO3    = 0.0"}))),
              ElementsAre("XPIXELSZ", "YPIXELSZ", "CNPIX1", "PPO3"));
}

TEST(WcsLeftOvers, AreAPlateFitAndRecordsOfNoDistortion) {
  EXPECT_THAT(removed_from(header_of("TAN", joined(kCd, {"CO1_1   = 1E-4", "CO2_13  = 0.0", "DP1     = 'NAXES: 2'"}))),
              ElementsAre("CO1_1", "CO2_13", "DP1"));
}

TEST(WcsLeftOvers, SpellTheMatrixAsItIsSpelledToday) {
  auto header = header_of("TAN", {"CDELT1  = -4E-4", "CDELT2  = 4E-4", "PC01_01 = 0.9", "PC01_02 = 0.3",
                                  "PC02_01 = -0.3", "PC02_02 = 0.9"});
  const auto before = SkyMap::from(header).position_of({1, 1}).value();
  remove_left_overs(header);
  EXPECT_EQ(header.real("PC2_1"), -0.3);
  EXPECT_FALSE(header.has("PC02_01"));
  EXPECT_LT(separation(before, SkyMap::from(header).position_of({1, 1}).value()).as_arcseconds(), 1e-7);
}

}  // namespace
}  // namespace platefs::vo
