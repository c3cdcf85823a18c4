// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
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

TEST(LmdbEnv, KeepsNoPagesInMemoryThatWereReadLongAgo) {
  const test::ScratchDirectory folder;
  const auto file = std::filesystem::canonical(folder.path()) / "index.mdb";
  const LmdbEnv env{file, kNames, LmdbEnv::Mode::ReadWrite};
  const std::string value(1 << 20, 'v');
  {
    LmdbTxn txn{env, LmdbTxn::Mode::Write};
    for (int i = 0; i < 8; ++i) txn.put(0, std::to_string(i), value);
    txn.commit();
  }
  {
    const LmdbTxn txn{env, LmdbTxn::Mode::Read};
    for (int i = 0; i < 8; ++i) EXPECT_EQ(txn.get(0, std::to_string(i)), value);
  }
  ASSERT_GE(resident_of(file), 8 << 10);
  for (int i = 0; i < 8; ++i) {
    LmdbTxn txn{env, LmdbTxn::Mode::Write};
    txn.put(1, "key", std::to_string(i));
    txn.commit();
  }
  EXPECT_LT(resident_of(file), 1 << 10);
  const LmdbTxn txn{env, LmdbTxn::Mode::Read};
  EXPECT_EQ(txn.get(0, "7"), value);
}

}  // namespace
}  // namespace platefs::cache
