// SPDX-License-Identifier: BSD-3-Clause
// A cache above published ones.
#include "cache/store/base_stores.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "cache/store/store.h"
#include "tests/support/store_fixture.h"

namespace platefs::test {
namespace {

using cache::BaseStores;
using cache::kGranuleSize;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
namespace stdfs = std::filesystem;

class AboveABase : public StoreTest {
 protected:
  void SetUp() override {}
  stdfs::path base_path(const std::string& name = "base") const { return scratch.path() / name; }

  /// `fill` writes to the store of that name, as whoever publishes it does.
  template <typename Fill>
  void publish(const Fill& fill, const std::string& name = "base") {
    store = std::make_unique<cache::Store>(options_for(name, {}));
    fill();
    store->commit();
    store.reset();
    facts_of_base = facts_of_files(name);
  }
  cache::StoreOptions options_for(const std::string& name, std::vector<stdfs::path> bases) {
    return {.directory = scratch.path() / name,
            .bases = std::move(bases),
            .quota = quota,
            .now = [this] { return now; },
            .warn = [this](std::string_view text) { warnings.emplace_back(text); }};
  }
  void open_above(std::vector<std::string> bases = {"base"}) {
    store.reset();
    std::vector<stdfs::path> paths;
    for (const auto& base : bases) paths.push_back(scratch.path() / base);
    store = std::make_unique<cache::Store>(options_for("cache", paths));
  }
  /// Names, sizes and times of change of all that is in a cache but its lock file.
  std::map<std::string, std::string> facts_of_files(const std::string& name) const {
    std::map<std::string, std::string> facts;
    for (const auto& entry : stdfs::recursive_directory_iterator(scratch.path() / name)) {
      if (entry.path().extension() == ".mdb-lock") continue;
      struct stat of {};
      ::lstat(entry.path().c_str(), &of);
      facts[entry.path().string()] = fmt::format("{} {}.{}", of.st_size, of.st_mtim.tv_sec, of.st_mtim.tv_nsec);
    }
    return facts;
  }
  std::uint64_t bytes_of_objects() const {
    std::uint64_t bytes = 0;
    for (const auto& entry : stdfs::recursive_directory_iterator(scratch.path() / "cache" / "objects")) {
      if (entry.is_regular_file()) bytes += entry.file_size();
    }
    return bytes;
  }
  void expect_base_untouched() {
    store.reset();
    EXPECT_EQ(facts_of_files("base"), facts_of_base);
  }

  std::map<std::string, std::string> facts_of_base;
};

TEST_F(AboveABase, WhatItHoldsIsReadAndNothingIsCopied) {
  const auto bytes = pattern(300'000);
  publish([&] {
    stored("plate", bytes);
    store->put_document("answer", {"text", false, now, now + 1000});
  });
  open_above();
  const auto object = store->object("plate");
  ASSERT_TRUE(object);
  EXPECT_TRUE(BaseStores::has_id(object->id));
  EXPECT_EQ(object->version, 1u);
  EXPECT_EQ(read(object->id, 1000, 299'000), Bytes(bytes.begin() + 1000, bytes.begin() + 299'000));
  EXPECT_THAT(store->held(object->id), ElementsAre(vo::ByteRange{0, 300'000}));
  EXPECT_EQ(store->document("answer")->bytes, "text");
  const auto hold = store->hold(object->id);
  store->touch(object->id);
  store->commit();
  EXPECT_EQ(store->usage().objects, 0u);
  EXPECT_EQ(bytes_of_objects(), 0u);
  expect_base_untouched();
  EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(AboveABase, WhatABaseLacksOfAFileGoesIntoTheCacheAndIsReadTogetherWithIt) {
  const auto bytes = pattern(10 * kGranuleSize + 77);
  publish([&] {
    const auto info = store->create("plate", facts(bytes.size()));
    store->put(info.id, 0, std::span(bytes).first(4 * kGranuleSize));
  });
  open_above();
  const auto below = *store->object("plate");
  EXPECT_FALSE(read(below.id, 0, bytes.size()));
  const auto info = store->create("plate", facts(bytes.size()));
  EXPECT_FALSE(BaseStores::has_id(info.id));
  EXPECT_EQ(info.version, below.version);
  store->put(info.id, 6 * kGranuleSize, std::span(bytes).subspan(6 * kGranuleSize));
  EXPECT_THAT(store->held(info.id),
              ElementsAre(vo::ByteRange{0, 4 * kGranuleSize}, vo::ByteRange{6 * kGranuleSize, bytes.size()}));
  EXPECT_FALSE(read(info.id, 0, bytes.size()));
  store->put(info.id, 4 * kGranuleSize, std::span(bytes).subspan(4 * kGranuleSize, 2 * kGranuleSize));
  for (int times = 0; times < 2; ++times) {
    const auto id = store->object("plate")->id;
    EXPECT_EQ(read(id, 0, bytes.size()), bytes);
    EXPECT_EQ(read(id, 4 * kGranuleSize - 5, 4 * kGranuleSize + 5),
              Bytes(bytes.begin() + 4 * kGranuleSize - 5, bytes.begin() + 4 * kGranuleSize + 5));
    EXPECT_EQ(read(id, 3, 50), Bytes(bytes.begin() + 3, bytes.begin() + 50));
    store->commit();
    open_above();
  }
  EXPECT_LE(store->object("plate")->held_bytes, 7 * kGranuleSize);
  expect_base_untouched();
}

TEST_F(AboveABase, AFileThatTheArchiveReplacedIsNotTakenFromItAnyMore) {
  publish([&] { stored("plate", pattern(100'000)); });
  open_above();
  const auto next = stored("plate", pattern(100'000, 2), "\"2\"");
  EXPECT_EQ(next.version, 2u);
  store->commit();
  open_above();
  EXPECT_EQ(read(store->object("plate")->id, 0, 100'000), pattern(100'000, 2));
  store->evict(next.id);
  EXPECT_FALSE(store->object("plate"));
  EXPECT_EQ(store->version("plate"), 2u);
  open_above();
  EXPECT_FALSE(store->object("plate"));
  expect_base_untouched();
}

TEST_F(AboveABase, WhatWasEvictedHereIsTakenFromItAgainUnderItsNumber) {
  const auto bytes = pattern(100'000);
  publish([&] {
    stored("plate", pattern(100'000, 5), "\"0\"");
    stored("plate", bytes, "\"1\"");  // its second version
  });
  store = std::make_unique<cache::Store>(options_for("cache", {}));
  const auto own = stored("plate", bytes, "\"1\"");  // here the first
  store->commit();
  store->evict(own.id);
  open_above();
  const auto found = store->object("plate");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->version, 1u);
  EXPECT_EQ(store->object(found->id)->version, 1u);
  EXPECT_EQ(read(found->id, 0, 100'000), bytes);
}

TEST_F(AboveABase, ADamagedGranuleIsAMissAndFetchedIntoTheCache) {
  const auto bytes = pattern(4 * kGranuleSize);
  publish([&] { stored("plate", bytes); });
  for (const auto& entry : stdfs::recursive_directory_iterator(base_path() / "objects")) {
    if (!entry.is_regular_file()) continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(kGranuleSize + 10);
    file.put('\xff').put('\xfe').put('\xfd');
  }
  open_above();
  EXPECT_FALSE(read(store->object("plate")->id, 0, bytes.size()));
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("fail their checksum")));
  const auto info = store->create("plate", facts(bytes.size()));
  store->put(info.id, kGranuleSize, std::span(bytes).subspan(kGranuleSize, kGranuleSize));
  EXPECT_EQ(read(info.id, 0, bytes.size()), bytes);
}

TEST_F(AboveABase, AMadeFileReplacesItsLikeAndCountsOn) {
  const auto publish_cutout = [&](const Bytes& bytes, std::uint64_t hash) {
    const auto id = store->stage("cutout");
    store->put(id, 0, bytes);
    auto said = facts(bytes.size(), "");
    said.validators.content_hash = hash;
    return store->publish(id, said);
  };
  publish([&] { publish_cutout(pattern(50'000), 7); });
  open_above();
  EXPECT_EQ(publish_cutout(pattern(50'000), 7).version, 1u);
  const auto other = publish_cutout(pattern(40'000, 2), 8);
  EXPECT_EQ(other.version, 2u);
  EXPECT_EQ(read(store->object("cutout")->id, 0, 40'000), pattern(40'000, 2));
}

TEST_F(AboveABase, ADocumentOfTheCacheComesFirstUnlessItIsOutOfDate) {
  publish([&] { store->put_document("answer", {"theirs", false, now, now + 1000}); });
  open_above();
  EXPECT_EQ(store->document_times("answer")->fetched_at, now);
  store->put_document("answer", {"ours", false, now, now + 500});
  store->commit();
  EXPECT_EQ(store->document("answer")->bytes, "ours");
  now += 600;
  EXPECT_EQ(store->document("answer")->bytes, "theirs");
  now += 600;
  EXPECT_EQ(store->document("answer")->bytes, "ours");
  EXPECT_EQ(store->document_times("answer")->expires_at, now - 1200 + 500);
}

TEST_F(AboveABase, ADocumentThatIsRemovedStaysSo) {
  publish([&] {
    store->put_document("target M31", {"", false, now, INT64_MAX});
    store->put_document("target M33", {"", false, now, INT64_MAX});
  });
  open_above();
  store->put_document("target M42", {"", false, now, INT64_MAX});
  EXPECT_THAT(store->document_keys("target "), ElementsAre("target M31", "target M33", "target M42"));
  store->remove_document("target M31");
  for (int times = 0; times < 2; ++times) {
    EXPECT_THAT(store->document_keys("target "), ElementsAre("target M33", "target M42"));
    EXPECT_FALSE(store->document("target M31"));
    EXPECT_FALSE(store->document_times("target M31"));
    store->commit();
    open_above();
  }
  store = std::make_unique<cache::Store>(options_for("cache", {}));  // without the base, too
  EXPECT_THAT(store->document_keys("target "), ElementsAre("target M42"));
  EXPECT_FALSE(store->document("target M31"));
  open_above();
  store->put_document("target M31", {"", false, now, INT64_MAX});
  store->commit();
  EXPECT_THAT(store->document_keys("target "), ElementsAre("target M31", "target M33", "target M42"));
  expect_base_untouched();
}

TEST_F(AboveABase, NamesGoOnFromThoseOfTheBase) {
  using Names = std::map<std::string, std::string>;
  publish([&] { store->update_names("target/M31", [](Names& names) { names["did 1"] = "plate_1"; }); });
  open_above();
  EXPECT_EQ(store->names("target/M31"), (Names{{"did 1", "plate_1"}}));
  const auto names = store->update_names("target/M31", [](Names& all) { all["did 2"] = "plate_2"; });
  EXPECT_EQ(names, (Names{{"did 1", "plate_1"}, {"did 2", "plate_2"}}));
  open_above();
  EXPECT_EQ(store->names("target/M31"), names);
  expect_base_untouched();
}

TEST_F(AboveABase, TheFirstOfSeveralGivesWhatItHas) {
  publish([&] { stored("plate", pattern(50'000, 1), "\"1\""); }, "first");
  publish(
      [&] {
        stored("plate", pattern(50'000, 2), "\"2\"");
        stored("other", pattern(60'000, 3), "\"3\"");
        store->put_document("answer", {"of the second", false, now, now + 1000});
      },
      "second");
  open_above({"first", "second"});
  EXPECT_EQ(read(store->object("plate")->id, 0, 50'000), pattern(50'000, 1));
  EXPECT_EQ(read(store->object("other")->id, 0, 60'000), pattern(60'000, 3));
  EXPECT_EQ(store->document("answer")->bytes, "of the second");
  // Of the version that the archive gives now, whichever base has it.
  const auto info = store->create("plate", facts(50'000, "\"2\""));
  EXPECT_EQ(read(info.id, 0, 50'000), pattern(50'000, 2));
}

TEST_F(AboveABase, ACacheThatCanNotBeWrittenReadsItAndStreamsTheRest) {
  const auto bytes = pattern(6 * kGranuleSize);
  publish([&] {
    const auto info = store->create("plate", facts(bytes.size()));
    store->put(info.id, 0, std::span(bytes).first(4 * kGranuleSize));
  });
  publish([] {}, "cache");
  auto options = options_for("cache", {base_path()});
  options.access = cache::StoreOptions::Access::ReadOnly;
  store = std::make_unique<cache::Store>(options);
  const auto info = store->create("plate", facts(bytes.size()));
  store->put(info.id, 4 * kGranuleSize, std::span(bytes).subspan(4 * kGranuleSize));
  EXPECT_EQ(read(info.id, 0, bytes.size()), bytes);
}

TEST_F(AboveABase, WhatIsReadOfItIsNotEvictedByWhoeverOwnsIt) {
  publish([&] { stored("plate", pattern(50'000)); });
  open_above();
  const auto id = store->object("plate")->id;
  auto hold = store->hold(id);
  const auto above = std::move(store);
  store = std::make_unique<cache::Store>(options_for("base", {}));
  EXPECT_FALSE(store->is_idle(store->object("plate")->id));
  hold.reset();
  EXPECT_TRUE(store->is_idle(store->object("plate")->id));
}

TEST_F(AboveABase, OneThatIsNotThereIsAnErrorThatNamesItBeforeAnythingIsMade) {
  try {
    open_above({"nowhere"});
    FAIL();
  } catch (const vo::Error& error) {
    EXPECT_THAT(error.what(), HasSubstr((scratch.path() / "nowhere").string()));
    EXPECT_THAT(error.what(), HasSubstr("--cache-base"));
  }
  EXPECT_FALSE(stdfs::exists(scratch.path() / "cache"));
}

TEST_F(AboveABase, ACacheIsNoBaseOfItself) {
  publish([] {}, "cache");
  EXPECT_THROW(open_above({"cache"}), vo::Error);
  publish([] {});
  EXPECT_THROW(open_above({"base", "base"}), vo::Error);
}

}  // namespace
}  // namespace platefs::test
