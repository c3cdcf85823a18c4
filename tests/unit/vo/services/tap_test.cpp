// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/tap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platefs::vo {
namespace {

IcrsPosition at(double ra, double dec) { return IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec)); }

TapService gavo() { return {.name = "gavo", .url = Url::parse("http://dc.g-vo.org/tap")}; }

TEST(PlatesAdql, AsksForImagesThatContainThePositionInOrderOfTime) {
  EXPECT_EQ(plates_adql(gavo(), at(156.01124674021, 48.14753874736)),
            "SELECT * FROM ivoa.obscore WHERE dataproduct_type = 'image' AND "
            "1 = CONTAINS(POINT('ICRS', 156.01124674021, 48.14753874736), s_region) ORDER BY t_min");
}

TEST(PlatesAdql, LeavesOutCollectionsAndQuotesTheirPatterns) {
  auto service = gavo();
  service.excluded_collections = {"%RASS%", "O'Neil"};
  EXPECT_THAT(plates_adql(service, at(10, 20)),
              testing::HasSubstr(" AND NOT obs_collection LIKE '%RASS%' AND NOT obs_collection LIKE "
                                 "'O''Neil' ORDER BY"));
}

TEST(PlatesAdql, KeepsAFurtherConditionTogether) {
  auto service = gavo();
  service.where = "t_max < 20000 OR t_max IS NULL";
  EXPECT_THAT(plates_adql(service, at(10, 20)), testing::HasSubstr(" AND (t_max < 20000 OR t_max IS NULL) ORDER BY"));
}

TEST(PlatesAdql, AsksForOtherTypesOrForAny) {
  auto service = gavo();
  service.dataproduct_types = {"image", "cube"};
  EXPECT_THAT(plates_adql(service, at(10, 20)),
              testing::HasSubstr("WHERE dataproduct_type IN ('image', 'cube') AND 1 ="));
  service.dataproduct_types = {};
  EXPECT_EQ(plates_adql(service, at(10, 20)),
            "SELECT * FROM ivoa.obscore WHERE 1 = CONTAINS(POINT('ICRS', 10, 20), s_region) ORDER BY t_min");
}

TEST(PlatesAdql, WritesNumbersWithoutAnExponent) {
  EXPECT_THAT(plates_adql(gavo(), at(0.00001, -0.00002)),
              testing::HasSubstr("POINT('ICRS', 0.00001000000000000, -0.00002000000000000)"));
}

TEST(SyncQuery, PostsTheQueryToTheSyncEndpoint) {
  const auto request = sync_query(gavo(), "SELECT 1+1 FROM x");
  EXPECT_EQ(request.url.text(), "http://dc.g-vo.org/tap/sync");
  EXPECT_EQ(request.form, "REQUEST=doQuery&LANG=ADQL&RESPONSEFORMAT=votable&QUERY=SELECT%201%2B1%20FROM%20x");
}

TEST(SyncQuery, TakesTheUrlOfTheEndpointForThatOfTheService) {
  for (const auto* given : {"http://archive.test/tap/sync", "http://archive.test/tap/async/"}) {
    const TapService service{"demo", Url::parse(given)};
    EXPECT_EQ(sync_query(service, "SELECT").url.text(), "http://archive.test/tap/sync");
  }
}

TEST(SyncQuery, TakesABaseUrlWithASlashAtItsEnd) {
  auto service = gavo();
  service.url = Url::parse("http://dc.g-vo.org/tap//");
  EXPECT_EQ(sync_query(service, "").url.text(), "http://dc.g-vo.org/tap/sync");
}

}  // namespace
}  // namespace platefs::vo
