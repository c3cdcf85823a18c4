// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "tests/support/store_fixture.h"

namespace platefs::test {
namespace {

using cache::kGranuleSize;
using vo::ByteRange;

class StoreVerify : public StoreTest {
 protected:
  std::filesystem::path only_file() const {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch.path() / "cache/objects")) {
      if (entry.is_regular_file()) return entry.path();
    }
    return {};
  }
};

TEST_F(StoreVerify, FindsWholeFilesGood) {
  const auto info = stored("plate", pattern(5 * kGranuleSize + 10));
  store->commit();
  const auto found = store->verify(info.id);
  EXPECT_EQ(found.good_bytes, 5 * kGranuleSize + 10);
  EXPECT_EQ(found.bad_bytes, 0u);
}

TEST_F(StoreVerify, DropsAGranuleThatChangedOnDiskAndNoOther) {
  const auto bytes = pattern(5 * kGranuleSize);
  const auto info = stored("plate", bytes);
  store->commit();
  const auto used = store->usage().bytes;
  std::fstream(only_file(), std::ios::in | std::ios::out | std::ios::binary).seekp(2 * kGranuleSize + 7).put('!');
  const auto found = store->verify(info.id);
  EXPECT_EQ(found.good_bytes, 4 * kGranuleSize);
  EXPECT_EQ(found.bad_bytes, kGranuleSize);
  EXPECT_LT(store->usage().bytes, used);
  reopen();
  EXPECT_FALSE(read(info.id, 2 * kGranuleSize, 3 * kGranuleSize));
  EXPECT_EQ(read(info.id, 0, kGranuleSize), Bytes(bytes.begin(), bytes.begin() + kGranuleSize));
  EXPECT_TRUE(warnings.empty()) << "the bad bytes are forgotten, not found again";
}

TEST_F(StoreVerify, CountsAFileThatIsGoneAsBad) {
  const auto info = stored("plate", pattern(3 * kGranuleSize));
  store->commit();
  std::filesystem::remove(only_file());
  EXPECT_EQ(store->verify(info.id).bad_bytes, 3 * kGranuleSize);
  reopen();
  EXPECT_EQ(store->object(info.id)->held_bytes, 0u);
}

TEST_F(StoreVerify, KnowsWhichFilesNobodyReads) {
  const auto info = stored("plate", pattern(kGranuleSize));
  EXPECT_FALSE(store->is_idle(info.id)) << "not committed yet";
  store->commit();
  EXPECT_TRUE(store->is_idle(info.id));
  const auto hold = store->hold(info.id);
  EXPECT_FALSE(store->is_idle(info.id));
}

}  // namespace
}  // namespace platefs::test
