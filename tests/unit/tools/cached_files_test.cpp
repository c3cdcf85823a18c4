// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cached_files.h"

#include <gmock/gmock.h>

#include "tests/support/store_fixture.h"
#include "vo/error.h"

namespace platefs::test {
namespace {

using cache::kGranuleSize;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

class CachedFiles : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    for (const auto* key : {"ivo://a/i001\ncutout\n156.5 48 0.5", "ivo://a/i001\nfull", "ivo://a/i002\npreview",
                            "ivo://b/x\nlink\nthis.fits"}) {
      stored(key, pattern(3 * kGranuleSize));
    }
    store->update_names("target/156.5+48", [](auto& names) { names["ivo://a/i001"] = "1900-01-01_i001"; });
    store->commit();
    for (auto& info : store->objects()) files.push_back(tools::cached_file(std::move(info)));
  }

  std::vector<std::string> chosen(const std::string& selector) const {
    std::vector<std::string> names;
    for (const auto& file : tools::selected_files(*store, files, selector)) {
      names.push_back(file.did + "/" + file.file_name());
    }
    return names;
  }

  std::vector<tools::CachedFile> files;
};

TEST_F(CachedFiles, AreNamedAsInTheMount) {
  std::vector<std::string> names;
  for (const auto& file : files) names.push_back(file.file_name());
  EXPECT_THAT(names, UnorderedElementsAre("cutout.fits", "full.fits", "preview.jpg", "links/this.fits"));
}

TEST_F(CachedFiles, AreChosenByIdentifierOrPattern) {
  EXPECT_THAT(chosen("ivo://b/x"), ElementsAre("ivo://b/x/links/this.fits"));
  EXPECT_THAT(chosen("*i00[12]"), testing::SizeIs(3));
}

TEST_F(CachedFiles, AreChosenByTarget) {
  EXPECT_THAT(chosen("156.5+48"), UnorderedElementsAre("ivo://a/i001/cutout.fits", "ivo://a/i001/full.fits"));
  EXPECT_THAT(chosen("/mnt/plates/156.5+48/"), testing::SizeIs(2));
  EXPECT_THAT(chosen("156.5+48@0.5d"), ElementsAre("ivo://a/i001/cutout.fits"));
}

TEST_F(CachedFiles, AreChosenByTheNumberOfTheList) {
  EXPECT_THAT(chosen(std::to_string(files[0].info.id)), testing::SizeIs(1));
}

TEST_F(CachedFiles, ThatNobodyMeansAreNotFound) {
  EXPECT_THROW(chosen("999999999"), vo::Error);
  EXPECT_THROW(chosen("ivo://c"), vo::Error);
  EXPECT_THROW(chosen("12+12"), vo::Error);
}

}  // namespace
}  // namespace platefs::test
