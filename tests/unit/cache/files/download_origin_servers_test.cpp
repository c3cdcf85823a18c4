// SPDX-License-Identifier: BSD-3-Clause
// What a download makes of servers that break off, change a file or know no ranges.
#include <fmt/format.h>

#include "tests/support/download_fixture.h"

namespace platefs::cache {
namespace {

class DownloadOriginServers : public DownloadOriginTest {
 protected:
  bool goes_past_caches(std::size_t request) {
    const std::pair<std::string, std::string> wish{"Cache-Control", "no-cache"};
    return std::ranges::count(transport_.requests().at(request).headers, wish) != 0;
  }
};

TEST_F(DownloadOriginServers, ABrokenTransferIsTakenUpAtTheFirstMissingGranule) {
  auto opening = open();
  head_of(0, {0, 131'072});
  const auto bytes = plate_bytes();
  transport_.body(0, bytes.substr(0, 100'000));
  const auto file = opening.get();
  auto reading = read(*file, {110'000, 120'000});
  transport_.end(0, Error{ErrorKind::Unavailable, "broke off"});
  settle();
  ASSERT_EQ(transport_.requests().size(), 2u);
  EXPECT_EQ(transport_.requests()[1].range, (vo::ByteRange{13 * kGranuleSize, 15 * kGranuleSize}));
  serve(1, bytes);
  EXPECT_EQ(reading.get(), bytes.substr(110'000, 10'000));
}

TEST_F(DownloadOriginServers, AReaderOfAReplacedFileHearsThatTheServerFailsWhateverItReads) {
  auto opening = open();
  head_of(0, {0, 131'072});
  transport_.body(0, plate_bytes().substr(0, 131'072));
  transport_.end(0);
  settle();
  const auto file = opening.get();
  file->was_replaced();
  auto reading = read(*file, {200'000, 208'000});
  ASSERT_EQ(transport_.requests().size(), 2u) << "which version is there is asked first, from the start of the file";
  transport_.end(1, Error{ErrorKind::Unavailable, "answered 503"});
  settle();
  EXPECT_EQ(transport_.requests().size(), 2u);
  ASSERT_EQ(reading.wait_for(std::chrono::seconds{0}), std::future_status::ready);
  EXPECT_THROW(reading.get(), Error);
}

TEST_F(DownloadOriginServers, ATransferThatNeverGetsFurtherIsAnErrorInTheEnd) {
  auto opening = open();
  for (std::size_t i = 0; i < 10 && transport_.requests().size() > i; ++i) {
    head_of(i, {0, 131'072});
    transport_.body(i, plate_bytes().substr(0, 100));
    transport_.end(i, Error{ErrorKind::Unavailable, "broke off"});
    settle();
  }
  auto reading = read(*opening.get(), {0, 10});
  for (std::size_t i = transport_.requests().size() - 1; i < 20 && transport_.requests().size() > i; ++i) {
    transport_.end(i, Error{ErrorKind::Unavailable, "broke off"});
    settle();
  }
  EXPECT_THROW(reading.get(), Error);
  EXPECT_LT(transport_.requests().size(), 10u);
}

TEST_F(DownloadOriginServers, AServerThatSendsLessThanIsOfUseIsNotAskedForEver) {
  transport_.answer_with([](const vo::http::Request& request) {
    auto few = request;
    few.range = vo::ByteRange{request.range->first, request.range->first + 100};
    return part_of(plate_bytes(), few, "\"one\"");
  });
  auto opening = open();
  auto reading = read(*opening.get(), {0, 2880});
  for (int i = 0; i < 50; ++i) settle();
  EXPECT_LT(transport_.requests().size(), 10u);
  ASSERT_EQ(reading.wait_for(std::chrono::seconds{0}), std::future_status::ready);
  EXPECT_THROW(reading.get(), Error);
}

TEST_F(DownloadOriginServers, AServerThatGivesLessThanItIsAskedForIsAskedForTheRest) {
  const auto bytes = plate_bytes();
  transport_.answer_with([&](const vo::http::Request& request) {
    auto less = request;
    less.range->end = std::min(less.range->end, less.range->first + 100'000);
    return part_of(bytes, less, "\"one\"");
  });
  const auto file = open().get();
  EXPECT_TRUE(read(*file, {0, kSize}).get() == bytes);
}

TEST_F(DownloadOriginServers, AServerWhoseETagIsAnotherEachTimeIsAskedForAllInOneInTheEnd) {
  const auto bytes = plate_bytes();
  std::atomic<int> answers = 0;
  transport_.answer_with([&](const vo::http::Request& request) {
    const auto etag = fmt::format("\"{}\"", ++answers);
    if (request.range) return part_of(bytes, request, etag);
    auto whole = test::response_to(request, 200, bytes, "image/fits");
    whole.head.headers.emplace_back("content-length", fmt::format("{}", bytes.size()));
    whole.head.headers.emplace_back("etag", etag);
    return whole;
  });
  std::string got;
  for (int attempt = 0; attempt < 4 && got.empty(); ++attempt) {
    try {
      got = read(*open().get(), {0, kSize}).get();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::Changed);
    }
    settle();
  }
  EXPECT_TRUE(got == bytes);
}

TEST_F(DownloadOriginServers, AnotherVersionMidwayIsNeverMixedIn) {
  auto opening = open();
  serve(0, plate_bytes('a'));
  const auto file = opening.get();
  auto reading = read(*file, {200'000, 200'010});
  ASSERT_EQ(transport_.requests().size(), 2u);
  serve(1, plate_bytes('b'), "\"two\"");
  ASSERT_EQ(transport_.requests().size(), 3u) << "a cache may have answered: the archive is asked";
  EXPECT_TRUE(goes_past_caches(2));
  serve(2, plate_bytes('b'), "\"two\"");
  try {
    reading.get();
    ADD_FAILURE() << "bytes of two versions";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Changed);
  }
  EXPECT_EQ(product_->facts().version, 2u);
  auto of_new_version = read(*file, {290'000, 290'010});
  EXPECT_THROW(of_new_version.get(), Error);
}

TEST_F(DownloadOriginServers, AnOlderVersionOutOfACacheIsNotTakenForANewOne) {
  auto opening = open();
  serve(0, plate_bytes('a'));
  const auto file = opening.get();
  auto reading = read(*file, {200'000, 200'010});
  serve(1, plate_bytes('o'), "\"older\"");
  ASSERT_EQ(transport_.requests().size(), 3u);
  EXPECT_TRUE(goes_past_caches(2));
  serve(2, plate_bytes('a'));
  EXPECT_EQ(reading.get(), plate_bytes('a').substr(200'000, 10));
  EXPECT_EQ(product_->facts().version, 1u);
  auto beginning = read(*file, {140'000, 140'010});
  ASSERT_EQ(transport_.requests().size(), 4u);
  EXPECT_TRUE(goes_past_caches(3)) << "there may be more of it";
  serve(3, plate_bytes('a'));
  EXPECT_EQ(beginning.get(), plate_bytes('a').substr(140'000, 10));
}

TEST_F(DownloadOriginServers, WhatBreaksOffWithoutGettingFurtherIsAskedForPastCaches) {
  auto opening = open();
  serve(0, plate_bytes());
  const auto file = opening.get();
  auto reading = read(*file, {200'000, 200'010});
  ASSERT_EQ(transport_.requests().size(), 2u);
  EXPECT_FALSE(goes_past_caches(1));
  const auto asked = transport_.requests()[1].range.value();
  head_of(1, asked);
  transport_.body(1, plate_bytes().substr(asked.first, 100));
  transport_.end(1, Error{ErrorKind::Unavailable, "broke off"});
  settle();
  ASSERT_EQ(transport_.requests().size(), 3u);
  EXPECT_TRUE(goes_past_caches(2));
  serve(2, plate_bytes());
  EXPECT_EQ(reading.get(), plate_bytes().substr(200'000, 10));
}

TEST_F(DownloadOriginServers, AServerWithoutRangesIsStreamedOnceFromTheStart) {
  auto opening = open();
  transport_.head(0, 200, {{"content-length", "300000"}, {"etag", "\"one\""}});
  transport_.body(0, plate_bytes().substr(0, 20'000));
  const auto file = opening.get();
  EXPECT_TRUE(file->comes_whole());
  auto late = read(*file, {250'000, 250'010});
  auto early = read(*file, {100, 110});
  EXPECT_EQ(early.get(), plate_bytes().substr(100, 10));
  transport_.body(0, plate_bytes().substr(20'000));
  transport_.end(0);
  EXPECT_EQ(late.get(), plate_bytes().substr(250'000, 10));
  EXPECT_EQ(transport_.requests().size(), 1u);
}

TEST_F(DownloadOriginServers, AServerThatHidesTheSizeOfWhatItSendsInPartsIsAskedForTheWhole) {
  auto opening = open();
  transport_.head(0, 206, {{"content-range", "bytes 0-131071/*"}});
  transport_.body(0, plate_bytes().substr(0, 131'072));
  settle();
  settle();
  ASSERT_EQ(transport_.requests().size(), 2u);
  EXPECT_FALSE(transport_.requests()[1].range);
  transport_.answer(1, 200, plate_bytes(), {{"content-length", "300000"}});
  EXPECT_EQ(read(*opening.get(), {0, kSize}).get(), plate_bytes());
}

TEST_F(DownloadOriginServers, MoreThanWasAnnouncedIsAnError) {
  auto opening = open();
  head_of(0, {0, 131'072});
  transport_.body(0, plate_bytes().substr(0, 10'000));
  const auto file = opening.get();
  auto reading = read(*file, {100'000, 100'010});
  transport_.body(0, plate_bytes());
  settle();
  EXPECT_THROW(reading.get(), Error);
}

TEST_F(DownloadOriginServers, AFailureOfReadaheadIsNoFailureOfTheFile) {
  const std::string bytes = plate_bytes('a', 20'000'000);
  std::atomic<bool> broken = false;
  transport_.answer_with([&](const vo::http::Request& request) {
    if (broken && request.priority == vo::http::Priority::Readahead) {
      throw Error{ErrorKind::Unavailable, "busy"};
    }
    return part_of(bytes, request, "\"one\"");
  });
  const auto file = open().get();
  std::string got;
  while (got.size() < 3'000'000) {
    broken = got.size() > 1'000'000;
    got += read(*file, {got.size(), got.size() + 131'072}).get();
  }
  settle();
  EXPECT_TRUE(got == bytes.substr(0, got.size()));
  EXPECT_TRUE(product_->facts().error.empty());
  EXPECT_TRUE(reported_.empty());
}

TEST_F(DownloadOriginServers, APageInPlaceOfAPlateIsAnErrorAndNothingIsKept) {
  auto opening = open();
  for (const std::size_t request : {0, 1}) {
    transport_.answer(request, 200, "<html><title>Please log in</title>", {{"content-type", "text/html"}});
    settle();
  }
  EXPECT_EQ(kind_of(std::move(opening)), ErrorKind::Malformed);
  EXPECT_FALSE(store_->object(product_->facts().url));
  EXPECT_EQ(product_->facts().state, ProductState::Failed);
  EXPECT_EQ(product_->facts().held_bytes, 0u);
  ASSERT_EQ(reported_.size(), 1u);
  EXPECT_NE(reported_[0].find("Please log in"), std::string::npos);
}

TEST_F(DownloadOriginServers, EachPartForWhichACacheGivesAPageIsAskedForOnceMore) {
  auto opening = open();
  serve(0, plate_bytes());
  const auto file = opening.get();
  auto first = read(*file, {140'000, 140'010}), second = read(*file, {290'000, 290'010});
  ASSERT_EQ(transport_.requests().size(), 3u);
  for (const std::size_t request : {1, 2}) {
    transport_.answer(request, 200, "<html><title>Please log in</title>", {{"content-type", "text/html"}});
  }
  settle();
  ASSERT_EQ(transport_.requests().size(), 5u);
  for (const std::size_t request : {3, 4}) {
    EXPECT_TRUE(goes_past_caches(request));
    serve(request, plate_bytes());
  }
  EXPECT_EQ(first.get(), plate_bytes().substr(140'000, 10));
  EXPECT_EQ(second.get(), plate_bytes().substr(290'000, 10));
}

TEST_F(DownloadOriginServers, APageThatACacheKeepsIsAskedForOnceMorePastIt) {
  auto opening = open();
  transport_.answer(0, 200, "<html><title>Please log in</title>", {{"content-type", "text/html"}});
  settle();
  ASSERT_EQ(transport_.requests().size(), 2u);
  using Header = std::pair<std::string, std::string>;
  EXPECT_THAT(transport_.requests()[0].headers, testing::IsEmpty());
  EXPECT_THAT(transport_.requests()[1].headers, testing::ElementsAre(Header{"Cache-Control", "no-cache"}));
  serve(1, plate_bytes());
  EXPECT_EQ(read(*opening.get(), {0, 2880}).get(), plate_bytes().substr(0, 2880));
}

TEST_F(DownloadOriginServers, AFailureIsNotAskedForAgainAtOnceButLater) {
  auto opening = open();
  transport_.answer(0, 404, "gone");
  EXPECT_EQ(kind_of(std::move(opening)), ErrorKind::NotFound);
  EXPECT_EQ(kind_of(open()), ErrorKind::NotFound);
  EXPECT_EQ(transport_.requests().size(), 1u);
  now_ += 60;
  auto later = open();
  EXPECT_EQ(transport_.requests().size(), 2u);
  withdraw_();
  EXPECT_EQ(kind_of(std::move(later)), ErrorKind::Cancelled);
}

TEST_F(DownloadOriginServers, AnUnstatedLengthIsKnownWhenTheBodyHasEnded) {
  auto opening = open();
  transport_.head(0, 200, {{"content-type", "image/fits"}});
  transport_.body(0, plate_bytes());
  EXPECT_EQ(opening.wait_for(std::chrono::seconds{0}), std::future_status::timeout);
  transport_.end(0);
  const auto file = opening.get();
  EXPECT_EQ(read(*file, {0, kSize}).get(), plate_bytes());
}

TEST_F(DownloadOriginServers, APlateWithoutSuchAFileIsNotFound) {
  library_.links = std::make_shared<LinksAnswer>();
  EXPECT_EQ(kind_of(open()), ErrorKind::NotFound);
  EXPECT_TRUE(transport_.requests().empty());
}

TEST_F(DownloadOriginServers, AFaultOfTheLinksServiceIsTold) {
  library_.links = std::make_shared<LinksAnswer>();
  vo::Link fault;
  fault.semantics = "#this";
  fault.error_message = "NotFoundFault: withdrawn";
  library_.links->document.links.push_back(fault);
  EXPECT_EQ(kind_of(open()), ErrorKind::NotFound);
  EXPECT_NE(product_->facts().error.find("withdrawn"), std::string::npos);
}

}  // namespace
}  // namespace platefs::cache
