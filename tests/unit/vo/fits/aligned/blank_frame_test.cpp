// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/aligned/blank_frame.h"

#include <gtest/gtest.h>

#include "vo/fits/hdu/checksum.h"
#include "vo/fits/hdu/header.h"

namespace platefs::vo {
namespace {

Cone cone(double radius_degrees) {
  return {IcrsPosition::at(Angle::degrees(156), Angle::degrees(48)), Angle::degrees(radius_degrees)};
}

std::vector<std::byte> frame(double radius_degrees, const std::string& why = "HTTP status 404 of http://a/b") {
  return blank_frame(cone(radius_degrees), {"cutout.fits", "ivo://a/b?c", "gavo", why, {11500.25, 11500.5, 3600.0}},
                     "0.1");
}

TEST(BlankFrame, SaysWhatItStandsForAndWhyAndWhen) {
  const auto file = frame(0.1);
  const auto header = FitsHeader::parse(file);
  EXPECT_EQ(header.logical("PLACEHLD"), true);
  EXPECT_EQ(header.text("DATE-OBS").value_or("").substr(0, 10), "1890-05-13");
  std::string all;
  for (const auto& card : header.cards()) all += card;
  EXPECT_NE(all.find("HTTP status 404 of http://a/b"), std::string::npos);
  EXPECT_NE(all.find("ivo://a/b?c"), std::string::npos);
}

TEST(BlankFrame, IsWholeBlocksWithAGoodSumAndShowsTheTarget) {
  const auto file = frame(0.1);
  EXPECT_EQ(file.size() % kFitsBlock, 0U);
  EXPECT_LT(file.size(), 20000U);
  EXPECT_EQ(fits_sum(file), 0xFFFFFFFFU);
  const auto header = FitsHeader::parse(file);
  EXPECT_EQ(header.real("CRVAL1"), 156.0);
  EXPECT_EQ(header.real("CRPIX1"), 17.0);
  EXPECT_EQ(frame(0.1), file);
}

TEST(BlankFrame, IsAFileWhateverTheRadiusAndTheReason) {
  EXPECT_EQ(FitsHeader::parse(frame(90)).logical("PLACEHLD"), true);
  std::string long_story(5000, 'x');
  long_story.append("\n\x01\xc3\xa9");
  EXPECT_EQ(FitsHeader::parse(frame(0.1, long_story)).logical("PLACEHLD"), true);
}

}  // namespace
}  // namespace platefs::vo
