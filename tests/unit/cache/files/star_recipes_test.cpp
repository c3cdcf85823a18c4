// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/star_recipes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/plate_inputs.h"
#include "tests/support/sky_plate.h"
#include "vo/fits/hdu/header.h"

namespace platefs::cache {
namespace {

using testing::ElementsAre;

class StarRecipes : public testing::Test {
 protected:
  StarRecipes() { inputs.files["cutout.fits"] = test::SkyPlate{.width = 80, .height = 80}.file(); }
  static Order order(ProductKind kind, const std::string& variant = {}) {
    auto made = test::order_of(kind);
    made.id.variant = variant;
    return made;
  }
  static std::string beginning(const Made& made) {
    return {reinterpret_cast<const char*>(made.bytes.data()), std::min<std::size_t>(made.bytes.size(), 8)};
  }

  test::FakeInputs inputs;
};

TEST_F(StarRecipes, AreMadeOfTheCutoutAlone) {
  EXPECT_THAT(beginning(make_stamp(order(ProductKind::Stamp), inputs)), testing::StartsWith("\xff\xd8"));
  EXPECT_THAT(beginning(make_aligned(order(ProductKind::Aligned, "lanczos3"), inputs)), testing::StartsWith("SIMPLE"));
  const auto chart = make_chart(order(ProductKind::Chart), inputs);
  EXPECT_THAT(beginning(chart), testing::HasSubstr("PNG"));
  EXPECT_THAT(inputs.asked, ElementsAre("cutout.fits", "cutout.fits", "cutout.fits"));
  EXPECT_EQ(chart.facts.url, "http://files.example/cutout.fits");
  EXPECT_EQ(chart.facts.media_type, "image/png");
}

TEST_F(StarRecipes, AreShownAsTheVariantSays) {
  EXPECT_NE(make_stamp(order(ProductKind::Stamp), inputs).bytes,
            make_stamp(order(ProductKind::Stamp, "positive"), inputs).bytes);
  const auto frame = make_aligned(order(ProductKind::Aligned, "lanczos3"), inputs);
  std::string history;
  const auto header = vo::FitsHeader::parse(frame.bytes);
  for (const auto& card : header.cards()) history += card;
  EXPECT_THAT(history, testing::HasSubstr("kernel lanczos3"));
  EXPECT_THAT(history, testing::HasSubstr("Resampled by platefs 0.1.0"));
}

TEST_F(StarRecipes, HaveNamesOfTheirOwnInTheCache) {
  const auto key = [](ProductKind kind, const std::string& variant) { return order(kind, variant).id.key(); };
  EXPECT_NE(key(ProductKind::Stamp, {}), key(ProductKind::Stamp, "positive"));
  EXPECT_NE(key(ProductKind::Stamp, {}), key(ProductKind::Cutout, {}));
  // The cutout is the same whatever is made of it.
  EXPECT_EQ(key(ProductKind::Cutout, {}), key(ProductKind::Cutout, "lanczos3"));
}

TEST_F(StarRecipes, FailAsTheCutoutDoes) {
  inputs.failures.insert({"cutout.fits", vo::Error{vo::ErrorKind::Rejected, "off the plate"}});
  EXPECT_THROW(make_stamp(order(ProductKind::Stamp), inputs), vo::Error);
}

}  // namespace
}  // namespace platefs::cache
