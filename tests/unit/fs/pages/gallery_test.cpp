// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/gallery.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>

#include "fs/pages/plate_facts.h"
#include "tests/support/snapshot_builder.h"

namespace platefs::fs {
namespace {

using test::SnapshotBuilder;
using test::target_at;
using testing::HasSubstr;
using testing::Not;

vo::Plate plate_of(double t_min) {
  vo::Plate plate;
  plate.t_min = t_min;
  plate.t_exptime = 2700;
  plate.obs_collection = "DASCH";
  plate.s_ra = 156.0;
  plate.s_dec = 48.5;
  return plate;
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(GalleryPage, ShowsEveryPlateWithItsFactsAndFiles) {
  SnapshotBuilder builder;
  builder.archive("gavo", {{"1890-05-17_i00811", plate_of(11504.25)}, {"1932-01-01_b0001", plate_of(26707)}});
  const auto page = gallery_page(builder.get(), target_at(156.0, 48.0, "M 31"), "1.2");
  EXPECT_THAT(page, HasSubstr("<h1>M 31</h1>"));
  EXPECT_EQ(count(page, "class=\"card\""), 2u);
  EXPECT_THAT(page, HasSubstr("1890-05-17 <span>06:00 UT"));
  EXPECT_THAT(page, HasSubstr("45 min"));
  EXPECT_THAT(page, HasSubstr("30′ off centre"));
  EXPECT_THAT(page, HasSubstr("gavo · DASCH"));
  for (const auto* file :
       {"cutouts/1890-05-17_i00811.fits", "1890-05-17_i00811/full.fits", "1890-05-17_i00811/plate.json",
        "previews/1890-05-17_i00811.jpg", "stamps/1890-05-17_i00811.jpg", "aligned/1890-05-17_i00811.fits"}) {
    EXPECT_THAT(page, HasSubstr(fmt::format("\"{}\"", file)));
  }
  EXPECT_LT(page.find("1890-05-17_i00811"), page.find("1932-01-01_b0001"));
}

TEST(GalleryPage, KnowsTheComparisonStarsAndSaysWhetherStampsShowThem) {
  SnapshotBuilder builder;
  builder.archive("gavo", {{"1890-05-17_i00811", plate_of(11504.25)}});
  const vo::ComparisonStar star{"<b>&\"1\"", vo::IcrsPosition::at(vo::Angle::degrees(156), vo::Angle::degrees(48.1)),
                                11.5, "a"};
  const auto marked =
      gallery_page(builder.get(), target_at(156.0, 48.0, "M 31"), "1.2", {}, {{star}, true, "Gaia", {}});
  EXPECT_THAT(marked, HasSubstr("data-from=\"sequence\""));
  EXPECT_THAT(marked, HasSubstr("156.0000000,48.1000000,11.5,a"));
  EXPECT_THAT(marked, Not(HasSubstr("<b>&\"1\"")));
  EXPECT_THAT(marked, Not(HasSubstr("stars of Gaia")));
  EXPECT_THAT(marked, HasSubstr("data-plate=\"1890-05-17_i00811\" data-min=\"1890-05-17T06:00:00"));
  const auto offered = gallery_page(builder.get(), target_at(156.0, 48.0), "1.2", {}, {{}, false, "Gaia <3", {}});
  EXPECT_THAT(offered, HasSubstr("data-from=\"catalogue\" data-stars=\"\""));
  EXPECT_THAT(offered, HasSubstr("stars of Gaia &lt;3"));
  const auto wrong = gallery_page(builder.get(), target_at(156.0, 48.0), "1.2", {}, {{}, false, {}, "x.csv: line <2>"});
  EXPECT_THAT(wrong, HasSubstr("x.csv: line &lt;2&gt;"));
}

TEST(GalleryPage, FetchesNothingFromElsewhereAndStampsLazily) {
  SnapshotBuilder builder;
  auto plate = plate_of(11504);
  plate.access_url = "http://archive.test/plate.fits";
  plate.preview = "http://archive.test/plate.jpg";
  builder.archive("gavo", {{"1890-05-17_i00811", plate}});
  const auto page = gallery_page(builder.get(), target_at(156, 48), "1.2");
  EXPECT_THAT(page, Not(HasSubstr("http:")));
  EXPECT_THAT(page, Not(HasSubstr("https:")));
  EXPECT_EQ(count(page, "<img "), count(page, "loading=\"lazy\""));
  EXPECT_EQ(count(page, "<img "), 1u);
}

TEST(GalleryPage, WhatArchivesWriteIsTextWhateverItSays) {
  SnapshotBuilder builder;
  auto plate = plate_of(11504);
  plate.obs_title = "</p><script>alert(1)</script>";
  plate.obs_collection = "\"><img src=x onerror=alert(1)>";
  plate.facility_name = "a & b\x01\xff";
  builder.archive("<b>evil</b>", {{"1890-05-17_i00811", plate}}).archive("x", {{"1891-01-01_a", plate_of(11733)}});
  const auto page = gallery_page(builder.get(), target_at(156, 48), "1.2");
  EXPECT_EQ(count(page, "<script"), 2u);
  EXPECT_THAT(page, Not(HasSubstr("<b>evil")));
  EXPECT_THAT(page, Not(HasSubstr("<img src=x")));
  EXPECT_THAT(page, HasSubstr("a &amp; b"));
}

TEST(GalleryPage, TheTimelineHasABarForEachYearAndCollection) {
  SnapshotBuilder builder;
  auto another = plate_of(11506);
  another.obs_collection = "HDAP";
  builder.archive("gavo", {{"1890-05-17_a", plate_of(11504)}, {"1890-05-18_b", plate_of(11505)}})
      .archive("other", {{"1890-05-19_c", another}, {"1932-01-01_d", plate_of(26707)}});
  const auto page = gallery_page(builder.get(), target_at(156, 48), "1.2");
  EXPECT_THAT(page, HasSubstr("<title>1890: 2 of DASCH 1 of HDAP</title>"));
  EXPECT_THAT(page, HasSubstr("href=\"#y1890\""));
  EXPECT_EQ(count(page, "id=\"y1890\""), 1u);
  EXPECT_EQ(count(page, "name=\"archive\""), 2u);  // filters
  EXPECT_EQ(count(page, "name=\"collection\""), 2u);
}

TEST(GalleryPage, SaysWhatIsMissing) {
  SnapshotBuilder builder;
  auto undated = plate_of(0);
  undated.t_min.reset();
  builder.archive("gavo", {{"undated_x", undated}}).failed("astron", "no answer");
  const auto page = gallery_page(builder.get(), target_at(156, 48), "1.2");
  EXPECT_THAT(page, HasSubstr("<b>astron</b> failed; its plates are missing"));
  EXPECT_THAT(page, HasSubstr("Without a date"));
  EXPECT_THAT(page, HasSubstr("no date"));

  SnapshotBuilder empty;
  EXPECT_THAT(gallery_page(empty.archive("gavo", {}).get(), target_at(156, 48), "1.2"),
              HasSubstr("No plate covers this place."));
}

TEST(GalleryPage, SaysWhyAPlateHasNoStampAndAsksForNone) {
  SnapshotBuilder builder;
  builder.archive("gavo", {{"1890-05-17_a", plate_of(11504)}, {"1891-01-01_b", plate_of(11733)}});
  const auto page =
      gallery_page(builder.get(), target_at(156, 48), "1.2", {{"1891-01-01_b", "no <celestial> coordinates"}});
  EXPECT_EQ(count(page, "<img "), 1u);
  EXPECT_EQ(count(page, "class=\"pic none\""), 1u);
  EXPECT_THAT(page, HasSubstr("no stamp: no &lt;celestial&gt; coordinates"));
}

TEST(GalleryPage, TellsThePlayerDatesAndNumbersToSortBy) {
  SnapshotBuilder builder;
  auto plate = plate_of(11504.25);
  plate.s_pixel_scale = 1.5;
  builder.archive("gavo", {{"1890-05-17_a", plate}});
  const auto page = gallery_page(builder.get(), target_at(156, 48), "1.2");
  EXPECT_THAT(page, HasSubstr("data-mjd=\"11504.25\" data-date=\"1890-05-17\" data-exposure=\"2700\" "
                              "data-scale=\"1.5\" data-offset=\"0.5\""));
}

TEST(GalleryPage, TwoThousandPlatesTakeLessThanASecond) {
  std::vector<std::pair<std::string, vo::Plate>> plates;
  for (int i = 0; i < 2000; ++i) plates.emplace_back(fmt::format("{:05}", i), plate_of(11000 + 20.0 * i));
  SnapshotBuilder builder;
  builder.archive("gavo", plates);
  const auto start = std::clock();
  const auto page = gallery_page(builder.get(), target_at(156, 48), "1.2");
  EXPECT_LT(std::clock() - start, CLOCKS_PER_SEC);
  EXPECT_EQ(count(page, "class=\"card\""), 2000u);
  EXPECT_THAT(page, testing::EndsWith("</html>\n"));
}

TEST(PlateFacts, NumbersForPeople) {
  EXPECT_EQ(duration_text(45), "45 s");
  EXPECT_EQ(duration_text(3600), "60 min");
  EXPECT_EQ(duration_text(4 * 3600), "4 h");
  EXPECT_EQ(angle_text(vo::Angle::degrees(1.25)), "1.25°");
  EXPECT_EQ(sexagesimal_text(target_at(156.01125, 48.1475).position), "10h24m02.7s +48°08′51″");
  EXPECT_EQ(sexagesimal_text(target_at(359.99999999, -0.00001).position), "00h00m00.0s −00°00′00″");
}

}  // namespace
}  // namespace platefs::fs
