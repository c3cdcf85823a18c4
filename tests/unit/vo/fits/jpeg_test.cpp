// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/jpeg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

TEST(GreyJpeg, BeginsAndEndsAsOne) {
  const std::vector<unsigned char> pixels(40 * 30, 7);
  const auto jpeg = grey_jpeg(pixels, 40, 30);
  ASSERT_GT(jpeg.size(), 4u);
  EXPECT_EQ(jpeg[0], std::byte{0xff});
  EXPECT_EQ(jpeg[1], std::byte{0xd8});
  EXPECT_EQ(jpeg.back(), std::byte{0xd9});
}

TEST(GreyJpeg, OfAnImpossibleSizeIsAnErrorAndNotTheEndOfTheProcess) {
  const std::vector<unsigned char> pixels(70'000, 7);
  for (const auto& [width, height] : {std::pair{70'000u, 1u}, std::pair{1u, 70'000u}, std::pair{0u, 0u}}) {
    try {
      grey_jpeg(pixels, width, height);
      ADD_FAILURE() << width << " x " << height;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::Rejected);
      EXPECT_THAT(error.message(), testing::HasSubstr("pixels can be made: "));
    }
  }
}

}  // namespace
}  // namespace platefs::vo
