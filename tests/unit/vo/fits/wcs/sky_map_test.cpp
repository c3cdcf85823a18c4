// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/sky_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "tests/support/fits_builder.h"
#include "vo/base/error.h"

// The sky positions are those of astropy 5.2.1: WCS(header).all_pix2world(x, y, 1) at three pixels.

namespace platefs::vo {
namespace {

using test::bytes_of;
using test::Cards;
using test::joined;

constexpr std::array<Pixel, 3> kPixels{{{1, 1}, {900, 700}, {450, 350}}};

struct RaDec {
  double ra;
  double dec;
};

FitsHeader header_of(const Cards& cards) {
  const Cards shape{"NAXIS   = 2", "NAXIS1  = 900", "NAXIS2  = 700"};
  return FitsHeader::parse(bytes_of(test::header_unit(joined(shape, cards))));
}

IcrsPosition at(RaDec place) { return IcrsPosition::at(Angle::degrees(place.ra), Angle::degrees(place.dec)); }

Cards typed(const std::string& type1, const std::string& type2, const Cards& more) {
  return joined({"CTYPE1  = '" + type1 + "'", "CTYPE2  = '" + type2 + "'", "CRVAL1  = 156.011", "CRVAL2  = 48.148",
                 "CRPIX1  = 450.3", "CRPIX2  = 349.8"},
                more);
}

void expect_map(const Cards& cards, const std::array<RaDec, 3>& places, double pixels = 1e-6) {
  const auto map = SkyMap::from(header_of(cards));
  for (std::size_t i = 0; i < kPixels.size(); ++i) {
    const auto position = map.position_of(kPixels[i]);
    ASSERT_TRUE(position);
    EXPECT_LT(separation(*position, at(places[i])).as_arcseconds(), 1e-6) << i;
    const auto pixel = map.pixel_of(at(places[i]));
    ASSERT_TRUE(pixel);
    EXPECT_NEAR(pixel->x, kPixels[i].x, pixels);
    EXPECT_NEAR(pixel->y, kPixels[i].y, pixels);
  }
}

std::string rejection_of(const Cards& cards) {
  try {
    SkyMap::from(header_of(cards));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Rejected);
    return error.message();
  }
  return "no rejection";
}

const Cards kCd{"CD1_1   = -0.0004", "CD1_2   = 0.0", "CD2_1   = 0.0", "CD2_2   = 0.0004"};
const Cards kPc{"PC1_1   = 0.8", "PC1_2   = -0.6",    "PC2_1   = 0.6",
                "PC2_2   = 0.8", "CDELT1  = -0.0004", "CDELT2  = 0.0004"};
const std::array<RaDec, 3> kPlacesOfPc{{{156.10063943448242, 47.92851819578033},
                                        {155.92090282058763, 48.3679557441314},
                                        {156.01121582446817, 48.14799199979799}}};
const Cards kPolynomial{"PV1_1   = 1.0", "PV1_4   = 0.02", "PV1_7   = 0.1",
                        "PV2_1   = 1.0", "PV2_5   = 0.03", "PV2_6   = 0.01"};
const std::array<RaDec, 3> kPlacesOfTpv{{{156.1007788294455, 47.92815874155909},
                                         {155.92097903089245, 48.3675966010204},
                                         {156.0112158250902, 48.14799199997079}}};

TEST(SkyMap, FollowsACdMatrix) {
  expect_map(typed("RA---TAN", "DEC--TAN", kCd), {{{156.2796287214677, 48.00816714558806},
                                                   {155.74066336094842, 48.28776293765379},
                                                   {156.01117985403187, 48.14807999985972}}});
}

TEST(SkyMap, FollowsAMirroredAndRotatedMatrix) {
  expect_map(
      typed("RA---TAN", "DEC--TAN", {"CD1_1   = 0.0003", "CD1_2   = 0.0001", "CD2_1   = -0.0001", "CD2_2   = 0.0003"}),
      {{{155.75699896379578, 48.088010148237},
        {156.2659847657391, 48.20780806262306},
        {156.01089508512763, 48.14808999995227}}});
}

TEST(SkyMap, FollowsAPcMatrix) { expect_map(typed("RA---TAN", "DEC--TAN", kPc), kPlacesOfPc); }

TEST(SkyMap, FollowsCrota) {
  expect_map(typed("RA---TAN", "DEC--TAN", {"CDELT1  = -0.0004", "CDELT2  = 0.0004", "CROTA2  = 25.0"}),
             {{{156.34316709137954, 48.097026285713596},
               {155.6776031962771, 48.19845302750657},
               {156.01111233013864, 48.148123218759665}}});
}

TEST(SkyMap, FollowsAxesThatAreSwapped) {
  expect_map({"CTYPE1  = 'DEC--TAN'", "CTYPE2  = 'RA---TAN'", "CRVAL1  = 48.148", "CRVAL2  = 156.011",
              "CRPIX1  = 450.3", "CRPIX2  = 349.8", "CDELT1  = 0.0004", "CDELT2  = -0.0004"},
             {{{156.21937933429703, 47.968092141039484},
               {155.80031322448644, 48.32768703065122},
               {156.01088009777934, 48.14787999993765}}});
}

const Cards kSip{"A_ORDER = 2", "A_2_0   = 2E-05", "A_1_1   = -1E-05",
                 "B_ORDER = 2", "B_0_2   = 3E-05", "B_1_1   = 1E-05"};
const std::array<RaDec, 3> kPlacesOfSip{{{156.27816265570095, 48.0102573449777},
                                         {155.7391675325852, 48.28986103248367},
                                         {156.01117985259302, 48.148080000099725}}};

TEST(SkyMap, FollowsASipDistortion) {
  expect_map(typed("RA---TAN-SIP", "DEC--TAN-SIP", joined(kCd, kSip)), kPlacesOfSip, 1e-3);
}

TEST(SkyMap, FollowsASipDistortionBesideADegenerateThirdAxis) {
  auto cards = joined(kCd, kSip);
  cards = joined(
      cards, {"WCSAXES = 3", "NAXIS3  = 1", "CTYPE3  = 'STOKES'", "CRVAL3  = 1.0", "CRPIX3  = 1.0", "CD3_3   = 1.0"});
  expect_map(typed("RA---TAN-SIP", "DEC--TAN-SIP", cards), kPlacesOfSip, 1e-3);
}

TEST(SkyMap, FollowsATpvDistortion) {
  const Cards cd{"CD1_1   = -0.00032", "CD1_2   = 0.00024", "CD2_1   = 0.00024", "CD2_2   = 0.00032"};
  expect_map(typed("RA---TPV", "DEC--TPV", joined(cd, kPolynomial)), kPlacesOfTpv, 1e-3);
}

TEST(SkyMap, FollowsScampsPolynomialUnderTheNameOfTan) {
  const Cards cd{"CD1_1   = -0.00032", "CD1_2   = 0.00024", "CD2_1   = 0.00024", "CD2_2   = 0.00032"};
  expect_map(typed("RA---TAN", "DEC--TAN", joined(cd, kPolynomial)), kPlacesOfTpv, 1e-3);
}

// The same linear terms as the CD matrix of the test above, written in two factors.
TEST(SkyMap, AppliesATpvDistortionBehindPcAndCdelt) {
  expect_map(typed("RA---TPV", "DEC--TPV", joined(kPc, kPolynomial)), kPlacesOfTpv, 1e-3);
}

TEST(SkyMap, AppliesATpvDistortionBehindCrota) {
  const Cards crota{"CDELT1  = -0.0004", "CDELT2  = 0.0004", "CROTA2  = -36.86989764584402"};
  expect_map(typed("RA---TPV", "DEC--TPV", joined(crota, kPolynomial)), kPlacesOfTpv, 1e-3);
}

TEST(SkyMap, InvertsAPolynomialThatTurnsAndMirrorsThePlate) {
  for (const Cards& polynomial : {Cards{"PV1_1   = -1.0", "PV2_1   = 1.0"}, Cards{"PV1_1   = -1.0", "PV2_1   = -1.0"},
                                  Cards{"PV1_1   = 0.0", "PV1_2   = 1.0", "PV2_1   = 0.0", "PV2_2   = -1.0"}}) {
    const auto map = SkyMap::from(header_of(typed("RA---TPV", "DEC--TPV", joined(kCd, polynomial))));
    for (const auto& pixel : kPixels) {
      const auto position = map.position_of(pixel);
      ASSERT_TRUE(position);
      const auto found = map.pixel_of(*position);
      ASSERT_TRUE(found);
      EXPECT_NEAR(found->x, pixel.x, 1e-3);
      EXPECT_NEAR(found->y, pixel.y, 1e-3);
    }
  }
}

TEST(SkyMap, HasNoPixelForTheOtherSideOfTheSky) {
  const auto map = SkyMap::from(header_of(test::tan_cards()));
  EXPECT_FALSE(map.pixel_of(at({336.0, -48.0})));
  const std::vector<IcrsPosition> both{at({336.0, -48.0}), at({156.011, 48.148})};
  const auto pixels = map.pixels_of(both);
  EXPECT_FALSE(pixels[0]);
  ASSERT_TRUE(pixels[1]);
  EXPECT_NEAR(pixels[1]->x, 450.3, 1e-9);
}

TEST(SkyMap, BelievesIcrsAndFk5OfJ2000) {
  for (const Cards& frame : {Cards{"RADESYS = 'ICRS'"}, Cards{"RADECSYS= 'FK5'", "EQUINOX = 2000.0"},
                             Cards{"EQUINOX = 'J2000'"}, Cards{"EPOCH   = 1890.4"}, Cards{}}) {
    EXPECT_EQ(rejection_of(joined(test::tan_cards(), frame)), "no rejection");
  }
}

/// The reference pixel of a map whose CRVAL is (150, 30) in some frame lies there in ICRS
/// (astropy 5.2.1).
struct InFrame {
  const char* type;
  Cards cards;
  RaDec icrs;
  double arcseconds;
};

TEST(SkyMap, TakesOtherFramesToIcrs) {
  const Cards linear{"CRPIX1  = 450.0", "CRPIX2  = 350.0",   "CRVAL1  = 150.0",
                     "CRVAL2  = 30.0",  "CDELT1  = -0.0004", "CDELT2  = 0.0004"};
  for (const auto& [type, cards, icrs, arcseconds] : {
           InFrame{"RA-", {"RADESYS = 'FK5'", "EQUINOX = 1975.0"}, {150.36012353088847, 29.87924620091908}, 0.15},
           InFrame{"RA-", {"EQUINOX = 1950.0"}, {150.71969863793623, 29.75807127800501}, 0.15},
           InFrame{"RA-", {"EPOCH   = 1950.0"}, {150.71969863793623, 29.75807127800501}, 0.15},
           InFrame{"RA-", {"RADECSYS= 'FK4'", "EQUINOX = 1875.0"}, {151.79385410878473, 29.39191427706982}, 0.3},
           InFrame{"GLON", {}, {116.1866110419187, 66.10948134289546}, 0.05},
           InFrame{"ELON", {}, {165.18326205663905, 39.122720551061605}, 0.1},
       }) {
    const std::string longitude{type};
    const auto latitude = longitude == "RA-" ? "DEC-" : longitude == "GLON" ? "GLAT" : "ELAT";
    const Cards types{"CTYPE1  = '" + longitude + (longitude == "RA-" ? "--TAN'" : "-TAN'"),
                      "CTYPE2  = '" + std::string{latitude} + "-TAN'"};
    const auto map = SkyMap::from(header_of(joined(joined(types, linear), cards)));
    const auto position = map.position_of({450, 350});
    ASSERT_TRUE(position);
    EXPECT_LT(separation(*position, at(icrs)).as_arcseconds(), arcseconds) << longitude << cards.size();
    const auto pixel = map.pixel_of(*position);
    ASSERT_TRUE(pixel);
    EXPECT_NEAR(pixel->x, 450, 0.01);
    EXPECT_NEAR(pixel->y, 350, 0.01);
  }
}

TEST(SkyMap, RejectsAnImpossibleEquinoxByName) {
  EXPECT_THAT(rejection_of(joined(test::tan_cards(), {"RADESYS = 'FK4'", "EQUINOX = 1.0E30"})),
              testing::HasSubstr("equinox"));
}

TEST(SkyMap, KnowsAllSolutionsOfAPlate) {
  const Cards second{"CTYPE1A = 'RA---TAN'", "CTYPE2A = 'DEC--TAN'", "CRVAL1A = 10.0",    "CRVAL2A = -20.0",
                     "CRPIX1A = 450.3",      "CRPIX2A = 349.8",      "CD1_1A  = -0.0004", "CD1_2A  = 0.0",
                     "CD2_1A  = 0.0",        "CD2_2A  = 0.0004"};
  const auto maps = SkyMap::all_from(header_of(joined(test::tan_cards(), second)));
  ASSERT_EQ(maps.size(), 2u);
  EXPECT_NEAR(maps[0].pixel_of(at({156.011, 48.148}))->x, 450.3, 1e-9);
  EXPECT_NEAR(maps[1].pixel_of(at({10.0, -20.0}))->x, 450.3, 1e-9);
}

TEST(SkyMap, KnowsTheTurnOfACylinder) {
  const Cards car{"CTYPE1  = 'RA---CAR'", "CTYPE2  = 'DEC--CAR'", "CRVAL1  = 180.0", "CRVAL2  = 0.0",
                  "CRPIX1  = -8549.5",    "CRPIX2  = 349.8",      "CDELT1  = 0.02",  "CDELT2  = 0.02"};
  const auto turn = SkyMap::from(header_of(car)).turn();
  ASSERT_TRUE(turn);
  EXPECT_NEAR(turn->x, 18000, 1e-6);
  EXPECT_FALSE(SkyMap::from(header_of(test::tan_cards())).turn());
}

TEST(SkyMap, RejectsWhatIsNoEquatorialMap) {
  EXPECT_THAT(rejection_of({"OBJECT  = 'nothing'"}), testing::HasSubstr("no valid celestial"));
  EXPECT_THAT(
      rejection_of(typed("RA---TAN", "DEC--TAN", {"CD1_1   = 1.0", "CD1_2   = 1.0", "CD2_1   = 1.0", "CD2_2   = 1.0"})),
      testing::HasSubstr("no inverse"));
}

Cards with(Cards cards, const std::string& keyword, const std::string& value) {
  std::erase_if(cards, [&](const auto& card) { return card.starts_with(keyword); });
  cards.push_back(keyword + std::string(8 - keyword.size(), ' ') + "= " + value);
  return cards;
}

const std::array<RaDec, 3> kPlacesOfDss{{{156.3157711591426, -48.31149188689666},
                                         {155.69798468935207, -47.97701292795301},
                                         {156.00604452486635, -48.1449252250528}}};
const std::array<RaDec, 3> kPlacesOfMirroredDss{{{155.70964182332807, -48.311500853187795},
                                                 {156.32743850065663, -47.97700357675056},
                                                 {156.01903630654147, -48.14492505145995}}};

/// A plate solution; positions are those of an independent evaluation, tests/truth/test_cutouts.py:
/// dss_sky.
Cards dss_cards(const Cards& linear) {
  return joined(
      {"PLTRAH  = 10", "PLTRAM  = 24", "PLTRAS  = 2.64", "PLTDECSN= '-'", "PLTDECD = 48", "PLTDECM = 8",
       "PLTDECS = 52.8", "CNPIX1  = 1200", "CNPIX2  = 900", "XPIXELSZ= 25.0", "YPIXELSZ= 25.0", "PPO3    = 41000.0",
       "PPO6    = 31000.0", "AMDX3   = 3.7", "AMDX7   = 0.002", "AMDX13  = 1E-9", "AMDY3   = -5.2", "AMDY4   = 0.001"},
      linear);
}

TEST(SkyMap, FollowsAPlateSolutionOfTheDigitizedSkySurvey) {
  expect_map(dss_cards({"AMDX1   = 67.2", "AMDX2   = 1.5", "AMDY1   = 67.1", "AMDY2   = -1.4"}), kPlacesOfDss);
}

TEST(SkyMap, FollowsAPlateSolutionOfAMirroredScan) {
  expect_map(dss_cards({"AMDX1   = -67.2", "AMDX2   = -1.5", "AMDY1   = 67.1", "AMDY2   = -1.4"}),
             kPlacesOfMirroredDss);
}

TEST(SkyMap, PrefersAPlateSolutionUnlessItIsIncomplete) {
  const auto other = typed("RA---TAN", "DEC--TAN", kCd);
  const Cards linear{"AMDX1   = 67.2", "AMDX2   = 1.5", "AMDY1   = 67.1", "AMDY2   = -1.4"};
  expect_map(joined(other, dss_cards(linear)), kPlacesOfDss);
  const auto reference = SkyMap::from(header_of(joined(other, linear))).position_of({450.3, 349.8});
  ASSERT_TRUE(reference);
  EXPECT_NEAR(reference->ra.as_degrees(), 156.011, 1e-9);
}

void expect_named(const Cards& cards, const std::string& keyword) {
  for (const auto* value : {"NaN", "-inf", "1.0E+999", "12,5", "'12.5'"}) {
    EXPECT_THAT(rejection_of(with(cards, keyword, value)), testing::HasSubstr("no number: " + keyword + " = "))
        << value;
  }
}

TEST(SkyMap, NamesTheCardThatIsNoNumber) {
  const auto polynomial = typed("RA---TPV", "DEC--TPV", joined(kPc, kPolynomial));
  for (const auto* keyword : {"CRVAL1", "CRPIX2", "CDELT1", "PC1_2", "PV1_4", "LONPOLE"}) {
    expect_named(polynomial, keyword);
  }
  expect_named(typed("RA---TAN-SIP", "DEC--TAN-SIP", joined(kCd, kSip)), "A_2_0");
  expect_named(typed("RA---TAN", "DEC--TAN", {"CDELT1  = -0.0004", "CDELT2  = 0.0004"}), "CROTA2");
  EXPECT_THAT(rejection_of(with(typed("RA---TAN", "DEC--TAN", kCd), "CD1_1", "NaN")),
              testing::EndsWith("no number: CD1_1 = NaN"));
  EXPECT_THAT(rejection_of(joined(typed("RA---TAN", "DEC--TAN", kCd), {"AMDX1   = 1.0", "PPO3    = NaN"})),
              testing::EndsWith("no number: PPO3 = NaN"));
}

TEST(SkyMap, ForgivesValuesThatAreNoNumbersWhereTheyMeanNothing) {
  const Cards harmless{"LATPOLE =",     "EQUINOX = 'J2000'", "PLTSCALE= NaN", "CRVAL3  = NaN",
                       "EXPTIME = NaN", "A_2_0   = NaN",     "CDELT1  = NaN", "CROTA2  = 'x'"};
  EXPECT_EQ(rejection_of(joined(typed("RA---TAN", "DEC--TAN", kCd), harmless)), "no rejection");
}

TEST(SkyMap, SurvivesAnyValueInAnyCard) {
  const auto polynomial = typed("RA---TPV", "DEC--TPV", joined(kPc, kPolynomial));
  for (const std::string keyword :
       {"CTYPE1",  "CUNIT1", "CRVAL1",  "CRPIX2",   "CDELT1",   "CROTA2", "PC1_2",  "PV1_4", "PV1_0",
        "LONPOLE", "A_2_0",  "A_ORDER", "AP_1_1",   "DP1",      "CPDIS1", "CQDIS2", "DQ2",   "PS1_0",
        "WCSAXES", "VELREF", "EQUINOX", "DATE-OBS", "WAT1_001", "AMDX1",  "PPO3"}) {
    for (const auto* value :
         {"", "NaN", "T", "1", "-1", "1.5", "(1,2)", "''", "'x'", "99999999999999999999", "1D400"}) {
      rejection_of(with(polynomial, keyword, value));
      rejection_of(with(typed("RA---TAN-SIP", "DEC--TAN-SIP", kCd), keyword, value));
    }
  }
}

TEST(SkyMap, SurvivesCardsThatAreNone) {
  for (const auto* card : {"AMDX12\xff\x01\x02\x03         0", "A_2_0            0.1", "CRVAL1\x00\x00 12",
                           "PV1_4   \x80 1.0", "AMDX4   =        (       2E-05"}) {
    rejection_of(joined(typed("RA---TPV", "DEC--TPV", joined(kPc, kPolynomial)), {card}));
    rejection_of(joined(typed("RA---TAN-SIP", "DEC--TAN-SIP", kCd), {card, "AMDX1   = 67.2"}));
  }
}

TEST(SkyMap, CountsTheAxesOnce) {
  expect_map(joined({"NAXIS   = 7996085"}, typed("RA---TAN", "DEC--TAN", kPc)), kPlacesOfPc);
}

TEST(SkyMap, PassesOverASolutionWithoutNumbers) {
  auto cards = typed("RA---TAN", "DEC--TAN", kCd);
  const Cards second{"CTYPE1A = 'RA---TAN'", "CTYPE2A = 'DEC--TAN'", "CRVAL1A = NaN",   "CRVAL2A = 1.0",
                     "CRPIX1A = 1.0",        "CRPIX2A = 1.0",        "CDELT1A = 0.001", "CDELT2A = 0.001"};
  EXPECT_EQ(SkyMap::all_from(header_of(joined(cards, second))).size(), 1u);
}

TEST(SkyMap, LeavesOutTextsThatDoNotEnd) {
  const auto good = typed("RA---TAN", "DEC--TAN", kCd);
  const std::string endless = "'DEC--ZPNa" + std::string(60, 'a');
  EXPECT_THAT(rejection_of(with(good, "CTYPE2", endless)), testing::HasSubstr("no valid celestial"));
  for (const auto* keyword : {"OBJECT", "CNAME1", "WCSNAME", "DATE-OBS", "CUNIT1", "DP1"}) {
    EXPECT_EQ(rejection_of(joined(with(good, keyword, endless), good)), "no rejection") << keyword;
  }
  EXPECT_EQ(rejection_of(joined({"WCSNAME = 'it goes on&'", "CONTINUE  'and on" + std::string(60, '.')}, good)),
            "no rejection");
}

TEST(SkyMap, SurvivesValuesOfEveryLength) {
  const auto good = typed("RA---TAN", "DEC--TAN", kCd);
  for (const auto* keyword : {"CTYPE2", "CUNIT1", "WCSNAME", "RADESYS", "PS1_0", "PV1_0", "CRVAL1", "DP1", "OBJECT"}) {
    for (const auto& value : {std::string(70, '9'), "'" + std::string(68, 'a') + "'", "'" + std::string(68, '(') + "'",
                              "'" + std::string(68, '\'') + "'", "'" + std::string(20, '\xe9') + "'",
                              "1E" + std::string(60, '9'), std::string("'AXIS.2000000000: 2000000000'")}) {
      EXPECT_NE(rejection_of(with(good, keyword, value)), "") << keyword << " = " << value;
    }
  }
}

TEST(SkyMap, CanBeMadeInSeveralThreadsAtOnce) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int turn = 0; turn < 20; ++turn) {
        expect_map(typed("RA---TPV", "DEC--TPV", joined(kPc, kPolynomial)), kPlacesOfTpv, 1e-3);
      }
    });
  }
}

}  // namespace
}  // namespace platefs::vo
