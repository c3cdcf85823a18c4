// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/header.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/support/fits_builder.h"
#include "vo/base/error.h"
#include "vo/fits/wcs/sky_map.h"

// Each header is read twice: as the primary description, and as alternate B beside another primary one.

namespace platefs::vo {
namespace {

using test::bytes_of;
using test::Cards;
using test::joined;
using testing::HasSubstr;

FitsHeader header_of(const Cards& cards) { return FitsHeader::parse(bytes_of(test::header_unit(cards))); }

const Cards kReference{"CRVAL1  = 156.011", "CRVAL2  = 48.148", "CRPIX1  = 450.3", "CRPIX2  = 349.8"};
const Cards kCd{"CD1_1   = -0.00032", "CD1_2   = 0.00024", "CD2_1   = 0.00024", "CD2_2   = 0.00032"};
const Cards kSip{"A_ORDER = 2", "A_2_0   = 2E-05", "B_ORDER = 2", "B_1_1   = 1E-05"};
const Cards kScamp{"PV1_0   = 0.001", "PV1_1   = 1.01", "PV1_7   = 0.1", "PV2_1   = 1.02", "PV2_5   = 0.03"};

Cards typed(const std::string& code, const Cards& more) {
  return joined(joined({"CTYPE1  = 'RA---" + code + "'", "CTYPE2  = 'DEC--" + code + "'"}, kReference), more);
}

/// The same cards as alternate B; SIP's know no letter.
Cards lettered(const Cards& cards) {
  Cards made;
  for (const auto& card : cards) {
    const auto end = card.find_first_of(" =");
    const bool is_sip = card.starts_with("A_") || card.starts_with("B_");
    made.push_back(is_sip ? card : fmt::format("{:<8}{}", card.substr(0, end) + "B", card.substr(8)));
  }
  return made;
}

const SkyDescription& description(const std::vector<SkyDescription>& all, char letter) {
  for (const auto& each : all) {
    if (each.letter == letter) return each;
  }
  throw std::runtime_error{"no such description"};
}

/// Sky positions of three pixels, or the reason why there are none.
std::string places_of(const FitsHeader& header, char letter) {
  const auto all = descriptions_of(header);
  const auto& found = description(all, letter);
  if (!found.map) return found.reason;
  std::string places;
  for (const auto& pixel : {Pixel{1, 1}, Pixel{900, 700}, Pixel{450, 350}}) {
    const auto position = found.map->position_of(pixel);
    places +=
        position ? fmt::format("{:.9f} {:.9f}; ", position->ra.as_degrees(), position->dec.as_degrees()) : "none; ";
  }
  return places;
}

std::string places(const Cards& cards) { return places_of(header_of(cards), ' '); }

/// Both headers mean the same, wherever the first stands.
void expect_same(const Cards& cards, const Cards& plain) {
  const auto expected = places(plain);
  ASSERT_THAT(expected, HasSubstr("; ")) << "the plain header is read";
  ASSERT_THAT(expected, testing::Not(HasSubstr("none")));
  EXPECT_EQ(places(cards), expected);
  const Cards other{"CTYPE1  = 'RA---TAN'", "CTYPE2  = 'DEC--TAN'", "CRVAL1  = 10.0",
                    "CRVAL2  = -20.0",      "CDELT1  = 0.1",        "CDELT2  = 0.1"};
  EXPECT_EQ(places_of(header_of(joined(other, lettered(cards))), 'B'), expected) << "as an alternate";
}

std::string reason(const Cards& cards) {
  EXPECT_THROW(SkyMap::from(header_of(cards)), Error);
  return places(cards);
}

TEST(WcsHeader, TakesTpvForWhatItsTypeSaysWhateverSipWasLeft) {
  expect_same(typed("TPV", joined(joined(kCd, kScamp), kSip)), typed("TPV", joined(kCd, kScamp)));
}

TEST(WcsHeader, ReadsScampsPolynomialUnderTheNameOfTanAndNoSipBesideIt) {
  expect_same(typed("TAN", joined(kCd, kScamp)), typed("TPV", joined(kCd, kScamp)));
  expect_same(typed("TAN", joined(joined(kCd, kScamp), kSip)), typed("TPV", joined(kCd, kScamp)));
  const Cards first_order{"PV1_0   = 0.001", "PV1_1   = 1.01", "PV1_2   = 0.002", "PV2_1   = 1.02", "PV2_2   = 0.001"};
  expect_same(typed("TAN", joined(kCd, first_order)), typed("TPV", joined(kCd, first_order)));
}

TEST(WcsHeader, LeavesOutScampsPolynomialWhereTheTypeSaysSip) {
  expect_same(typed("TAN-SIP", joined(joined(kCd, kScamp), kSip)), typed("TAN-SIP", joined(kCd, kSip)));
}

TEST(WcsHeader, AppliesSipOnlyWithItsSuffixAndAnOrderAboveOne) {
  expect_same(typed("TAN", joined(kCd, kSip)), typed("TAN", kCd));
  expect_same(typed("TAN-SIP", joined(kCd, {"A_ORDER = 1", "A_1_0   = 0.01", "B_ORDER = 0", "A_2_0   = 1E-05"})),
              typed("TAN", kCd));
  expect_same(typed("TAN-SIP", joined(joined(kCd, kSip), {"A_3_0   = 1E-07"})), typed("TAN-SIP", joined(kCd, kSip)));
  auto half = typed("TAN-SIP", joined(kCd, kSip));
  half[1] = "CTYPE2  = 'DEC--TAN'";
  expect_same(half, typed("TAN-SIP", joined(kCd, kSip)));
}

TEST(WcsHeader, KeepsTheParametersOfAProjectionBesideSip) {
  const Cards zpn{"PV2_1   = 1.0", "PV2_3   = 40.0", "PV2_5   = 9.0"};
  const auto with_sip = places(typed("ZPN-SIP", joined(joined(kCd, zpn), kSip)));
  EXPECT_NE(with_sip, places(typed("ZPN", joined(kCd, zpn))));
  EXPECT_NE(with_sip, places(typed("ZPN-SIP", joined(joined(kCd, {"PV2_1   = 1.0"}), kSip))));
  expect_same(typed("ZPN", joined(joined(joined(kCd, zpn), kSip), {"PV1_1   = 1.0", "PV1_7   = 0.1"})),
              typed("ZPN", joined(kCd, zpn)));
}

TEST(WcsHeader, LeavesAPlainTanWherePvsAreNoPolynomial) {
  expect_same(typed("TAN", joined(kCd, {"PV1_1   = 0.0", "PV1_5   = 0.0", "PV2_1   = 0.0", "PV2_7   = 0.0"})),
              typed("TAN", kCd));
  expect_same(typed("TAN", joined(kCd, {"PV1_1   = 0.0", "PV1_2   = 90.0", "PV1_3   = 180.0"})), typed("TAN", kCd));
  expect_same(typed("TAN", joined(kCd, {"PV2_1   = 1.0", "PV2_3   = 1.9"})), typed("TAN", kCd));
  expect_same(typed("TPV", joined(kCd, {"PV1_1   = 0.0"})), typed("TAN", kCd));
}

/// kCd as a rotation and scales.
const Cards kCdelt{"CDELT1  = -0.0004", "CDELT2  = 0.0004"};

Cards pc(const std::string& first, const std::string& separator) {
  return {fmt::format("{0:<8}= 0.8", "PC" + first + "1" + separator + "1"),
          fmt::format("{0:<8}= -0.6", "PC" + first + "1" + separator + "2"),
          fmt::format("{0:<8}= 0.6", "PC" + first + "2" + separator + "1"),
          fmt::format("{0:<8}= 0.8", "PC" + first + "2" + separator + "2")};
}

TEST(WcsHeader, ReadsEveryFormOfTheMatrix) {
  for (const auto* code : {"TAN", "TPV"}) {
    const auto parameters = std::string{code} == "TPV" ? kScamp : Cards{};
    const auto plain = typed(code, joined(joined(kCdelt, pc("", "_")), parameters));
    expect_same(typed(code, joined(joined(kCdelt, pc("0", "_0")), parameters)), plain);
    EXPECT_EQ(places(typed(code, joined(joined(kCdelt, pc("00", "00")), parameters))), places(plain));
    EXPECT_EQ(
        places(typed(code, joined({"CD001001= -0.00032", "CD001002= 0.00024", "CD002001= 0.00024", "CD002002= 0.00032"},
                                  parameters))),
        places(typed(code, joined(kCd, parameters))));
  }
}

TEST(WcsHeader, PrefersAGoodCdMatrixToWhatOthersLeft) {
  const auto plain = typed("TAN", kCd);
  expect_same(typed("TAN", joined(kCd, {"PC1_1   = 1.0", "PC2_2   = 1.0", "CDELT1  = 1.0", "CDELT2  = 1.0"})), plain);
  expect_same(typed("TAN", joined(kCd, joined(kCdelt, pc("", "_")))), plain);
  expect_same(typed("TAN", joined(kCd, {"CDELT1  = 0.0", "CDELT2  = 0.0", "CROTA2  = 77.0"})), plain);
  const Cards nothing{"CD1_1   = 0.0", "CD2_2   = 0.0"};
  expect_same(typed("TAN", joined(nothing, joined(kCdelt, pc("", "_")))), typed("TAN", joined(kCdelt, pc("", "_"))));
}

TEST(WcsHeader, TurnsByTheAngleOfTheLatitudeAlone) {
  expect_same(typed("TAN", joined(kCdelt, {"CROTA1  = 30.0"})), typed("TAN", kCdelt));
  EXPECT_NE(places(typed("TAN", joined(kCdelt, {"CROTA2  = 30.0"}))), places(typed("TAN", kCdelt)));
}

TEST(WcsHeader, NamesTheCardsOfAMatrixWithoutAnInverse) {
  EXPECT_THAT(reason(typed("TAN", {"CD1_1   = 0.0", "CD2_2   = 0.0", "CDELT1  = 0.1", "CDELT2  = 0.1"})),
              HasSubstr("no inverse: CD1_1 = 0, CD2_2 = 0"));
  EXPECT_THAT(reason(typed("TAN", {"CDELT1  = -0.1", "CDELT2  = 0.0"})),
              HasSubstr("no inverse: CDELT1 = -0.1, CDELT2 = 0"));
  EXPECT_THAT(reason(typed("TAN", joined(kCdelt, {"PC1_1   = 1.0", "PC1_2   = 1.0", "PC2_1   = 1.0"}))),
              HasSubstr("PC1_2 = 1"));
  EXPECT_THAT(reason(typed("TAN", {})), HasSubstr("CDELT1 is missing"));
  EXPECT_THAT(places_of(header_of(lettered(typed("TAN", {"CD1_1   = 0.0"}))), 'B'), HasSubstr("CD1_1B = 0"));
}

TEST(WcsHeader, TakesParametersByTheNumberOfTheirAxisWhereDeclinationComesFirst) {
  const Cards swapped{"CTYPE1  = 'DEC--TPV'", "CTYPE2  = 'RA---TPV'", "CRVAL1  = 48.148",   "CRVAL2  = 156.011",
                      "CRPIX1  = 450.3",      "CRPIX2  = 349.8",      "CD2_1   = -0.00032", "CD2_2   = 0.00024",
                      "CD1_1   = 0.00024",    "CD1_2   = 0.00032",    "PV2_0   = 0.001",    "PV2_1   = 1.01",
                      "PV2_7   = 0.1",        "PV1_1   = 1.02",       "PV1_5   = 0.03"};
  expect_same(swapped, typed("TPV", joined(kCd, kScamp)));
}

TEST(WcsHeader, ReadsUnitsInEverySpellingAndLongitudesOnEveryTurn) {
  const auto plain = typed("TAN", kCd);
  for (const auto* unit : {"'deg     '", "'DEG'", "'Degrees'", "''", "' degree'"}) {
    expect_same(joined(plain, {fmt::format("CUNIT1  = {}", unit), fmt::format("CUNIT2  = {}", unit)}), plain);
  }
  auto turned = plain;
  turned[2] = "CRVAL1  = -203.989";
  expect_same(turned, plain);
  const Cards arcseconds{"CTYPE1  = 'RA---TAN'", "CTYPE2  = 'DEC--TAN'", "CUNIT1  = 'arcsec'", "CUNIT2  = 'ARCSEC'",
                         "CRVAL1  = 561639.6",   "CRVAL2  = 173332.8",   "CRPIX1  = 450.3",    "CRPIX2  = 349.8",
                         "CD1_1   = -1.152",     "CD1_2   = 0.864",      "CD2_1   = 0.864",    "CD2_2   = 1.152"};
  expect_same(arcseconds, plain);
}

TEST(WcsHeader, RemarksAUnitThatItDoesNotKnow) {
  const auto map = SkyMap::from(header_of(typed("TAN", joined(kCd, {"CUNIT1  = 'furlong'"}))));
  EXPECT_THAT(map.remarks(), testing::ElementsAre(HasSubstr("CUNIT1 = 'FURLONG'")));
}

TEST(WcsHeader, NamesAMalformedCard) {
  for (const auto* card : {"CRVAL1  =150.0", "CRVAL1=150.0", "CRVAL1 = 150.0", "CD1_1   =-0.1"}) {
    const std::string keyword{std::string_view{card}.substr(0, std::string_view{card}.find_first_of(" ="))};
    auto cards = typed("TAN", kCd);
    std::erase_if(cards, [&](const auto& each) { return each.starts_with(keyword); });
    EXPECT_THAT(reason(joined(cards, {card})), HasSubstr(card));
    EXPECT_EQ(places(joined(typed("TAN", kCd), {card})), places(typed("TAN", kCd)))
        << "beside a good one it means nothing";
  }
}

/// wcslib 7.12 writes beyond its memory at such a record.
TEST(WcsHeader, LeavesOutTheRecordsOfADistortionThatIsNotNamed) {
  for (const auto* record : {"DP1     = 'NAXES: 2'", "DQ2     = 'NAXES: 99'", "DP1     = 'AXIS.1: 1'"}) {
    expect_same(joined({record}, typed("TAN", kCd)), typed("TAN", kCd));
  }
}

TEST(WcsHeader, TellsNoCharactersThatAreNotPrintable) {
  EXPECT_THAT(reason(joined(typed("TAN", kCd), {"LONPOLE = \x1b[31m\xe9"})), testing::EndsWith("LONPOLE = ?[31m?"));
  EXPECT_THAT(reason(joined(typed("TAN", kCd), {"LATPOLE =\x1b[31m"})), testing::EndsWith("LATPOLE =?[31m"));
}

TEST(WcsHeader, RefusesACardThatStandsTwiceWithTwoValues) {
  EXPECT_THAT(reason(joined(typed("TAN", kCd), {"CRVAL1  = 157.0"})),
              testing::AllOf(HasSubstr("CRVAL1  = 156.011"), HasSubstr("CRVAL1  = 157.0")));
  expect_same(joined(typed("TAN", kCd), {"CRVAL1  = 1.56011E+02 / the same", "CDELT1  = 1.0", "CDELT1  = 2.0"}),
              typed("TAN", kCd));
}

TEST(WcsHeader, ReadsNumbersInFreeFormatAndWithTheExponentD) {
  expect_same({"CTYPE1  ='RA---TAN'", "CTYPE1  = 'RA---TAN'", "CTYPE2  =  'DEC--TAN'  / free", "CRVAL1  = 1.56011D2",
               "CRVAL2  =                                 +4.8148d+01 / free", "CRPIX1  = 450.3", "CRPIX2  = 349.8/",
               "CD1_1   = -3.2D-04", "CD1_2   = .00024", "CD2_1   = 24e-5", "CD2_2   = 0.00032"},
              typed("TAN", kCd));
}

TEST(WcsHeader, NamesTablesAndLookupDistortionsAndStillReadsTheOtherDescriptions) {
  const Cards plain = typed("TAN", kCd);
  const auto expected = places(plain);
  const auto lookup = joined(typed("TAN", kCd), {"CPDIS1  = 'Lookup'", "DP1     = 'EXTVER: 1'"});
  EXPECT_THAT(reason(lookup), HasSubstr("CPDIS1 = 'LOOKUP'"));
  EXPECT_THAT(reason(typed("TAB", kCd)), HasSubstr("-TAB"));
  EXPECT_THAT(reason(joined(typed("TAN", kCd), {"CQDIS2  = 'Polynomial'", "DQ2     = 'NAXES: 2'"})),
              HasSubstr("CQDIS2 = 'POLYNOMIAL'"));
  for (const auto& primary : {lookup, typed("TAB", kCd), Cards{"CTYPE1  = 'LINEAR'", "CTYPE2  = 'LINEAR'"}, Cards{}}) {
    const auto both = joined(primary, lettered(plain));
    EXPECT_EQ(places_of(header_of(both), 'B'), expected);
    EXPECT_EQ(SkyMap::from(header_of(both)).letter(), 'B');
  }
}

TEST(WcsHeader, SaysWhichTypesDescribeNoSky) {
  EXPECT_THAT(reason({"CTYPE1  = 'RA'", "CTYPE2  = 'DEC'", "CDELT1  = 0.1", "CDELT2  = 0.1"}),
              HasSubstr("no projection"));
  EXPECT_THAT(reason({"CTYPE1  = 'RA---TAN'", "CTYPE2  = 'DEC--SIN'", "CDELT1  = 0.1", "CDELT2  = 0.1"}),
              HasSubstr("two projections"));
  EXPECT_THAT(reason(typed("XYZ", kCd)), HasSubstr("RA---XYZ"));
  EXPECT_THAT(reason(typed("TNX", kCd)), HasSubstr("WAT cards, which is not supported: CTYPE1 = 'RA---TNX'"));
  EXPECT_THAT(reason({"CTYPE1  = 'WAVE'", "CTYPE1B = 'RA---TAN'", "CTYPE2B = 'DEC--TAN'", "CD1_1B  = 0.0"}),
              HasSubstr("WAVE"));
}

TEST(WcsHeader, IgnoresPlateKeywordsOfAmateursSoftware) {
  expect_same(joined(typed("TAN", kCd), {"XPIXELSZ= '12'", "YPIXELSZ= 6.0", "CNPIX1  = 12.5", "PLTSCALE= '67.20'",
                                         "PLTRAH  = 10", "PPO3    = 0.0", "PROJP1  = 0.0", "PROJP3  = 1.0"}),
              typed("TAN", kCd));
}

}  // namespace
}  // namespace platefs::vo
