// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/cutout_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/held_transport.h"
#include "vo/base/error.h"

namespace platefs::vo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

IcrsPosition at(double ra, double dec) { return IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec)); }

TapService form(const std::string& url, std::vector<Survey> surveys) {
  TapService service{.name = "form", .url = Url::parse(url), .kind = ServiceKind::Template};
  service.surveys = std::move(surveys);
  return service;
}

const std::vector<Survey> kSurveys{
    {.id = "poss1_red", .title = "POSS-I E", .dec_min = -33},
    {.id = "DSS2 Red", .value = "DSS2 Red+", .dec_max = 30, .t_min = 47000.0, .pixel_scale = 2.0}};

PlateTable plates_at(const TapService& service, const IcrsPosition& position) {
  test::HeldTransport transport;
  return plates_from(read_votable(CutoutTemplate{service}.plates_document(transport, position, {})), "form");
}

std::vector<std::string> ids(const PlateTable& table) {
  std::vector<std::string> found;
  for (const auto& plate : table.plates) found.push_back(plate.obs_id.str());
  return found;
}

TEST(CutoutTemplate, EachSurveyIsAPlateWhereItHasSky) {
  const auto service = form("http://archive.test/cut?v={plate}&r={ra}&d={dec}&h={size}", kSurveys);
  EXPECT_THAT(ids(plates_at(service, at(10, 0))), ElementsAre("poss1_red", "DSS2 Red"));
  EXPECT_THAT(ids(plates_at(service, at(10, 60))), ElementsAre("poss1_red"));
  EXPECT_THAT(ids(plates_at(service, at(10, -60))), ElementsAre("DSS2 Red"));
}

TEST(CutoutTemplate, APlatesDateIsUnknownUnlessItsSurveyHasOne) {
  const auto table = plates_at(form("http://archive.test/cut?v={plate}&r={ra}&d={dec}&h={size}", kSurveys), at(10, 0));
  EXPECT_FALSE(table.plates[0].t_min);
  EXPECT_EQ(table.plates[1].t_min, 47000.0);
  EXPECT_EQ(table.plates[1].s_pixel_scale, 2.0);
}

TEST(CutoutTemplate, APlateOfASurveyIsAnotherOneAtAnotherPlace) {
  const auto service = form("http://archive.test/cut?v={plate}&r={ra}&d={dec}&h={size}", kSurveys);
  const auto here = plates_at(service, at(10, -0.5)).plates[0], there = plates_at(service, at(11, -0.5)).plates[0];
  EXPECT_EQ(here.obs_publisher_did, "http://archive.test/cut/10-0.5/poss1_red");
  EXPECT_NE(here.obs_publisher_did, there.obs_publisher_did);
  const CutoutTemplate one{service};
  EXPECT_NE(one.plates_question(at(10, 0)), one.plates_question(at(11, 0)));
}

TEST(CutoutTemplate, AnotherListOfSurveysIsAnotherQuestion) {
  auto service = form("http://archive.test/cut?v={plate}&r={ra}&d={dec}&h={size}", kSurveys);
  const auto question = CutoutTemplate{service}.plates_question(at(10, 0));
  service.surveys[0].dec_min = -30;
  EXPECT_NE(CutoutTemplate{service}.plates_question(at(10, 0)), question);
}

std::string url_of(const TapService& service, std::size_t plate, const Cone& region) {
  const auto table = plates_at(service, at(10, 0));
  return CutoutTemplate{service}.cutout_request(table, table.plates[plate], region).url.text();
}

TEST(CutoutTemplate, TheRequestHasPlaceSizeAndSurveyInEveryUnit) {
  const auto service = form(
      "http://archive.test/"
      "cut?v={plate}&r={ra}&d={dec}&deg={size}&min={size_arcmin}&sec={size_arcsec}&n={width_pixels}",
      kSurveys);
  EXPECT_EQ(url_of(service, 1, {at(10.25, -1e-7), Angle::arcminutes(50)}),
            "http://archive.test/cut?v=DSS2%20Red%2B&r=10.25&d=-0.0000001&deg=1.7&min=102&sec=6120&n=3060");
}

TEST(CutoutTemplate, NoMoreIsAskedThanTheFormGives) {
  auto service = form("http://archive.test/cut?v={plate}&r={ra}&d={dec}&h={size_arcmin}", kSurveys);
  service.largest_cutout = Angle::arcminutes(60);
  EXPECT_THAT(url_of(service, 0, {at(10, 0), Angle::degrees(2)}), HasSubstr("&h=60"));
}

std::string refusal(const std::string& url, const std::vector<Survey>& surveys) {
  try {
    check_cutout_template(url, surveys);
  } catch (const Error& error) {
    return error.message();
  }
  return {};
}

TEST(CutoutTemplate, WhatIsWrongWithAnEntryIsSaid) {
  const std::string good = "http://a.test/?p={plate}&r={ra}&d={dec}&s={size}";
  EXPECT_EQ(refusal(good, kSurveys), "");
  EXPECT_THAT(refusal(good + "&x={radius}", kSurveys), HasSubstr("{radius}"));
  EXPECT_THAT(refusal("http://a.test/?p={plate}&r={ra}&s={size}", kSurveys), HasSubstr("{dec}"));
  EXPECT_THAT(refusal("http://a.test/?p={plate}&r={ra}&d={dec}", kSurveys), HasSubstr("{size}"));
  EXPECT_THAT(refusal("http://a.test/?r={ra}&d={dec}&s={size}", kSurveys), HasSubstr("{plate}"));
  EXPECT_THAT(refusal(good, {}), HasSubstr("no plates"));
  EXPECT_THAT(refusal(good, {kSurveys[0], kSurveys[0]}), HasSubstr("two"));
  EXPECT_THAT(refusal(good, {{.id = "../x"}}), HasSubstr("no id"));
  EXPECT_THAT(refusal("http://a.test/?p={plate}&r={ra}&d={dec}&s={width_pixels}", kSurveys), HasSubstr("pixel-scale"));
}

}  // namespace
}  // namespace platefs::vo
