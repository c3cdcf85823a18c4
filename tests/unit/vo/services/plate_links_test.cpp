// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/votable_builder.h"
#include "vo/services/archive.h"

namespace platefs::vo {
namespace {

Link link(std::string semantics, std::string url, std::string type = {}, std::optional<std::uint64_t> length = {},
          std::string description = {}) {
  Link link;
  link.id = "did";
  link.semantics = std::move(semantics);
  link.access_url = std::move(url);
  link.content_type = std::move(type);
  link.content_length = length;
  link.description = std::move(description);
  return link;
}

DatalinkDocument document(std::vector<Link> links) {
  DatalinkDocument document;
  document.links = std::move(links);
  return document;
}

std::vector<std::string> names(const PlateLinks& files) {
  std::vector<std::string> all;
  for (const auto& [name, link] : files.others) all.push_back(name);
  return all;
}

using Names = std::vector<std::string>;

TEST(PlateLinks, TakeTheCoderivedFitsWhereThisIsDownsampled) {
  const auto links = document({link("#this", "http://a/small.fits", "image/fits", 4000, "Downsampled plate"),
                               link("#coderived", "http://a/full.fits", "image/fits", 1000)});
  const auto files = plate_links(links, {});
  ASSERT_NE(files.full, nullptr);
  EXPECT_EQ(files.full->access_url, "http://a/full.fits");
  EXPECT_EQ(names(files), Names{"this.fits"});
  ASSERT_EQ(files.other_fits.size(), 1U);
  EXPECT_EQ(files.other_fits[0]->access_url, "http://a/small.fits");
}

TEST(PlateLinks, TakeTheLargerWhereNothingIsSaid) {
  const auto links = document({link("#this", "http://a/1.fits", "image/fits", 4000),
                               link("#coderived", "http://a/2.fits", "image/fits", 64000)});
  EXPECT_EQ(plate_links(links, {}).full->access_url, "http://a/2.fits");
}

TEST(PlateLinks, TakeThisWhereALengthIsUnknown) {
  const auto links = document(
      {link("#this", "http://a/1.fits", "image/fits"), link("#coderived", "http://a/2.fits", "image/fits", 64000)});
  EXPECT_EQ(plate_links(links, {}).full->access_url, "http://a/1.fits");
}

TEST(PlateLinks, KnowFitsByTheEndingWhereTheTypeSaysNothing) {
  const auto links = document({link("#this", "http://a/x.fits.fz", "application/octet-stream")});
  const auto files = plate_links(links, {});
  ASSERT_NE(files.full, nullptr);
}

TEST(PlateLinks, HaveNoFullFileWhereThisIsNoFits) {
  EXPECT_EQ(plate_links(document({link("#this", "http://a/x.tar", "application/x-tar")}), {}).full, nullptr);
}

TEST(PlateLinks, TakeAGzippedFitsForThePlateWhateverItCallsItself) {
  for (const auto* type : {"application/gzip", "application/x-gzip", "application/octet-stream", "image/fits", ""}) {
    for (const auto* name : {"http://a/x.fits.gz", "http://a/x.fit.gz"}) {
      EXPECT_NE(plate_links(document({link("#this", name, type)}), {}).full, nullptr) << name << " " << type;
    }
  }
  EXPECT_EQ(plate_links(document({link("#this", "http://a/x.tar.gz", "application/gzip")}), {}).full, nullptr);
  EXPECT_EQ(names(plate_links(document({link("#progenitor", "http://a/x.fts.gz", "application/x-gzip")}), {})),
            (Names{"progenitor.fits.gz"}));
}

TEST(PlateLinks, TakeTheLargePreviewBeforeTheThumbnail) {
  const auto links = document({link("#thumbnail", "http://a/t.jpg", "image/jpeg"), link("#preview", "http://a/p.jpg"),
                               link("#preview-image", "http://a/i.jpg", "image/jpeg")});
  const auto files = plate_links(links, {});
  ASSERT_NE(files.preview, nullptr);
  EXPECT_EQ(files.preview->access_url, "http://a/i.jpg");
  EXPECT_EQ(names(files), (Names{"preview.jpg", "thumbnail.jpg"}));
}

TEST(PlateLinks, TakeAPreviewWithoutATypeAndNoneThatIsAPage) {
  const auto links = document({link("#preview", "http://a/page", "text/html"), link("#preview", "http://a/p")});
  EXPECT_EQ(plate_links(links, {}).preview->access_url, "http://a/p");
}

TEST(PlateLinks, NameTheOthersBySemanticsAndType) {
  const auto links =
      document({link("#documentation", "http://a/d", "text/html"), link("#science", "http://a/s", "image/fits"),
                link("#auxiliary", "http://a/l.tar.gz", "application/octet-stream"), link("#auxiliary", "http://a/2"),
                link("http://dc.g-vo.org/datalink#other", "http://a/o.csv", "text/csv; header=present"),
                link("", "http://a/n.FTS", "application/unknown")});
  EXPECT_EQ(names(plate_links(links, {})),
            (Names{"auxiliary", "auxiliary.tar.gz", "documentation.html", "link.fts", "other.csv", "science.fits"}));
}

TEST(PlateLinks, CutFromOtherFitsButNotFromFlatFields) {
  const auto links =
      document({link("#flat", "http://a/flat.fits", "image/fits"), link("#science", "http://a/s.fits", "image/fits"),
                link("#progenitor", "http://a/p.fits", "image/fits")});
  const auto files = plate_links(links, {});
  ASSERT_EQ(files.other_fits.size(), 2U);
  EXPECT_EQ(files.other_fits[0]->access_url, "http://a/s.fits");
}

TEST(PlateLinks, StayInsideTheirDirectory) {
  const auto files =
      plate_links(document({link("#../../etc/passwd", "http://a/x"), link("urn:..", "http://a/y.../../z"),
                            link("#a/..", "http://a/%2e%2e%2f%2e%2e%2fpasswd"),
                            link("#" + std::string(5000, 'n'), "http://a/z"), link("#\n\t\x01", "http://a/q")}),
                  {});
  EXPECT_EQ(files.others.size(), 5U);
  for (const auto& [name, link] : files.others) {
    EXPECT_THAT(name, testing::MatchesRegex("[A-Za-z0-9_-][A-Za-z0-9._-]*")) << name;
    EXPECT_LE(name.size(), 80U);
  }
}

TEST(PlateLinks, ReadNoFilesOfThisMachine) {
  EXPECT_TRUE(plate_links(document({link("#this", "file:///etc/passwd", "image/fits"),
                                    link("#preview", "ftp://a/p.jpg", "image/jpeg"), link("#aux", "relative")}),
                          {})
                  .others.empty());
}

TEST(PlateLinks, LeaveOutErrorsServicesAndFurtherDatalinks) {
  auto error = link("#this", "", "image/fits");
  error.error_message = "NotFoundFault";
  const auto files =
      plate_links(document({error, link("#proc", ""),
                            link("#progenitor", "http://a/dl", "application/x-votable+xml;content=datalink")}),
                  {});
  EXPECT_EQ(files.full, nullptr);
  EXPECT_TRUE(files.others.empty());
}

TEST(PlateLinks, NumberLinksOfOneNameInDocumentOrder) {
  std::vector<Link> many;
  for (int i = 0; i < 3; ++i) many.push_back(link("#aux", "http://a/" + std::to_string(i), "image/png"));
  const auto links = document(many);
  const auto files = plate_links(links, {});
  EXPECT_EQ(names(files), (Names{"aux-2.png", "aux-3.png", "aux.png"}));
  EXPECT_EQ(files.others.at("aux-2.png")->access_url, "http://a/1");
}

TEST(PlateLinks, NameVeryManyLinksWithoutComparingEachWithEach) {
  const auto links = document(std::vector<Link>(50'000, link("#aux", "http://a/x", "image/fits")));
  EXPECT_EQ(plate_links(links, {}).others.size(), 50'000U);
}

TEST(LinksOfRow, AreTheFileThatTheTableNamesAndItsPreview) {
  Plate plate;
  plate.obs_publisher_did = "did";
  plate.access_url = "http://a/x.fits";
  plate.access_format = "image/fits";
  plate.access_estsize_kb = 10;
  plate.preview = "http://a/x.jpg";
  const auto links = links_of_rows({}, plate);
  const auto files = plate_links(links, plate);
  EXPECT_EQ(files.full->access_url, "http://a/x.fits");
  EXPECT_EQ(files.full->content_length, 10240U);
  EXPECT_EQ(files.preview->access_url, "http://a/x.jpg");
  EXPECT_TRUE(links_of_rows({}, {}).links.empty());
}

TEST(LinksOfRow, AreTheFilesOfAllRowsOfTheDataset) {
  PlateTable table;
  for (const auto* url : {"http://a/small.fits", "http://a/large.fits", "http://a/note.pdf"}) {
    auto& plate = table.plates.emplace_back();
    plate.access_url = url;
    plate.access_format = std::string_view{url}.ends_with("fits") ? "image/fits" : "application/pdf";
    plate.access_estsize_kb = std::string_view{url}.find("large") != std::string_view::npos ? 1000 : 10;
  }
  table.plates.front().further_rows = {1, 2};
  const auto links = links_of_rows(table, table.plates.front());
  const auto files = plate_links(links, table.plates.front());
  EXPECT_EQ(files.full->access_url, "http://a/large.fits");
  EXPECT_EQ(files.others.at("this.fits")->access_url, "http://a/small.fits");
  EXPECT_EQ(files.others.at("this.pdf")->access_url, "http://a/note.pdf");
}

TEST(PlateLinks, TryThisAsThePlateWhereNeitherTypeNorEndingTell) {
  const auto untold =
      document({link("#this", "http://a/getproduct.php?id=7"), link("#preview", "http://a/getpreview?id=7")});
  ASSERT_NE(plate_links(untold, {}).full, nullptr);
  EXPECT_EQ(plate_links(untold, {}).full->access_url, "http://a/getproduct.php?id=7");
  EXPECT_EQ(plate_links(document({link("#this", "http://a/log.txt")}), {}).full, nullptr);
  EXPECT_EQ(plate_links(document({link("#this", "http://a/get?id=7", "text/html")}), {}).full, nullptr);
  const auto told = document({link("#this", "http://a/get?id=7"), link("#this", "http://a/x.fits")});
  EXPECT_EQ(plate_links(told, {}).full->access_url, "http://a/x.fits");
}

TEST(PlateLinks, PreferWhatTheCallerMayHave) {
  auto secret = link("#this", "http://a/secret.fits", "image/fits", 64000);
  secret.is_authorized = false;
  const auto links = document({secret, link("#this", "http://a/open.fits", "image/fits", 1000)});
  EXPECT_EQ(plate_links(links, {}).full->access_url, "http://a/open.fits");
}

TEST(PlateLinks, TakeAnImageBeforeATableInFits) {
  const auto links = document({link("#this", "http://a/t", "application/x-fits-bintable", 99999),
                               link("#this", "http://a/i", "application/x-fits-mef", 1000)});
  EXPECT_EQ(plate_links(links, {}).full->access_url, "http://a/i");
}

TEST(PlateLinks, KnowPackedFitsByTheirEndings) {
  for (const auto* url : {"http://a/x.fits.bz2", "http://a/x.fits.Z", "http://a/x.fit.xz", "http://a/x.fts.gz"}) {
    const auto links = document({link("#this", url)});
    ASSERT_NE(plate_links(links, {}).full, nullptr) << url;
  }
}

TEST(PlateLinks, TakeTheFreeCopyOfWhatElseNeedsCredentials) {
  auto closed = link("#this", "http://a/closed.fits", "image/fits", 2000);
  closed.needs_login = true;
  const auto links = document({closed, link("#this", "http://a/free.fits", "image/fits", 1000)});
  EXPECT_EQ(plate_links(links, {}).full->access_url, "http://a/free.fits");
}

TEST(PlateLinks, TakeThePreviewThatTheCallerMayHave) {
  auto closed = link("#preview", "http://a/closed.jpg", "image/jpeg");
  closed.is_authorized = false;
  const auto links = document({closed, link("#preview", "http://a/free.jpg", "image/jpeg")});
  EXPECT_EQ(plate_links(links, {}).preview->access_url, "http://a/free.jpg");
}

}  // namespace
}  // namespace platefs::vo
