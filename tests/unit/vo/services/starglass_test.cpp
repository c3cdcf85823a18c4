// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/starglass.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/gzipped.h"
#include "tests/support/held_transport.h"
#include "tests/support/votable_builder.h"
#include "vo/base/error.h"
#include "vo/base/mjd.h"
#include "vo/services/datalink.h"

namespace platefs::vo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto kHeader =
    "series,platenum,scannum,mosnum,expnum,solnum,class,ra,dec,exptime,expdate,wcssource,scandate,mosdate,centerdist,"
    "edgedist,limMagApass,limMagAtlas";

std::string answer_of(const std::vector<std::string>& lines) {
  std::string json = std::string{"[\""} + kHeader + "\"";
  for (const auto& line : lines) json += ",\"" + line + "\"";
  return json + "]";
}

PlateTable exposures(const std::string& answer) {
  return plates_from(read_votable(starglass_exposures(answer)), "starglass");
}

StarGlass service() {
  return StarGlass{
      {.name = "starglass", .url = Url::parse("https://api.test/public/dasch/dr7/"), .kind = ServiceKind::StarGlass}};
}

const std::string kSolved = "B,1941,0,0,1,0,,10.5,-41.25,60.0,1890-05-17T03-30-00.0Z,imwcs,,,3.1,4.2,14.5,";
const std::string kOther = "B,1941,0,0,2,1,,11.5,-41.25,60.0,1890-05-17T05-30-00.0Z,imwcs,,,3.1,4.2,,13";

TEST(StarGlass, EachExposureIsARowAndAllShareThePlate) {
  const auto table = exposures(answer_of({kSolved, kOther}));
  ASSERT_EQ(table.plates.size(), 2u);
  const auto& one = table.plates[0];
  EXPECT_EQ(one.obs_publisher_did, "https://starglass.cfa.harvard.edu/plate/b01941");
  EXPECT_EQ(one.obs_publisher_did, table.plates[1].obs_publisher_did);
  EXPECT_NE(one.exposure, table.plates[1].exposure);
  EXPECT_EQ(one.obs_id, "b01941m0s0");
  EXPECT_EQ(table.plates[1].obs_id, "b01941m0s1");
  EXPECT_EQ(one.s_ra, 10.5);
  EXPECT_EQ(one.t_exptime, 3600);
  EXPECT_EQ(iso_datetime(*one.t_min), "1890-05-17T03:00:00") << "the date is the middle of the exposure";
  EXPECT_EQ(iso_datetime(*one.t_max), "1890-05-17T04:00:00");
  EXPECT_EQ(one.unsolved, "");
}

TEST(StarGlass, WhatHasNoImageOfThePlaceSaysWhy) {
  const auto table = exposures(answer_of(
      {"a,7,0,0,3,-1,,999,99,,1900-01-02T03-04-60.0Z,logbook,,,,,,", "a,8,-1,-1,4,-1,,999,99,,,logbook,,,,,,"}));
  ASSERT_EQ(table.plates.size(), 2u);
  EXPECT_THAT(table.plates[0].unsolved.str(), HasSubstr("no astrometric solution"));
  EXPECT_THAT(table.plates[1].unsolved.str(), HasSubstr("not scanned"));
  EXPECT_EQ(table.plates[0].obs_id, "a00007e3");
  EXPECT_FALSE(table.plates[0].s_ra);
  EXPECT_TRUE(table.plates[0].t_min) << "of a minute that has 60 seconds";
  EXPECT_FALSE(table.plates[1].t_min);
}

TEST(StarGlass, LinesThatNameNoPlateAreLeftOut) {
  EXPECT_EQ(exposures(answer_of({"", "../x,1,0", "b,-1", "b,", kSolved})).plates.size(), 1u);
  EXPECT_TRUE(exposures(answer_of({})).plates.empty());
}

template <typename Work>
Error failure_of(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  return {ErrorKind::Cancelled, ""};
}

TEST(StarGlass, WhatItSaysInPlaceOfAnAnswerIsTold) {
  const auto said = failure_of([] { starglass_exposures(R"({"errorMessage": "the database sleeps"})"); });
  EXPECT_EQ(said.kind(), ErrorKind::Rejected);
  EXPECT_THAT(said.message(), HasSubstr("the database sleeps"));
  EXPECT_THAT(failure_of([] { service().unwrapped_cutout(R"({"message": "off the plate"})"); }).message(),
              HasSubstr("off the plate"));
  for (const auto* broken : {"<html>login</html>", "[]", "[1]", R"(["series,platenum"])", ""}) {
    EXPECT_EQ(failure_of([&] { starglass_exposures(broken); }).kind(), ErrorKind::Malformed) << broken;
  }
}

TEST(StarGlass, ACutoutIsAskedForBySolutionAndUnwrapped) {
  const auto table = exposures(answer_of({kSolved, kOther}));
  const Cone region{IcrsPosition::at(Angle::degrees(10), Angle::degrees(-41)), Angle::arcminutes(10)};
  const auto request = service().cutout_request(table, table.plates[1], region);
  EXPECT_EQ(request.url.text(), "https://api.test/public/dasch/dr7/cutout");
  EXPECT_EQ(*request.form, R"({"plate_id": "b01941", "solution_number": 1, "center_ra_deg": 10.0000000000, )"
                           R"("center_dec_deg": -41.0000000000})");
  const auto wrapped = "\"" + test::base64_of(test::gzipped("SIMPLE  = …")) + "\"";
  EXPECT_EQ(service().unwrapped_cutout(wrapped), "SIMPLE  = …");
  EXPECT_EQ(failure_of([&] { service().unwrapped_cutout("\"" + wrapped.substr(1, 12) + "\""); }).kind(),
            ErrorKind::Malformed);
}

TEST(StarGlass, NoCutoutIsAskedForWhereThereIsNoSolution) {
  const auto table = exposures(answer_of({"a,8,-1,-1,4,-1,,999,99,,,logbook,,,,,,"}));
  const Cone region{IcrsPosition::at(Angle::degrees(10), Angle::degrees(-41)), Angle::arcminutes(10)};
  EXPECT_EQ(failure_of([&] { service().cutout_request(table, table.plates[0], region); }).kind(), ErrorKind::NotFound);
}

DatalinkDocument files_when(test::HeldTransport::Answer answer) {
  test::HeldTransport transport;
  transport.answer_with(std::move(answer));
  return read_datalink(read_votable(service().files_document(transport, "b01941", {})));
}

http::Response json(const http::Request& request, std::string body, int status = 200) {
  return {{.status = status, .url = request.url}, std::move(body)};
}

TEST(StarGlass, BothScansOfAPlateAreItsFiles) {
  const auto links = files_when([](const http::Request& request) {
    const bool is_full = request.form->find("\"binning\": 1}") != std::string::npos;
    return json(request, is_full
                             ? R"({"baseFitsUrl": "https://s3.test/full?X-Amz-Expires=900", "baseFitsSize": 123456})"
                             : R"({"baseFitsUrl": "https://s3.test/binned"})");
  });
  ASSERT_EQ(links.links.size(), 2u);
  EXPECT_EQ(links.links[0].semantics, "#this");
  EXPECT_EQ(links.links[0].access_url, "https://s3.test/full?X-Amz-Expires=900");
  EXPECT_EQ(links.links[0].content_length, 123456u);
  EXPECT_EQ(links.links[1].access_url, "https://s3.test/binned");
}

TEST(StarGlass, AScanThatCantBeHadIsAFaultOfItsOwn) {
  const auto links = files_when([](const http::Request& request) {
    const bool is_full = request.form->find("\"binning\": 1}") != std::string::npos;
    return is_full ? json(request, R"({"message": "Forbidden"})", 403)
                   : json(request, R"({"baseFitsUrl": "https://s3.test/binned"})");
  });
  ASSERT_EQ(links.links.size(), 2u);
  EXPECT_TRUE(links.links[0].is_error());
  EXPECT_EQ(kind_of_fault(links.links[0].error_message), ErrorKind::NotAuthorized);
  EXPECT_EQ(links.links[1].access_url, "https://s3.test/binned");
}

TEST(StarGlass, AServiceThatIsOutOfOrderIsAFailure) {
  EXPECT_EQ(
      failure_of([] { files_when([](const http::Request& request) { return json(request, "{}", 500); }); }).kind(),
      ErrorKind::Unavailable);
}

}  // namespace
}  // namespace platefs::vo
