// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/plate_json.h"

#include <nlohmann/json.hpp>

#include "tests/support/mounted_tree.h"

namespace platefs::fs {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kNow = 1'700'000'000;

class PlateJsonTest : public testing::Test, protected test::MountedTree {
 protected:
  Json json() {
    const auto plate = at({"156.011+48.148", "1890-05-17_i00811"});
    return Json::parse(plate_json(*plate.plate, plate.target->target(), library, kNow));
  }
  void offer(std::vector<vo::Link> links, std::vector<vo::ServiceDescriptor> services = {}) {
    library.links->document.links = std::move(links);
    library.links->document.services = std::move(services);
    library.links->files = vo::plate_links(library.links->document, {});
  }
  static vo::Link link(const std::string& semantics, const std::string& url, const std::string& type) {
    vo::Link link;
    link.id = "d";
    link.semantics = semantics;
    link.access_url = url;
    link.content_type = type;
    return link;
  }
};

TEST_F(PlateJsonTest, SaysWhichExposureOfThePlateItIs) {
  auto earlier = test::dated_plate("ivo://a/~?dasch/q/i00811", 10000),
       later = test::dated_plate("ivo://a/~?dasch/q/i00811", 11504.5);
  earlier.exposure = "e1";
  later.exposure = "e2";
  later.s_ra = 156.5;
  library.plates->archives = {test::archive_answer("gavo", {later, earlier})};
  const auto said = json()["exposure"];
  EXPECT_EQ(said["number"], 2);
  EXPECT_EQ(said["of"], 2);
  EXPECT_EQ(said["ra"], 156.5);
}

TEST_F(PlateJsonTest, DoubtsADateThatCannotBeRight) {
  EXPECT_FALSE(json().contains("date_doubt"));
  auto wrong = test::dated_plate("ivo://a/~?dasch/q/i00811", 99999.0);
  library.plates->archives = {test::archive_answer("gavo", {wrong})};
  const auto plate = at({"156.011+48.148", "1890-05-17_i00811"});
  const auto said = Json::parse(plate_json(*plate.plate, plate.target->target(), library, kNow));
  EXPECT_THAT(said["date_doubt"].get<std::string>(), testing::HasSubstr("in the future"));
}

TEST_F(PlateJsonTest, NamesThePlateTheTargetAndTheRegion) {
  const auto plate = json();
  EXPECT_EQ(plate["plate"], "1890-05-17_i00811");
  EXPECT_EQ(plate["did"], "ivo://a/~?dasch/q/i00811");
  EXPECT_EQ(plate["archive"], "gavo");
  EXPECT_EQ(plate["date_min"], "1890-05-17T12:00:00");
  EXPECT_EQ(plate["date_max"], nullptr);
  EXPECT_EQ(plate["target"], "156.011+48.148");
}

TEST_F(PlateJsonTest, HoldsTheRowWithUnits) {
  auto plate = test::dated_plate("ivo://a/~?dasch/q/i00811", 11504.5);
  library.plates->archives = {test::archive_answer(
      "gavo", {plate}, {test::column_named("s_ra", "double", "deg"), test::column_named("note", "char")},
      {{156.0, "M\xfcnster"}})};
  const auto row = json()["obscore"];
  EXPECT_EQ(row["s_ra"]["value"], 156.0);
  EXPECT_EQ(row["s_ra"]["unit"], "deg");
  EXPECT_TRUE(row["note"]["value"].is_string());
  EXPECT_EQ(row["note"]["unit"], nullptr);
}

TEST_F(PlateJsonTest, SaysWhereFilesCameFromAndHowTheyFare) {
  product->known.state = cache::ProductState::Failed;
  product->known.error = "HTTP status 500";
  product->known.size = 2880;
  const auto file = json()["files"]["full.fits"];
  EXPECT_EQ(file["state"], "failed");
  EXPECT_EQ(file["error"], "HTTP status 500");
  EXPECT_EQ(file["size"], 2880);
}

TEST_F(PlateJsonTest, ListsTheWaysToACutoutInTheirOrder) {
  vo::ServiceDescriptor soda;
  soda.id = "proc";
  soda.standard_id = "ivo://ivoa.net/std/SODA#sync-1.0";
  soda.access_url = "http://a/dlget";
  soda.inputs.resize(1);
  soda.inputs[0].name = "CIRCLE";
  offer({link("#this", "http://a/small.fits?token=secret", "image/fits"),
         link("#science", "http://a/s.fits", "image/fits")},
        {soda});
  const auto plate = json();
  const auto sources = plate["files"]["cutout.fits"]["sources"];
  ASSERT_EQ(sources.size(), 3U);
  EXPECT_EQ(sources[0]["by"], "soda");
  EXPECT_THAT(sources[0]["url"].get<std::string>(), testing::HasSubstr("CIRCLE=156.011"));
  EXPECT_EQ(sources[1]["from"], "full.fits");
  EXPECT_EQ(sources[2]["from"], "links/science.fits");
  EXPECT_THAT(plate.dump(), testing::Not(testing::HasSubstr("secret")));
}

TEST_F(PlateJsonTest, SaysWhyAServiceCannotBeAsked) {
  vo::ServiceDescriptor soda;
  soda.standard_id = "ivo://ivoa.net/std/SODA#sync-1.0";
  soda.access_url = "http://a/dlget";
  soda.inputs.emplace_back().name = "BAND";
  offer({link("#this", "http://a/t.fits", "image/fits")}, {soda});
  EXPECT_THAT(json()["files"]["cutout.fits"]["sources"][0]["problem"].get<std::string>(), testing::HasSubstr("CIRCLE"));
}

TEST_F(PlateJsonTest, AsksNobody) {
  const auto plate = at({"156.011+48.148", "1890-05-17_i00811"});
  const auto before = library.questions;
  plate_json(*plate.plate, plate.target->target(), library, kNow);
  EXPECT_EQ(library.questions, before);
}

}  // namespace
}  // namespace platefs::fs
