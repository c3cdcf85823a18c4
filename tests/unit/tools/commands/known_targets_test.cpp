// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/known_targets.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "cache/store/index.h"
#include "tests/support/growth.h"
#include "tests/support/store_fixture.h"

namespace platefs::test {
namespace {

using tools::FilePaths;
using tools::KnownTargets;

class PathsOfFiles : public StoreTest {
 protected:
  /// A target that has the plate `i001` of `ivo://a`, as it calls it, and was used.
  void enter(const std::string& target, const std::string& directory, const std::string& plate = "1900-01-01_i001") {
    store->update_names("target/" + target, [&](auto& names) { names["ivo://a/i001"] = plate; });
    store->put_document("target " + directory, cache::Document{});
    store->commit();
  }
  static tools::CachedFile file(const std::string& of) {
    cache::ObjectInfo info;
    info.key = "http://a/tap\nivo://a/" + of;
    return tools::cached_file(info);
  }
  std::string path_of(const std::string& of) const {
    const KnownTargets known{*store};
    return FilePaths{known}.of(file(of));
  }
};

TEST_F(PathsOfFiles, AreThoseOfTheTargetWhoseRegionTheyShow) {
  enter("156.5+48", "156.5+48");
  enter("10.5+41@0.5d", "10.5+41@0.5d");
  enter("10.5+41@0.25d", "10.5+41@0.25d", "1900-01-01_i001.2");
  EXPECT_EQ(path_of("i001\ncutout\n10.5 41 0.5"), "10.5+41@30m/1900-01-01_i001/cutout.fits");
  EXPECT_EQ(path_of("i001\ncutout\n10.5 41 0.25"), "10.5+41@15m/1900-01-01_i001.2/cutout.fits");
  EXPECT_EQ(path_of("i001\ncutout\n10.5 41 0.125"), "");
  EXPECT_EQ(path_of("i002\ncutout\n10.5 41 0.5"), "");
}

TEST_F(PathsOfFiles, OfAWholePlateAreThoseOfTheFirstTargetThatHasIt) {
  enter("200.5-10", "200.5-10");
  enter("10.5+41@0.5d", "10.5+41@0.5d");
  enter("156.5+48", "156.5+48");
  EXPECT_EQ(path_of("i001\nfull"), "10.5+41@30m/1900-01-01_i001/full.fits");
  EXPECT_EQ(path_of("i002\nfull"), "");
}

TEST_F(PathsOfFiles, OfOneRegionUnderSeveralNamesAreThoseOfTheFirstThatHasThePlate) {
  store->put_document("object http://resolver/sesame M 31",
                      {.bytes = "# M 31\t#Q1\n%J 10.5 +41.0 = \n#====Done====\n"});
  enter("10.5+41@0.5d", "10.5+41@0.5d");
  enter("10.5+41@0.5d", "M 31@0.5d");
  EXPECT_EQ(path_of("i001\ncutout\n10.5 41 0.5"), "10.5+41@30m/1900-01-01_i001/cutout.fits");
}

TEST_F(PathsOfFiles, AreFoundNoSlowerThoughManyTargetsAreOnThePlate) {
  const auto seconds_among = [this](std::size_t targets) {
    const auto name = [](std::size_t i) { return fmt::format("100.{:05}+41", 2 * i + 1); };
    store.reset();
    cache::change_index(*cache::open_index(scratch.path() / "cache/index.mdb"), [&](cache::IndexChange& index) {
      for (std::size_t i = 0; i < targets; ++i) {
        index.put_names("target/" + name(i), {{"ivo://a/i001", "1900-01-01_i001"}});
      }
    });
    open();
    for (std::size_t i = 0; i < targets; ++i) store->put_document("target " + name(i), cache::Document{});
    store->commit();
    const KnownTargets known{*store};
    FilePaths paths{known};
    const auto last = file(fmt::format("i001\ncutout\n100.{:05} 41 {}", 2 * targets - 1, 1.0 / 6));
    EXPECT_EQ(paths.of(last), name(targets - 1) + "/1900-01-01_i001/cutout.fits");
    return seconds_of(
        [&](std::size_t times) {
          for (std::size_t i = 0; i < times; ++i) paths.of(last);
        },
        2000);
  };
  const double among_some = seconds_among(3000);
  EXPECT_LT(seconds_among(12'000) / std::max(among_some, 1e-6), 2);  // 3 to 4 where all of them are looked through
}

}  // namespace
}  // namespace platefs::test
