// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/check.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fits_builder.h"
#include "vo/base/error.h"

// Plates of 900 x 700 pixels of 1.44 arcsec, unless a test says otherwise.

namespace platefs::vo {
namespace {

using test::Cards;
using test::joined;
using testing::HasSubstr;

constexpr std::int64_t kWidth = 900, kHeight = 700;

Cards plate(const std::string& code, double scale, const Cards& more = {}) {
  return joined(
      {"CTYPE1  = 'RA---" + code + "'", "CTYPE2  = 'DEC--" + code + "'", "CRVAL1  = 156.011", "CRVAL2  = 48.148",
       "CRPIX1  = 450.3", "CRPIX2  = 349.8", fmt::format("CDELT1  = {}", -scale), fmt::format("CDELT2  = {}", scale)},
      more);
}

struct Asked {
  double radius = 0.02;
  bool is_whole_plate = true;
};

/// The refusal, or "plausible".
std::string verdict(const Cards& cards, const ImageFacts& facts, const Asked& asked = {}) {
  const auto map = SkyMap::from(FitsHeader::parse(test::bytes_of(test::header_unit(cards))));
  const Cone cone{IcrsPosition::at(Angle::degrees(156.02), Angle::degrees(48.15)), Angle::degrees(asked.radius)};
  try {
    const auto found = pixels_of_cone(map, cone, kWidth, kHeight);
    require_plausible(map, cone, {found, kWidth, kHeight, asked.is_whole_plate}, facts);
    return "plausible";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Rejected);
    return error.message();
  }
}

TEST(WcsCheck, AcceptsWhatRowAndHeaderAgreeOn) {
  EXPECT_EQ(verdict(plate("TAN", 0.0004), {}), "plausible");
  EXPECT_EQ(verdict(plate("TAN", 0.0004), {.s_pixel_scale = 1.44}), "plausible");
  EXPECT_EQ(verdict(plate("TAN", 0.0004), {.s_pixel_scale = 3.0, .s_fov = {}, .s_xel1 = {}, .s_xel2 = {}}),
            "plausible");
  EXPECT_EQ(verdict(plate("TAN", 0.0004), {.s_pixel_scale = {}, .s_fov = 0.36, .s_xel1 = 900, .s_xel2 = 700}),
            "plausible");
  EXPECT_EQ(verdict(plate("ARC", 0.0004), {.s_pixel_scale = 0.0, .s_fov = 0.0, .s_xel1 = 0, .s_xel2 = -1}),
            "plausible");
}

TEST(WcsCheck, RefusesAPixelFourTimesOffWhatTheRowTells) {
  EXPECT_THAT(
      verdict(plate("TAN", 0.0004), {.s_pixel_scale = 14.4}),
      testing::AllOf(HasSubstr("the plate's WCS contradicts the archive's row"), HasSubstr("s_pixel_scale = 14.4")));
  EXPECT_THAT(verdict(plate("TAN", 1.0), {.s_pixel_scale = 1.44}), HasSubstr("contradicts the archive's row"));
  EXPECT_THAT(verdict(plate("TAN", 0.0004), {.s_pixel_scale = {}, .s_fov = 5.0, .s_xel1 = 900, .s_xel2 = 700}),
              HasSubstr("s_fov = 5"));
  EXPECT_THAT(verdict(plate("TAN", 0.0004), {.s_pixel_scale = 5.8}), HasSubstr("s_pixel_scale = 5.8"));
}

TEST(WcsCheck, BelievesARowOfWhichOneColumnAgrees) {
  EXPECT_EQ(verdict(plate("TAN", 0.0004), {.s_pixel_scale = 0.0004, .s_fov = 0.36, .s_xel1 = 900, .s_xel2 = 700}),
            "plausible");
}

TEST(WcsCheck, KnowsThatAPlateComesInSeveralBinnings) {
  const ImageFacts unbinned{.s_pixel_scale = 0.09, .s_fov = {}, .s_xel1 = 14400, .s_xel2 = 11200};
  EXPECT_EQ(verdict(plate("TAN", 0.0004), unbinned), "plausible");
  EXPECT_EQ(verdict(plate("TAN", 0.0004), unbinned, {.is_whole_plate = false}), "plausible") << "16 pixels in one";
  EXPECT_THAT(verdict(plate("TAN", 0.0004), {.s_pixel_scale = 0.14}, {.is_whole_plate = false}),
              HasSubstr("s_pixel_scale = 0.14"));
}

TEST(WcsCheck, RefusesASinglePixelThatWouldBeLargerThanTheRegion) {
  EXPECT_THAT(verdict(plate("TAN", 1.0), {}), HasSubstr("contradicts the region: a pixel is 3600 arcsec"));
  EXPECT_EQ(verdict(plate("TAN", 1.0), {.s_pixel_scale = 3600}), "plausible") << "a camera of the whole sky";
  EXPECT_EQ(verdict(plate("TAN", 0.0004), {}, {.radius = 0.0001}), "plausible") << "a region within a pixel";
}

TEST(WcsCheck, RefusesADistortionThatIsNone) {
  const Cards stretched{"PV1_0   = 0.0", "PV1_1   = 9.0", "PV1_7   = 0.0001", "PV2_1   = 9.0"};
  EXPECT_THAT(verdict(plate("TPV", 0.0004, stretched), {}), HasSubstr("contradicts itself"));
}

TEST(WcsCheck, AcceptsProjectionsWhoseScaleVaries) {
  EXPECT_EQ(verdict(plate("CAR", 0.0004, {"PV1_1   = 0.0"}), {.s_pixel_scale = 1.44}), "plausible");
  EXPECT_EQ(verdict(plate("TAN", 0.1), {.s_pixel_scale = 360}, {.radius = 60}), "plausible");
}

}  // namespace
}  // namespace platefs::vo
