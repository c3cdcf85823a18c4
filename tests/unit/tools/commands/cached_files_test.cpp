// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/cached_files.h"

#include <gtest/gtest.h>

namespace platefs::tools {
namespace {

CachedFile with_key(const std::string& key) {
  cache::ObjectInfo info;
  info.key = key;
  return cached_file(std::move(info));
}

TEST(CachedFile, IsNamedAsInTheMount) {
  EXPECT_EQ(with_key("http://a/tap\nivo://a/i001\ncutout\n156.5 48 0.5").file_name(), "cutout.fits");
  EXPECT_EQ(with_key("http://a/tap\nivo://a/i001\nfull").file_name(), "full.fits");
  EXPECT_EQ(with_key("http://a/tap\nivo://a/i001\npreview").file_name(), "preview.jpg");
  EXPECT_EQ(with_key("http://a/tap\nivo://b/x\nlink\nthis.fits").file_name(), "links/this.fits");
}

TEST(CachedFile, OfACutoutHasItsRegion) {
  const auto file = with_key("http://a/tap\nivo://a/i001\ncutout\n156.5 48 0.5");
  ASSERT_TRUE(file.region);
  EXPECT_EQ(file.region->centre.ra.as_degrees(), 156.5);
  EXPECT_FALSE(with_key("http://a/tap\nivo://a/i001\ncutout\n400 48 0.5").region);
}

}  // namespace
}  // namespace platefs::tools
