// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/target_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fs/tree/reserved_names.h"

namespace platefs::fs {
namespace {

using vo::Angle;

std::string canonical(std::string_view name) {
  const auto parsed = parse_target(name, Angle::arcminutes(10));
  const auto* target = std::get_if<Target>(&parsed);
  return target != nullptr ? target->canonical_name() : "no target";
}

std::string reason_against(std::string_view name) {
  const auto parsed = parse_target(name, Angle::arcminutes(10));
  const auto* refused = std::get_if<NoTarget>(&parsed);
  if (refused == nullptr) return "a target";
  return refused->worth_logging ? refused->reason : "";
}

std::string object(std::string_view name) {
  const auto parsed = parse_target(name, Angle::arcminutes(10));
  const auto* found = std::get_if<ObjectName>(&parsed);
  return found != nullptr ? found->name : "no object";
}

TEST(TargetName, EverySpellingOfAPlaceHasOneCanonicalName) {
  // 10h24m02.7s = 156.01125 deg, 48d08m51s = 48.1475 deg, by hand.
  for (const auto* spelled :
       {"156.01125+48.1475", "156.01125 48.1475", "156.01125,48.1475", "156.01125, +48.1475", "156.01125000+48.14750",
        "156.01125°+48.1475°", "J102402.7+480851", "j102402.70+480851.0", "102402.7+480851", "10:24:02.7+48:08:51",
        "10:24:02.7 +48:08:51", "10h24m02.7s+48d08m51s", "10H24M02.7S+48D08M51S", "10h 24m 02.7s +48d 08m 51s",
        "10 24 02.7 +48 08 51", "10 24 02.7 48 08 51", "10h24m02.7s+48°08'51\"", "10ʰ24ᵐ02.7ˢ+48°08′51″"}) {
    EXPECT_EQ(canonical(spelled), "156.01125+48.1475") << spelled;
  }
}

TEST(TargetName, SouthernPlacesKeepTheirSignWhateverItsForm) {
  for (const auto* spelled : {"83.82208-5.39111",
                              "83.82208\xe2\x88\x92"
                              "5.39111",
                              "83.82208 -5.39111"}) {
    EXPECT_EQ(canonical(spelled), "83.82208-5.39111") << spelled;
  }
  EXPECT_EQ(canonical("00:00:00-00:30:00"), "0-0.5");
  EXPECT_EQ(canonical("0-0"), "0+0");
}

TEST(TargetName, ADesignationMayBeRoundedOrCutOff) {
  // The place of the notebook, 10:24:02.6992 +48:08:51.139: rounded and as the IAU wants it.
  EXPECT_EQ(canonical("J102402.7+480851"), "156.01125+48.1475");
  EXPECT_EQ(canonical("J102402.6+480851"), "156.01083333333+48.1475");
  EXPECT_EQ(canonical("J102402.69+480851.1"), "156.01120833333+48.14752777778");
  EXPECT_EQ(canonical("J1024+4808"), "156+48.13333333333");
}

TEST(TargetName, KeepsElevenDecimals) {
  EXPECT_EQ(canonical("156.01124674021+48.14753874736"), "156.01124674021+48.14753874736");
  EXPECT_EQ(canonical(canonical("10:24:02.6992176504+48:08:51.139490496")),
            canonical("10:24:02.6992176504+48:08:51.139490496"));
  EXPECT_EQ(canonical("359.9999999999999+0"), "0+0");
}

TEST(TargetName, ASizeMakesAnotherTargetUnlessItIsTheDefault) {
  EXPECT_EQ(canonical("156.011+48.148@20m"), canonical("156.011+48.148@1200s"));
  EXPECT_EQ(canonical("156.011+48.148@0.5d"), "156.011+48.148@0.5d");
  EXPECT_EQ(canonical("156.011+48.148@90s"), "156.011+48.148@0.025d");
  EXPECT_EQ(canonical("156.011+48.148@10m"), "156.011+48.148");
  for (const auto* wrong : {"156.011+48.148@", "156.011+48.148@20", "156.011+48.148@-1m", "156.011+48.148@0m",
                            "156.011+48.148@11d", "M31@big"}) {
    EXPECT_THAT(reason_against(wrong), testing::HasSubstr("no radius")) << wrong;
  }
}

TEST(TargetName, SaysWhyCoordinatesAreImpossible) {
  EXPECT_THAT(reason_against("400+95"), testing::HasSubstr("400"));
  EXPECT_THAT(reason_against("360+0"), testing::HasSubstr("360"));
  EXPECT_THAT(reason_against("156-95"), testing::HasSubstr("95"));
  EXPECT_THAT(reason_against("10:61:02.7+48:08:51"), testing::HasSubstr("61"));
  EXPECT_THAT(reason_against("25:00:00+10:00:00"), testing::HasSubstr("375"));
  EXPECT_THAT(reason_against("156.011+"), testing::HasSubstr("declination is missing"));
}

TEST(TargetName, ObjectsHaveOneNameHoweverItsBlanksAreWritten) {
  EXPECT_EQ(object("M31"), "M31");
  EXPECT_EQ(object("HD_1234"), "HD 1234");
  EXPECT_EQ(object("AG__Dra"), "AG Dra");
  for (const auto* name : {"4C+01.02", "2MASS J10240269+4808511", "B1817-43", "V* T CrB", "* alf Gem",
                           "NAME Barnard's star", "SN 1987A", "[SC96] Q 0109+176", "Vega"}) {
    EXPECT_EQ(object(name), name);
  }
}

TEST(TargetName, AnObjectsDirectoryKeepsItsNameAndItsPlaceTheIdentity) {
  const auto parsed = parse_target("AG_Dra@20m", Angle::arcminutes(10));
  const auto target =
      std::get<ObjectName>(parsed).at(vo::IcrsPosition::at(Angle::degrees(240.5), Angle::degrees(66.75)));
  EXPECT_EQ(target.canonical_name(), "240.5+66.75@0.3333333333333333d");
  EXPECT_EQ(target.directory_name(), "AG_Dra@20m");
  EXPECT_EQ(target.title(), "AG Dra@20m");
}

TEST(TargetName, ADirectoryHasTheShortestRadiusThatIsReadAsTheSame) {
  for (const auto& [spelled, shown] : {std::pair{"@0.5d", "@30m"},
                                       {"@1d", "@1d"},
                                       {"@2m", "@2m"},
                                       {"@90s", "@90s"},
                                       {"@11m", "@11m"},
                                       {"@0.1s", "@0.1s"},
                                       {"@7.123456789m", nullptr},
                                       {"@10m", ""}}) {
    const auto parsed = std::get<Target>(parse_target(std::string{"1+2"} + spelled, Angle::arcminutes(10)));
    const auto name = parsed.directory_name();
    EXPECT_EQ(name, shown != nullptr ? std::string{"1+2"} + shown : name);
    const auto again = std::get<Target>(parse_target(name, Angle::arcminutes(10)));
    EXPECT_EQ(again.canonical_name(), parsed.canonical_name());
  }
}

TEST(TargetName, YearsBehindItSelectPlatesOfTheSamePlace) {
  for (const auto* spelled : {"1+2@1890-1920", "1+2@5m@1890-1920", "1+2@1890-1920@5m", "AG_Dra@1890-1920"}) {
    const auto parsed = parse_target(spelled, Angle::arcminutes(10));
    const auto* place = std::get_if<Target>(&parsed);
    const auto years = place != nullptr ? place->years : std::get<ObjectName>(parsed).years;
    EXPECT_EQ(years, (Years{1890, 1920})) << spelled;
  }
  const auto target = std::get<Target>(parse_target("1+2@1890-1920@5m", Angle::arcminutes(10)));
  EXPECT_EQ(target.directory_name(), "1+2@5m@1890-1920");
  EXPECT_EQ(target.canonical_name(), canonical("1+2@5m"));
  for (const auto* wrong :
       {"1+2@1920-1890", "1+2@1890", "1+2@1890-1920@1890-1921", "1+2@5m@6m", "1+2@1890-", "1+2@@5m"}) {
    EXPECT_EQ(canonical(wrong), "no target") << wrong;
  }
}

TEST(TargetName, WhatProgramsLookForEverywhereIsNoTargetAndNotWorthALine) {
  for (const auto* noise : {".git",
                            ".hidden",
                            ".Trash",
                            ".Trash-0",
                            ".sh_thumbnails",
                            "HEAD",
                            ".xdg-volume-info",
                            "autorun.inf",
                            ".DS_Store",
                            "._M31",
                            ".Trashes",
                            ".fseventsd",
                            ".Spotlight-V100",
                            ".metadata_never_index",
                            "desktop.ini",
                            "Thumbs.db",
                            ".directory",
                            ".nomedia",
                            "libc.so.6",
                            "libfuse3.so",
                            "tls",
                            "x86_64",
                            "objects",
                            "info",
                            ".ls",
                            "CVS",
                            ".svn",
                            ".editorconfig",
                            ".envrc",
                            ".python-version",
                            "pyproject.toml",
                            "__init__.py",
                            "package.json",
                            "Makefile",
                            "node_modules",
                            "feed.xml",
                            "M31.fits",
                            "core.1234",
                            "core",
                            "lost+found",
                            "System Volume Information",
                            "$RECYCLE.BIN",
                            "M31~",
                            "#M31#",
                            "4913",
                            "12345",
                            "a",
                            "README",
                            "usr",
                            "bin",
                            "glibc-hwcaps",
                            "{}",
                            "a=b",
                            "*",
                            "156.011+48.148.fits",
                            "\xff\xfe",
                            "M31\n"}) {
    EXPECT_EQ(reason_against(noise), "") << noise;
  }
}

}  // namespace
}  // namespace platefs::fs
