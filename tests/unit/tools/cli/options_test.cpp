// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/cli/mount_helper.h"
#include "tools/cli/nearest_word.h"
#include "vo/base/error.h"

namespace platefs::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Sizes, ArePowersOf1024) {
  EXPECT_EQ(tools::bytes_from("2000000"), 2000000u);
  EXPECT_THROW(tools::bytes_from("512"), vo::Error) << "a unit that was forgotten";
  EXPECT_EQ(tools::bytes_from("64k"), 65536u);
  EXPECT_EQ(tools::bytes_from("1.5G"), 3ull << 29);
  EXPECT_EQ(tools::bytes_from("2T"), 2ull << 40);
  for (const auto* wrong : {"", "G", "-1G", "1GG", "1X", "nan", "inf", "1e300"}) {
    EXPECT_THROW(tools::bytes_from(wrong), vo::Error) << wrong;
  }
}

TEST(Radii, NeedAUnit) {
  EXPECT_DOUBLE_EQ(tools::radius_from("90s").as_degrees(), 0.025);
  EXPECT_DOUBLE_EQ(tools::radius_from("10m").as_arcminutes(), 10);
  EXPECT_DOUBLE_EQ(tools::radius_from("0.5d").as_degrees(), 0.5);
  for (const auto* wrong : {"10", "0m", "-1d", "10x", ""}) EXPECT_THROW(tools::radius_from(wrong), vo::Error) << wrong;
}

TEST(Archives, OfOneHostGetDifferentNames) {
  tools::CommonOptions options;
  options.archives = {"https://a.test/tap", "https://a.test/other", "gavo"};
  const auto services = tools::services_from(options);
  ASSERT_EQ(services.size(), 3u);
  EXPECT_EQ(services[0].name, "a.test");
  EXPECT_EQ(services[1].name, "a.test~2");
  EXPECT_EQ(services[2].name, "gavo");
}

TEST(Archives, AreTheSameByNameAndByUrlAndShareWithDeclaredMirrorsAlone) {
  tools::CommonOptions options;
  auto& mine = options.entries["mine"];
  mine.name = "mine";
  mine.url = "https://a.test/tap";
  mine.mirrors = {"https://b.test/tap/"};
  options.archives = {"mine", "https://a.test/tap/sync", "https://b.test/tap", "https://a.test/other",
                      "https://c.test/tap"};
  const auto services = tools::services_from(options);
  ASSERT_EQ(services.size(), 5u);
  EXPECT_EQ(vo::authority_of(services[0]), "https://a.test/tap");
  EXPECT_EQ(vo::authority_of(services[1]), "https://a.test/tap");
  EXPECT_EQ(vo::authority_of(services[2]), "https://a.test/tap");
  EXPECT_EQ(vo::authority_of(services[3]), "https://a.test/other");
  EXPECT_EQ(vo::authority_of(services[4]), "https://c.test/tap");
}

TEST(Archives, ThatNobodyKnowsAreToldWithThoseThatAreKnown) {
  tools::CommonOptions options;
  options.archives = {"gavoo"};
  try {
    tools::services_from(options);
    FAIL();
  } catch (const vo::Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("gavo"));
  }
}

TEST(DashO, IsSplitIntoOursFusesAndThoseOfMount) {
  const auto split =
      tools::split_dash_o("radius=20m,allow_other,max_read=4096,_netdev,x-systemd.automount,noatime,offline",
                          {"radius", "allow-other", "offline"});
  EXPECT_THAT(split.arguments, ElementsAre("--radius=20m", "--allow-other", "--offline"));
  EXPECT_THAT(split.fuse_options, ElementsAre("max_read=4096"));
  EXPECT_THAT(tools::split_dash_o("", {}).arguments, IsEmpty());
}

TEST(DashO, TakesWhatMountPassesOnForEveryFileSystem) {
  for (const char* word : {"defaults",
                           "rw",
                           "ro",
                           "atime",
                           "noatime",
                           "relatime",
                           "norelatime",
                           "strictatime",
                           "nostrictatime",
                           "diratime",
                           "nodiratime",
                           "lazytime",
                           "nolazytime",
                           "sync",
                           "async",
                           "dirsync",
                           "iversion",
                           "noiversion",
                           "mand",
                           "nomand",
                           "silent",
                           "loud",
                           "suid",
                           "exec",
                           "dev",
                           "user",
                           "user=alice",
                           "users",
                           "nousers",
                           "owner",
                           "noowner",
                           "group",
                           "nogroup",
                           "auto",
                           "noauto",
                           "_netdev",
                           "nofail",
                           "comment=plates",
                           "comment=systemd.automount",
                           "X-mount.mkdir",
                           "X-mount.mode=0755",
                           "x-gvfs-show",
                           "x-systemd.requires=network.target",
                           "uhelper=udisks2",
                           "helper=platefs"}) {
    const auto split = tools::split_dash_o(word, {"radius"});
    EXPECT_THAT(split.arguments, IsEmpty()) << word;
    EXPECT_THAT(split.fuse_options, IsEmpty()) << word;
  }
}

TEST(DashO, LeavesWhatForbidsSomethingAndWhatItDoesNotKnowToLibfuse) {
  const auto split = tools::split_dash_o("nosuid,,nodev,noexec,nosuchoption,", {});
  EXPECT_THAT(split.fuse_options, ElementsAre("nosuid", "nodev", "noexec", "nosuchoption"));
}

TEST(MountHelper, UnderstandsWhatMountSays) {
  EXPECT_THAT(tools::words_of_mount_helper({"gavo,eso", "/mnt/plates", "-o", "rw,radius=20m"}),
              ElementsAre("mount", "-o", "rw,radius=20m", "gavo", "eso", "/mnt/plates"));
  EXPECT_THAT(tools::words_of_mount_helper({"platefs", "/mnt/plates", "-sn", "-t", "fuse.platefs"}),
              ElementsAre("mount", "/mnt/plates"));
  EXPECT_THROW(tools::words_of_mount_helper({"/mnt/plates"}), vo::Error);
  EXPECT_THROW(tools::words_of_mount_helper({"a", "/b", "--what"}), vo::Error);
}

TEST(MountHelper, IsKnownByTheNameItWasCalledBy) {
  EXPECT_TRUE(tools::is_mount_helper("/sbin/mount.platefs"));
  EXPECT_TRUE(tools::is_mount_helper("mount.fuse.platefs"));
  EXPECT_FALSE(tools::is_mount_helper("/usr/bin/platefs"));
}

TEST(NearestWord, IsOneThatCouldHaveBeenMeant) {
  const std::vector<std::string> known{"cache-size", "cache-dir", "radius"};
  EXPECT_EQ(tools::nearest_word("cachesize", known), "cache-size");
  EXPECT_EQ(tools::nearest_word("cache_dir", known), "cache-dir");
  EXPECT_EQ(tools::nearest_word("Radus", known), "radius");
  EXPECT_EQ(tools::nearest_word("offline", known), "");
}

}  // namespace
}  // namespace platefs::test
