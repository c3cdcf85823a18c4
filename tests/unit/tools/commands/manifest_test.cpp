// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/manifest.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/support/scratch_directory.h"
#include "tools/commands/fetch_shard.h"
#include "vo/base/error.h"

namespace platefs::tools {
namespace {

ManifestEntry entry(const std::string& path, const std::string& sha256 = "00ff") {
  return {.path = path, .bytes = 5, .sha256 = sha256, .did = "ivo://a/b?c", .etag = "\"1\""};
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

class ManifestTest : public testing::Test {
 protected:
  test::ScratchDirectory directory;
  std::filesystem::path file = directory.path() / "manifest.jsonl";
};

TEST_F(ManifestTest, ALineIsReadAsItWasWritten) {
  const auto read = entry_of(line_of(entry("M31/a \"quoted\" \xc3\xbc/cutout.fits")));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->path, "M31/a \"quoted\" \xc3\xbc/cutout.fits");
  EXPECT_EQ(read->bytes, 5u);
  EXPECT_EQ(read->etag, "\"1\"");
}

TEST_F(ManifestTest, WhatIsNoLineIsNone) {
  for (const auto* line : {"", "{", "[]", "{\"path\":3}", "{\"path\":\"a\"", "null"})
    EXPECT_FALSE(entry_of(line)) << line;
}

TEST_F(ManifestTest, TheLaterEntryHoldsAndTheLinesAreSortedInTheEnd) {
  Manifest manifest{file};
  manifest.add(entry("b"));
  manifest.add(entry("a"));
  manifest.add(entry("b", "01"));
  EXPECT_EQ(manifest.find("b")->sha256, "01");
  manifest.finish();
  EXPECT_EQ(content_of(file), line_of(entry("a")) + line_of(entry("b", "01")));
}

TEST_F(ManifestTest, WhatAKilledRunWroteIsKnownAndALineThatWasBrokenOffIsNot) {
  std::ofstream{file} << line_of(entry("a")) << "{\"path\":\"b\",\"byt";
  {
    Manifest manifest{file};
    EXPECT_NE(manifest.find("a"), nullptr);
    EXPECT_EQ(manifest.find("b"), nullptr);
    manifest.add(entry("c"));
  }
  EXPECT_NE(Manifest{file}.find("c"), nullptr) << "it began a line of its own";
}

TEST(Shard, IsOneOfAsManyAsThereAre) {
  EXPECT_EQ(Shard::from("2/4").manifest_name(), "manifest-2-of-4.jsonl");
  for (const auto* text : {"", "1", "0/4", "5/4", "1/0", "a/4", "1/4x", "-1/4", "1/", "1/99999999999999999999"}) {
    EXPECT_THROW(Shard::from(text), vo::Error) << text;
  }
}

TEST(Shard, EveryTargetIsOfOne) {
  std::vector<WantedTarget> all;
  for (int i = 0; i < 200; ++i) {
    all.push_back(wanted_target("156." + std::to_string(100 + i) + "+48.148", vo::Angle::arcminutes(10)));
  }
  std::size_t kept = 0;
  for (std::uint64_t number = 1; number <= 4; ++number) {
    auto own = all;
    Shard{number, 4}.keep_own(own);
    EXPECT_GT(own.size(), 25u) << number;
    kept += own.size();
  }
  EXPECT_EQ(kept, all.size());
}

}  // namespace
}  // namespace platefs::tools
