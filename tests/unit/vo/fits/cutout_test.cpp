// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/cutout.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>

#include "tests/support/fits_builder.h"
#include "vo/base/error.h"
#include "vo/fits/cutout_header.h"
#include "vo/fits/hdu/checksum.h"
#include "vo/fits/image.h"
#include "vo/fits/wcs/sky_map.h"

namespace platefs::vo {
namespace {

using test::bytes_of;
using test::Cards;
using test::joined;
using testing::HasSubstr;

const Cone kTarget{IcrsPosition::at(Angle::degrees(156.011), Angle::degrees(48.148)), Angle::degrees(0.02)};
// 156.011 +48.148 of FK4 B1950 in ICRS by astropy 5.2.1
const Cone kTargetAsFk4{IcrsPosition::at(Angle::degrees(156.77549642089357), Angle::degrees(47.892959784994844)),
                        Angle::degrees(0.02)};
constexpr PixelBox kBox{401, 500, 300, 399};  // astropy 5.2.1, see pixel_box_test.cpp

CutoutProvenance provenance() {
  return {.source_did = "ivo://example/plates?i00811",
          .archive = "an archive",
          .source_url = "https://example.org/i00811.fits",
          .region = "CIRCLE ICRS 156.011 48.148 0.02",
          .platefs_version = "0.1.0",
          .t_min = std::nullopt,
          .t_max = std::nullopt,
          .exptime_seconds = std::nullopt};
}

std::string_view text_of(const FitsCutout& cutout) {
  return {reinterpret_cast<const char*>(cutout.file.data()), cutout.file.size()};
}

FitsCutout cutout_of(const std::string& file, const CutoutProvenance& known = provenance(),
                     const Cone& cone = kTarget) {
  MemoryFitsSource source{bytes_of(file)};
  return cut(source, cone, known);
}

FitsHeader header_of(const FitsCutout& cutout) { return FitsHeader::parse(cutout.file); }

FitsHeader cut_header(const Cards& more, const CutoutProvenance& known = provenance(), const Cone& cone = kTarget) {
  return header_of(cutout_of(test::image_file(8, {900, 700}, joined(test::tan_cards(), more)), known, cone));
}

/// The pixels a box of a numbered image must have, from the definition of a FITS array.
std::string expected_pixels(int bitpix, const PixelBox& box, int planes) {
  std::string pixels;
  for (int plane = 0; plane < planes; ++plane) {
    for (auto y = box.y1; y <= box.y2; ++y) {
      for (auto x = box.x1; x <= box.x2; ++x) {
        pixels += test::stored_pixel((plane * 700 + y - 1) * 900 + x - 1, bitpix);
      }
    }
  }
  return pixels;
}

std::string_view pixels_of(const FitsCutout& cutout, std::size_t size) {
  return text_of(cutout).substr(*header_size(cutout.file), size);
}

/// Notes how it is asked.
class WatchedSource : public MemoryFitsSource {
 public:
  using MemoryFitsSource::MemoryFitsSource;
  void read(std::span<const ByteRange> ranges, std::span<std::byte> out) override {
    calls.push_back(out.size());
    most_ranges = std::max(most_ranges, ranges.size());
    MemoryFitsSource::read(ranges, out);
  }
  std::vector<std::size_t> calls;
  std::size_t most_ranges = 0;
};

class EveryBitpix : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(FitsCutout, EveryBitpix, testing::Values(8, 16, 32, 64, -32, -64));

TEST_P(EveryBitpix, KeepsPixelsAsStored) {
  const auto cutout = cutout_of(test::image_file(GetParam(), {900, 700}, test::tan_cards()));
  EXPECT_EQ(cutout.section.cone.box, kBox);
  const auto expected = expected_pixels(GetParam(), kBox, 1);
  EXPECT_EQ(pixels_of(cutout, expected.size()), expected);
  EXPECT_EQ(cutout.file.size() % kFitsBlock, 0u);
  EXPECT_EQ(header_of(cutout).integer("BITPIX"), GetParam());
}

TEST(FitsCutout, TakesAllPlanesOfACube) {
  const auto cutout = cutout_of(test::image_file(32, {900, 700, 3}, test::tan_cards()));
  const auto expected = expected_pixels(32, kBox, 3);
  EXPECT_EQ(pixels_of(cutout, expected.size()), expected);
  EXPECT_EQ(header_of(cutout).integer("NAXIS3"), 3);
}

TEST(FitsCutout, TakesAnImageOutOfItsExtension) {
  const auto cutout = cutout_of(test::extension_file(16, {900, 700}, {"TELESCOP= 'Bache   '"},
                                                     joined(test::tan_cards(), {"EXTNAME = 'PLATE   '"})));
  const auto header = header_of(cutout);
  EXPECT_EQ(header.logical("SIMPLE"), true);
  EXPECT_FALSE(header.has("XTENSION"));
  EXPECT_FALSE(header.has("PCOUNT"));
  EXPECT_EQ(header.text("EXTNAME"), "PLATE");
  EXPECT_EQ(header.text("TELESCOP"), "Bache");
  const auto expected = expected_pixels(16, kBox, 1);
  EXPECT_EQ(pixels_of(cutout, expected.size()), expected);
}

/// An image of nothing near, then the plate: as several scans in one file are.
std::string two_images(const Cards& first) {
  const auto plate = test::extension_file(16, {900, 700}, {}, test::tan_cards());
  return test::image_file(8, {50, 50}, first) + plate.substr(plate.find("XTENSION"));
}

TEST(FitsCutout, TakesTheImageThatShowsTheTargetOfSeveralInAFile) {
  for (const auto& first : {test::tan_cards(), Cards{}}) {
    const auto cutout = cutout_of(two_images(first));
    EXPECT_THAT(header_of(cutout).serialised(), HasSubstr("Section: [401:500,300:399] of 900 x 700 pixels, HDU 1"));
    const auto expected = expected_pixels(16, kBox, 1);
    EXPECT_EQ(pixels_of(cutout, expected.size()), expected);
  }
}

TEST(FitsCutout, OfSeveralImagesWithoutTheTargetTellsOfTheFirst) {
  const auto file = two_images(test::tan_cards());
  const Cone elsewhere{IcrsPosition::at(Angle::degrees(100), Angle::degrees(48)), Angle::degrees(0.02)};
  try {
    cutout_of(file, provenance(), elsewhere);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("50 x 50"));
  }
}

TEST(FitsCutout, ShowsEveryStarWhereThePlateShowsIt) {
  const auto file = test::image_file(16, {900, 700}, test::tan_cards());
  MemoryFitsSource source{bytes_of(file)};
  const auto plate = SkyMap::from(find_image(source).header);
  const auto cutout = SkyMap::from(header_of(cutout_of(file)));
  const auto on_plate = plate.position_of({437, 388});
  const auto on_cutout = cutout.position_of({437 - 400, 388 - 299});
  EXPECT_LT(separation(*on_plate, *on_cutout).as_arcseconds(), 1e-7);
}

TEST(FitsCutout, MovesTheOriginOfEveryPixelSystem) {
  const auto header = cut_header({"CTYPE1A = 'LINEAR'", "CTYPE2A = 'LINEAR'", "CRPIX1A = 5.0", "LTV1    = -3.5"});
  EXPECT_EQ(header.integer("NAXIS1"), 100);
  EXPECT_DOUBLE_EQ(header.real("CRPIX1").value(), 50.3);
  EXPECT_DOUBLE_EQ(header.real("CRPIX2").value(), 50.8);
  EXPECT_EQ(header.real("CRPIX1A"), -395.0);
  EXPECT_EQ(header.real("CRPIX2A"), -299.0);  // was 0 by default
  EXPECT_EQ(header.real("LTV1"), -403.5);
}

TEST(FitsCutout, KeepsTrueCardsAsWrittenAndDropsTheOthers) {
  const Cards kept{"OBSERVER= 'Wolf    '           / as the observer wrote",
                   "HISTORY scanned 2004",
                   "BZERO   = 32768",
                   "BSCALE  = 1",
                   "PV1_1   = 1.0E0",
                   "HIERARCH SCAN X = 3"};
  const auto header =
      cut_header(joined(kept, {"EXTEND  =                    T", "DATAMAX = 9.0", "CHECKSUM= 'abcdefghijklmnop'",
                               "DATASEC = '[1:900,1:700]'", "CD1_2A  = 1.0D-3"}));
  for (const auto& card : kept) {
    EXPECT_THAT(header.cards(), testing::Contains(testing::StartsWith(card)));
  }
  for (const auto* keyword : {"EXTEND", "DATAMAX", "DATASEC"}) EXPECT_FALSE(header.has(keyword));
  EXPECT_NE(header.text("CHECKSUM"), "abcdefghijklmnop");
  EXPECT_THAT(header.cards(), testing::Contains(testing::StartsWith("CD1_1   = -0.0004 ")));
}

TEST(FitsCutout, SaysWhereItComesFrom) {
  const auto text = cut_header({}).serialised();
  for (const auto* line : {"HISTORY Cutout made by platefs 0.1.0", "HISTORY Source: ivo://example/plates?i00811",
                           "HISTORY Archive: an archive", "HISTORY Region: CIRCLE ICRS 156.011 48.148 0.02",
                           "HISTORY Section: [401:500,300:399] of 900 x 700 pixels, HDU 0"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

// 1890-05-17 is MJD 11504 by astropy 5.2.1: Time("1890-05-17").mjd.
TEST(FitsCutout, AddsTheDateWithTheKnownPrecision) {
  auto known = provenance();
  known.t_min = 11504;
  EXPECT_EQ(cut_header({}, known).text("DATE-OBS"), "1890-05-17");
  known.t_min = 11504.25;
  known.t_max = 11504.5;
  const auto header = cut_header({}, known);
  EXPECT_EQ(header.text("DATE-OBS"), "1890-05-17T06:00:00");
  EXPECT_EQ(header.text("DATE-END"), "1890-05-17T12:00:00");
  EXPECT_EQ(header.real("MJD-OBS"), 11504.25);
  EXPECT_EQ(header.text("TIMESYS"), "UTC");
}

TEST(FitsCutout, LeavesThePlatesOwnDatesAlone) {
  auto known = provenance();
  known.t_min = 11504;
  known.exptime_seconds = 600;
  const auto header = cut_header({"DATE-OBS= '1890-05-17'", "EXPTIME = 540.0"}, known);
  EXPECT_EQ(header.text("DATE-OBS"), "1890-05-17");
  EXPECT_EQ(header.real("EXPTIME"), 540.0);
  EXPECT_EQ(header.real("MJD-OBS"), 11504.0);
  EXPECT_EQ(cut_header({}, known).real("EXPTIME"), 600.0);
}

TEST(FitsCutout, NamesTheFrameWithoutContradiction) {
  EXPECT_EQ(cut_header({}).text("RADESYS"), "ICRS");
  // FITS 4.0 §8.3: an equinox alone means FK4 before 1984 and FK5 since.
  EXPECT_EQ(cut_header({"EQUINOX = 2000.0"}).text("RADESYS"), "FK5");
  EXPECT_EQ(cut_header({"RADESYS = 'FK4'", "EQUINOX = 1950.0"}, provenance(), kTargetAsFk4).text("RADESYS"), "FK4");
  const auto renamed = cut_header({"RADECSYS= 'FK5     '"});
  EXPECT_EQ(renamed.text("RADESYS"), "FK5");
  EXPECT_FALSE(renamed.has("RADECSYS"));
}

TEST(FitsCutout, HasChecksumsThatHold) {
  const auto cutout = cutout_of(test::image_file(16, {900, 700}, test::tan_cards()));
  EXPECT_EQ(fits_sum(cutout.file), 0xffffffffu);  // FITS 4.0, appendix J
  const auto data = std::span{cutout.file}.subspan(*header_size(cutout.file));
  EXPECT_EQ(header_of(cutout).text("DATASUM"), fmt::format("{}", fits_sum(data)));
}

TEST(FitsCutout, IsTheSameEveryTime) {
  const auto file = test::image_file(16, {900, 700}, test::tan_cards());
  EXPECT_EQ(text_of(cutout_of(file)), text_of(cutout_of(file)));
}

TEST(FitsCutout, AsksForAllRowsAtOnceAndForNothingElse) {
  const auto file = test::image_file(16, {900, 700}, test::tan_cards());
  WatchedSource source{bytes_of(file)};
  cut(source, kTarget, provenance());
  ASSERT_EQ(source.calls.size(), 2u);  // a header, the rows
  EXPECT_EQ(source.calls.back(), 100u * 100u * 2u);
  EXPECT_EQ(source.most_ranges, 100u);
}

TEST(FitsCutout, AsksForWholeRowsAsOneStretchInBoundedBatches) {
  const auto file = test::image_file(-64, {2000, 1200}, test::tan_cards());
  WatchedSource source{bytes_of(file)};
  const auto cutout = cut(source, {kTarget.centre, Angle::degrees(3)}, provenance());
  EXPECT_TRUE(cutout.section.is_whole_image());
  EXPECT_EQ(source.calls, (std::vector<std::size_t>{2 * 2880, 16u << 20, 19200000 - (16u << 20)}));
  EXPECT_EQ(source.most_ranges, 1u);
  EXPECT_EQ(pixels_of(cutout, 19200000), std::string_view{file}.substr(2880, 19200000));
}

TEST(FitsCutout, OfACutoutIsItself) {
  const auto first = cutout_of(test::image_file(16, {900, 700}, test::tan_cards()));
  MemoryFitsSource source{first.file};
  EXPECT_TRUE(section_of(source, kTarget).is_whole_image());
}

TEST(FitsCutout, OffThePlateIsRejected) {
  const Cone off{IcrsPosition::at(Angle::degrees(10), Angle::degrees(48)), kTarget.radius};
  try {
    cutout_of(test::image_file(8, {900, 700}, test::tan_cards()), provenance(), off);
    ADD_FAILURE() << "no rejection";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Rejected);
  }
}

TEST(CheckCutout, AcceptsAnImageThatShowsTheTarget) {
  const auto file = test::image_file(8, {900, 700}, test::tan_cards());
  MemoryFitsSource source{bytes_of(file)};
  EXPECT_NO_THROW(check_cutout(source, kTarget.centre));
}

TEST(CheckCutout, SaysWhatIsWrongWithAnAnswer) {
  const auto reason = [](const std::string& file) -> std::string {
    MemoryFitsSource source{bytes_of(file)};
    try {
      check_cutout(source, kTarget.centre);
    } catch (const Error& error) {
      return fmt::format("{}: {}", name_of(error.kind()), error.message());
    }
    return "fine";
  };
  EXPECT_THAT(reason(test::image_file(8, {50, 50}, test::tan_cards())),
              HasSubstr("rejected: does not cover the target"));
  EXPECT_THAT(reason("<?xml version='1.0'?><VOTABLE/>"), HasSubstr("malformed: is no FITS file"));
  EXPECT_THAT(reason(test::image_file(8, {50, 50}, {})), HasSubstr("no valid celestial"));
}

std::optional<FitsCutout> trimmed_to(const FitsCutout& answer, double radius) {
  MemoryFitsSource source{answer.file};
  return trimmed(source, {kTarget.centre, Angle::degrees(radius)}, provenance());
}

TEST(FitsCutout, AnAnswerAsAskedIsServedAsItCame) {
  const auto answer = cutout_of(test::image_file(16, {900, 700}, test::tan_cards()));
  EXPECT_FALSE(trimmed_to(answer, 0.02));
  EXPECT_FALSE(trimmed_to(answer, 0.0205));  // a pixel more on each side
}

TEST(FitsCutout, AnAnswerLargerThanAskedIsTrimmed) {
  const auto plate = test::image_file(16, {900, 700}, test::tan_cards());
  const auto small = trimmed_to(cutout_of(plate), 0.01);
  ASSERT_TRUE(small);
  const auto direct = cutout_of(plate, provenance(), {kTarget.centre, Angle::degrees(0.01)});
  const auto size = 50u * 50u * 2u;
  EXPECT_EQ(pixels_of(*small, size), pixels_of(direct, size));
  EXPECT_THAT(std::string{text_of(*small)}, HasSubstr("Trimmed from the answer"));
}

TEST(FitsCutout, AnAnswerSmallerThanAskedSaysSo) {
  const auto answer = cutout_of(test::image_file(16, {900, 700}, test::tan_cards()));
  const auto same = trimmed_to(answer, 0.03);
  ASSERT_TRUE(same);
  EXPECT_EQ(pixels_of(*same, 20000), pixels_of(answer, 20000));
  EXPECT_THAT(std::string{text_of(*same)}, HasSubstr("ends before the region does"));
}

TEST(FitsCutout, AnAnswerFallsShortThatEndsBeforeTheRegionDoesOnBothSides) {
  const auto answer = cutout_of(test::image_file(16, {900, 700}, test::tan_cards()));
  const auto falls_short_of = [&](double radius) {
    MemoryFitsSource source{answer.file};
    return falls_short(source, {kTarget.centre, Angle::degrees(radius)});
  };
  EXPECT_FALSE(falls_short_of(0.02));
  EXPECT_TRUE(falls_short_of(0.03));
}

TEST(FitsCutout, ContradictingTheArchivesRowIsRefusedWhoeverMadeIt) {
  auto known = provenance();
  known.facts.s_pixel_scale = 14.4;  // ten times that of the header
  const auto plate = test::image_file(16, {900, 700}, test::tan_cards());
  const auto refusal = [](const std::function<void()>& make) -> std::string {
    try {
      make();
    } catch (const Error& error) {
      return error.message();
    }
    return "no refusal";
  };
  EXPECT_THAT(refusal([&] { cutout_of(plate, known); }), HasSubstr("the plate's WCS contradicts the archive's row"));
  EXPECT_THAT(refusal([&] {
                const auto answer = cutout_of(plate);
                MemoryFitsSource source{answer.file};
                trimmed(source, kTarget, known);
              }),
              HasSubstr("the plate's WCS contradicts the archive's row"));
  known.facts.s_pixel_scale = 1.44;
  EXPECT_EQ(refusal([&] { cutout_of(plate, known); }), "no refusal");
}

TEST(FitsCutout, SaysWhichUnitItDidNotKnow) {
  EXPECT_THAT(cut_header({"CUNIT1  = 'parsec'"}).serialised(), HasSubstr("CUNIT1 = 'PARSEC'"));
}

TEST(FitsCutout, KeepsCardsOfAmateursWhereNoProgramTakesThemForAPlateSolution) {
  const auto header = cut_header({"CNPIX1  = 'a corner'", "XPIXELSZ= 12.0", "PLTSCALE= '67.2'"});
  EXPECT_FALSE(header.has("CNPIX1") || header.has("XPIXELSZ"));
  EXPECT_EQ(header.text("PLTSCALE"), "67.2");
  EXPECT_THAT(header.serialised(), HasSubstr("HISTORY Card of the plate: CNPIX1  = 'a corner'"));
  EXPECT_THAT(header.serialised(), HasSubstr("HISTORY Card of the plate: XPIXELSZ= 12.0"));
}

/// Programs that take the last of two cards find the target as well.
TEST(FitsCutout, HasACardOnceThatThePlateHasTwice) {
  const auto header = cut_header({"CRPIX1  = 450.3"});
  int found = 0;
  for (const auto& card : header.cards()) found += card.starts_with("CRPIX1  =") ? 1 : 0;
  EXPECT_EQ(found, 1);
  EXPECT_NEAR(*header.real("CRPIX1"), 450.3 - 400, 1e-9);
}

TEST(FitsCutout, TellsItsSizeBeforeAnyPixelIsRead) {
  const auto file = test::image_file(16, {900, 700}, test::tan_cards());
  WatchedSource source{bytes_of(file)};
  std::uint64_t told = 0;
  std::size_t calls_before = 0;
  const auto cutout = cut(source, kTarget, provenance(), [&](std::uint64_t size) {
    told = size;
    calls_before = source.calls.size();
  });
  EXPECT_EQ(told, cutout.file.size());
  EXPECT_EQ(calls_before, 1u);  // the header
}

}  // namespace
}  // namespace platefs::vo
