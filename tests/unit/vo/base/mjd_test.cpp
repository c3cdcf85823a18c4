// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/mjd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace platefs::vo {
namespace {

TEST(IsoDate, KnowsThePlatesOfThreeCenturies) {
  EXPECT_EQ(iso_date(11504.0), "1890-05-17");
  EXPECT_EQ(iso_date(15019.99), "1899-12-31");
  EXPECT_EQ(iso_date(15020.0), "1900-01-01");
  EXPECT_EQ(iso_date(40587.0), "1970-01-01");
  EXPECT_EQ(iso_date(0.0), "1858-11-17");
  EXPECT_EQ(iso_date(-0.5), "1858-11-16");
  EXPECT_EQ(iso_date(51603.0), "2000-02-29");
}

TEST(IsoDatetime, IsADateAloneWhereTheArchiveKnowsNoMore) { EXPECT_EQ(iso_datetime(20005.0), "1913-08-26"); }

TEST(IsoDatetime, RoundsToSeconds) {
  EXPECT_EQ(iso_datetime(11504.5), "1890-05-17T12:00:00");
  EXPECT_EQ(iso_datetime(11504.0 + 11564.0 / 86400.0), "1890-05-17T03:12:44");
}

TEST(IsoDatetime, NeverShowsTheSecondSixty) {
  EXPECT_EQ(iso_datetime(11504.0 + 86399.7 / 86400.0), "1890-05-18T00:00:00");
}

TEST(IsoDatetime, CountsTimesBeforeTheOriginForwards) { EXPECT_EQ(iso_datetime(-0.25), "1858-11-16T18:00:00"); }

TEST(IsoDate, IsSomeDateForNumbersThatAreNone) {
  for (const double mjd :
       {1e300, -1e300, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THAT(iso_date(mjd), testing::MatchesRegex("[0-9]+-[0-9][0-9]-[0-9][0-9]"));
    EXPECT_THAT(iso_datetime(mjd), testing::MatchesRegex("[0-9]+-[0-9][0-9]-[0-9][0-9]"));
  }
  EXPECT_EQ(iso_date(-678575.0), "0001-01-01");
  EXPECT_EQ(iso_date(2973483.0), "9999-12-31");
}

TEST(JulianYear, Is2000AtItsEpoch) {
  EXPECT_DOUBLE_EQ(julian_year(51544.5), 2000.0);
  EXPECT_DOUBLE_EQ(julian_year(51544.5 - 365.25 * 110), 1890.0);
}

TEST(UnixSeconds, AreNegativeForOldPlates) {
  EXPECT_DOUBLE_EQ(unix_seconds(40587.0), 0.0);
  EXPECT_DOUBLE_EQ(unix_seconds(11504.0), -2512771200.0);
}

TEST(UnixSeconds, GoBothWays) { EXPECT_DOUBLE_EQ(mjd_of_unix(unix_seconds(11504.125)), 11504.125); }

}  // namespace
}  // namespace platefs::vo
