// SPDX-License-Identifier: BSD-3-Clause
// What a download makes of links that lead nowhere, and of what stands in for a file that can not be had.
#include <fmt/format.h>

#include "tests/support/download_fixture.h"

namespace platefs::cache {
namespace {

/// Links that were answered long ago.
class OldLinks : public DownloadOriginTest {
 protected:
  OldLinks() {
    library_.links->fetched_at = now_ - 1000;
    make_product();
  }
  void name_anew(const std::string& url) {
    library_.renew = [this, url] {
      library_.links->document.links.front().access_url = url;
      library_.links->fetched_at = now_;
    };
  }
};

TEST_F(OldLinks, AreAskedForAgainWhenWhatTheyNameIsRefused) {
  name_anew("http://files.example/plate.fits?signature=2");
  const auto bytes = plate_bytes();
  auto file = open();
  transport_.answer(0, 403, "Request has expired");
  settle();
  ASSERT_EQ(transport_.requests().size(), 2u);
  EXPECT_EQ(transport_.requests()[1].url.text(), "http://files.example/plate.fits?signature=2");
  serve(1, bytes);
  EXPECT_EQ(file.get()->size(), kSize);
  EXPECT_EQ(library_.renewals, 1);
  EXPECT_TRUE(reported_.empty());
}

TEST_F(OldLinks, AreBelievedWhenTheyNameTheSameAgain) {
  auto file = open();
  transport_.answer(0, 404, "");
  settle();
  EXPECT_EQ(transport_.requests().size(), 1u);
  EXPECT_EQ(kind_of(std::move(file)), ErrorKind::NotFound);
}

TEST_F(OldLinks, AreAskedForOnceOnly) {
  name_anew("http://files.example/plate.fits?signature=2");
  auto file = open();
  transport_.answer(0, 403, "");
  settle();
  transport_.answer(1, 403, "");
  settle();
  EXPECT_EQ(kind_of(std::move(file)), ErrorKind::NotAuthorized);
  EXPECT_EQ(library_.renewals, 1);
}

TEST_F(OldLinks, AreBelievedWhenTheyWereJustAnswered) {
  library_.links->fetched_at = now_;
  auto file = open();
  transport_.answer(0, 403, "");
  settle();
  EXPECT_EQ(kind_of(std::move(file)), ErrorKind::NotAuthorized);
  EXPECT_EQ(library_.renewals, 0);
}

/// Links that the row itself states.
class LinksOfTheRow : public DownloadOriginTest {
 protected:
  LinksOfTheRow() {
    library_.links->fetched_at = 0;
    make_product();
  }
};

TEST_F(LinksOfTheRow, AreDoubtedWhereTheFileIsNone) {
  library_.renew = [this] {
    library_.links->document.links.front().access_url = "http://files.example/better.fits";
    library_.links->fetched_at = now_;
  };
  const auto bytes = plate_bytes();
  auto file = open();
  transport_.answer(0, 200, "<?xml version=\"1.0\"?><VOTABLE/>", {{"content-type", "application/x-votable+xml"}});
  settle();
  ASSERT_EQ(transport_.requests().size(), 2u);
  serve(1, bytes);
  EXPECT_EQ(file.get()->size(), kSize);
  EXPECT_FALSE(library_.latest_doubt.is_refused);
  EXPECT_TRUE(reported_.empty());
}

TEST_F(LinksOfTheRow, AreBelievedWhereNothingElseIsBehindThem) {
  auto file = open();
  transport_.answer(0, 200, "<html>Sign in please</html>", {{"content-type", "text/html"}});
  settle();
  transport_.answer(1, 200, "<html>Sign in please</html>", {{"content-type", "text/html"}});  // past caches
  settle();
  EXPECT_EQ(kind_of(std::move(file)), ErrorKind::Malformed);
  EXPECT_EQ(library_.renewals, 1);
  EXPECT_EQ(transport_.requests().size(), 2u);
}

/// Links that name another file of the same plate.
class NextBest : public DownloadOriginTest {
 protected:
  NextBest() {
    link_.access_url = "http://files.example/small.fits";
    library_.links->document.links.push_back(link_);
    library_.links->files.full = &library_.links->document.links[0];
    library_.links->files.next_best = &library_.links->document.links[1];
    library_.links->fetched_at = now_;
    make_product();
  }
  std::string url_of(std::size_t request) { return transport_.requests().at(request).url.text(); }
  /// As long as any other, with nothing that would tell versions apart.
  void serve_bare(std::size_t request, char seed) {
    const auto bytes = plate_bytes(seed);
    const auto range = transport_.requests().at(request).range.value().clipped_to(kSize);
    transport_.head(request, 206,
                    {{"content-range", fmt::format("bytes {}-{}/{}", range.first, range.end - 1, kSize)},
                     {"content-type", "image/fits"}});
    transport_.body(request, std::string_view{bytes}.substr(range.first, range.size()));
    transport_.end(request);
    settle();
  }
  std::shared_ptr<OpenFile> opened_next_best() {
    auto file = open();
    transport_.answer(0, 404, "");
    settle();
    serve_bare(1, 'n');
    return file.get();
  }
};

TEST_F(NextBest, StandsInForWhatCanNotBeHadAndSaysSo) {
  const auto file = opened_next_best();
  EXPECT_EQ(url_of(1), "http://files.example/small.fits");
  auto reading = read(*file, {0, 8192});
  settle();
  EXPECT_EQ(reading.get(), plate_bytes('n').substr(0, 8192));
  const auto facts = product_->facts();
  EXPECT_EQ(facts.source, "download");
  EXPECT_NE(facts.error.find("next best"), std::string::npos) << facts.error;
  EXPECT_NE(facts.error.find("404"), std::string::npos) << facts.error;
  ASSERT_EQ(reported_.size(), 1u);
  EXPECT_EQ(reported_.front(), facts.error);
}

TEST_F(NextBest, IsReadToItsEndFromWhereItCame) {
  const auto file = opened_next_best();
  auto reading = read(*file, {kSize - 100, kSize});
  for (int i = 0; i < 50 && transport_.requests().size() < 3; ++i) settle();
  ASSERT_GE(transport_.requests().size(), 3u);
  for (std::size_t i = 2; i < transport_.requests().size(); ++i) {
    EXPECT_EQ(url_of(i), "http://files.example/small.fits");
    serve_bare(i, 'n');
  }
  EXPECT_EQ(reading.get(), plate_bytes('n').substr(kSize - 100));
}

TEST_F(NextBest, DoesNotStandInForWhatMayComeAgain) {
  auto file = open();
  transport_.head(0, 503);
  transport_.end(0);
  settle();
  EXPECT_EQ(transport_.requests().size(), 1u);
  EXPECT_EQ(kind_of(std::move(file)), ErrorKind::Unavailable);
}

TEST_F(NextBest, GivesWayToTheBestAsAnotherVersionAlthoughNothingTellsThemApart) {
  const auto version = opened_next_best()->version();
  now_ += 600;
  auto file = open();
  settle();
  ASSERT_EQ(transport_.requests().size(), 3u);
  EXPECT_EQ(url_of(2), "http://files.example/plate.fits");
  serve_bare(2, 'b');
  const auto best = file.get();
  EXPECT_NE(best->version(), version);
  auto reading = read(*best, {0, 8192});
  settle();
  EXPECT_EQ(reading.get(), plate_bytes('b').substr(0, 8192));
  EXPECT_EQ(product_->facts().error, "");
}

TEST_F(NextBest, IsOpenedOnWhereTheBestCanNotBeHadStill) {
  const auto version = opened_next_best()->version();
  make_product();  // as another process, or after a while
  now_ += 600;
  auto file = open();
  settle();
  transport_.end(2, Error{ErrorKind::Unreachable, "no route"});
  settle();
  EXPECT_EQ(file.get()->version(), version);
  EXPECT_EQ(transport_.requests().size(), 3u);
  EXPECT_NE(product_->facts().error.find("no route"), std::string::npos) << product_->facts().error;
  EXPECT_EQ(open().get()->version(), version) << "and not asked for again at once";
  EXPECT_EQ(transport_.requests().size(), 3u);
}

}  // namespace
}  // namespace platefs::cache
