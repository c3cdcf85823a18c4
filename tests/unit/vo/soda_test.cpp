// SPDX-License-Identifier: BSD-3-Clause
#include "vo/soda.h"

#include <cmath>
#include <sstream>

#include "vo/error.h"

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
  const auto url = asked(service({input("ID", "x"), input("POS"), input("RUNID", "abc"), input("BAND"),
                                  input("SCALE"), input("POL", "I"), input("POL", "Q")}));
  EXPECT_EQ(url.parameter("RUNID"), Values{"abc"});
  EXPECT_EQ(url.parameter("POL"), (Values{"I", "Q"}));
  EXPECT_TRUE(url.parameter("BAND").empty());
  EXPECT_TRUE(url.parameter("SCALE").empty());
  EXPECT_TRUE(url.parameter("CIRCLE").empty());
}

TEST(SodaRequest, SendsARegionOnceThatIsDeclaredForEachShape) {
  EXPECT_EQ(asked(service({input("ID", "x"), input("POS"), input("POS"), input("POS")})).parameter("POS").size(),
            1U);
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
    const auto distance =
        separation(kRegion.centre, IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec)));
    EXPECT_GE(distance, kRegion.radius);
    EXPECT_LT(distance.as_degrees(), kRegion.radius.as_degrees() * 1.05);
  }
  EXPECT_GE(corners, 8);
  EXPECT_TRUE(url.parameter("RA").empty());
}

TEST(SodaRequest, IsRefusedWhereNoRegionCanBeSaid) {
  EXPECT_THROW(asked(service({input("ID"), input("RA"), input("DEC")})), Error);
  EXPECT_THROW(asked(service({})), Error);
}

TEST(SodaRequest, IsRefusedWhereAValueStandsInAColumnThatIsNotHere) {
  EXPECT_THROW(asked(service({input("ID"), input("POS"), input("TOKEN", "", "token_column")})), Error);
  EXPECT_NO_THROW(asked(service({input("ID", "", "did_column"), input("POS")})));
}

TEST(SodaRequest, IsRefusedWhereTheUrlIsNone) {
  EXPECT_THROW(asked(service({input("POS")}, "")), Error);
  EXPECT_THROW(asked(service({input("POS")}, "file:///etc/passwd")), Error);
}

}  // namespace
}  // namespace platefs::vo
