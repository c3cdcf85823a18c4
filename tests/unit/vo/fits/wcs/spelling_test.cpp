// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/spelling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fits_builder.h"
#include "vo/fits/wcs/frame.h"
#include "vo/fits/wcs/sky_map.h"

namespace platefs::vo {
namespace {

using test::bytes_of;
using test::Cards;
using test::joined;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Cards kPlace{"CRVAL1  = 150.0", "CRVAL2  = 20.0", "CRPIX1  = 450.3", "CRPIX2  = 349.8"};
const Cards kMatrix{"CD1_1   = -4E-4", "CD2_2   = 4E-4"};
const Cards kPolynomial{"PV1_1   = 1.01", "PV1_2   = 0.002", "PV1_7   = 0.1", "PV2_1   = 1.02", "PV2_5   = 0.03"};

FitsHeader parsed(const Cards& cards) { return FitsHeader::parse(bytes_of(test::header_unit(cards))); }

FitsHeader header_of(const std::string& code, const Cards& more) {
  return parsed(joined(joined({"CTYPE1  = 'RA---" + code + "'", "CTYPE2  = 'DEC--" + code + "'"}, kPlace), more));
}

/// Every pixel has to stay where it is.
FitsHeader spelled_out(const FitsHeader& plate) {
  auto header = plate;
  spell_out(header);
  const auto before = SkyMap::all_from(plate), after = SkyMap::all_from(header);
  EXPECT_EQ(before.size(), after.size());
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    for (const auto& pixel : {Pixel{1, 1}, Pixel{900, 700}, Pixel{450, 350}}) {
      EXPECT_LT(separation(*before[i].position_of(pixel), *after[i].position_of(pixel)).as_arcseconds(), 1e-6);
    }
  }
  return header;
}

TEST(WcsSpelling, WritesExponentsWithE) {
  const auto header = spelled_out(
      parsed({"CTYPE1  = 'RA---TAN'", "CTYPE2  = 'DEC--TAN'", "CRVAL1  = 1.5D2 / [deg]", "CRVAL2  = 2.0d+01",
              "CRPIX1  = 450.3", "CRPIX2  = 349.8", "CD1_1   = -4.0D-04", "CD2_2   = 4.0E-4", "EXPTIME = 1.0D2"}));
  EXPECT_THAT(header.cards(), testing::Contains(HasSubstr("CRVAL1  =                150.0 / [deg]")));
  EXPECT_THAT(header.cards(), testing::Contains(HasSubstr("CRVAL2  =                 20.0")));
  EXPECT_THAT(header.cards(), testing::Contains(HasSubstr("CD1_1   =              -0.0004")));
  EXPECT_THAT(header.cards(), testing::Contains(HasSubstr("CD2_2   = 4.0E-4"))) << "as it is written";
  EXPECT_THAT(header.cards(), testing::Contains(HasSubstr("EXPTIME = 1.0D2"))) << "no card of a WCS description";
}

TEST(WcsSpelling, LeavesOutCardsWithoutAValue) {
  const auto header = spelled_out(header_of("TAN", joined(kMatrix, {"LATPOLE =", "LONPOLE =  / undefined"})));
  EXPECT_FALSE(header.has("LATPOLE") || header.has("LONPOLE"));
}

TEST(WcsSpelling, UsesTheWordsOfTheStandard) {
  const auto header = spelled_out(parsed(
      joined(joined({"CTYPE1  = 'ra---tan'", "CTYPE2  = 'dec--tan'", "CUNIT1  = 'Degrees'", "CUNIT2  = 'd'"}, kPlace),
             kMatrix)));
  EXPECT_EQ(header.text("CTYPE1"), "RA---TAN");
  EXPECT_EQ(header.text("CTYPE2"), "DEC--TAN");
  EXPECT_EQ(header.text("CUNIT1"), "deg");
  EXPECT_EQ(header.text("CUNIT2"), "deg");
}

TEST(WcsSpelling, WritesOtherUnitsAsDegrees) {
  for (const auto* unit : {"arcsec", "arcs", "ARCSECONDS", "\""}) {
    const Cards cards{"CTYPE1A = 'RA---TAN'",
                      "CTYPE2A = 'DEC--TAN'",
                      "CRVAL1A = 540000.0",
                      "CRVAL2A = 72000.0",
                      "CRPIX1A = 450.3",
                      "CRPIX2A = 349.8",
                      "CDELT1A = -1.44",
                      "CDELT2A = 1.44",
                      "PC1_2A  = 0.3",
                      "PC2_1A  = -0.3",
                      std::string{"CUNIT1A = '"} + unit + "'",
                      std::string{"CUNIT2A = '"} + unit + "'"};
    auto header = spelled_out(parsed(cards));
    EXPECT_NEAR(header.real("CRVAL1A").value(), 150, 1e-12) << unit;
    EXPECT_NEAR(header.real("CD1_1A").value(), -4e-4, 1e-15) << unit;
    EXPECT_NEAR(header.real("CD1_2A").value(), -1.2e-4, 1e-15) << unit;
    EXPECT_EQ(header.text("CUNIT2A"), "deg");
    EXPECT_FALSE(header.has("CDELT1A") || header.has("PC1_2A"));
  }
}

TEST(WcsSpelling, WritesTheLinearPartOfATpvAsACdMatrix) {
  for (const auto& linear :
       {Cards{"CDELT1  = -4E-4", "CDELT2  = 5E-4", "CROTA2  = 30.0"}, Cards{"CDELT1  = -4E-4", "CDELT2  = 4E-4"},
        Cards{"CDELT1  = -4E-4", "CDELT2  = 4E-4", "PC1_1   = 0.8", "PC1_2   = 0.6", "PC2_1   = -0.6",
              "PC2_2   = 0.8"}}) {
    const auto header = spelled_out(header_of("TPV", joined(linear, kPolynomial)));
    EXPECT_TRUE(header.has("CD1_1") && header.has("CD1_2") && header.has("CD2_1") && header.has("CD2_2"));
    EXPECT_FALSE(header.has("CDELT1") || header.has("CROTA2") || header.has("PC1_1"));
  }
}

TEST(WcsSpelling, NamesEveryAxisOfACubeInTheCdMatrix) {
  auto header = header_of("TPV", joined(kPolynomial, {"NAXIS   = 4", "CDELT1  = -4E-4", "CDELT2  = 4E-4",
                                                      "CDELT3  = 2.5", "PC3_3   = 2.0", "PC1_2   = 0.1"}));
  spell_out(header);
  EXPECT_EQ(header.real("CD3_3"), 5.0);
  EXPECT_EQ(header.real("CD4_4"), 1.0);
  EXPECT_FALSE(header.has("PC3_3") || header.has("PC1_2"));
}

TEST(WcsSpelling, GivesAPcMatrixItsCdelt) {
  const auto header = spelled_out(header_of("TAN", {"PC1_1   = -4E-4", "PC2_2   = 4E-4", "CDELT1A = 7.0"}));
  EXPECT_EQ(header.real("CDELT1"), 1.0);
  EXPECT_EQ(header.real("CDELT2"), 1.0);
  EXPECT_LT(header.serialised().find("CDELT1  ="), header.serialised().find("CDELT1A ="));
}

TEST(WcsSpelling, NamesThePoleOfATan) {
  const auto header = spelled_out(
      header_of("TAN", joined(kMatrix, {"PV1_3   = 170.0", "PV1_4   = 10.0", "LONPOLE = 180.0", "PV1_0   = 0.0"})));
  EXPECT_EQ(header.real("LONPOLE"), 170.0);
  EXPECT_EQ(header.real("LATPOLE"), 10.0);
  EXPECT_FALSE(header.has("PV1_3") || header.has("PV1_4") || header.has("PV1_0"));
}

TEST(WcsSpelling, LeavesAloneWhatAllProgramsReadAlike) {
  for (const auto& plate :
       {header_of("TAN", kMatrix), header_of("TPV", joined(kMatrix, kPolynomial)),
        header_of("TAN", {"CDELT1  = -4E-4", "CDELT2  = 4E-4", "CROTA2  = 12.0", "CUNIT1  = 'deg'", "CUNIT2  = 'deg'"}),
        header_of("ZPN", joined(kMatrix, {"PV2_1   = 1.0", "PV2_3   = 1.9"}))}) {
    auto same = plate;
    EXPECT_THAT(spell_out(same), IsEmpty());
    EXPECT_EQ(same.cards(), plate.cards());
  }
}

TEST(WcsSpelling, NamesFramesAsTheStandardDoes) {
  const auto frames = [](const Cards& more) {
    auto header = header_of("TAN", joined(kMatrix, more));
    spell_frames(header);
    return header;
  };
  EXPECT_EQ(frames({"RADESYS = 'fk5'"}).text("RADESYS"), "FK5");
  EXPECT_EQ(frames({"RADESYS = 'ICRF2'"}).text("RADESYS"), "ICRS");
  EXPECT_EQ(frames({"RADESYS = 'UNKNOWN'"}).text("RADESYS"), "ICRS");
  EXPECT_EQ(frames({"RADESYS = 'GAPPT'", "EQUINOX = 1950.0"}).text("RADESYS"), "FK4");
  EXPECT_EQ(frames({"RADESYS = 'FK5'", "EQUINOX = 'J2000.0'"}).real("EQUINOX"), 2000.0);
  EXPECT_EQ(frames({"RADESYS = 'ICRS'", "EPOCH   = 1890.37"}).real("EQUINOX"), 2000.0);
  EXPECT_FALSE(frames({"RADESYS = 'ICRS'"}).has("EQUINOX"));
  EXPECT_EQ(frames({"RADESYS = 'ICRS'", "EQUINOX = 1950.0"}).real("EQUINOX"), 2000.0);
  EXPECT_EQ(frames({"RADESYS = 'FK4'"}).real("EQUINOX"), 1950.0);
  EXPECT_EQ(frames({"RADESYS = 'FK5'", "EPOCH   = 1950.0"}).real("EQUINOX"), 1950.0);
  EXPECT_EQ(frames({"RADESYS = 'FK4'", "EPOCH   = 1875.0"}).real("EQUINOX"), 1875.0);
  EXPECT_EQ(frames({"RADESYS = 'FK4'", "EPOCH   = 1890.37"}).real("EQUINOX"), 1950.0);
  EXPECT_FALSE(frames({}).has("RADESYS"));
}

/// As astropy reads it: an alternate that names no frame is ICRS, whatever the primary one's old keywords say.
TEST(WcsSpelling, OldKeywordsOfTheFrameSpeakOfThePrimaryDescriptionAlone) {
  const Cards alternate{"CTYPE1A = 'RA---TAN'", "CTYPE2A = 'DEC--TAN'", "CRVAL1A = 150.0", "CRVAL2A = 20.0",
                        "CRPIX1A = 450.3",      "CRPIX2A = 349.8",      "CD1_1A  = -4E-4", "CD2_2A  = 4E-4"};
  for (const auto& old : {Cards{"RADECSYS= 'FK4'", "EQUINOX = 1950.0"}, Cards{"EPOCH   = 1950.0"}}) {
    const auto maps = SkyMap::all_from(header_of("TAN", joined(joined(kMatrix, old), alternate)));
    const auto here = maps.at(1).reference_position().value();
    EXPECT_NEAR(here.ra.as_degrees(), 150, 1e-9);
    EXPECT_NEAR(here.dec.as_degrees(), 20, 1e-9);
    EXPECT_GT(separation(here, maps.at(0).reference_position().value()).as_degrees(), 0.1);
  }
}

}  // namespace
}  // namespace platefs::vo
