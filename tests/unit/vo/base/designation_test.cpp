// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/designation.h"

#include <gtest/gtest.h>

namespace platefs::vo {
namespace {

std::string of(double ra, double dec) { return designation(IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec))); }

TEST(Designation, IsTruncatedAndNotRounded) {
  EXPECT_EQ(of(156.01124674021, 48.14753), "J102402.69+480851.1");
  EXPECT_EQ(of(359.9999999, 89.99999999), "J235959.99+895959.9");
  EXPECT_EQ(of(0, -0.00001), "J000000.00-000000.0");
  EXPECT_EQ(of(0, 0), "J000000.00+000000.0");
  EXPECT_EQ(of(10.5, -90), "J004200.00-900000.0");
}

TEST(Designation, HasTheDigitsThatWereWritten) {
  // 10:24:02.7 +48:08:51.3 in degrees is no binary number.
  EXPECT_EQ(of((10 + 24 / 60.0 + 2.7 / 3600) * 15, 48 + 8 / 60.0 + 51.3 / 3600), "J102402.70+480851.3");
  for (int tenth = 0; tenth < 36000; tenth += 7) {
    const auto text = of(tenth / 10.0 / 240, tenth / 36000.0);
    EXPECT_EQ(text.substr(5, 4), std::string{tenth / 10 % 60 < 10 ? "0" : ""} + std::to_string(tenth / 10 % 60) + "." +
                                     std::to_string(tenth % 10))
        << tenth;
  }
}

}  // namespace
}  // namespace platefs::vo
