// SPDX-License-Identifier: BSD-3-Clause
#include "vo/gzip.h"

#include <zlib.h>

#include "vo/error.h"

namespace platefs::vo {
namespace {

std::string gzipped(const std::string& bytes) {
  z_stream state{};
  deflateInit2(&state, Z_BEST_SPEED, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&state, bytes.size()) + 32, '\0');
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  state.avail_in = static_cast<uInt>(bytes.size());
  state.next_out = reinterpret_cast<Bytef*>(packed.data());
  state.avail_out = static_cast<uInt>(packed.size());
  deflate(&state, Z_FINISH);
  packed.resize(state.total_out);
  deflateEnd(&state);
  return packed;
}

TEST(Gzip, GivesBackWhatWasPacked) {
  const std::string bytes(300000, 'x');
  EXPECT_EQ(gunzipped(gzipped(bytes), bytes.size()), bytes);
  EXPECT_EQ(gunzipped(gzipped(""), 10), "");
}

TEST(Gzip, IsRefusedWhenItIsCutOffOrBroken) {
  auto packed = gzipped("twelve plates of 1890");
  EXPECT_THROW(gunzipped(packed.substr(0, packed.size() - 3), 100), Error);
  packed[packed.size() - 6] ^= 1;                    // its checksum
  EXPECT_THROW(gunzipped(packed, 100), Error);
  EXPECT_THROW(gunzipped("<html>", 100), Error);
}

TEST(Gzip, IsRefusedWhenItHoldsMoreThanItMay) {
  EXPECT_THROW(gunzipped(gzipped(std::string(1 << 20, '0')), 1000), Error);
}

}  // namespace
}  // namespace platefs::vo
