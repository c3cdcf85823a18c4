// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/pixel_box.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ostream>
#include <string>

#include "tests/support/fits_builder.h"
#include "vo/base/error.h"

// Where a circle is one on the image too, the boxes are those of astropy 5.2.1: Cutout2D(data, SkyCoord(ra, dec),
// 2 * radius, wcs, mode="trim"), on an image of 900 x 700 pixels of 1.44 arcsec. 2,000 others: tests/truth.

namespace platefs::vo {

void PrintTo(const PixelBox& box, std::ostream* out) {
  *out << '[' << box.x1 << ':' << box.x2 << ',' << box.y1 << ':' << box.y2 << ']';
}

namespace {

using test::Cards;

constexpr std::int64_t kWidth = 900;
constexpr std::int64_t kHeight = 700;

SkyMap map_of(const Cards& cards) { return SkyMap::from(FitsHeader::parse(test::bytes_of(test::header_unit(cards)))); }

SkyMap north_up() { return map_of(test::tan_cards()); }

SkyMap rotated() {
  return map_of({"CTYPE1  = 'RA---TAN'", "CTYPE2  = 'DEC--TAN'", "CRVAL1  = 156.011", "CRVAL2  = 48.148",
                 "CRPIX1  = 450.3", "CRPIX2  = 349.8", "CD1_1   = -0.0003354682271781696",
                 "CD1_2   = 0.0002178556140060108", "CD2_1   = 0.0002178556140060108",
                 "CD2_2   = 0.0003354682271781696"});
}

Cone cone(double ra, double dec, double radius) {
  return {IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec)), Angle::degrees(radius)};
}

ConePixels pixels(const SkyMap& map, const Cone& cone) { return pixels_of_cone(map, cone, kWidth, kHeight); }

TEST(PixelBox, IsThatOfAstropysCutout) {
  const auto map = north_up();
  EXPECT_EQ(pixels(map, cone(156.011, 48.148, 0.02)).box, (PixelBox{401, 500, 300, 399}));
}

TEST(PixelBox, HasTheSameSizeOnARotatedPlate) {
  const auto map = rotated();
  EXPECT_EQ(pixels(map, cone(156.011, 48.148, 0.02)).box, (PixelBox{401, 500, 300, 399}));
  EXPECT_EQ(pixels(map, cone(156.05, 48.25, 0.041)).box, (PixelBox{433, 637, 497, 700}));
}

TEST(PixelBox, IsClippedAtTheEdgesOfThePlate) {
  const auto map = north_up();
  const auto corner = pixels(map, cone(156.25, 48.02, 0.05));
  EXPECT_EQ(corner.box, (PixelBox{1, 175, 1, 155}));
  EXPECT_TRUE(corner.is_clipped);
  EXPECT_EQ(pixels(map, cone(155.75, 48.28, 0.0123)).box, (PixelBox{854, 900, 650, 700}));
  EXPECT_FALSE(pixels(map, cone(156.011, 48.148, 0.02)).is_clipped);
}

TEST(PixelBox, OfATinyConeIsThePixelOfTheTarget) {
  const auto box = pixels(north_up(), cone(156.011, 48.148, 0.0001)).box;
  EXPECT_EQ(box, (PixelBox{450, 450, 350, 350}));
}

TEST(PixelBox, OfAConeLargerThanThePlateIsThePlate) {
  const auto map = north_up();
  const PixelBox plate{1, kWidth, 1, kHeight};
  EXPECT_EQ(pixels(map, cone(156.011, 48.148, 0.5)).box, plate);
  EXPECT_EQ(pixels(map, cone(156.2, 48.1, 80.0)).box, plate);
  EXPECT_EQ(pixels(map, cone(156.2, 48.1, 120.0)).box, plate);  // its edge has no projection
}

TEST(PixelBox, HoldsTheWholeCircleOfADistortedPlate) {
  auto cards = test::tan_cards();
  cards[0] = "CTYPE1  = 'RA---TAN-SIP'";
  cards[1] = "CTYPE2  = 'DEC--TAN-SIP'";
  const auto map = map_of(test::joined(
      cards, {"A_ORDER = 2", "A_2_0   = 3E-04", "B_ORDER = 2", "B_0_2   = 1E-04", "A_0_2   = 0.0", "B_2_0   = 0.0"}));
  const auto asked = cone(156.1, 48.2, 0.03);
  const auto box = pixels(map, asked).box;
  for (int angle = 0; angle < 360; ++angle) {
    const auto edge = map.pixel_of(offset(asked.centre, Angle::degrees(angle), asked.radius));
    ASSERT_TRUE(edge);
    EXPECT_GT(edge->x, static_cast<double>(box.x1) - 1.26);
    EXPECT_LT(edge->x, static_cast<double>(box.x2) + 1.26);
    EXPECT_GT(edge->y, static_cast<double>(box.y1) - 1.26);
    EXPECT_LT(edge->y, static_cast<double>(box.y2) + 1.26);
  }
}

/// An image across RA 0 whose header unrolls the sky at RA 180, so that its right half lies a turn further
/// than the projection's inverse says.
TEST(PixelBox, ACylinderMayBeUnrolledInTheMiddleOfTheImage) {
  const auto map = map_of({"NAXIS   = 2", "NAXIS1  = 200", "NAXIS2  = 100", "CTYPE1  = 'RA---CAR'",
                           "CTYPE2  = 'DEC--CAR'", "CRVAL1  = 180.0", "CRVAL2  = 0.0", "CRPIX1  = -17899.5",
                           "CRPIX2  = 50.5", "CDELT1  = 0.01", "CDELT2  = 0.01"});
  for (const double ra : {0.3, 0.0, 359.7}) {
    const Cone cone{IcrsPosition::at(Angle::degrees(ra), Angle::degrees(0.1)), Angle::degrees(0.05)};
    const auto found = pixels_of_cone(map, cone, 200, 100);
    EXPECT_NEAR(found.target.x, 100.5 + (ra > 180 ? ra - 360 : ra) / 0.01, 1e-6);
    EXPECT_EQ(found.box.width(), 10);
    EXPECT_EQ(found.box.height(), 10);
  }
}

/// Every pixel of the image is asked; the box has to be the smallest.
void expect_smallest(const SkyMap& map, const Cone& asked) {
  const auto box = pixels(map, asked).box;
  PixelBox smallest{kWidth, 1, kHeight, 1};
  for (std::int64_t y = 1; y <= kHeight; ++y) {
    for (std::int64_t x = 1; x <= kWidth; ++x) {
      const auto position = map.position_of({static_cast<double>(x), static_cast<double>(y)});
      if (!position || separation(*position, asked.centre) > asked.radius) continue;
      smallest = {std::min(smallest.x1, x), std::max(smallest.x2, x), std::min(smallest.y1, y),
                  std::max(smallest.y2, y)};
    }
  }
  EXPECT_EQ(box, smallest);
}

Cards wide(const std::string& code, double declination, const Cards& more = {}) {
  return test::joined({"CTYPE1  = 'RA---" + code + "'", "CTYPE2  = 'DEC--" + code + "'", "CRVAL1  = 0.0",
                       "CRVAL2  = " + std::to_string(declination), "CRPIX1  = 450.3", "CRPIX2  = 349.8",
                       "CDELT1  = -0.15", "CDELT2  = 0.15"},
                      more);
}

TEST(PixelBox, IsTheSmallestWithEveryPixelWithinBesidePolesLimbsAndEdges) {
  expect_smallest(map_of(wide("TAN", 90)), cone(12.0, 70.0, 33.3));
  expect_smallest(map_of(wide("SIN", 0)), cone(320.0, 10.0, 60.0));  // reaches behind the limb
  expect_smallest(map_of(wide("CAR", 0)), cone(359.0, 43.0, 20.0));
  expect_smallest(map_of(wide("TAN", -20)), cone(40.0, 5.0, 60.0));  // cut by the edges where it is widest
  expect_smallest(map_of(wide("TAN-SIP", 20, {"A_ORDER = 2", "A_2_0   = 2E-04", "B_ORDER = 2", "B_2_0   = 3E-04"})),
                  cone(1.0, 30.0, 12.0));
}

TEST(PixelBox, HoldsThePoleOfACylinder) {
  const auto map = map_of({"CTYPE1  = 'RA---CAR'", "CTYPE2  = 'DEC--CAR'", "CRVAL1  = 0.0", "CRVAL2  = 0.0",
                           "CRPIX1  = 450.0", "CRPIX2  = -1100.0", "CDELT1  = -0.05", "CDELT2  = 0.05"});
  const auto box = pixels(map, cone(1.0, 88.0, 2.98)).box;
  EXPECT_EQ(box, (PixelBox{1, kWidth, 601, 700})) << "all directions from the pole, up to the last row of the sky";
}

TEST(PixelBox, ATargetOffThePlateIsRejected) {
  const auto map = north_up();
  for (const auto& off : {cone(157.0, 48.148, 2.0), cone(336.0, -48.0, 1.0)}) {
    try {
      pixels(map, off);
      ADD_FAILURE() << "no rejection";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::Rejected);
      EXPECT_TRUE(error.message().starts_with("the target is not on this plate")) << error.message();
    }
  }
}

}  // namespace
}  // namespace platefs::vo
