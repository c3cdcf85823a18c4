// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "cache/store/lmdb_env.h"
#include "tests/support/scratch_directory.h"

namespace platefs::cache {
namespace {

constexpr std::array<const char*, kTables> kNames{"a", "b", "c", "d", "e", "f", "g", "h"};

/// KiB of the file that are mapped by this process and in memory.
long resident_of(const std::filesystem::path& file) {
  std::ifstream maps{"/proc/self/smaps"};
  bool is_ours = false;
  for (std::string line; std::getline(maps, line);) {
    if (line.find('-') < line.find(' ')) is_ours = line.ends_with(file.string());
    if (is_ours && line.starts_with("Rss:")) return std::stol(line.substr(4));
  }
  return -1;
}

struct LmdbPages : testing::Test {
  void fill() {
    LmdbTxn txn{env, LmdbTxn::Mode::Write};
    for (int i = 0; i < 8; ++i) txn.put(0, std::to_string(i), value);
    txn.commit();
  }
  void read_all() const {
    const LmdbTxn txn{env, LmdbTxn::Mode::Read};
    for (int i = 0; i < 8; ++i) EXPECT_EQ(txn.get(0, std::to_string(i)), value);
  }
  void look_for_what_is_not_there(int times) const {
    const LmdbTxn txn{env, LmdbTxn::Mode::Read};
    for (int i = 0; i < times; ++i) EXPECT_EQ(txn.get(1, "key"), std::nullopt);
  }

  const test::ScratchDirectory folder;
  const std::filesystem::path file = std::filesystem::canonical(folder.path()) / "index.mdb";
  const std::string value = std::string(1 << 20, 'v');
  LmdbEnv env{file, kNames, LmdbEnv::Mode::ReadWrite};
};

TEST_F(LmdbPages, ReadLongAgoAreNoMemoryOfTheProcess) {
  fill();
  read_all();
  ASSERT_GE(resident_of(file), 8 << 10);
  look_for_what_is_not_there(512);
  EXPECT_LT(resident_of(file), 1 << 10);
  read_all();
}

TEST_F(LmdbPages, AreGivenBackAtOnceWhereAskedFor) {
  fill();
  read_all();
  env.release();
  EXPECT_LT(resident_of(file), 1 << 10);
  read_all();
}

TEST_F(LmdbPages, AreFoundAgainWhereTheMapHasMoved) {
  fill();
  env.grow();
  read_all();
  ASSERT_GE(resident_of(file), 8 << 10);
  env.release();
  EXPECT_LT(resident_of(file), 1 << 10);
  read_all();
}

TEST_F(LmdbPages, AreGivenBackByAWalkThroughThem) {
  {
    LmdbTxn txn{env, LmdbTxn::Mode::Write};
    for (int i = 0; i < 20'000; ++i) txn.put(0, std::to_string(i), std::string(1000, 'v'));
    txn.commit();
  }
  const LmdbTxn txn{env, LmdbTxn::Mode::Read};
  LmdbCursor cursor{txn, 0};
  int entries = 0;
  long most = 0;
  for (auto entry = cursor.seek({}); entry; entry = cursor.next()) {
    if (++entries % 1000 == 0) most = std::max(most, resident_of(file));
  }
  EXPECT_EQ(entries, 20'000);
  EXPECT_LT(most, 18 << 10);
}

}  // namespace
}  // namespace platefs::cache
