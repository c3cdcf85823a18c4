// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/store.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/support/store_fixture.h"

namespace platefs::test {
namespace {

using cache::kGranuleSize;
using testing::ElementsAre;
using vo::ByteRange;

using Store = StoreTest;

TEST_F(Store, ServesWhatWasPutAtOnceAndAfterReopening) {
  const auto bytes = pattern(3 * kGranuleSize + 1000);
  const auto info = stored("plate", bytes);
  EXPECT_EQ(read(info.id, 0, bytes.size()), bytes);
  store->commit();
  reopen();
  const auto again = store->object("plate");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id, info.id);
  EXPECT_EQ(again->facts.url, "http://archive.test/plate.fits");
  EXPECT_EQ(read(again->id, 0, bytes.size()), bytes);
  EXPECT_EQ(read(again->id, 20000, 20010), Bytes(bytes.begin() + 20000, bytes.begin() + 20010));
}

TEST_F(Store, HoldsPartsAndMissesTheRest) {
  const auto bytes = pattern(10 * kGranuleSize);
  const auto info = store->create("plate", facts(bytes.size()));
  store->put(info.id, 2 * kGranuleSize, std::span(bytes).subspan(2 * kGranuleSize, kGranuleSize));
  store->put(info.id, 5 * kGranuleSize, std::span(bytes).subspan(5 * kGranuleSize, 2 * kGranuleSize));
  store->commit();
  reopen();
  EXPECT_THAT(store->held(info.id), ElementsAre(ByteRange{2 * kGranuleSize, 3 * kGranuleSize},
                                                ByteRange{5 * kGranuleSize, 7 * kGranuleSize}));
  EXPECT_FALSE(read(info.id, 0, 10));
  EXPECT_FALSE(read(info.id, 2 * kGranuleSize, 4 * kGranuleSize));
  EXPECT_TRUE(read(info.id, 5 * kGranuleSize + 7, 7 * kGranuleSize));
  EXPECT_EQ(store->object(info.id)->held_bytes, 3 * kGranuleSize);
}

TEST_F(Store, ShowsAFileOnlyWhenAllOfItIsThereAndTested) {
  const auto bytes = pattern(20'000);
  const auto object = store->create("key", facts(bytes.size()));
  store->put(object.id, 0, std::span(bytes).first(kGranuleSize));
  EXPECT_FALSE(store->on_disk(object.id, {0, bytes.size()}));
  store->put(object.id, kGranuleSize, std::span(bytes).subspan(kGranuleSize));
  const auto shown = store->on_disk(object.id, {0, bytes.size()});
  ASSERT_TRUE(shown);
  EXPECT_EQ(bytes_of(*shown), bytes);
  store->commit();
  reopen();
  const auto hold = store->hold(object.id);
  EXPECT_FALSE(store->on_disk(object.id, {0, bytes.size()})) << "not tested since it was opened";
  store->read(object.id, {0, bytes.size()});
  EXPECT_TRUE(store->on_disk(object.id, {0, bytes.size()}));
}

TEST_F(Store, ClipsReadsToTheSize) {
  const auto info = stored("plate", pattern(100));
  EXPECT_EQ(read(info.id, 50, 5000)->size(), 50u);
  EXPECT_EQ(read(info.id, 100, 200)->size(), 0u);
}

TEST_F(Store, RefusesBytesThatAreNoGranules) {
  const auto info = store->create("plate", facts(10 * kGranuleSize));
  EXPECT_THROW(store->put(info.id, 10, pattern(kGranuleSize)), vo::Error);
  EXPECT_THROW(store->put(info.id, 0, pattern(10)), vo::Error);
}

TEST_F(Store, KeepsThePresentVersionWhenTheValidatorsAreThoseOfBefore) {
  const auto first = stored("plate", pattern(1000));
  store->commit();
  const auto second = store->create("plate", facts(1000));
  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(second.version, 1u);
  EXPECT_TRUE(read(second.id, 0, 1000));
}

TEST_F(Store, StartsANewVersionWithoutBytesWhenTheFileChanged) {
  const auto first = stored("plate", pattern(1000));
  store->commit();
  const auto second = store->create("plate", facts(1000, "\"2\""));
  EXPECT_NE(second.id, first.id);
  EXPECT_EQ(second.version, 2u);
  EXPECT_FALSE(read(second.id, 0, 1000));
  EXPECT_EQ(store->object("plate")->id, second.id);
  store->commit();
  EXPECT_FALSE(store->object(first.id));
  reopen();
  EXPECT_EQ(store->object("plate")->version, 2u);
}

TEST_F(Store, CountsVersionsOnAfterAnEviction) {
  const auto first = stored("plate", pattern(1000));
  store->commit();
  store->evict(first.id);
  EXPECT_FALSE(store->object("plate"));
  EXPECT_EQ(store->create("plate", facts(1000)).version, 1u);
  EXPECT_EQ(store->create("plate", facts(1000, "\"2\"")).version, 2u);
}

TEST_F(Store, ShowsAStagedObjectOnlyOncePublished) {
  const auto bytes = pattern(kGranuleSize + 5);
  const auto id = store->stage("cutout");
  store->put(id, 0, bytes);
  store->commit();
  EXPECT_FALSE(store->object("cutout"));
  EXPECT_EQ(read(id, 0, bytes.size()), bytes);
  cache::ObjectFacts made;
  made.size = bytes.size();
  made.validators.content_hash = 42;
  const auto info = store->publish(id, made);
  EXPECT_EQ(info.version, 1u);
  EXPECT_EQ(store->object("cutout")->id, id);
  store->commit();
  reopen();
  EXPECT_EQ(read(store->object("cutout")->id, 0, bytes.size()), bytes);
}

TEST_F(Store, KeepsTheVersionOfACutoutThatCameOutTheSame) {
  cache::ObjectFacts made;
  made.size = 10;
  made.validators.content_hash = 42;
  for (const std::uint64_t hash : {42u, 42u, 43u}) {
    const auto id = store->stage("cutout");
    store->put(id, 0, pattern(10));
    made.validators.content_hash = hash;
    EXPECT_EQ(store->publish(id, made).version, hash == 42 ? 1u : 2u);
    store->commit();
  }
}

TEST_F(Store, LeavesNothingOfADiscardedObject) {
  const auto id = store->stage("cutout");
  store->put(id, 0, pattern(kGranuleSize));
  store->discard(id);
  store->commit();
  EXPECT_FALSE(read(id, 0, 10));
  EXPECT_EQ(store->usage().bytes, 0u);
  EXPECT_FALSE(store->object("cutout"));
}

TEST_F(Store, TakesKeysOfAnyLengthAndBytes) {
  const std::string lengthy(3000, 'x'), other = lengthy + "y", odd("a\0b/../\xff", 8);
  for (const auto& key : {lengthy, other, odd, std::string()}) stored(key, pattern(10));
  store->commit();
  reopen();
  EXPECT_EQ(store->object(lengthy)->key, lengthy);
  EXPECT_EQ(store->object(other)->key, other);
  EXPECT_NE(store->object(other)->id, store->object(lengthy)->id);
  EXPECT_EQ(store->object(odd)->key, odd);
  EXPECT_TRUE(store->object(""));
}

TEST_F(Store, RemembersDocumentsAndThatThereIsNone) {
  store->put_document("tap/a", {"<VOTABLE/>", false, 10, 20});
  store->put_document("tap/b", {"", true, 10, 20});
  store->put_document("links/a", {"x", false, 10, 20});
  EXPECT_EQ(store->document("tap/a")->bytes, "<VOTABLE/>");
  store->commit();
  reopen();
  EXPECT_EQ(store->document("tap/a")->bytes, "<VOTABLE/>");
  EXPECT_EQ(store->document("tap/a")->expires_at, 20);
  EXPECT_TRUE(store->document("tap/b")->absent);
  EXPECT_THAT(store->document_keys("tap/"), ElementsAre("tap/a", "tap/b"));
  store->remove_document("tap/a");
  EXPECT_FALSE(store->document("tap/a"));
  EXPECT_THAT(store->document_keys("tap/"), ElementsAre("tap/b"));
  store->commit();
  EXPECT_FALSE(store->document("tap/a"));
}

TEST_F(Store, KeepsNamesOnceGiven) {
  store->update_names("target", [](auto& names) { names["did"] = "1890-05-17_i00811"; });
  reopen();
  EXPECT_EQ(store->names("target").at("did"), "1890-05-17_i00811");
  EXPECT_TRUE(store->names("other").empty());
}

TEST_F(Store, ClosesTheFilesOfObjectsThatWereHeld) {
  const auto is_open = [this](const std::filesystem::directory_entry& descriptor) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(descriptor.path(), gone);
    return target.string().starts_with((scratch.path() / "cache").string());
  };
  const auto info = stored("plate", pattern(kGranuleSize));
  store->hold(info.id).reset();
  auto again = store->hold(info.id);
  store.reset();
  again.reset();
  const std::filesystem::directory_iterator descriptors{"/proc/self/fd"};
  EXPECT_EQ(std::count_if(begin(descriptors), end(descriptors), is_open), 0);
}

TEST_F(Store, DropsAFileThatSomebodyDeleted) {
  const auto info = stored("plate", pattern(1000));
  store->commit();
  store.reset();
  std::filesystem::remove_all(scratch.path() / "cache" / "objects");
  reopen();
  EXPECT_FALSE(read(info.id, 0, 10));
  EXPECT_FALSE(store->object("plate"));
  const auto anew = stored("plate", pattern(1000));
  EXPECT_EQ(read(anew.id, 0, 1000), pattern(1000));
}

class SmallStore : public StoreTest {
 protected:
  void SetUp() override {
    quota = 4 << 20;
    open();
  }
  /// As `platefs cache evict` does beside a mount.
  void evict_elsewhere(cache::ObjectId id) {
    cache::Store other({.directory = scratch.path() / "cache", .quota = quota, .now = [this] { return now; }});
    other.evict(id);
  }
  std::uint64_t bytes_on_disk() const {
    std::uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch.path() / "cache" / "objects")) {
      if (entry.is_regular_file()) bytes += entry.file_size();
    }
    return bytes;
  }
};

TEST_F(SmallStore, EvictsWhatWasNotUsedForLongest) {
  for (int i = 0; i < 6; ++i) {
    ++now;
    stored("plate" + std::to_string(i), pattern(512 << 10));
    store->commit();
  }
  ++now;
  store->touch(store->object("plate0")->id);
  ++now;
  stored("large", pattern(2 << 20));
  store->commit();
  EXPECT_TRUE(store->object("plate0"));
  EXPECT_FALSE(store->object("plate1"));
  EXPECT_TRUE(store->object("large"));
  EXPECT_LE(bytes_on_disk(), quota);
}

TEST_F(SmallStore, NeverExceedsItsQuotaNorForgetsWhatItUses) {
  for (unsigned i = 0; i < 40; ++i) {
    ++now;
    stored("plate" + std::to_string(i), pattern((i * 37 % 13 + 1) * 50000, i));
    if (i % 3 == 0) store->commit();
    EXPECT_LE(bytes_on_disk(), quota);
    EXPECT_LE(store->usage().bytes, quota);
  }
  store->commit();
  reopen();
  EXPECT_EQ(store->usage().bytes / 4096, [&] {
    std::uint64_t held = 0;
    for (const auto& object : store->objects()) held += object.held_bytes;
    return held / 4096;
  }());
}

TEST_F(SmallStore, LeavesRoomForTheIndexesOfTablesThatLieBesideIt) {
  const auto tables = scratch.path() / "cache" / "tables";
  EXPECT_EQ(store->table_usage().number, 0U);
  std::filesystem::create_directories(tables);
  std::ofstream{tables / "0123456789abcdef.index"} << std::string(2 << 20, 'x');
  for (unsigned i = 0; i < 20; ++i) {
    ++now;
    stored("plate" + std::to_string(i), pattern(400'000, i));
    EXPECT_LE(bytes_on_disk() + (2 << 20), quota);
  }
  store->commit();
  EXPECT_TRUE(store->object("plate19"));
  EXPECT_EQ(store->table_usage().number, 1U);
  EXPECT_EQ(store->table_usage().bytes, 2U << 20);
}

TEST_F(SmallStore, KeepsPinnedAndHeldObjectsAndPassesOthersThroughMemoryWhenNothingCanGo) {
  const auto pinned = stored("pinned", pattern(1 << 20));
  store->commit();
  store->set_pinned(pinned.id, true);
  const auto open_one = stored("open", pattern(2 << 20));
  store->commit();
  const auto hold = store->hold(open_one.id);
  EXPECT_FALSE(store->is_passing_through());
  const auto bytes = pattern(3 << 20);
  const auto large = stored("large", bytes);
  EXPECT_TRUE(store->is_passing_through());
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("raise --cache-size"), std::string::npos);
  EXPECT_EQ(read(large.id, 100, 2'000'000), Bytes(bytes.begin() + 100, bytes.begin() + 2'000'000));
  EXPECT_EQ(store->held(large.id), std::vector<vo::ByteRange>({{0, 3 << 20}}));
  EXPECT_LE(bytes_on_disk(), quota);
  EXPECT_TRUE(read(pinned.id, 0, 10));
  EXPECT_TRUE(read(open_one.id, 0, 10));
}

TEST_F(SmallStore, EvictsWhatStillWaitsForACommitWhenNothingElseCanGo) {
  for (unsigned i = 0; i < 8; ++i) stored("plate" + std::to_string(i), pattern(1 << 20, i));
  EXPECT_FALSE(store->is_passing_through());
  EXPECT_TRUE(warnings.empty());
  store->commit();
  EXPECT_LE(bytes_on_disk(), quota);
  EXPECT_EQ(read(store->object("plate7")->id, 0, 1 << 20), pattern(1 << 20, 7));
}

TEST_F(SmallStore, CountsAsUsedWhatStillWaitsForACommit) {
  stored("plate", pattern(1 << 20));
  EXPECT_EQ(store->usage().bytes, 1u << 20);
  store->commit();
  EXPECT_EQ(store->usage().bytes, 1u << 20);
}

TEST_F(SmallStore, ForgetsTheOldestOfWhatOnlyMemoryHolds) {
  const auto pinned = stored("pinned", pattern(3 << 20));
  store->commit();
  store->set_pinned(pinned.id, true);
  const auto info = store->create("large", facts(80u << 20));
  for (std::uint64_t at = 0; at < 80u << 20; at += 1 << 20) store->put(info.id, at, pattern(1 << 20, 7));
  EXPECT_FALSE(read(info.id, 0, 10));
  EXPECT_EQ(read(info.id, 79u << 20, 80u << 20), pattern(1 << 20, 7));
}

TEST_F(SmallStore, JoinsWhatTheDiskHoldsWithWhatOnlyMemoryHolds) {
  const auto bytes = pattern(3 << 20);
  const auto info = store->create("large", facts(bytes.size()));
  const auto hold = store->hold(info.id);
  store->put(info.id, 0, std::span(bytes).first(2 << 20));
  const auto pinned = stored("other", pattern(1 << 20));
  const auto other_hold = store->hold(pinned.id);
  store->put(info.id, 2 << 20, std::span(bytes).subspan(2 << 20));
  EXPECT_TRUE(store->is_passing_through());
  EXPECT_TRUE(read(info.id, 0, bytes.size()) == bytes);
}

TEST_F(SmallStore, HasTheRoomBackOfWhatAnotherProcessEvictedWhileItWasWritten) {
  const auto bytes = pattern(1 << 20);
  for (int i = 0; i < 8; ++i) {
    const auto info = store->create("plate" + std::to_string(i), facts(bytes.size()));
    store->put(info.id, 0, std::span(bytes).first(kGranuleSize));
    store->commit();
    store->put(info.id, kGranuleSize, std::span(bytes).subspan(kGranuleSize));
    evict_elsewhere(info.id);
    store->commit();
    EXPECT_FALSE(store->object(info.id));
  }
  stored("large", pattern(3 << 20));
  EXPECT_FALSE(store->is_passing_through());
  EXPECT_TRUE(warnings.empty());
}

TEST_F(SmallStore, WritesNothingToAnObjectThatItFindsEvictedWhileItMakesRoom) {
  const auto first = pattern(kGranuleSize);
  const auto replaced = stored("replaced", first), info = store->create("plate", facts(2 << 20));
  store->commit();
  store->put(info.id, 0, first);
  evict_elsewhere(info.id);
  store->create("replaced", facts(first.size(), "\"2\""));  // the one before goes before room is made
  EXPECT_THROW(store->put(info.id, kGranuleSize, pattern(1 << 20)), vo::Error);
  store->commit();
  EXPECT_FALSE(store->object(info.id));
  EXPECT_FALSE(store->object(replaced.id));
  EXPECT_EQ(bytes_on_disk(), 0u);
  EXPECT_EQ(store->usage().bytes, 0u);
}

TEST_F(SmallStore, ServesAnOpenExtentEvenWhenItsObjectIsEvicted) {
  const auto bytes = pattern(1 << 20);
  const auto info = stored("plate", bytes);
  store->commit();
  const auto extent = store->read(info.id, {0, bytes.size()});
  store->evict(info.id);
  ASSERT_TRUE(extent);
  EXPECT_EQ(bytes_of(*extent), bytes);
  EXPECT_EQ(store->usage().bytes, 0u);
}

}  // namespace
}  // namespace platefs::test
