// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/cache_selector.h"

#include <gmock/gmock.h>

#include "tests/support/store_fixture.h"
#include "vo/base/error.h"

namespace platefs::test {
namespace {

using cache::kGranuleSize;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

class CacheSelector : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    for (const auto* key : {"http://a/tap\nivo://a/i001\ncutout\n156.5 48 0.5",
                            "http://a/tap\nivo://a/i001\ncutout\n10.5 41 0.5", "http://a/tap\nivo://a/i001\nfull",
                            "http://a/tap\nivo://a/i002\npreview", "http://a/tap\nivo://b/x\nlink\nthis.fits"}) {
      stored(key, pattern(3 * kGranuleSize));
    }
    const auto enter = [this](const std::string& target, const std::string& directory) {
      store->update_names("target/" + target, [](auto& names) { names["ivo://a/i001"] = "1900-01-01_i001"; });
      store->put_document("target " + directory, cache::Document{});
    };
    enter("156.5+48", "156.5+48");
    enter("10.5+41@0.5d", "M 31@0.5d");
    store->put_document("object http://resolver/sesame M 31",
                        {.bytes = "# M 31\t#Q1\n%J 10.5 +41.0 = \n#====Done====\n"});
    store->put_document("object http://resolver/sesame Nosuch",
                        {.bytes = "# Nosuch\n#! *** Nothing found ***\n#====Done====\n", .absent = true});
    store->commit();
  }

  std::vector<std::string> chosen(const std::string& selector) const {
    std::vector<std::string> names;
    store->for_each_object(tools::selected_files(*store, {selector}, {}), [&](const cache::ObjectInfo& info) {
      const auto file = tools::cached_file(info);
      names.push_back(file.did + "/" + file.file_name());
    });
    return names;
  }
};

TEST_F(CacheSelector, IsAnIdentifierOrAPatternOfIt) {
  EXPECT_THAT(chosen("ivo://b/x"), ElementsAre("ivo://b/x/links/this.fits"));
  EXPECT_THAT(chosen("*i00[12]"), testing::SizeIs(4));
}

TEST_F(CacheSelector, IsATargetInAnySpelling) {
  for (const auto* spelled : {"156.5+48", "156.5 48", "10:26:00+48:00:00", "J102600+480000", "10h26m00s+48d00m00s"}) {
    EXPECT_THAT(chosen(spelled), UnorderedElementsAre("ivo://a/i001/cutout.fits", "ivo://a/i001/full.fits")) << spelled;
  }
  EXPECT_THAT(chosen("156.5+48@0.5d"), testing::SizeIs(2));
  EXPECT_THAT(chosen("156.5+48@1d"), ElementsAre("ivo://a/i001/full.fits"));
}

TEST_F(CacheSelector, IsAnObjectThatWasLookedUpBefore) {
  for (const auto* name : {"M31", "m 31", "M_31", "M31@0.5d"}) {
    EXPECT_THAT(chosen(name), UnorderedElementsAre("ivo://a/i001/cutout.fits", "ivo://a/i001/full.fits")) << name;
  }
  EXPECT_THROW(chosen("AG Dra"), vo::Error);
  EXPECT_THROW(chosen("Nosuch"), vo::Error);
}

TEST_F(CacheSelector, IsAPlateAsTheMountCallsItOrItsScan) {
  EXPECT_THAT(chosen("1900-01-01_i001"), testing::SizeIs(3));
  EXPECT_THAT(chosen("i001"), testing::SizeIs(3));
}

TEST_F(CacheSelector, IsAPathInAMountThatNeedNotBeMounted) {
  EXPECT_THAT(chosen("/nowhere/156.5+48/"), testing::SizeIs(2));
  EXPECT_THAT(chosen("/nowhere/M31"), testing::SizeIs(2));
  EXPECT_THAT(chosen("/nowhere/M31/cutouts"), ElementsAre("ivo://a/i001/cutout.fits"));
  EXPECT_THAT(chosen("/nowhere/M31/cutouts/1900-01-01_i001.fits"), ElementsAre("ivo://a/i001/cutout.fits"));
  EXPECT_THAT(chosen("/nowhere/156.5+48/1900-01-01_i001/full.fits"), ElementsAre("ivo://a/i001/full.fits"));
  EXPECT_THAT(chosen("156.5+48/1900-01-01_i001"), testing::SizeIs(2));
  EXPECT_THROW(chosen("/nowhere/156.5+48/1900-01-01_i009"), vo::Error);
}

TEST_F(CacheSelector, IsANumberOfTheList) {
  EXPECT_THAT(chosen(std::to_string(store->object_ids().front())), testing::SizeIs(1));
}

TEST_F(CacheSelector, ThatMeansNothingIsAnError) {
  EXPECT_THROW(chosen("999999999"), vo::Error);
  EXPECT_THROW(chosen("ivo://c"), vo::Error);
  EXPECT_THROW(chosen("12+12"), vo::Error);
}

}  // namespace
}  // namespace platefs::test
