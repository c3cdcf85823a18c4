// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/aligned/aligned_frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/support/sky_plate.h"
#include "vo/base/error.h"

namespace platefs::vo {
namespace {

using test::SkyPlate;

Cone around(const SkyPlate& plate, double arcminutes = 5) { return {plate.target, Angle::arcminutes(arcminutes)}; }

std::vector<std::byte> frame(const SkyPlate& plate, const Cone& cone, Kernel kernel = Kernel::Bilinear) {
  const auto file = plate.file();
  MemoryFitsSource source{test::bytes_of(file)};
  return aligned_frame(source, cone, kernel, {}, "9.9");
}

/// Centre of what stands out from the sky around a pixel, and its sum.
struct Spot {
  double x = 0, y = 0, sum = 0;
};
Spot spot_at(const std::vector<float>& values, int size, const Pixel& where, int reach, double sky) {
  Spot spot;
  for (int y = static_cast<int>(where.y) - reach; y <= static_cast<int>(where.y) + reach; ++y) {
    for (int x = static_cast<int>(where.x) - reach; x <= static_cast<int>(where.x) + reach; ++x) {
      const double value = static_cast<double>(values.at(static_cast<std::size_t>((y - 1) * size + x - 1))) - sky;
      spot.sum += value;
      spot.x += value * x;
      spot.y += value * y;
    }
  }
  return {spot.x / spot.sum, spot.y / spot.sum, spot.sum};
}

std::vector<SkyPlate> odd_plates() {
  SkyPlate plain{.grain = 0};
  std::vector<SkyPlate> plates{plain};
  for (const double rotation : {33.0, 90.0, 181.5}) {
    for (const bool is_mirrored : {false, true}) {
      plates.push_back(plain);
      plates.back().rotation = rotation;
      plates.back().is_mirrored = is_mirrored;
    }
  }
  plates.push_back(plain);
  plates.back().scale_arcsec = 0.31;  // finer than the grid: means of pixels
  plates.back().sigma = 6;
  plates.back().width = plates.back().height = 2300;
  return plates;
}

TEST(AlignedFrame, PutsEveryStarWhereTheGridHasItWhateverThePlateWas) {
  for (auto plate : odd_plates()) {
    const auto cone = around(plate);
    const auto grid = SkyGrid::of_frames(cone);
    plate.stars = {plate.target, grid.position_of({180, 250}), grid.position_of({400, 330})};
    for (const auto kernel : {Kernel::Bilinear, Kernel::Lanczos3}) {
      const auto values = test::floats_of(frame(plate, cone, kernel));
      for (const auto& star : plate.stars) {
        const auto pixel = *grid.pixel_of(star);
        const auto spot = spot_at(values, grid.size(), pixel, 40, plate.sky);
        EXPECT_NEAR(spot.x, pixel.x, 0.05) << plate.rotation << " " << plate.is_mirrored;
        EXPECT_NEAR(spot.y, pixel.y, 0.05) << plate.rotation << " " << plate.is_mirrored;
      }
    }
  }
}

TEST(AlignedFrame, SaysByHowMuchSumsOverPixelsChanged) {
  for (auto plate : odd_plates()) {
    plate.stars = {plate.target};
    const double sum = plate.depth * 2 * 3.14159265358979 * plate.sigma * plate.sigma;
    for (const auto kernel : {Kernel::Bilinear, Kernel::Lanczos3}) {
      const auto file = frame(plate, around(plate), kernel);
      const auto header = FitsHeader::parse(file);
      const auto size = static_cast<int>(*header.integer("NAXIS1"));
      const auto spot = spot_at(test::floats_of(file), size, {(size + 1) / 2.0, (size + 1) / 2.0}, 45, plate.sky);
      EXPECT_NEAR(spot.sum * *header.real("PIXRATIO") / sum, 1, 0.004) << plate.scale_arcsec << " " << plate.rotation;
    }
  }
}

TEST(AlignedFrame, HasOneDescriptionForAllPlates) {
  const SkyPlate plain;
  const auto expected = FitsHeader::parse(frame(plain, around(plain)));
  for (const auto& plate : odd_plates()) {
    const auto header = FitsHeader::parse(frame(plate, around(plate)));
    for (const char* keyword :
         {"NAXIS1", "NAXIS2", "CRVAL1", "CRVAL2", "CRPIX1", "CRPIX2", "CD1_1", "CD1_2", "CD2_1", "CD2_2"}) {
      EXPECT_EQ(header.real(keyword), expected.real(keyword)) << keyword;
    }
    EXPECT_EQ(header.text("CTYPE1"), "RA---TAN");
    EXPECT_FALSE(header.has("A_ORDER"));
  }
}

TEST(AlignedFrame, KeepsDatesAndHistoryAndTellsThatItIsResampled) {
  const SkyPlate plate;
  const auto header = FitsHeader::parse(frame(plate, around(plate), Kernel::Lanczos3));
  EXPECT_EQ(header.text("DATE-OBS"), "1890-05-17");
  std::string history;
  for (const auto& card : header.cards()) {
    if (card.starts_with("HISTORY")) history += card.substr(8);
  }
  EXPECT_NE(history.find("Cutout of a plate"), std::string::npos);
  EXPECT_NE(history.find("Resampled by platefs 9.9 from section ["), std::string::npos) << history;
  EXPECT_NE(history.find("lanczos3"), std::string::npos);
  EXPECT_LT(header.real("RTRESID"), 1e-6);
  EXPECT_LE(header.real("MAPERROR"), 0.02);
}

TEST(AlignedFrame, IsUndefinedWhereThePlateHasNothing) {
  SkyPlate plate;
  plate.width = 90;  // 324 of the 600 arc seconds
  const auto cone = around(plate);
  const auto values = test::floats_of(frame(plate, cone));
  const auto size = SkyGrid::of_frames(cone).size();
  const auto row = values.begin() + static_cast<std::ptrdiff_t>(size) * (size / 2);
  EXPECT_TRUE(std::isnan(row[0]));
  EXPECT_TRUE(std::isnan(row[size - 1]));
  const auto defined = std::count_if(row, row + size, [](float value) { return !std::isnan(value); });
  EXPECT_NEAR(static_cast<double>(defined) * 0.5, 90 * 3.6, 1);
}

TEST(AlignedFrame, LeavesAnUndefinedPixelUndefinedAndItsNeighboursAlone) {
  SkyPlate plate{.grain = 0};
  auto file = plate.file();
  const auto pixel = std::size_t{2880} + (139 * 300 + 150) * 4;  // one HDU of one header block
  const auto nan = test::stored_pixel(std::bit_cast<std::int32_t>(std::numeric_limits<float>::quiet_NaN()), 32);
  file.replace(pixel, 4, nan);
  MemoryFitsSource source{test::bytes_of(file)};
  for (const auto kernel : {Kernel::Bilinear, Kernel::Lanczos3}) {
    const auto values = test::floats_of(aligned_frame(source, around(plate), kernel, {}, "9.9"));
    const auto size = SkyGrid::of_frames(around(plate)).size();
    int holes = 0;
    for (int y = size / 4; y < 3 * size / 4; ++y) {
      for (int x = size / 4; x < 3 * size / 4; ++x) {
        const float value = values[static_cast<std::size_t>(y * size + x)];
        if (std::isnan(value)) {
          ++holes;
        } else {
          EXPECT_NEAR(value, plate.sky, 0.01);
        }
      }
    }
    EXPECT_GT(holes, 4 * 7 * 7 / 2);  // 2 x 2 plate pixels of 7.2 x 7.2 of the grid
    EXPECT_LT(holes, 4 * 9 * 9);
  }
}

TEST(AlignedFrame, IsTheSameEveryTime) {
  const SkyPlate plate;
  EXPECT_EQ(frame(plate, around(plate)), frame(plate, around(plate)));
}

TEST(AlignedFrame, IsNotMadeWhereTheTargetIsOffTheImage) {
  const SkyPlate plate;
  const Cone beside{offset(plate.target, Angle::degrees(90), Angle::degrees(2)), Angle::arcminutes(5)};
  EXPECT_THROW(frame(plate, beside), Error);
}

TEST(AlignedFrame, FillsInTheDateOfTheArchivesRow) {
  SkyPlate plate;
  const auto file = plate.file();
  MemoryFitsSource source{test::bytes_of(file)};
  const auto made = aligned_frame(source, around(plate), Kernel::Bilinear, {11504.25, {}, 600.0}, "9.9");
  EXPECT_EQ(FitsHeader::parse(made).real("EXPTIME"), 600.0);
}

}  // namespace
}  // namespace platefs::vo
