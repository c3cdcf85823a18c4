// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/plate_name.h"

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

namespace platefs::fs {
namespace {

vo::Plate plate(std::string did, std::optional<double> t_min = 11504.5, std::string collection = {}) {
  vo::Plate plate;
  plate.obs_publisher_did = std::move(did);
  plate.t_min = t_min;
  plate.obs_collection = std::move(collection);
  return plate;
}

PlateNames assign_plate_names(const std::vector<vo::Plate>& plates, PlateNames names) {
  std::vector<const vo::Plate*> pointers;
  for (const auto& each : plates) pointers.push_back(&each);
  add_plate_names(pointers, names);
  return names;
}

std::optional<std::string> name_of(const PlateNames& names, const vo::Plate& plate) {
  const auto* name = NamesByPlate{names}.of(plate);
  return name == nullptr ? std::nullopt : std::optional{*name};
}

TEST(PlateName, IsTheDateAndTheScan) {
  EXPECT_EQ(plain_plate_name(plate("ivo://org.gavo.dc/~?dasch/q/i00811")), "1890-05-17_i00811");
  EXPECT_EQ(plain_plate_name(plate("ivo://org.gavo.dc/~?applause/q/DR3/scans/HAM-AG/AG03152_y.fits", 20005.0)),
            "1913-08-26_AG03152_y");
}

TEST(PlateName, SaysThatThereIsNoDate) {
  EXPECT_EQ(plain_plate_name(plate("ivo://a/~?x/i00811", std::nullopt)), "undated_i00811");
}

TEST(ScanId, DropsTheExtensionAndThePacking) {
  EXPECT_EQ(scan_id(plate("ivo://a/b?c/d.fits")), "d");
  EXPECT_EQ(scan_id(plate("ivo://a/b?c/d.fits.fz")), "d");
  EXPECT_EQ(scan_id(plate("ivo://a/b?c/d.v2.1")), "d.v2.1");
  EXPECT_EQ(scan_id(plate("ivo://a/b?c/.fits")), "fits");
}

TEST(ScanId, KeepsTheNumberOfAnExposure) { EXPECT_EQ(scan_id(plate("ivo://a/~?dasch/q/b01941#2")), "b01941_2"); }

TEST(ScanId, IsDecodedAndCleaned) {
  EXPECT_EQ(scan_id(plate("ivo://a/~?q/POT%20032+b")), "POT_032+b");
  EXPECT_EQ(scan_id(plate("ivo://a/~?q/M\xc3\xbcnster")), "M__nster");
}

TEST(ScanId, ComesFromTheUrlWhereThereIsNoIdentifier) {
  auto named_by_url = plate("");
  named_by_url.access_url = "http://a/files/AG1.fits";
  EXPECT_EQ(scan_id(named_by_url), "AG1");
  EXPECT_EQ(scan_id(vo::Plate{}), "plate");
}

TEST(ScanId, OfAUrlIsItsFileAndNotHowItIsWanted) {
  const auto of_url = [](const char* url) {
    auto named_by_url = plate("");
    named_by_url.access_url = url;
    return scan_id(named_by_url);
  };
  EXPECT_EQ(of_url("http://a/files/AG1.fits?download=1"), "AG1");
  EXPECT_EQ(of_url("https://a/scans/AG2.fits.fz?token=x/y&download=1"), "AG2");
  EXPECT_EQ(of_url("http://a/files/AG1.fits?"), "AG1");
  EXPECT_EQ(of_url("http://a/cutout.fits?ID=ivo://b/~?q/i00811"), "i00811");
  EXPECT_EQ(of_url("http://a/get?file=i00811.fits"), "i00811");
}

TEST(ScanId, CannotLeaveItsDirectory) {
  for (const auto* did : {"ivo://a/..", "ivo://a/%2e%2e%2f%2e%2e", "../../etc/passwd", "ivo://a/?/", "...", "/"}) {
    const auto id = scan_id(plate(did));
    EXPECT_THAT(id, testing::MatchesRegex("[A-Za-z0-9_+-][A-Za-z0-9._+-]*")) << did;
  }
}

TEST(PlateNames, OfDifferentCollectionsThatClashSayTheirCollection) {
  const auto names = assign_plate_names(
      {plate("ivo://a/~?x/i1", 11504.5, "DASCH"), plate("ivo://b/~?y/i1", 11504.7, "APPLAUSE DR3")}, {});
  EXPECT_EQ(names.at("ivo://a/~?x/i1"), "1890-05-17_i1_DASCH");
  EXPECT_EQ(names.at("ivo://b/~?y/i1"), "1890-05-17_i1_APPLAUSE_DR3");
}

TEST(PlateNames, OfOneCollectionThatClashAreNumberedInTheOrderOfTheirIdentifiers) {
  const auto names = assign_plate_names(
      {plate("ivo://c/i1", 11504.5, "X"), plate("ivo://a/i1", 11504.5, "X"), plate("ivo://b/i1", 11504.5, "X")}, {});
  EXPECT_EQ(names.at("ivo://a/i1"), "1890-05-17_i1_X");
  EXPECT_EQ(names.at("ivo://b/i1"), "1890-05-17_i1_X~2");
  EXPECT_EQ(names.at("ivo://c/i1"), "1890-05-17_i1_X~3");
}

TEST(PlateNames, StayWhoeverComesLater) {
  const auto first = assign_plate_names({plate("ivo://b/i1", 11504.5, "X")}, {});
  EXPECT_EQ(first.at("ivo://b/i1"), "1890-05-17_i1");
  const auto later = assign_plate_names({plate("ivo://a/i1", 11504.5, "X"), plate("ivo://b/i1", 11504.5, "X")}, first);
  EXPECT_EQ(later.at("ivo://b/i1"), "1890-05-17_i1");
  EXPECT_EQ(later.at("ivo://a/i1"), "1890-05-17_i1_X");
}

vo::Plate exposure(const std::string& did, double t_min, const std::string& digest) {
  auto one = plate(did, t_min, "X");
  one.exposure = digest;
  return one;
}

TEST(PlateNames, OfExposuresOfOnePlateSayTheirDates) {
  const std::vector<vo::Plate> plates{exposure("ivo://a/i1", 11504.5, "e1"), exposure("ivo://a/i1", 13000.0, "e2")};
  const auto names = assign_plate_names(plates, {});
  EXPECT_EQ(*name_of(names, plates[0]), "1890-05-17_i1");
  EXPECT_EQ(*name_of(names, plates[1]), "1894-06-21_i1");
}

TEST(PlateNames, OfExposuresOfOneDayAreNumberedByTime) {
  const std::vector<vo::Plate> plates{exposure("ivo://a/i1", 11504.7, "e1"), exposure("ivo://a/i1", 11504.5, "e2")};
  const auto names = assign_plate_names(plates, {});
  EXPECT_EQ(*name_of(names, plates[1]), "1890-05-17_i1_X");
  EXPECT_EQ(*name_of(names, plates[0]), "1890-05-17_i1_X~2");
  EXPECT_EQ(assign_plate_names({plates[1], plates[0]}, {}), names);
}

TEST(PlateNames, GivenWhenAPlateWasOneDirectoryStayWithTheExposureOfTheirDate) {
  const PlateNames old{{"ivo://a/i1", "1890-05-17_i1"}};
  const std::vector<vo::Plate> plates{exposure("ivo://a/i1", 10000.0, "e0"), exposure("ivo://a/i1", 11504.5, "e1")};
  const auto names = assign_plate_names(plates, old);
  EXPECT_EQ(*name_of(names, plates[1]), "1890-05-17_i1");
  EXPECT_EQ(*name_of(names, plates[0]), "1886-04-04_i1");
  EXPECT_EQ(assign_plate_names(plates, names), names);
}

TEST(PlateNames, OfAPlateOfOneExposureStaysWhateverItsRowSaysNow) {
  const auto old = assign_plate_names({exposure("ivo://a/i1", 11504.5, "e1")}, {});
  const auto corrected = exposure("ivo://a/i1", 11505.5, "e2");
  EXPECT_EQ(*name_of(assign_plate_names({corrected}, old), corrected), "1890-05-17_i1");
}

TEST(PlateNames, OfAnExposureStaysWhereOnlyItsRegionIsToldInOtherWords) {
  const std::vector<vo::Plate> before{exposure("ivo://a/i1", 11504.5, "e1"), exposure("ivo://a/i1", 13000.0, "e2")};
  const auto given = assign_plate_names(before, {});
  const std::vector<vo::Plate> after{exposure("ivo://a/i1", 11504.5, "e1"), exposure("ivo://a/i1", 13000.0, "e3")};
  EXPECT_EQ(*name_of(assign_plate_names(after, given), after[1]), "1894-06-21_i1");
}

TEST(PlateNames, AreKeptByIdentifierWhateverStandsBehindIt) {
  EXPECT_EQ(did_of_name("ivo://a/i1"), "ivo://a/i1");
  EXPECT_EQ(did_of_name("ivo://a/i1\ne1"), "ivo://a/i1");
}

TEST(PlateNames, LeaveRoomForAnEndingInTheNameOfAFile) {
  const std::string long_part(400, 'x');
  const std::vector<vo::Plate> plates{plate("ivo://a/" + long_part + "#" + long_part, 11504.5, long_part),
                                      plate("ivo://b/" + long_part + "#" + long_part, 11504.5, long_part)};
  for (const auto& [did, name] : assign_plate_names(plates, {})) EXPECT_LE(name.size(), 240U);
}

RC_GTEST_PROP(PlateNamesProperty, AreUniqueSafeAndTheSameForEveryOrderOfTheRows,
              (const std::vector<std::string>& dids, bool dated)) {
  std::vector<vo::Plate> plates;
  for (const auto& did : dids) plates.push_back(plate(did, dated ? std::optional{11504.5} : std::nullopt, "C"));
  const auto names = assign_plate_names(plates, {});
  std::set<std::string> taken;
  for (const auto& [did, name] : names) {
    RC_ASSERT(taken.insert(name).second);
    RC_ASSERT(name.size() <= 240U);
    RC_ASSERT(name.find('/') == std::string::npos && name.front() != '.');
  }
  std::reverse(plates.begin(), plates.end());
  RC_ASSERT(assign_plate_names(plates, {}) == names);
  RC_ASSERT(assign_plate_names(plates, names) == names);
}

TEST(PlateNames, OfTwoArchivesThatListOneIdentifierAreTwo) {
  vo::Plate plate;
  plate.obs_publisher_did = "ivo://a/plates/one";
  plate.t_min = 11504.5;
  auto twin = plate;
  plate.authority = "http://a/tap";
  twin.authority = "http://b/tap";
  const auto names = fs::assign_plate_names({twin, plate}, {});
  ASSERT_NE(fs::name_of(names, plate), std::nullopt);
  ASSERT_NE(fs::name_of(names, twin), std::nullopt);
  EXPECT_NE(*fs::name_of(names, plate), *fs::name_of(names, twin));
  for (const auto& [key, name] : names) EXPECT_EQ(fs::did_of_name(key), "ivo://a/plates/one");
  EXPECT_EQ(fs::assign_plate_names({plate}, names), names);
  EXPECT_EQ(fs::assign_plate_names({twin}, names), names);
}

}  // namespace
}  // namespace platefs::fs
