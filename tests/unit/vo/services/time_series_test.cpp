// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/time_series.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/votable_builder.h"
#include "vo/services/plate_search.h"

namespace platefs::vo {
namespace {

using testing::HasSubstr;

IcrsPosition at(double ra, double dec) { return IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec)); }

TapService service() { return {"a", Url::parse("http://a.example/tap")}; }

TEST(TimeSeriesService, IsAskedByPositionsNearThePlaceAndForThatTypeAlone) {
  const auto asked = *time_series_service(service());
  ASSERT_TRUE(asked.place_form);
  const auto adql = plates_adql(asked, at(150, 20), *asked.place_form);
  EXPECT_THAT(adql, HasSubstr("dataproduct_type = 'timeseries' AND "));
  // Ten arc seconds and a tenth of a degree on either side.
  EXPECT_THAT(adql, HasSubstr("s_dec BETWEEN 19.8972"));
  EXPECT_THAT(adql, HasSubstr("AND 20.1027"));
  EXPECT_THAT(adql, HasSubstr("AND s_ra BETWEEN 149.89"));
}

TEST(TimeSeriesService, ListsWhatIsWithinTenArcSecondsHoweverLittleItsRowTells) {
  const auto asked = *time_series_service(service());
  std::string text;
  const auto add = [&](const std::string& did, const std::string& region, double dec, const std::string& field) {
    text +=
        fmt::format("<TR><TD>{}</TD><TD>{}</TD><TD>150</TD><TD>{:.9f}</TD><TD>{}</TD></TR>", did, region, dec, field);
  };
  constexpr double kArcsec = 1 / 3600.0;
  add("here", "", 20 + 3 * kArcsec, "");
  add("of no field", "", 20 + 3 * kArcsec, "0");
  add("beside", "", 20 + 20 * kArcsec, "");
  add("of a field that reaches", "", 20 + 20 * kArcsec, "0.02");
  add("at a point", "Circle ICRS 150 20.002 0.0001", 20 + 7.2 * kArcsec, "");
  add("at a point beside", "Circle ICRS 150 20.01 0.0001", 20 + 36 * kArcsec, "");
  auto rows = read_votable(test::votable_document(test::table(
      "<FIELD name=\"obs_publisher_did\" datatype=\"char\" arraysize=\"*\"/>"
      "<FIELD name=\"s_region\" datatype=\"char\" arraysize=\"*\"/><FIELD name=\"s_ra\" datatype=\"double\"/>"
      "<FIELD name=\"s_dec\" datatype=\"double\"/><FIELD name=\"s_fov\" datatype=\"double\"/>",
      test::tabledata(text))));
  drop_rows_outside(rows, PlaceForm::Box, at(150, 20), asked.reach, asked.usual_field);
  std::vector<std::string> left;
  for (std::size_t i = 0; i < rows.rows.size(); ++i) left.push_back(text_of(rows.rows.cell(i, 0)));
  EXPECT_THAT(left, testing::ElementsAre("here", "of no field", "of a field that reaches", "at a point"));
}

TEST(TimeSeriesService, IsNoneWhereRowsHaveNoTypeOrNoQueryIsTaken) {
  auto untyped = service(), form = service();
  untyped.dataproduct_types = {};
  form.kind = ServiceKind::Template;
  EXPECT_FALSE(time_series_service(untyped));
  EXPECT_FALSE(time_series_service(form));
}

}  // namespace
}  // namespace platefs::vo
