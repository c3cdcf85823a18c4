// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/preview_recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fits_builder.h"
#include "tests/support/plate_inputs.h"

namespace platefs::cache {
namespace {

using testing::ElementsAre;
using vo::Error;
using vo::ErrorKind;
using Fallback = FirstOf::Fallback;

class PreviewRecipe : public testing::Test {
 protected:
  PreviewRecipe() { order.links = links; }
  void offer(vo::Link& link, std::uint64_t size, const std::string& name) {
    link.content_length = size;
    if (name == "full.fits") {
      links->files.full = &link;
    } else {
      links->files.others[name] = &link;
      links->files.other_fits.push_back(&link);
    }
  }

  vo::Link full, scan, picture;
  std::shared_ptr<LinksAnswer> links = std::make_shared<LinksAnswer>();
  test::FakeInputs inputs;
  Order order = test::order_of(ProductKind::Preview);
};

TEST_F(PreviewRecipe, IsRenderedFromTheSmallestFits) {
  offer(full, 1'000'000'000, "full.fits");
  offer(scan, 1'000'000, "small.fits");
  inputs.files["links/small.fits"] = test::image_file(16, {90, 70}, test::tan_cards());
  const auto made = make_preview(order, inputs);
  EXPECT_THAT(inputs.asked, ElementsAre("links/small.fits"));
  ASSERT_GT(made.bytes.size(), 100u);
  EXPECT_EQ(made.bytes[0], std::byte{0xff});
  EXPECT_EQ(made.bytes[1], std::byte{0xd8}) << "a JPEG";
  EXPECT_EQ(made.facts.url, "http://files.example/links/small.fits");
  EXPECT_EQ(made.facts.media_type, "image/jpeg");
}

TEST_F(PreviewRecipe, FailsAsThePlateDoes) {
  offer(full, 1'000, "full.fits");
  inputs.failures.insert({"full.fits", Error{ErrorKind::TimedOut, "silent"}});
  try {
    make_preview(order, inputs);
    FAIL() << "it was made";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::TimedOut);
  }
}

TEST_F(PreviewRecipe, WithoutAFitsThereIsNoOtherWay) {
  links->files.preview = &picture;
  EXPECT_EQ(preview_fallback(links.get(), {ErrorKind::NotFound, "404"}), Fallback::None);
  EXPECT_EQ(preview_fallback(nullptr, {ErrorKind::NotFound, "404"}), Fallback::None);
}

TEST_F(PreviewRecipe, IsTheOtherWayForALinkThatLeadsNowhereNotForAnArchiveThatIsSilent) {
  offer(full, 1'000, "full.fits");
  links->files.preview = &picture;
  for (const auto kind : {ErrorKind::NotFound, ErrorKind::NotAuthorized, ErrorKind::Rejected, ErrorKind::Malformed,
                          ErrorKind::Unavailable}) {
    EXPECT_EQ(preview_fallback(links.get(), {kind, "no"}), Fallback::AfterRefusal) << vo::name_of(kind);
  }
  for (const auto kind :
       {ErrorKind::TimedOut, ErrorKind::Refused, ErrorKind::Offline, ErrorKind::Cancelled, ErrorKind::Unreachable}) {
    EXPECT_EQ(preview_fallback(links.get(), {kind, "no"}), Fallback::None) << vo::name_of(kind);
  }
}

TEST_F(PreviewRecipe, IsTheOnlyWayWhereTheArchiveNamesNoPreview) {
  offer(full, 1'000, "full.fits");
  EXPECT_EQ(preview_fallback(links.get(), {ErrorKind::NotFound, "none"}), Fallback::InItsPlace);
}

}  // namespace
}  // namespace platefs::cache
