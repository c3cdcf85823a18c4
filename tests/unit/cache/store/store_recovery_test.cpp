// SPDX-License-Identifier: BSD-3-Clause
// What a cache is after a crash, beside another process, or with damaged files.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "cache/store/index.h"
#include "cache/store/store.h"
#include "tests/support/store_fixture.h"

namespace platefs::test {
namespace {

using cache::kGranuleSize;
namespace stdfs = std::filesystem;

/// The store is closed while a child is made: neither LMDB nor locks survive a fork.
class StoreRecovery : public StoreTest {
 protected:
  void SetUp() override {}

  /// Runs `work` on the cache in another process, which then dies by SIGKILL with its store open.
  template <typename Work>
  void in_a_process_that_is_killed(const Work& work) {
    store.reset();
    const auto child = ::fork();
    if (child == 0) {
      open();
      work();
      ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  }
  stdfs::path cache_path() const { return scratch.path() / "cache"; }
  std::vector<stdfs::path> object_files() const {
    std::vector<stdfs::path> files;
    for (const auto& entry : stdfs::recursive_directory_iterator(cache_path() / "objects")) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    return files;
  }
  static void spoil(const stdfs::path& file, std::streamoff at) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(at);
    stream.put('\x55');
    stream.put('\x2a');
  }
};

TEST_F(StoreRecovery, KeepsWhatWasCommittedWhenTheProcessIsKilled) {
  const auto bytes = pattern(3 << 20);
  in_a_process_that_is_killed([&] {
    const auto info = store->create("plate", facts(bytes.size()));
    store->put(info.id, 0, std::span(bytes).first(1 << 20));
    store->commit();
    store->put(info.id, 1 << 20, std::span(bytes).subspan(1 << 20));
  });
  open();
  const auto info = store->object("plate");
  ASSERT_TRUE(info);
  EXPECT_EQ(read(info->id, 0, 1 << 20), Bytes(bytes.begin(), bytes.begin() + (1 << 20)));
  EXPECT_FALSE(read(info->id, 1 << 20, (1 << 20) + 10));
}

TEST_F(StoreRecovery, DeletesWhatADeadProcessLeftAndGivesItsReservationBack) {
  in_a_process_that_is_killed([&] {
    const auto id = store->stage("never published");
    store->put(id, 0, pattern(1 << 20));
    const auto info = store->create("never committed", facts(1 << 20));
    store->put(info.id, 0, pattern(1 << 20));
  });
  EXPECT_EQ(object_files().size(), 2u);
  open();
  EXPECT_TRUE(object_files().empty());
  EXPECT_EQ(store->usage().bytes, 0u);
  EXPECT_FALSE(store->object("never committed"));
}

TEST_F(StoreRecovery, ForgetsAGranuleThatFailsItsChecksumAndTakesItAnew) {
  open();
  const auto bytes = pattern(4 * kGranuleSize);
  const auto id = stored("plate", bytes).id;
  store->commit();
  store.reset();
  spoil(object_files().at(0), kGranuleSize + 100);
  open();
  EXPECT_TRUE(read(id, 0, kGranuleSize));
  EXPECT_FALSE(read(id, 0, bytes.size()));
  EXPECT_EQ(warnings.size(), 1u);
  EXPECT_THAT(store->held(id),
              testing::ElementsAre(vo::ByteRange{0, kGranuleSize}, vo::ByteRange{2 * kGranuleSize, 4 * kGranuleSize}));
  store->commit();
  reopen();
  EXPECT_EQ(store->held(id).size(), 2u);
  store->put(id, kGranuleSize, std::span(bytes).subspan(kGranuleSize, kGranuleSize));
  EXPECT_EQ(read(id, 0, bytes.size()), bytes);
  EXPECT_EQ(warnings.size(), 1u);
}

TEST_F(StoreRecovery, KeepsOfAFileThatWasCutShortWhatIsInFrontOfTheCut) {
  open();
  const auto bytes = pattern(40 * kGranuleSize + 77);
  const auto id = stored("plate", bytes).id;
  store->commit();
  store.reset();
  std::filesystem::resize_file(object_files().at(0), 20 * kGranuleSize + 100);
  open();
  EXPECT_FALSE(read(id, 0, bytes.size()));
  EXPECT_THAT(store->held(id), testing::ElementsAre(vo::ByteRange{0, 20 * kGranuleSize}));
  EXPECT_EQ(read(id, 0, 20 * kGranuleSize), Bytes(bytes.begin(), bytes.begin() + 20 * kGranuleSize));
}

TEST_F(StoreRecovery, SetsAnIndexAsideThatIsNone) {
  open();
  stored("plate", pattern(1000));
  store->commit();
  store.reset();
  std::ofstream(cache_path() / "index.mdb", std::ios::trunc) << std::string(20000, 'x');
  open();
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_THAT(warnings[0], testing::HasSubstr("set-aside"));
  EXPECT_FALSE(store->object("plate"));
  EXPECT_TRUE(object_files().empty());
  stored("plate", pattern(1000));
  store->commit();
  reopen();
  EXPECT_TRUE(store->object("plate"));
}

TEST_F(StoreRecovery, SetsAnIndexAsideThatIsCutShort) {
  open();
  for (int i = 0; i < 300; ++i) store->put_document(std::to_string(i), {std::string(3000, 'd'), false, 0, 1});
  store->commit();
  store.reset();
  stdfs::resize_file(cache_path() / "index.mdb", stdfs::file_size(cache_path() / "index.mdb") / 2);
  open();
  EXPECT_EQ(warnings.size(), 1u);
  EXPECT_FALSE(store->document("7"));
}

TEST_F(StoreRecovery, SaysWhyADirectoryCanNotBeUsed) {
  std::ofstream(scratch.path() / "cache") << "a file";
  try {
    open();
    FAIL();
  } catch (const vo::Error& problem) {
    EXPECT_THAT(problem.message(), testing::HasSubstr(cache_path().string()));
  }
}

TEST_F(StoreRecovery, SharesItsObjectsWithAProcessThatDied) {
  in_a_process_that_is_killed([&] {
    stored("theirs", pattern(100000, 2));
    store->commit();
  });
  open();
  stored("ours", pattern(100000, 3));
  store->commit();
  EXPECT_EQ(read(store->object("theirs")->id, 0, 100000), pattern(100000, 2));
  EXPECT_EQ(read(store->object("ours")->id, 0, 100000), pattern(100000, 3));
}

/// Another process with its own store on the same cache, doing one thing when told.
class Neighbour {
 public:
  template <typename Work>
  explicit Neighbour(const Work& work) {
    if (::pipe(to_child_) != 0 || ::pipe(to_parent_) != 0) throw std::runtime_error("pipe");
    child_ = ::fork();
    if (child_ == 0) {
      work([this] {
        say(to_parent_[1]);
        hear(to_child_[0]);
      });
      ::_exit(0);
    }
  }
  ~Neighbour() {
    int status = 0;
    ::waitpid(child_, &status, 0);
    for (const int fd : {to_child_[0], to_child_[1], to_parent_[0], to_parent_[1]}) ::close(fd);
  }
  void wait_for_step() { hear(to_parent_[0]); }
  void go_on() { say(to_child_[1]); }

 private:
  static void say(int fd) { [[maybe_unused]] const auto n = ::write(fd, "x", 1); }
  static void hear(int fd) {
    char c = 0;
    [[maybe_unused]] const auto n = ::read(fd, &c, 1);
  }
  int to_child_[2]{}, to_parent_[2]{};
  pid_t child_ = -1;
};

TEST_F(StoreRecovery, SeesWhatALivingNeighbourCommits) {
  const auto bytes = pattern(2 << 20);
  Neighbour neighbour([&](const auto& step) {
    open();
    const auto info = store->create("plate", facts(bytes.size()));
    store->put(info.id, 0, std::span(bytes).first(1 << 20));
    store->commit();
    step();
    store->put(info.id, 1 << 20, std::span(bytes).subspan(1 << 20));
    store->commit();
    step();
  });
  neighbour.wait_for_step();
  open();
  const auto info = store->object("plate");
  ASSERT_TRUE(info);
  EXPECT_FALSE(read(info->id, 0, bytes.size()));
  neighbour.go_on();
  neighbour.wait_for_step();
  EXPECT_EQ(read(info->id, 0, bytes.size()), bytes);
  neighbour.go_on();
}

TEST_F(StoreRecovery, CountsWhatANeighbourHoldsAndNotWhatItReserved) {
  Neighbour neighbour([&](const auto& step) {
    open();
    stored("theirs", pattern(1 << 20));
    store->commit();
    step();
  });
  neighbour.wait_for_step();
  open();
  EXPECT_EQ(store->usage().bytes, 1u << 20);
  store->evict(store->object("theirs")->id);
  EXPECT_EQ(store->usage().bytes, 0u);
  neighbour.go_on();
}

TEST_F(StoreRecovery, DoesNotEvictWhatANeighbourReads) {
  quota = 4 << 20;
  Neighbour neighbour([&](const auto& step) {
    open();
    const auto id = stored("theirs", pattern(2 << 20)).id;
    store->commit();
    const auto hold = store->hold(id);
    step();
  });
  neighbour.wait_for_step();
  now += 100;
  open();
  stored("a", pattern(1 << 20));
  store->commit();
  now += 100;
  stored("b", pattern(1 << 20, 5));
  store->commit();
  EXPECT_TRUE(store->object("theirs"));
  neighbour.go_on();
}

/// Makes the index look like one of a version to come.
void set_format(const stdfs::path& index, std::uint64_t format) {
  const auto env = cache::open_index(index);
  cache::change_index(*env, [format](cache::IndexChange& change) { change.put_number("format", format); });
}

TEST_F(StoreRecovery, GivesNobodyTheBytesOfACacheThatWasBegunInItsPlace) {
  const auto ours = pattern(1 << 20, 1), theirs = pattern(1 << 20, 2);
  Neighbour neighbour([&](const auto& step) {
    step();
    open();
    for (int i = 0; i < 4; ++i) stored("theirs " + std::to_string(i), theirs);
    store->commit();
    step();
  });
  neighbour.wait_for_step();
  open();
  const auto in_index = stored("in the index", ours).id;
  store->commit();
  const auto begun = store->create("begun", facts(ours.size())).id;
  const auto staged = store->stage("staged");
  stdfs::remove_all(cache_path());
  neighbour.go_on();
  neighbour.wait_for_step();
  for (const auto id : {in_index, begun, staged}) {
    store->put(id, 0, ours);
    EXPECT_EQ(read(id, 0, ours.size()), ours);
  }
  neighbour.go_on();
  store.reset();
  open();
  for (int i = 0; i < 4; ++i) {
    const auto info = store->object("theirs " + std::to_string(i));
    ASSERT_TRUE(info);
    EXPECT_EQ(read(info->id, 0, theirs.size()), theirs);
  }
}

TEST_F(StoreRecovery, DoesNotMoveACacheOfAnotherFormatInWhichAProcessLives) {
  open();
  stored("plate", pattern(1000));
  store->commit();
  store.reset();
  const auto before = object_files();
  Neighbour neighbour([&](const auto& step) {
    open();
    step();
    EXPECT_EQ(read(store->object("plate")->id, 0, 1000), pattern(1000)) << "the neighbour";
    step();
  });
  neighbour.wait_for_step();
  set_format(cache_path() / "index.mdb", 9);
  open();
  EXPECT_THAT(warnings, testing::ElementsAre(testing::HasSubstr("other processes use it")));
  EXPECT_FALSE(store->object("plate"));
  const auto id = stored("plate", pattern(1000, 2)).id;
  EXPECT_EQ(read(id, 0, 1000), pattern(1000, 2));
  EXPECT_EQ(object_files(), before);
  neighbour.go_on();
  neighbour.wait_for_step();
  neighbour.go_on();
}

TEST_F(StoreRecovery, DeletesObjectsThatNoIndexLeadsTo) {
  open();
  stored("plate", pattern(1000));
  store->commit();
  store.reset();
  stdfs::remove(cache_path() / "index.mdb");
  open();
  EXPECT_TRUE(object_files().empty());
}

TEST_F(StoreRecovery, LetsTheLaterOfTwoRivalsWin) {
  Neighbour neighbour([&](const auto& step) {
    open();
    const auto info = store->create("plate", facts(1000));
    step();
    store->put(info.id, 0, pattern(1000, 9));
    store->commit();
    step();
  });
  neighbour.wait_for_step();
  open();
  const auto ours = store->create("plate", facts(1000, "\"2\""));
  store->put(ours.id, 0, pattern(1000, 8));
  neighbour.go_on();
  neighbour.wait_for_step();
  EXPECT_EQ(read(ours.id, 0, 1000), pattern(1000, 8));
  store->commit();
  EXPECT_EQ(read(store->object("plate")->id, 0, 1000), pattern(1000, 8));
  EXPECT_EQ(store->object("plate")->version, 2u) << "the other, of another content, was the first";
  neighbour.go_on();
}

}  // namespace
}  // namespace platefs::test
