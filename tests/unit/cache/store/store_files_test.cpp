// SPDX-License-Identifier: BSD-3-Clause
// What happens to the files of the store, and how many of them are open.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "tests/support/store_fixture.h"

namespace platefs::test {
namespace {

namespace stdfs = std::filesystem;
using cache::kGranuleSize;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// Lowers a limit of this process while it lives.
class LoweredLimit {
 public:
  LoweredLimit(int what, rlim_t to) : what_(what) {
    ::getrlimit(resource(), &before_);
    const struct rlimit lowered { to, before_.rlim_max };
    ::setrlimit(resource(), &lowered);
  }
  ~LoweredLimit() { ::setrlimit(resource(), &before_); }
  LoweredLimit(const LoweredLimit&) = delete;
  LoweredLimit& operator=(const LoweredLimit&) = delete;

 private:
  __rlimit_resource resource() const { return static_cast<__rlimit_resource>(what_); }
  int what_;
  struct rlimit before_ {};
};

/// As if no descriptor were left: what is open stays so.
LoweredLimit no_more_descriptors() {
  const int lowest_free = ::dup(0);
  ::close(lowest_free);
  return {RLIMIT_NOFILE, static_cast<rlim_t>(lowest_free)};
}

class StoreFiles : public StoreTest {
 protected:
  /// Descriptors of this process that lead to object files.
  std::size_t open_object_files() const {
    std::size_t count = 0;
    for (const auto& entry : stdfs::directory_iterator("/proc/self/fd")) {
      std::error_code gone;
      const auto file = stdfs::read_symlink(entry.path(), gone).string();
      if (file.starts_with((scratch.path() / "cache" / "objects").string())) ++count;
    }
    return count;
  }
  std::vector<stdfs::path> files() const {
    std::vector<stdfs::path> found;
    for (const auto& entry : stdfs::recursive_directory_iterator(scratch.path() / "cache" / "objects")) {
      if (!entry.is_directory()) found.push_back(entry.path());
    }
    return found;
  }
  stdfs::path only_file() const {
    const auto found = files();
    EXPECT_THAT(found, SizeIs(1));
    return found.empty() ? stdfs::path{} : found.front();
  }
  /// One object, committed, and looked at as a process does that comes later.
  cache::ObjectInfo kept(const Bytes& bytes) {
    stored("plate", bytes);
    store->commit();
    reopen();
    return *store->object("plate");
  }
  /// What a product does about a miss.
  void expect_it_can_be_fetched_again(const cache::ObjectInfo& lost, const Bytes& bytes) {
    EXPECT_FALSE(read(lost.id, 0, bytes.size()));
    EXPECT_FALSE(store->object("plate")) << "no bytes of it are held";
    const auto anew = stored("plate", bytes);
    EXPECT_NE(anew.id, lost.id);
    EXPECT_EQ(anew.version, lost.version) << "the same file as before";
    EXPECT_EQ(read(anew.id, 0, bytes.size()), bytes);
    store->commit();
    reopen();
    EXPECT_EQ(read(anew.id, 0, bytes.size()), bytes);
    EXPECT_EQ(store->usage().objects, 1u);
  }
};

TEST_F(StoreFiles, KeepsNoMoreOfThemOpenThanAllowed) {
  open_files = 5;
  open();
  std::vector<std::shared_ptr<const void>> readers;
  std::vector<cache::ObjectId> objects;
  for (int i = 0; i < 40; ++i) {
    objects.push_back(stored(fmt::format("plate {}", i), pattern(3 * kGranuleSize, static_cast<unsigned>(i))).id);
    readers.push_back(store->hold(objects.back()));
    EXPECT_LE(open_object_files(), 5u);
  }
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(read(objects[static_cast<std::size_t>(i)], 0, 3 * kGranuleSize),
              pattern(3 * kGranuleSize, static_cast<unsigned>(i)));
    EXPECT_LE(open_object_files(), 5u);
  }
}

TEST_F(StoreFiles, ClosesTheOneThatWasUsedLongestAgo) {
  open_files = 2;
  open();
  const auto one = stored("one", pattern(100)), two = stored("two", pattern(100));
  const auto hold_one = store->hold(one.id), hold_two = store->hold(two.id);
  store->commit();
  open();  // the bytes are on the disk alone
  const auto readers = std::vector{store->hold(one.id), store->hold(two.id)};
  read(one.id, 0, 100);
  read(two.id, 0, 100);
  read(one.id, 0, 100);
  const auto three = stored("three", pattern(100));  // needs a descriptor
  EXPECT_TRUE(store->on_disk(one.id, {0, 100}));
  EXPECT_FALSE(store->on_disk(two.id, {0, 100}));
}

TEST_F(StoreFiles, AreClosedWhenNobodyReadsThemAnyMore) {
  const auto info = kept(pattern(100'000));
  auto reader = store->hold(info.id), another = store->hold(info.id);
  EXPECT_TRUE(read(info.id, 0, 100'000));
  reader.reset();
  EXPECT_EQ(open_object_files(), 1u);
  another.reset();
  EXPECT_EQ(open_object_files(), 0u);
}

TEST_F(StoreFiles, AreClosedOnceTheyAreIndexed) {
  stored("plate", pattern(100'000));
  EXPECT_EQ(open_object_files(), 1u);
  store->commit();
  EXPECT_EQ(open_object_files(), 0u) << "what another process evicts now is given back at once";
}

TEST_F(StoreFiles, OneThatIsReadHereIsInUseForOthers) {
  const auto info = kept(pattern(100));
  cache::Store other({.directory = scratch.path() / "cache", .now = [this] { return now; }});
  EXPECT_TRUE(other.is_idle(info.id));
  auto reader = store->hold(info.id);
  EXPECT_FALSE(other.is_idle(info.id));
  reader.reset();
  EXPECT_TRUE(other.is_idle(info.id));
}

TEST_F(StoreFiles, OneThatIsGoneIsAMiss) {
  const auto bytes = pattern(100'000);
  const auto info = kept(bytes);
  stdfs::remove(only_file());
  expect_it_can_be_fetched_again(info, bytes);
}

TEST_F(StoreFiles, OneThatAnotherProcessEvictedIsAMissWithoutAWord) {
  const auto info = kept(pattern(100'000));
  EXPECT_THAT(store->held(info.id), SizeIs(1));
  {
    cache::Store other({.directory = scratch.path() / "cache", .now = [this] { return now; }});
    other.evict(info.id);
  }
  EXPECT_FALSE(read(info.id, 0, 100));
  EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(StoreFiles, WhatLiesInTheirPlaceAndIsNoFileIsAMiss) {
  const auto bytes = pattern(100'000);
  const auto lay_a_folder = [](const stdfs::path& path) { stdfs::create_directory(path); };
  const auto lay_a_link = [this](const stdfs::path& path) {
    std::ofstream(scratch.path() / "elsewhere") << std::string(100'000, 'x');
    stdfs::create_symlink(scratch.path() / "elsewhere", path);
  };
  const auto lay_a_pipe = [](const stdfs::path& path) { ::mkfifo(path.c_str(), 0600); };
  for (const std::function<void(const stdfs::path&)>& lay :
       std::vector<std::function<void(const stdfs::path&)>>{lay_a_folder, lay_a_link, lay_a_pipe}) {
    const auto info = kept(bytes);
    const auto path = only_file();
    stdfs::remove(path);
    lay(path);
    expect_it_can_be_fetched_again(info, bytes);
    store.reset();
    stdfs::remove_all(scratch.path() / "cache");
    open();
  }
}

TEST_F(StoreFiles, OneThatVanishesWhileItIsWrittenIsBegunAnew) {
  const auto bytes = pattern(4 * kGranuleSize);
  const auto info = kept(bytes);
  stdfs::remove(only_file());
  store->put(info.id, kGranuleSize, std::span(bytes).subspan(kGranuleSize, kGranuleSize));
  EXPECT_EQ(read(info.id, kGranuleSize, kGranuleSize + 10)->size(), 10u);
  EXPECT_FALSE(read(info.id, 0, 10)) << "that went with the file";
  store->commit();
  reopen();
  EXPECT_THAT(store->held(info.id), testing::ElementsAre(vo::ByteRange{kGranuleSize, 2 * kGranuleSize}));
  EXPECT_EQ(store->usage().bytes, kGranuleSize);
}

TEST_F(StoreFiles, OneOfAnotherProcessThatVanishesIsBegunAnewWithNothingHeld) {
  const auto bytes = pattern(4 * kGranuleSize);
  const auto info = store->create("a", facts(bytes.size()));
  store->commit();
  reopen();
  EXPECT_THAT(store->held(info.id), IsEmpty());
  {
    cache::Store other({.directory = scratch.path() / "cache", .now = [this] { return now; }});
    other.put(info.id, 0, bytes);
    other.commit();
  }
  EXPECT_EQ(read(info.id, 0, bytes.size()), bytes) << "tested through the other's file";
  stdfs::remove(only_file());
  store->commit();  // closes what nobody holds open
  store->put(info.id, 0, std::span(bytes).first(kGranuleSize));
  EXPECT_EQ(read(info.id, 0, 10)->size(), 10u);
  EXPECT_FALSE(read(info.id, kGranuleSize, bytes.size())) << "that went with the other's file";
  store->put(info.id, 3 * kGranuleSize, std::span(bytes).subspan(3 * kGranuleSize));
  EXPECT_FALSE(read(info.id, kGranuleSize, 2 * kGranuleSize)) << "a hole in the file is nothing of the plate";
  store->commit();
  EXPECT_EQ(store->usage().bytes, 2 * kGranuleSize);
}

TEST_F(StoreFiles, AreRememberedWhileTheCachesFolderIsAway) {
  const auto bytes = pattern(100'000);
  const auto info = kept(bytes);
  const auto folder = scratch.path() / "cache" / "objects", away = scratch.path() / "away";
  stdfs::rename(folder, away);
  EXPECT_FALSE(read(info.id, 0, 100)) << "fetched, meanwhile";
  stdfs::rename(away, folder);
  EXPECT_EQ(read(info.id, 0, bytes.size()), bytes);
  EXPECT_THAT(warnings, SizeIs(1));
}

TEST_F(StoreFiles, OneCutShortWhileItIsReadIsFetchedAgain) {
  const auto bytes = pattern(10 * kGranuleSize);
  const auto info = kept(bytes);
  const auto reader = store->hold(info.id);
  EXPECT_EQ(read(info.id, 0, bytes.size()), bytes);
  stdfs::resize_file(only_file(), 2 * kGranuleSize);
  const auto extent = store->read(info.id, {0, bytes.size()});
  ASSERT_TRUE(extent);
  Bytes out(extent->size);
  EXPECT_THROW(cache::copy_extent(*extent, out), vo::Error);
  EXPECT_FALSE(read(info.id, 0, bytes.size()));
  EXPECT_EQ(read(info.id, 0, 2 * kGranuleSize)->size(), 2 * kGranuleSize) << "that much is there";
  EXPECT_THAT(store->held(info.id), testing::ElementsAre(vo::ByteRange{0, 2 * kGranuleSize}));
}

TEST_F(StoreFiles, WithoutADescriptorLeftBytesPassThroughMemory) {
  const auto bytes = pattern(4 * kGranuleSize);
  const auto info = kept(bytes);
  {
    const auto none_left = no_more_descriptors();
    EXPECT_FALSE(read(info.id, 0, bytes.size())) << "a miss";
    store->put(info.id, 0, bytes);  // as it was fetched again
    EXPECT_EQ(read(info.id, 0, bytes.size()), bytes);
  }
  EXPECT_EQ(read(info.id, 0, bytes.size()), bytes);
  EXPECT_TRUE(store->object("plate")) << "the file on the disk was not given up for that";
}

TEST_F(StoreFiles, OnesThatAreIdleAreClosedWhenNoDescriptorIsLeft) {
  const auto one = stored("one", pattern(100)), two = stored("two", pattern(200));
  store->commit();
  reopen();
  EXPECT_TRUE(read(one.id, 0, 100));
  EXPECT_EQ(open_object_files(), 1u);
  const auto none_left = no_more_descriptors();
  EXPECT_EQ(read(two.id, 0, 200), pattern(200));
}

TEST_F(StoreFiles, ALimitOfTheirSizeCostsTheCacheNotTheReader) {
  ::signal(SIGXFSZ, SIG_IGN);
  const auto bytes = pattern(4 * kGranuleSize);
  const auto info = store->create("plate", facts(bytes.size()));
  const LoweredLimit limit{RLIMIT_FSIZE, 2 * kGranuleSize};
  store->put(info.id, 0, bytes);
  EXPECT_EQ(read(info.id, 0, bytes.size()), bytes);
  EXPECT_THAT(warnings, testing::ElementsAre(HasSubstr("passes through memory")));
}

TEST_F(StoreFiles, OnesThatNobodyEverPublishedGoWithTheProcess) {
  const auto staged = store->stage("plate");
  store->put(staged, 0, pattern(100'000));
  EXPECT_THAT(files(), SizeIs(1));
  store.reset();
  EXPECT_THAT(files(), IsEmpty());
  open();
  EXPECT_EQ(store->usage().bytes, 0u);
}

TEST_F(StoreFiles, OnesThatBelongToNothingAreRemovedWhenAskedFor) {
  const auto info = kept(pattern(100'000));
  const auto stranger = only_file().parent_path() / "abc";
  std::ofstream(stranger) << std::string(5'000, 'x');
  EXPECT_EQ(store->remove_orphans(), 5'000u);
  EXPECT_FALSE(stdfs::exists(stranger));
  EXPECT_EQ(read(info.id, 0, 100'000), pattern(100'000));
}

TEST_F(StoreFiles, TakeNothingBeyondTheSize) {
  const auto info = store->create("plate", facts(100));
  EXPECT_THROW(store->put(info.id, 0, pattern(kGranuleSize)), vo::Error);
  EXPECT_THROW(store->put(info.id, kGranuleSize, pattern(kGranuleSize)), vo::Error);
  EXPECT_THROW(store->put(info.id, UINT64_MAX / kGranuleSize * kGranuleSize, pattern(kGranuleSize)), vo::Error);
  const auto staged = store->stage("another");
  EXPECT_THROW(store->put(staged, UINT64_MAX / kGranuleSize * kGranuleSize, pattern(kGranuleSize)), vo::Error);
  store->commit();
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_EQ(store->usage().bytes, 0u);
}

TEST_F(StoreFiles, ThatWerePutTakeNoMemoryOnceTheyAreInTheIndex) {
  const auto put = [this](int first, int end) {
    for (int i = first; i < end; ++i) {
      store->create(fmt::format("http://a/tap\nivo://a/{}\nfull", i), facts(1000));
      if (i % 500 == 499) store->commit();
    }
    return ::mallinfo2().uordblks;
  };
  const auto of_some = put(0, 4000);
  if (of_some == 0) GTEST_SKIP() << "this allocator does not tell what it has given out";
  EXPECT_LT(put(4000, 24'000), of_some + (5u << 20));  // some 25 MB where all of them stay
}

}  // namespace
}  // namespace platefs::test
