// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/pictures/album.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/sky_plate.h"
#include "vo/base/error.h"
#include "vo/fits/jpeg.h"

namespace platefs::vo {
namespace {

std::vector<std::byte> stamp(double depth) {
  test::SkyPlate plate{.width = 120, .height = 120, .depth = depth};
  plate.stars = {plate.target};
  const auto file = plate.file();
  MemoryFitsSource source{test::bytes_of(file)};
  return stamp_of(source, {plate.target, Angle::arcminutes(3)}, {"1890-05-17", {}, {}}, Tone::StarsDark);
}

StampAlbum album(std::size_t count) {
  return {"156.011+48.148", count + 2, std::vector<std::vector<std::byte>>(count, stamp(-9000))};
}

std::string text_of(const std::vector<std::byte>& file) {
  return {reinterpret_cast<const char*>(file.data()), file.size()};
}

std::size_t frames_in(const std::string& gif) {
  std::size_t count = 0;
  const std::string control("\x21\xF9\x04\x04\x28\x00", 6);
  for (auto at = gif.find(control); at != std::string::npos; at = gif.find(control, at + 1)) ++count;
  return count;
}

TEST(Spread, TakesAllOfAFewAndTheFirstAndTheLastOfMany) {
  EXPECT_THAT(spread(3, 5), testing::ElementsAre(0, 1, 2));
  EXPECT_THAT(spread(101, 5), testing::ElementsAre(0, 25, 50, 75, 100));
  EXPECT_THAT(spread(9, 1), testing::ElementsAre(0));
  EXPECT_THAT(spread(0, 5), testing::IsEmpty());
}

TEST(Animation, HasAFrameForEachStampAndTellsOfHowManyPlates) {
  const auto gif = text_of(animation_of(album(7)));
  EXPECT_TRUE(gif.starts_with("GIF89a"));
  EXPECT_EQ(gif.back(), ';');
  EXPECT_EQ(frames_in(gif), 7u);
  EXPECT_NE(gif.find("NETSCAPE2.0"), std::string::npos);
  EXPECT_NE(gif.find("7 of 9 plates"), std::string::npos);
}

TEST(Animation, OfNothingIsNone) {
  EXPECT_THROW(animation_of(album(0)), Error);
  EXPECT_THROW(contact_sheet_of(album(0), Tone::StarsDark), Error);
}

TEST(Animation, OfWhatIsNoStampIsRefused) {
  auto wrong = album(2);
  wrong.stamps[1].resize(300);
  EXPECT_THROW(animation_of(wrong), Error);
  wrong.stamps[1] = grey_jpeg(std::vector<unsigned char>(100, 7), 10, 10);
  EXPECT_THROW(animation_of(wrong), Error);
}

TEST(ContactSheet, HasRoomForEachStampAndIsBoundedInWidth) {
  const auto of = [](std::size_t count) { return pixels_of_jpeg(contact_sheet_of(album(count), Tone::StarsDark)); };
  const auto few = of(3);
  EXPECT_EQ(few.width, 3u * 306 + 6);
  const auto more = of(44);
  EXPECT_LE(more.width, 2400u);
  EXPECT_GT(more.height, more.width / 3);
}

}  // namespace
}  // namespace platefs::vo
