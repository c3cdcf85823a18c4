// SPDX-License-Identifier: BSD-3-Clause
// A cache that can't be written, or not any more, or is only looked at.
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <thread>

#include "cache/store/index.h"
#include "cache/store/lmdb_waits.h"
#include "cache/store/store.h"
#include "tests/support/store_fixture.h"

namespace platefs::test {
namespace {

using cache::kGranuleSize;
using testing::ElementsAre;
using testing::HasSubstr;
using Clock = std::chrono::steady_clock;
namespace stdfs = std::filesystem;

class StoreAccess : public StoreTest {
 protected:
  void SetUp() override {}
  stdfs::path cache_path() const { return scratch.path() / "cache"; }

  void look() {
    store.reset();
    store = std::make_unique<cache::Store>(
        cache::StoreOptions{.directory = cache_path(),
                            .access = cache::StoreOptions::Access::ReadOnly,
                            .quota = quota,
                            .now = [this] { return now; },
                            .warn = [this](std::string_view text) { warnings.emplace_back(text); }});
  }
  void fill() {
    open();
    stored("plate", pattern(100000));
    store->put_document("answer", {"text", false, now, now + 1000});
    store->commit();
    store.reset();
  }
  /// Names, sizes and times of change of all that is in the cache; of the lock file its name.
  std::map<std::string, std::string> facts_of_files() const {
    std::map<std::string, std::string> facts;
    for (const auto& entry : stdfs::recursive_directory_iterator(cache_path())) {
      struct stat of {};
      ::lstat(entry.path().c_str(), &of);
      const bool is_lock = entry.path().extension() == ".mdb-lock";
      facts[entry.path().string()] = is_lock ? ""
                                             : std::to_string(of.st_size) + " " + std::to_string(of.st_ctim.tv_sec) +
                                                   "." + std::to_string(of.st_ctim.tv_nsec);
    }
    return facts;
  }
  /// What is put can be read while it lasts, a name stays, a document stays.
  void expect_to_stream(const std::string& key) {
    const auto bytes = pattern(10 * kGranuleSize, 7);
    const auto info = stored(key, bytes);
    EXPECT_EQ(read(info.id, 0, bytes.size()), bytes);
    EXPECT_EQ(store->object(key)->id, info.id);
    store->put_document(key, {"kept in memory", false, now, now + 10});
    EXPECT_EQ(store->document(key)->bytes, "kept in memory");
  }
};

/// Another process: what it does is done when it is made, and it may be stopped then.
class Child {
 public:
  template <typename Work>
  explicit Child(const Work& work) : pid_(::fork()) {
    if (pid_ == 0) {
      work();
      ::_exit(testing::Test::HasFailure() ? 1 : 0);
    }
    ::waitpid(pid_, &status_, WUNTRACED);
  }
  ~Child() { end(SIGKILL); }
  int exit_code() const { return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1; }
  void go_on() const { ::kill(pid_, SIGCONT); }
  void end(int signal) {
    if (WIFEXITED(status_) || WIFSIGNALED(status_)) return;
    ::kill(pid_, signal);
    ::waitpid(pid_, &status_, 0);
  }

 private:
  pid_t pid_;
  int status_ = 0;
};

TEST_F(StoreAccess, ALookChangesNothingAndFindsWhatIsThere) {
  fill();
  const auto before = facts_of_files();
  look();
  EXPECT_EQ(read(store->object("plate")->id, 0, 100000), pattern(100000));
  EXPECT_EQ(store->document("answer")->bytes, "text");
  EXPECT_EQ(store->usage().objects, 1u);
  store.reset();
  EXPECT_EQ(facts_of_files(), before);
  EXPECT_TRUE(warnings.empty());
}

TEST_F(StoreAccess, ALookNeedsNoLockFile) {
  fill();
  stdfs::remove(cache_path() / "index.mdb-lock");
  const auto before = facts_of_files();
  look();
  EXPECT_TRUE(store->object("plate"));
  store.reset();
  EXPECT_EQ(facts_of_files(), before);
}

TEST_F(StoreAccess, ALookMakesNoCache) {
  EXPECT_THROW(look(), vo::Error);
  EXPECT_FALSE(stdfs::exists(cache_path()));
}

TEST_F(StoreAccess, ALookWaitsForNoProcessThatStoppedWhileItWrote) {
  fill();
  const Child stopped([this] {
    open();
    store->update_names("group", [](auto&) { ::raise(SIGSTOP); });
  });
  const auto begun = Clock::now();
  look();
  EXPECT_TRUE(store->object("plate"));
  EXPECT_LT(Clock::now() - begun, std::chrono::seconds(1));
}

TEST_F(StoreAccess, WhatIsOnlyLookedAtCanNotBeChanged) {
  fill();
  look();
  EXPECT_THROW(store->evict(store->object("plate")->id), vo::Error);
  expect_to_stream("another");
}

TEST_F(StoreAccess, StreamsWhileAProcessIsStoppedInItsWritingAndStoresWhenThatGoesOn) {
  fill();
  const Child stopped([this] {
    open();
    store->update_names("group", [](auto&) { ::raise(SIGSTOP); });
  });
  const auto begun = Clock::now();
  open();
  EXPECT_EQ(read(store->object("plate")->id, 0, 100000), pattern(100000));
  expect_to_stream("another");
  const auto names = store->update_names("group", [](auto& given) { given["did"] = "name"; });
  EXPECT_EQ(names.at("did"), "name");
  EXPECT_EQ(store->verify(store->object("plate")->id).good_bytes, 100000u);
  EXPECT_EQ(store->remove_orphans(), 0u);
  EXPECT_EQ(store->names("group"), names);
  EXPECT_LT(Clock::now() - begun, std::chrono::seconds(8));
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("is stopped")));
  stopped.go_on();
  while (store->is_refused() && Clock::now() - begun < std::chrono::seconds(30)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  stored("kept", pattern(1000));
  store->commit();
  store.reset();
  look();
  EXPECT_TRUE(store->object("kept"));
  EXPECT_EQ(store->document("another")->bytes, "kept in memory");
}

TEST_F(StoreAccess, StreamsWhenItsDirectoryWasRemovedAndSaysItOnce) {
  fill();
  open();
  const auto id = store->object("plate")->id;
  stdfs::remove_all(cache_path());
  for (int i = 0; i < 3; ++i) {
    expect_to_stream("file " + std::to_string(i));
    EXPECT_THROW(store->set_pinned(id, true), vo::Error);
  }
  store->commit();
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("mount again")));
  store.reset();
  EXPECT_FALSE(stdfs::exists(cache_path()));
}

TEST_F(StoreAccess, WritesNothingIntoAnIndexThatTookThePlaceOfItsOwn) {
  fill();
  open();
  stdfs::rename(cache_path(), scratch.path() / "away");
  const Child other([this] {
    store.release();  // its locks are the parent's
    open();
    stored("theirs", pattern(5000, 3));
    store->commit();
    store.reset();
  });
  ASSERT_EQ(other.exit_code(), 0);
  expect_to_stream("ours");
  EXPECT_THROW(store->set_pinned(store->object("plate")->id, true), vo::Error);
  store.reset();
  look();
  EXPECT_EQ(read(store->object("theirs")->id, 0, 5000), pattern(5000, 3));
  EXPECT_FALSE(store->object("ours"));
}

TEST_F(StoreAccess, WritesNoMoreWhenItsLockFileIsRemoved) {
  fill();
  open();
  stdfs::remove(cache_path() / "index.mdb-lock");
  const Child other([this] {
    store.release();  // its locks are the parent's
    open();
    stored("theirs", pattern(5000, 3));
    store->commit();
    store.reset();
  });
  ASSERT_EQ(other.exit_code(), 0);
  expect_to_stream("ours");
  EXPECT_THAT(warnings, testing::Contains(HasSubstr("lock file")));
  store.reset();
  look();
  EXPECT_EQ(read(store->object("theirs")->id, 0, 5000), pattern(5000, 3));
  EXPECT_FALSE(store->object("ours"));
}

TEST_F(StoreAccess, StoresOnWhenItsSessionFilesAreRemoved) {
  open();
  stdfs::remove_all(cache_path() / "sessions");
  for (int i = 0; i < 4097; ++i) store->discard(store->stage("no file"));
  stored("plate", pattern(1000));
  store->commit();
  EXPECT_TRUE(warnings.empty());
  reopen();
  EXPECT_TRUE(store->object("plate"));
}

TEST_F(StoreAccess, StreamsUnderALimitOfFileSizes) {
  for (const rlim_t limit : {rlim_t{0}, rlim_t{4096}, rlim_t{40960}, rlim_t{100000}}) {
    store.reset();
    stdfs::remove_all(cache_path());
    const Child limited([this, limit] {
      ::signal(SIGXFSZ, SIG_IGN);
      const rlimit sizes{limit, limit};
      ::setrlimit(RLIMIT_FSIZE, &sizes);
      open();
      for (int i = 0; i < 20; ++i) expect_to_stream("file " + std::to_string(i));
      try {
        store->commit();
      } catch (const vo::Error&) {
        EXPECT_TRUE(store->is_refused());
      }
      EXPECT_LE(warnings.size(), 2u);
    });
    EXPECT_EQ(limited.exit_code(), 0) << limit;
  }
}

TEST_F(StoreAccess, TakesNoIndexForDamagedThatLmdbLeftShort) {
  open();
  stored("plate", pattern(1000));
  store->commit();
  store.reset();
  {
    const auto env = cache::open_index(cache_path() / "index.mdb");
    cache::change_index(*env, [](cache::IndexChange& index) {
      index.put_document("small", cache::encode(cache::Document{"x", false, 0, 1}));
      index.put_document("large", cache::encode(cache::Document{std::string(1 << 20, 'x') + "y", false, 0, 1}));
      index.remove_document("large");
    });
  }
  open();
  EXPECT_TRUE(warnings.empty());
  EXPECT_TRUE(store->object("plate"));
}

TEST_F(StoreAccess, LivesOnWhenItsIndexIsCutShortUnderIt) {
  fill();
  open();
  ASSERT_TRUE(store->document("answer"));
  stdfs::resize_file(cache_path() / "index.mdb", 0);
  EXPECT_FALSE(store->document("another"));
  EXPECT_EQ(store->usage().objects, 0u);
  expect_to_stream("file");
  EXPECT_FALSE(warnings.empty());
}

TEST_F(StoreAccess, CountsProcessesThatBeginAtOnceAsAlive) {
  constexpr int kProcesses = 24;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const auto child = ::fork();
    if (child == 0) {
      open();
      stored("file " + std::to_string(i), pattern(1000, static_cast<unsigned>(i)));
      store->commit();
      const bool is_good = warnings.empty();
      store.reset();
      ::_exit(is_good ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const auto child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  open();
  for (int i = 0; i < kProcesses; ++i) {
    const auto info = store->object("file " + std::to_string(i));
    ASSERT_TRUE(info);
    EXPECT_EQ(read(info->id, 0, 1000), pattern(1000, static_cast<unsigned>(i)));
  }
}

TEST(LmdbWaits, AChildHasANumberOfItsOwn) {
  const int ours = cache::lmdb_process_id();
  EXPECT_EQ(cache::lmdb_process_id(), ours);
  const Child child([ours] { EXPECT_NE(cache::lmdb_process_id(), ours); });
  EXPECT_EQ(child.exit_code(), 0);
}

}  // namespace
}  // namespace platefs::test
