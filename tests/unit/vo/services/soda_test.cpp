// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/soda.h"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

const Cone kRegion{IcrsPosition::at(Angle::degrees(156.01124674021), Angle::degrees(48.14753874736)),
                   Angle::arcminutes(10)};

VotableField input(std::string name, std::string value = {}, std::string ref = {}) {
  VotableField field;
  field.name = std::move(name);
  field.value = std::move(value);
  field.ref = std::move(ref);
  return field;
}

ServiceDescriptor service(std::vector<VotableField> inputs, std::string url = "http://a/dlget") {
  ServiceDescriptor descriptor;
  descriptor.access_url = std::move(url);
  descriptor.inputs = std::move(inputs);
  return descriptor;
}

Url asked(const ServiceDescriptor& descriptor) {
  const auto request = soda_request(descriptor, "ivo://x/~?d", kRegion);
  EXPECT_EQ(request.form, std::nullopt);
  return request.url;
}

using Values = std::vector<std::string>;

TEST(SodaRequest, SendsTheDescriptorsIdAndACircle) {
  const auto url = asked(service({input("ID", "ad:MACHO/x.fits.fz"), input("CIRCLE"), input("POS")}));
  EXPECT_EQ(url.parameter("ID"), Values{"ad:MACHO/x.fits.fz"});
  EXPECT_EQ(url.parameter("CIRCLE"), Values{"156.01124674021 48.14753874736 0.16666666666666666"});
  EXPECT_TRUE(url.parameter("POS").empty());
}

TEST(SodaRequest, EncodesBlanksAndIdentifiersInFull) {
  const auto url = asked(service({input("ID"), input("POS")}));
  EXPECT_EQ(url.query(),
            "ID=ivo%3A%2F%2Fx%2F~%3Fd&POS=CIRCLE%20156.01124674021%2048.14753874736%200.16666666666666666");
}

TEST(SodaRequest, MatchesNamesInAnyCaseAndSendsThemAsDeclared) {
  EXPECT_EQ(asked(service({input("id", "x"), input("pos")})).query().substr(0, 8), "id=x&pos");
}

TEST(SodaRequest, SendsOnlyWhatIsDeclaredAndFixedValuesAlways) {
  const auto url = asked(service({input("ID", "x"), input("POS"), input("RUNID", "abc"), input("BAND"), input("SCALE"),
                                  input("POL", "I"), input("POL", "Q")}));
  EXPECT_EQ(url.parameter("RUNID"), Values{"abc"});
  EXPECT_EQ(url.parameter("POL"), (Values{"I", "Q"}));
  EXPECT_TRUE(url.parameter("BAND").empty());
  EXPECT_TRUE(url.parameter("SCALE").empty());
  EXPECT_TRUE(url.parameter("CIRCLE").empty());
}

TEST(SodaRequest, SendsARegionOnceThatIsDeclaredForEachShape) {
  EXPECT_EQ(asked(service({input("ID", "x"), input("POS"), input("POS"), input("POS")})).parameter("POS").size(), 1U);
}

TEST(SodaRequest, KeepsTheQueryThatTheUrlHas) {
  const auto url = asked(service({input("POS")}, "http://a/get?ID=fixed&v=1"));
  EXPECT_EQ(url.parameter("ID"), Values{"fixed"});
  EXPECT_EQ(url.parameter("v"), Values{"1"});
}

TEST(SodaRequest, NamesThePlateToAServiceThatForgotToAsk) {
  EXPECT_EQ(asked(service({input("POS")})).parameter("ID"), Values{"ivo://x/~?d"});
}

TEST(SodaRequest, DrawsAPolygonAroundTheCircle) {
  const auto url = asked(service({input("ID", "x"), input("POLYGON"), input("RA"), input("DEC")}));
  std::istringstream numbers{url.parameter("POLYGON").at(0)};
  double ra = 0, dec = 0;
  int corners = 0;
  while (numbers >> ra >> dec) {
    ++corners;
    const auto distance = separation(kRegion.centre, IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec)));
    EXPECT_GE(distance, kRegion.radius);
    EXPECT_LT(distance.as_degrees(), kRegion.radius.as_degrees() * 1.05);
  }
  EXPECT_GE(corners, 8);
  EXPECT_TRUE(url.parameter("RA").empty());
}

VotableField interval(const std::string& name, const std::string& min = {}, const std::string& max = {}) {
  auto field = input(name);
  field.datatype = "double";
  field.arraysize = "2";
  field.xtype = "interval";
  field.unit = "deg";
  field.min = min;
  field.max = max;
  return field;
}

Cone region_at(double ra, double dec) {
  return {IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec)), Angle::degrees(0.5)};
}

std::string right_ascensions(const VotableField& ra, const Cone& region) {
  const auto request = soda_request(service({input("ID", "x"), ra, interval("DEC")}), "ivo://x/~?d", region);
  return request.url.parameter("RA").at(0);
}

TEST(SodaRequest, BoxesTheCircleWhereOnlyIntervalsOfRaAndDecAreDeclared) {
  const auto url = soda_request(service({input("ID", "x"), interval("RA"), interval("DEC"), interval("BAND")}),
                                "ivo://x/~?d", region_at(100, 60))
                       .url;
  EXPECT_EQ(url.parameter("DEC"), Values{"59.45 60.55"});
  EXPECT_TRUE(url.parameter("BAND").empty());
  std::istringstream numbers{url.parameter("RA").at(0)};
  double low = 0, high = 0;
  ASSERT_TRUE(numbers >> low >> high);
  const double half = std::asin(std::sin(0.55 * M_PI / 180) / 0.5) * 180 / M_PI;  // Smart, spherical astronomy
  EXPECT_NEAR(low, 100 - half, 1e-9);
  EXPECT_NEAR(high, 100 + half, 1e-9);
}

TEST(SodaRequest, CountsRightAscensionsAcrossZeroAsTheImageDoes) {
  EXPECT_EQ(right_ascensions(interval("RA", "-3", "5"), region_at(0, 0)), "-0.55 0.55");
  EXPECT_NEAR(std::stod(right_ascensions(interval("RA", "-3", "5"), region_at(359, 0))), -1.55, 1e-9);
  EXPECT_EQ(right_ascensions(interval("RA", "355", "365"), region_at(1, 0)), "360.45 361.55");
  EXPECT_THROW(right_ascensions(interval("RA"), region_at(0, 0)), Error);
  EXPECT_THROW(right_ascensions(interval("RA", "90", "100"), region_at(0, 0)), Error);
}

TEST(SodaRequest, SaysNoBoxNearAPoleNorInOtherUnitsNorByTwoScalars) {
  EXPECT_NO_THROW(right_ascensions(interval("RA"), region_at(100, -84)));
  EXPECT_THROW(right_ascensions(interval("RA"), region_at(100, 85)), Error);
  auto hours = interval("RA");
  hours.unit = "h";
  EXPECT_THROW(right_ascensions(hours, region_at(100, 0)), Error);
  EXPECT_THROW(right_ascensions(input("RA"), region_at(100, 0)), Error);
}

TEST(SodaRequest, IsRefusedWhereNoRegionCanBeSaid) {
  EXPECT_THROW(asked(service({input("ID"), input("RA"), input("DEC")})), Error);
  EXPECT_THROW(asked(service({input("ID"), input("BAND")})), Error);
}

TEST(SodaRequest, IsRefusedWhereAValueStandsInAColumnThatIsNotHere) {
  EXPECT_THROW(asked(service({input("ID"), input("POS"), input("TOKEN", "", "token_column")})), Error);
  EXPECT_NO_THROW(asked(service({input("ID", "", "did_column"), input("POS")})));
}

TEST(SodaRequest, IsRefusedWhereTheUrlIsNone) {
  EXPECT_THROW(asked(service({input("POS")}, "")), Error);
  EXPECT_THROW(asked(service({input("POS")}, "file:///etc/passwd")), Error);
}

TEST(SodaRequest, OfAServiceThatDeclaresNothingIsTheStandardsOwn) {
  const auto url = asked(service({}, "http://a/sync?ID=x"));
  EXPECT_EQ(url.parameter("CIRCLE"), Values{"156.01124674021 48.14753874736 0.16666666666666666"});
  EXPECT_EQ(url.parameter("ID"), Values{"x"});
}

TEST(SodaServices, OfATableOfPlatesAreAskedAboutTheRow) {
  PlateTable table;
  VotableField did;
  did.id = "did";
  table.table.fields = {did};
  table.table.rows = {{VotableValue{std::string{"ivo://x/~?1"}}}, {VotableValue{std::string{"ivo://x/~?2"}}}};
  table.table.services = {service({input("ID", "", "did"), input("CIRCLE")}),
                          service({input("ID", "", "did"), input("BAND")})};
  Plate second;
  second.row = 1;
  const auto services = soda_services_of(table, second);
  ASSERT_EQ(services.size(), 1u);
  EXPECT_EQ(soda_request(services[0], "other", kRegion).url.parameter("ID"), Values{"ivo://x/~?2"});
}

TEST(SodaJob, SendsTheSameToTheListOfJobs) {
  auto descriptor = service({input("ID", "x"), input("CIRCLE")}, "http://a/jobs?collection=plates");
  descriptor.standard_id = "ivo://ivoa.net/std/SODA#async-1.0";
  EXPECT_TRUE(is_soda(descriptor));
  EXPECT_TRUE(is_asked_by_job(descriptor));
  const auto question = soda_job(descriptor, "ivo://x/~?d", kRegion);
  EXPECT_EQ(question.jobs.text(), "http://a/jobs?collection=plates");
  EXPECT_EQ(question.parameters,
            (Url::Parameters{{"ID", "x"}, {"CIRCLE", "156.01124674021 48.14753874736 0.16666666666666666"}}));
}

}  // namespace
}  // namespace platefs::vo
