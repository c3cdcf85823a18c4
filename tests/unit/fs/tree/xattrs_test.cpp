// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/xattrs.h"

#include "tests/support/mounted_tree.h"

namespace platefs::fs {
namespace {

constexpr auto kTarget = "156.011+48.148";
constexpr auto kPlate = "1890-05-17_i00811";

class NodeXattrsTest : public testing::Test, protected test::MountedTree {
 protected:
  std::map<std::string, std::string> of(const std::vector<std::string>& path) { return xattrs_of(at(path), library); }
};

TEST_F(NodeXattrsTest, SayWhereAFileComesFrom) {
  product->known.state = cache::ProductState::Cached;
  product->known.source = "soda";
  product->known.url = "http://a/get?ID=x";
  product->known.etag = "\"v1\"";
  product->known.fetched_at = 1'700'000'000;
  const auto xattrs = of({kTarget, kPlate, "cutout.fits"});
  EXPECT_EQ(xattrs.at("user.platefs.source"), "soda");
  EXPECT_EQ(xattrs.at("user.platefs.state"), "cached");
  EXPECT_EQ(xattrs.at("user.platefs.did"), "ivo://a/~?dasch/q/i00811");
  EXPECT_EQ(xattrs.at("user.platefs.archive"), "gavo");
  EXPECT_EQ(xattrs.at("user.platefs.etag"), "\"v1\"");
  EXPECT_EQ(xattrs.at("user.platefs.fetched_at"), "2023-11-14T22:13:20Z");
  EXPECT_EQ(xattrs.at("user.xdg.origin.url"), "http://a/get?ID=x");
  EXPECT_EQ(xattrs.at("user.mime_type"), "image/fits");
  EXPECT_THAT(xattrs.at("user.platefs.region"), testing::StartsWith("CIRCLE 156.011 48.148 "));
}

TEST_F(NodeXattrsTest, LeaveOutWhatIsNotKnown) {
  const auto xattrs = of({kTarget, kPlate, "preview.jpg"});
  EXPECT_EQ(xattrs.at("user.platefs.state"), "remote");
  EXPECT_EQ(xattrs.at("user.mime_type"), "image/jpeg");
  for (const auto* name : {"user.platefs.error", "user.platefs.etag", "user.platefs.fetched_at", "user.platefs.region",
                           "user.xdg.origin.url", "user.platefs.collection"}) {
    EXPECT_FALSE(xattrs.contains(name)) << name;
  }
}

TEST_F(NodeXattrsTest, OfAPlateSayWhatFailedInIt) {
  library.failed = {{"ivo://a/~?dasch/q/i00811", "cutout.fits", "off the plate", 1},
                    {"ivo://other", "full.fits", "not here", 1}};
  EXPECT_EQ(of({kTarget, kPlate}).at("user.platefs.error"), "cutout.fits: off the plate");
}

TEST_F(NodeXattrsTest, OfATargetSayWhyItFailed) {
  library.plates = nullptr;
  const auto target = at({kTarget});
  prepare(target);
  EXPECT_EQ(xattrs_of(target, library).at("user.platefs.error"), "the fake archive refuses");
}

TEST_F(NodeXattrsTest, AskNobody) {
  const auto file = at({kTarget, kPlate, "full.fits"});
  const auto before = library.questions;
  xattrs_of(file, library);
  EXPECT_EQ(library.questions, before);
}

}  // namespace
}  // namespace platefs::fs
