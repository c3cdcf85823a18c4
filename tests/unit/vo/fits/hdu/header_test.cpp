// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/hdu/header.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/support/fits_builder.h"
#include "vo/base/error.h"
#include "vo/fits/hdu/card.h"
#include "vo/fits/hdu/hdu.h"
#include "vo/fits/image.h"

namespace platefs::vo {
namespace {

using test::bytes_of;
using test::Cards;
using test::header_unit;

FitsHeader header_of(const Cards& cards) { return FitsHeader::parse(bytes_of(header_unit(cards))); }

std::string failure_of(const std::string& file) {
  MemoryFitsSource source{bytes_of(file)};
  try {
    find_image(source);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Malformed);
    return error.message();
  }
  return "no failure";
}

TEST(FitsHeader, ValuesAreReadByTheirKind) {
  const auto header =
      header_of({"N       =                   42 / the answer", "X       = -1.5D-3", "L       =                    F",
                 "S       = 'O''Neil  ' / who", "NOTHING =                      / undefined"});
  EXPECT_EQ(header.integer("N"), 42);
  EXPECT_EQ(header.real("N"), 42.0);
  EXPECT_EQ(header.comment("N"), "the answer");
  EXPECT_EQ(header.real("X"), -1.5e-3);
  EXPECT_EQ(header.logical("L"), false);
  EXPECT_EQ(header.text("S"), "O'Neil");
  EXPECT_EQ(header.comment("S"), "who");
  EXPECT_TRUE(header.has("NOTHING"));
  EXPECT_EQ(header.text("NOTHING"), std::nullopt);
  EXPECT_EQ(header.integer("S"), std::nullopt);
}

TEST(FitsHeader, ASlashInsideATextIsNoComment) {
  const auto header = header_of({"DATE-OBS= '11/03/76'           / old form"});
  EXPECT_EQ(header.text("DATE-OBS"), "11/03/76");
  EXPECT_EQ(header.comment("DATE-OBS"), "old form");
}

TEST(FitsHeader, ContinuedTextIsJoined) {
  const auto header =
      header_of({"LONG    = 'begins here &'", "CONTINUE  'and ends &'", "CONTINUE  'there'", "NEXT    = 1"});
  EXPECT_EQ(header.text("LONG"), "begins here and ends there");
}

TEST(FitsHeader, CardsItDoesNotUnderstandAreKeptAsWritten) {
  const Cards cards{"HIERARCH ESO TEL ALT = 61.2 / [deg]", "COMMENT free text = 'no value", "",
                    "HISTORY = looks like a value"};
  const auto header = header_of(cards);
  ASSERT_EQ(header.cards().size(), 4u);
  EXPECT_EQ(header.serialised(), header_unit(cards));
}

TEST(FitsHeader, ARealKeepsAllItsDigits) {
  for (const double value :
       {1.0 / 3, -6.02214076e23, 1e-300, 5.0, 450.3 - 373, std::numeric_limits<double>::denorm_min()}) {
    FitsHeader header;
    header.set_real("CRPIX1", value, "a comment");
    EXPECT_EQ(header_of(header.cards()).real("CRPIX1"), value);
    EXPECT_FALSE(header_of(header.cards()).integer("CRPIX1"));
  }
}

TEST(FitsHeader, SettingAValueKeepsPlaceAndComment) {
  auto header = header_of({"A       = 1 / first", "B       = 2 / second", "C       = 3"});
  header.set_integer("B", 7);
  EXPECT_EQ(header.cards()[1].substr(0, 41), "B       =                    7 / second  ");
  EXPECT_EQ(header.cards()[1].size(), kCardSize);
}

TEST(FitsHeader, ALongTextSurvivesTheRoundTrip) {
  const std::string text = "it's " + std::string(66, 'x') + "'" + std::string(90, 'y') + " end";
  FitsHeader header;
  header.set_text("LONG", text);
  header.set_integer("NEXT", 1);
  EXPECT_EQ(header_of(header.cards()).text("LONG"), text);
  header.remove("LONG");
  EXPECT_EQ(header.cards().size(), 1u);
}

TEST(FitsHeader, HistoryGoesOnInTheNextCard) {
  FitsHeader header;
  std::string text(70, 'a');
  text.append(" ").append(100, 'b');
  header.append_commentary("HISTORY", text);
  ASSERT_EQ(header.cards().size(), 3u);
  EXPECT_EQ(header.cards()[0].substr(0, 9), "HISTORY a");
  EXPECT_EQ(header.cards()[1], "HISTORY " + std::string(72, 'b'));
}

TEST(FitsHeader, WithoutEndIsMalformed) {
  const std::string text(2880, ' ');
  EXPECT_THROW(FitsHeader::parse(bytes_of(text)), Error);
  EXPECT_EQ(header_size(bytes_of(text)), std::nullopt);
}

TEST(FitsHdu, DataSizeCountsAxesParametersAndGroups) {
  EXPECT_EQ(data_size(header_of({"BITPIX  = -32", "NAXIS   = 2", "NAXIS1  = 10", "NAXIS2  = 7"})), 280u);
  EXPECT_EQ(
      data_size(header_of({"BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 10", "NAXIS2  = 7", "PCOUNT  = 5", "GCOUNT  = 1"})),
      75u);
  EXPECT_EQ(data_size(header_of({"BITPIX  = 16", "NAXIS   = 3", "NAXIS1  = 0", "NAXIS2  = 3", "NAXIS3  = 4",
                                 "GROUPS  = T", "PCOUNT  = 2", "GCOUNT  = 9"})),
            252u);
  EXPECT_EQ(data_size(header_of({"BITPIX  = 8", "NAXIS   = 0"})), 0u);
}

TEST(FitsHdu, ImpossibleSizesAreMalformed) {
  for (const Cards& cards :
       {Cards{"BITPIX  = 8"}, Cards{"BITPIX  = 7", "NAXIS   = 0"}, Cards{"BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 5"},
        Cards{"BITPIX  = 8", "NAXIS   = -1"}, Cards{"BITPIX  = 8", "NAXIS   = 1", "NAXIS1  = -5"},
        Cards{"BITPIX  = 8", "NAXIS   = 1000000000"},
        Cards{"BITPIX  = -64", "NAXIS   = 2", "NAXIS1  = 4000000000", "NAXIS2  = 4000000000"},
        Cards{"BITPIX  = 8", "NAXIS   = 1", "NAXIS1  = 5", "PCOUNT  = 9223372036854775807"}}) {
    EXPECT_THROW(data_size(header_of(cards)), Error) << cards.back();
  }
}

TEST(FitsImage, IsThePrimaryWhenThatHasPixels) {
  const auto file = test::image_file(16, {30, 20}, {});
  MemoryFitsSource source{bytes_of(file)};
  const auto image = find_image(source);
  EXPECT_EQ(image.hdu_index, 0);
  EXPECT_EQ(image.data, (ByteRange{2880, 2880 + 1200}));
}

TEST(FitsImage, InAnExtensionGetsThePrimarysFacts) {
  const auto file = test::extension_file(
      16, {30, 20}, {"TELESCOP= 'Bache   '", "CRVAL1  = 1.0", "OBJECT  = 'wrong   '"}, {"OBJECT  = 'right   '"});
  MemoryFitsSource source{bytes_of(file)};
  const auto image = find_image(source);
  EXPECT_EQ(image.hdu_index, 1);
  EXPECT_EQ(image.header.text("TELESCOP"), "Bache");
  EXPECT_EQ(image.header.text("OBJECT"), "right");
  EXPECT_FALSE(image.header.has("CRVAL1"));
}

TEST(FitsImage, InheritDecidesWhatComesFromThePrimary) {
  const Cards primary{"TELESCOP= 'Bache   '", "CRVAL1  = 1.0"};
  const auto all = test::extension_file(16, {30, 20}, primary, {"INHERIT = T"});
  const auto none = test::extension_file(16, {30, 20}, primary, {"INHERIT = F"});
  MemoryFitsSource with{bytes_of(all)};
  MemoryFitsSource without{bytes_of(none)};
  EXPECT_EQ(find_image(with).header.real("CRVAL1"), 1.0);
  EXPECT_FALSE(find_image(without).header.has("TELESCOP"));
}

TEST(FitsImage, InheritsNoPartOfADescriptionThatItHasItself) {
  const Cards primary{"CTYPE1  = 'RA---TAN'", "CRVAL2  = 5.0", "CD1_1   = 0.1", "PV1_7   = 0.1",
                      "A_ORDER = 3",          "CRVAL1A = 7.0", "CD1_1A  = 0.2"};
  const Cards own{"INHERIT = T", "CTYPE1  = 'RA---TAN'", "CDELT1  = 0.001", "CD2_2A  = 0.3"};
  const auto file = test::extension_file(16, {30, 20}, primary, own);
  MemoryFitsSource source{bytes_of(file)};
  const auto header = find_image(source).header;
  for (const auto* keyword : {"CRVAL2", "CD1_1", "PV1_7", "A_ORDER"}) EXPECT_FALSE(header.has(keyword)) << keyword;
  EXPECT_EQ(header.real("CRVAL1A"), 7.0) << "description A has its axes in the primary header";
  EXPECT_FALSE(header.has("CD1_1A")) << "and its matrix in the extension";
}

TEST(FitsImage, InheritsFromAHeaderOfVeryManyCards) {
  Cards primary, own;
  for (int i = 0; i < 60000; ++i) {
    primary.push_back(fmt::format("P{:<7}= {}", i, i));
    own.push_back(fmt::format("{}{:<7}= {}", i % 2 == 0 ? "P" : "X", i, -i));
  }
  const auto file = test::extension_file(16, {30, 20}, primary, own);
  MemoryFitsSource source{bytes_of(file)};
  const auto header = find_image(source).header;
  EXPECT_EQ(header.integer("P30000"), -30000);
  EXPECT_EQ(header.integer("P30001"), 30001);
}

TEST(FitsImage, AHeaderOfManyBlocksIsReadToItsEnd) {
  const auto file = test::image_file(16, {30, 20}, Cards(1000, "COMMENT many"));
  MemoryFitsSource source{bytes_of(file)};
  EXPECT_EQ(find_image(source).header.cards().size(), 1005u);
}

TEST(FitsImage, RefusesWhatIsNoFitsFileAndSaysHowItBegins) {
  EXPECT_EQ(failure_of("<html>\n<body>not found"), "is no FITS file: begins with \"<html>\\x0a<body>not\"");
  EXPECT_EQ(failure_of(""), "is no FITS file: it is empty");
}

TEST(FitsImage, RefusesATruncatedFile) {
  const auto file = test::image_file(16, {300, 200}, {});
  EXPECT_EQ(failure_of(file.substr(0, 100000)), "FITS file of 100000 bytes ends before its image does, at 122880");
  EXPECT_EQ(failure_of(file.substr(0, 160)), "FITS file ends inside a header");
}

TEST(FitsImage, RefusesAFileWithoutPixels) {
  EXPECT_EQ(failure_of(test::image_file(8, {}, {})), "FITS file without an image");
  EXPECT_EQ(failure_of(test::image_file(8, {10, 0}, {})), "FITS file without an image");
}

TEST(FitsHeader, EndsAtAnEndWithARemarkBehindIt) {
  const auto ends_at = [](const std::string& card) {
    auto unit = std::string{"SIMPLE  =                    T"};
    unit.resize(kCardSize, ' ');
    unit += card;
    unit.resize(kFitsBlock, ' ');
    return header_size(test::bytes_of(unit)).has_value();
  };
  for (const auto* end : {"END", "END / end of header", "END     = 1", "END     ANYTHING"})
    EXPECT_TRUE(ends_at(end)) << end;
  for (const auto* no_end : {"ENDING  = 1", "END TIME= 1", "END-TIME= 1", "END_1   = 1"})
    EXPECT_FALSE(ends_at(no_end)) << no_end;
}

TEST(FitsHeader, ReadsNumbersBeforeTheEndOfALine) {
  const auto header = FitsHeader::parse(test::bytes_of(test::header_unit({"BITPIX  = 16\r\n", "CRVAL1  = 1.5D2\t"})));
  EXPECT_EQ(header.integer("BITPIX"), 16);
  EXPECT_EQ(header.real("CRVAL1"), 150.0);
}

TEST(FitsHeader, EndsAtAnEndThatIsFilledWithNuls) {
  std::string unit = "SIMPLE  =                    T";
  unit.resize(80, ' ');
  unit += "END";
  unit.resize(kFitsBlock, '\0');
  EXPECT_EQ(header_size(std::as_bytes(std::span{unit})), kFitsBlock);
  EXPECT_EQ(FitsHeader::parse(std::as_bytes(std::span{unit})).logical("SIMPLE"), true);
}

}  // namespace
}  // namespace platefs::vo
