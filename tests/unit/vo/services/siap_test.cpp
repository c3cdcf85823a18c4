// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/siap.h"

#include <gtest/gtest.h>

namespace platefs::vo {
namespace {

IcrsPosition at(double ra, double dec) { return IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec)); }

TEST(Siap2, AsksForImagesAtThePlace) {
  const TapService service{
      .name = "sia", .url = Url::parse("http://archive.test/sia/query?set=plates"), .kind = ServiceKind::Siap2};
  const auto url = siap2_query(service, at(10.5, -41.25)).url;
  EXPECT_EQ(url.parameter("POS"), std::vector<std::string>{"CIRCLE 10.500000000 -41.250000000 0.000138889"});
  EXPECT_EQ(url.parameter("DPTYPE"), std::vector<std::string>{"image"});
  EXPECT_EQ(url.parameter("set"), std::vector<std::string>{"plates"}) << "what the service's URL says stays";
}

TEST(Siap1, AsksForFitsImagesThatCoverThePlace) {
  const TapService service{.name = "sia", .url = Url::parse("http://archive.test/sia?"), .kind = ServiceKind::Siap1};
  const auto url = siap1_query(service, at(10.5, -41.25)).url;
  EXPECT_EQ(url.parameter("POS"), std::vector<std::string>{"10.500000000,-41.250000000"});
  EXPECT_EQ(url.parameter("SIZE"), std::vector<std::string>{"0"});
  EXPECT_EQ(url.parameter("FORMAT"), std::vector<std::string>{"image/fits"});
}

TEST(Siap1, NamesItsColumnsByTheirUcds) {
  std::vector<VotableField> fields;
  for (const auto* ucd :
       {"VOX:Image_Title", "POS_EQ_RA_MAIN", "vox:image_accessreference", "phot.mag", "meta.ref.url"}) {
    VotableField field;
    field.name = "c" + std::to_string(fields.size());
    field.ucd = ucd;
    fields.push_back(field);
  }
  Votable answer;
  answer.fields = fields;
  name_as_obscore(answer);
  EXPECT_EQ(answer.fields[0].name, "obs_title");
  EXPECT_EQ(answer.fields[1].name, "s_ra");
  EXPECT_EQ(answer.fields[2].name, "access_url");
  EXPECT_EQ(answer.fields[3].name, "c3");
  EXPECT_EQ(answer.fields[4].name, "c4") << "one column has the name already";
}

}  // namespace
}  // namespace platefs::vo
