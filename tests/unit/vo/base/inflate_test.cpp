// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/inflate.h"

#include <gtest/gtest.h>

#include "tests/support/gzipped.h"
#include "vo/base/error.h"

namespace platefs::vo {
namespace {

using test::gzipped;

TEST(Gzip, GivesBackWhatWasPacked) {
  const std::string bytes(300000, 'x');
  EXPECT_EQ(gunzipped(gzipped(bytes), bytes.size()), bytes);
  EXPECT_EQ(gunzipped(gzipped(""), 10), "");
}

TEST(Gzip, IsRefusedWhenItIsCutOffOrBroken) {
  auto packed = gzipped("twelve plates of 1890");
  EXPECT_THROW(gunzipped(packed.substr(0, packed.size() - 3), 100), Error);
  packed[packed.size() - 6] ^= 1;  // its checksum
  EXPECT_THROW(gunzipped(packed, 100), Error);
  EXPECT_THROW(gunzipped("<html>", 100), Error);
}

TEST(Gzip, IsRefusedWhenItHoldsMoreThanItMay) {
  EXPECT_THROW(gunzipped(gzipped(std::string(1 << 20, '0')), 1000), Error);
}

}  // namespace
}  // namespace platefs::vo
