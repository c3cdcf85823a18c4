// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <future>

#include "cache/files/cached_file.h"
#include "cache/files/file_kinds.h"
#include "cache/files/plate_inputs.h"
#include "tests/support/fake_library.h"
#include "tests/support/held_transport.h"

namespace platefs::cache {
namespace {

using test::FakeLibrary;
using test::HeldTransport;
using vo::Error;
using vo::ErrorKind;

constexpr std::uint64_t kSize = 300'000;  // 36 granules and a bit

std::string plate_bytes(char seed = 'a', std::uint64_t size = kSize) {
  std::string bytes = "SIMPLE  =                    T";
  bytes.reserve(size);
  while (bytes.size() < size) bytes += static_cast<char>(seed + bytes.size() % 23);
  return bytes;
}

/// A store in a directory of its own, with the product under test in it.
class DownloadOriginTest : public testing::Test {
 protected:
  DownloadOriginTest() {
    link_.semantics = "#this";
    link_.access_url = "http://files.example/plate.fits";
    link_.content_type = "image/fits";
    library_.links->document.links.push_back(link_);
    library_.links->files.full = &library_.links->document.links.front();
    make_product();
  }
  ~DownloadOriginTest() override {
    transport_.close();
    product_.reset();
    writer_.reset();
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

  void make_product() { product_ = make_file(services(), ProductId{plate_, ProductKind::Full, region_, {}}); }

  ProductServices services() {
    return {*store_,
            *writer_,
            transport_,
            library_,
            hosts_,
            [this] { return now_.load(); },
            [this](const Failure& failure) { reported_.push_back(failure.message); },
            [](const Failure&) {}};
  }

  std::future<std::shared_ptr<OpenFile>> open() {
    auto promise = std::make_shared<std::promise<std::shared_ptr<OpenFile>>>();
    withdraw_ = product_->open([promise](vo::Outcome<std::shared_ptr<OpenFile>> file) {
      if (file) {
        promise->set_value(std::move(file).value());
      } else {
        promise->set_exception(std::make_exception_ptr(file.error()));
      }
    });
    return promise->get_future();
  }

  std::future<std::string> read(OpenFile& file, vo::ByteRange range) {
    auto promise = std::make_shared<std::promise<std::string>>();
    file.read(range, [promise](vo::Outcome<Extent> extent) {
      if (!extent) return promise->set_exception(std::make_exception_ptr(extent.error()));
      std::string bytes(extent.value().size, '\0');
      copy_extent(extent.value(), std::as_writable_bytes(std::span{bytes}));
      promise->set_value(bytes);
    });
    return promise->get_future();
  }

  void head_of_whole(std::size_t request, const std::string& etag = "\"one\"") {
    transport_.head(request, 206,
                    {{"content-range", "bytes 0-299999/300000"},
                     {"content-length", "300000"},
                     {"etag", etag},
                     {"content-type", "image/fits"}});
  }

  void head_of(std::size_t request, vo::ByteRange range, const std::string& etag = "\"one\"") {
    transport_.head(request, 206,
                    {{"content-range", fmt::format("bytes {}-{}/{}", range.first, range.end - 1, kSize)},
                     {"etag", etag},
                     {"content-type", "image/fits"}});
  }

  /// What a server that takes ranges answers to `request`.
  static vo::http::Response part_of(const std::string& bytes, const vo::http::Request& request,
                                    const std::string& etag) {
    const auto range = request.range.value().clipped_to(bytes.size());
    auto response = test::response_to(request, 206, bytes.substr(range.first, range.size()), "image/fits");
    response.head.headers.emplace_back("content-range",
                                       fmt::format("bytes {}-{}/{}", range.first, range.end - 1, bytes.size()));
    response.head.headers.emplace_back("etag", etag);
    return response;
  }
  void serve(std::size_t request, const std::string& bytes, const std::string& etag = "\"one\"") {
    const auto response = part_of(bytes, transport_.requests().at(request), etag);
    transport_.head(request, response.head);
    transport_.body(request, response.body);
    transport_.end(request);
    settle();
  }
  void serve_all(const std::string& bytes) {
    transport_.answer_with([&bytes](const vo::http::Request& request) { return part_of(bytes, request, "\"one\""); });
  }

  void settle() {
    writer_->run([](Store&) {});
  }

  static ErrorKind kind_of(std::future<std::shared_ptr<OpenFile>> file) {
    try {
      file.get();
    } catch (const Error& error) {
      return error.kind();
    }
    ADD_FAILURE() << "it opened";
    return ErrorKind::LocalIo;
  }

  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() /
      ("platefs-" + std::to_string(::getpid()) + testing::UnitTest::GetInstance()->current_test_info()->name());
  std::atomic<std::int64_t> now_{1'000'000};
  std::unique_ptr<Store> store_ = std::make_unique<Store>(
      StoreOptions{.directory = directory_, .quota = 64u << 20, .now = [this] { return now_.load(); }});
  std::unique_ptr<Writer> writer_ = std::make_unique<Writer>(*store_, [](std::string_view) {});
  HeldTransport transport_;
  FakeLibrary library_;
  HostProfiles hosts_{4};
  vo::Link link_;
  PlateRef plate_ = test::plate_ref("ivo://test/plate?1");
  vo::Cone region_{vo::IcrsPosition::at(vo::Angle::degrees(156), vo::Angle::degrees(48)), vo::Angle::arcminutes(10)};
  std::vector<std::string> reported_;
  Withdraw withdraw_;
  std::shared_ptr<CachedFile> product_;
};

TEST_F(DownloadOriginTest, AReaderGoesOnInTheObjectThatAnotherProcessBeganAnew) {
  const auto bytes = plate_bytes();
  serve_all(bytes);
  const auto file = open().get();
  const auto key = ProductId{plate_, ProductKind::Full, region_, {}}.key();
  writer_->run([&](Store& store) {
    const auto before = store.object(key).value();
    store.evict(before.id);
    store.create(key, before.facts);
  });
  auto reading = read(*file, {200'000, 208'000});
  for (int i = 0; i < 50 && reading.wait_for(std::chrono::seconds{0}) != std::future_status::ready; ++i) settle();
  ASSERT_EQ(reading.wait_for(std::chrono::seconds{0}), std::future_status::ready);
  EXPECT_EQ(reading.get(), bytes.substr(200'000, 8'000));
  EXPECT_LT(transport_.requests().size(), 5u);
}

TEST_F(DownloadOriginTest, OpensTheVersionThatAnotherProcessBringsMeanwhile) {
  library_.before_links = [this] {
    writer_->run([this](Store& store) {
      ObjectFacts facts;
      facts.size = kSize;
      store.create(ProductId{plate_, ProductKind::Full, region_, {}}.key(), facts);
    });
  };
  auto file = open();
  settle();
  ASSERT_EQ(file.wait_for(std::chrono::seconds{0}), std::future_status::ready);
  EXPECT_EQ(file.get()->size(), kSize);
  EXPECT_TRUE(transport_.requests().empty());
}

TEST_F(DownloadOriginTest, TheFirstWhoOpensFindsTheBeginningAtHand) {
  const auto bytes = plate_bytes();
  auto file = open();
  ASSERT_TRUE(transport_.wait_for_requests(1));
  head_of_whole(0);
  transport_.body(0, bytes.substr(0, 4096));
  settle();
  auto second = open();
  EXPECT_NE(file.wait_for(std::chrono::seconds{0}), std::future_status::ready);
  transport_.body(0, bytes.substr(4096, 8000));
  settle();
  const auto first_bytes = file.get()->first_bytes();
  ASSERT_TRUE(first_bytes);
  EXPECT_EQ(first_bytes->size, kGranuleSize);
  EXPECT_FALSE(second.get()->first_bytes());
  EXPECT_FALSE(open().get()->first_bytes());
}

TEST_F(DownloadOriginTest, OpensWithoutTheBeginningWhenItBreaksOff) {
  auto file = open();
  ASSERT_TRUE(transport_.wait_for_requests(1));
  head_of_whole(0);
  transport_.body(0, plate_bytes().substr(0, 4096));
  transport_.end(0, Error{ErrorKind::Unavailable, "the connection broke"});
  settle();
  EXPECT_EQ(file.get()->size(), kSize);
}

TEST_F(DownloadOriginTest, OpenWaitsForTheExactSizeAndTheBeginningAndNoLonger) {
  auto file = open();
  ASSERT_EQ(transport_.requests().size(), 1u);
  head_of_whole(0);
  transport_.body(0, plate_bytes().substr(0, 10'000));
  EXPECT_EQ(file.get()->size(), kSize);
  EXPECT_TRUE(transport_.is_running(0) || transport_.is_cancelled(0));
}

TEST_F(DownloadOriginTest, TheVersionThatOpeningShowsIsKnownBefore) {
  EXPECT_EQ(product_->facts().version, 1u);
  auto file = open();
  serve(0, plate_bytes());
  EXPECT_EQ(file.get()->version(), 1u);
  EXPECT_EQ(product_->facts().version, 1u);
}

TEST_F(DownloadOriginTest, AReaderIsAnsweredWhenItsRangeIsHereBeforeTheRestIs) {
  auto opening = open();
  head_of_whole(0);
  const auto bytes = plate_bytes();
  transport_.body(0, bytes.substr(0, 10'000));
  const auto file = opening.get();
  auto reading = read(*file, {70'000, 80'000});
  transport_.body(0, bytes.substr(10'000, 150'000));
  EXPECT_EQ(reading.get(), bytes.substr(70'000, 10'000));
  EXPECT_TRUE(transport_.is_running(0));
}

TEST_F(DownloadOriginTest, EightReadersOfAColdFileCauseOneRequest) {
  std::vector<std::future<std::shared_ptr<OpenFile>>> openings;
  for (int i = 0; i < 8; ++i) openings.push_back(open());
  head_of_whole(0);
  transport_.body(0, plate_bytes());
  transport_.end(0);
  for (auto& opening : openings) {
    const auto file = opening.get();
    EXPECT_EQ(read(*file, {0, kSize}).get(), plate_bytes());
  }
  EXPECT_EQ(transport_.requests().size(), 1u);
}

TEST_F(DownloadOriginTest, TheTransferGoesOnWhenOneOfTwoWaitersLeaves) {
  auto first = open();
  auto withdraw_first = withdraw_;
  auto second = open();
  withdraw_first();
  EXPECT_EQ(kind_of(std::move(first)), ErrorKind::Cancelled);
  EXPECT_TRUE(transport_.is_running(0));
  head_of_whole(0);
  transport_.body(0, plate_bytes());
  EXPECT_EQ(second.get()->size(), kSize);
}

TEST_F(DownloadOriginTest, TheTransferEndsWhenTheLastWaiterLeaves) {
  auto file = open();
  withdraw_();
  EXPECT_EQ(kind_of(std::move(file)), ErrorKind::Cancelled);
  EXPECT_TRUE(transport_.is_cancelled(0));
}

TEST_F(DownloadOriginTest, TheTransferEndsWhenTheLastHandleIsReleased) {
  auto opening = open();
  head_of_whole(0);
  transport_.body(0, plate_bytes().substr(0, 10'000));
  opening.get().reset();
  EXPECT_TRUE(transport_.is_cancelled(0));
}

TEST_F(DownloadOriginTest, ABrokenTransferIsTakenUpAtTheFirstMissingGranule) {
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

TEST_F(DownloadOriginTest, AReaderOfAReplacedFileHearsThatTheServerFailsWhateverItReads) {
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

TEST_F(DownloadOriginTest, ATransferThatNeverGetsFurtherIsAnErrorInTheEnd) {
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

TEST_F(DownloadOriginTest, AServerThatSendsLessThanIsOfUseIsNotAskedForEver) {
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

TEST_F(DownloadOriginTest, AServerThatGivesLessThanItIsAskedForIsAskedForTheRest) {
  const auto bytes = plate_bytes();
  transport_.answer_with([&](const vo::http::Request& request) {
    auto less = request;
    less.range->end = std::min(less.range->end, less.range->first + 100'000);
    return part_of(bytes, less, "\"one\"");
  });
  const auto file = open().get();
  EXPECT_TRUE(read(*file, {0, kSize}).get() == bytes);
}

TEST_F(DownloadOriginTest, AServerWhoseETagIsAnotherEachTimeIsAskedForAllInOneInTheEnd) {
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

TEST_F(DownloadOriginTest, AnotherVersionMidwayIsNeverMixedIn) {
  auto opening = open();
  serve(0, plate_bytes('a'));
  const auto file = opening.get();
  auto reading = read(*file, {200'000, 200'010});
  ASSERT_EQ(transport_.requests().size(), 2u);
  serve(1, plate_bytes('b'), "\"two\"");
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

TEST_F(DownloadOriginTest, AHeaderReadAsksForLittleOfALargeFile) {
  auto opening = open();
  ASSERT_EQ(transport_.requests().size(), 1u);
  EXPECT_EQ(transport_.requests()[0].range, (vo::ByteRange{0, 128 * 1024}));
  serve(0, plate_bytes());
  EXPECT_EQ(read(*opening.get(), {0, 2880}).get(), plate_bytes().substr(0, 2880));
  EXPECT_EQ(transport_.requests().size(), 1u);
}

TEST_F(DownloadOriginTest, ARandomReadAsksForItsGranulesOnly) {
  auto opening = open();
  serve(0, plate_bytes());
  const auto file = opening.get();
  auto reading = read(*file, {200'000, 200'010});
  EXPECT_EQ(transport_.requests()[1].range, (vo::ByteRange{24 * kGranuleSize, 25 * kGranuleSize}));
  serve(1, plate_bytes());
  EXPECT_EQ(reading.get(), plate_bytes().substr(200'000, 10));
}

TEST_F(DownloadOriginTest, TwoReadersOfOneGranuleCauseOneRequest) {
  auto opening = open();
  serve(0, plate_bytes());
  const auto file = opening.get();
  auto one = read(*file, {200'000, 200'010});
  auto other = read(*file, {200'100, 200'110});
  EXPECT_EQ(transport_.requests().size(), 2u);
  serve(1, plate_bytes());
  EXPECT_EQ(one.get(), plate_bytes().substr(200'000, 10));
  EXPECT_EQ(other.get(), plate_bytes().substr(200'100, 10));
}

TEST_F(DownloadOriginTest, ReadingFromEndToEndMovesEachByteOnce) {
  const std::string bytes = plate_bytes('a', 20'000'000);
  serve_all(bytes);
  const auto file = open().get();
  std::string got;
  while (got.size() < bytes.size()) got += read(*file, {got.size(), got.size() + 131'072}).get();
  settle();
  EXPECT_TRUE(got == bytes);
  std::uint64_t moved = 0;
  for (const auto& request : transport_.requests()) moved += request.range->clipped_to(bytes.size()).size();
  EXPECT_EQ(moved, bytes.size());
  EXPECT_LT(transport_.requests().size(), 100u);  // not one for each of the 153 reads
}

TEST_F(DownloadOriginTest, NothingIsAskedForAheadOfAReaderWhoJumpsAbout) {
  const std::string bytes = plate_bytes('a', 40'000'000);
  serve_all(bytes);
  const auto file = open().get();
  for (std::uint64_t i = 0; i < 12; ++i) {
    const auto at = (i * 7 % 12) * 3'000'000 + 500'000;
    EXPECT_TRUE(read(*file, {at, at + 65'536}).get() == bytes.substr(at, 65'536));
  }
  std::uint64_t moved = 0;
  for (const auto& request : transport_.requests()) moved += request.range->size();
  EXPECT_LE(moved, 131'072 + 12 * 9 * kGranuleSize);
}

TEST_F(DownloadOriginTest, AServerWithoutRangesIsStreamedOnceFromTheStart) {
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

TEST_F(DownloadOriginTest, AServerThatHidesTheSizeOfWhatItSendsInPartsIsAskedForTheWhole) {
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

TEST_F(DownloadOriginTest, MoreThanWasAnnouncedIsAnError) {
  auto opening = open();
  head_of(0, {0, 131'072});
  transport_.body(0, plate_bytes().substr(0, 10'000));
  const auto file = opening.get();
  auto reading = read(*file, {100'000, 100'010});
  transport_.body(0, plate_bytes());
  settle();
  EXPECT_THROW(reading.get(), Error);
}

TEST_F(DownloadOriginTest, AFailureOfReadaheadIsNoFailureOfTheFile) {
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

TEST_F(DownloadOriginTest, APageInPlaceOfAPlateIsAnErrorAndNothingIsKept) {
  auto opening = open();
  transport_.head(0, 200, {{"content-length", "60"}, {"content-type", "text/html"}});
  transport_.body(0, "<html><title>Please log in</title>                          ");
  EXPECT_EQ(kind_of(std::move(opening)), ErrorKind::Malformed);
  EXPECT_FALSE(store_->object(product_->facts().url));
  EXPECT_EQ(product_->facts().state, ProductState::Failed);
  EXPECT_EQ(product_->facts().held_bytes, 0u);
  ASSERT_EQ(reported_.size(), 1u);
  EXPECT_NE(reported_[0].find("Please log in"), std::string::npos);
}

TEST_F(DownloadOriginTest, AFailureIsNotAskedForAgainAtOnceButLater) {
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

TEST_F(DownloadOriginTest, AnUnstatedLengthIsKnownWhenTheBodyHasEnded) {
  auto opening = open();
  transport_.head(0, 200, {{"content-type", "image/fits"}});
  transport_.body(0, plate_bytes());
  EXPECT_EQ(opening.wait_for(std::chrono::seconds{0}), std::future_status::timeout);
  transport_.end(0);
  const auto file = opening.get();
  EXPECT_EQ(read(*file, {0, kSize}).get(), plate_bytes());
}

TEST_F(DownloadOriginTest, WhatWasFetchedIsThereForTheNextProductWithoutARequest) {
  {
    auto opening = open();
    head_of_whole(0);
    transport_.body(0, plate_bytes());
    transport_.end(0);
    EXPECT_EQ(read(*opening.get(), {0, kSize}).get(), plate_bytes());
  }
  settle();
  make_product();
  EXPECT_EQ(product_->facts().state, ProductState::Cached);
  EXPECT_EQ(read(*open().get(), {5, 100}).get(), plate_bytes().substr(5, 95));
  EXPECT_EQ(transport_.requests().size(), 1u);
}

TEST_F(DownloadOriginTest, APlateThatWasEvictedIsBroughtBackForWhoCutsFromIt) {
  const auto bytes = plate_bytes();
  serve_all(bytes);
  const auto key = ProductId{plate_, ProductKind::Full, region_, {}}.key();
  const auto version = open().get()->version();
  settle();
  writer_->run([&key](Store& store) { store.evict(store.object(key)->id); });
  ASSERT_FALSE(store_->object(key));
  EXPECT_EQ(product_->facts().held_bytes, 0u);
  library_.products[key] = product_;
  const auto given = services();
  const Order order{.id = {plate_, ProductKind::Cutout, region_, {}}, .links = library_.links};
  const auto id = order.id.key();
  CachedInputs inputs{given, id, order, {}};
  const auto header = inputs.from_file({plate_, ProductKind::Full, region_, {}}, [](auto& source, const auto&) {
    FileBytes read(2880);
    vo::read_range(source, {0, read.size()}, read);
    return read;
  });
  EXPECT_EQ(std::memcmp(header.data(), bytes.data(), header.size()), 0);
  EXPECT_EQ(store_->object(key)->version, version);
}

TEST_F(DownloadOriginTest, AReaderMayReleaseTheFileInTheAnswer) {
  auto opening = open();
  head_of_whole(0);
  transport_.body(0, plate_bytes());
  transport_.end(0);
  settle();
  auto file = opening.get();
  auto* const reader = file.get();
  bool answered = false;
  std::vector<std::string> others;
  reader->read({0, 100}, [&](const vo::Outcome<Extent>& extent) {
    answered = static_cast<bool>(extent);
    file.reset();  // as the kernel does, whose reader has what it wanted and closes
    // Its memory is somebody else's now: whoever still looks into it is found out.
    for (std::size_t size = 32; size < 512; size += 8) others.emplace_back(size, '\xa5');
  });
  EXPECT_TRUE(answered);
}

TEST_F(DownloadOriginTest, ShuttingTellsAllWhoWait) {
  auto opening = open();
  product_->shut();
  EXPECT_EQ(kind_of(std::move(opening)), ErrorKind::Unavailable);
  EXPECT_EQ(kind_of(open()), ErrorKind::Unavailable);
  settle();
}

TEST_F(DownloadOriginTest, APlateWithoutSuchAFileIsNotFound) {
  library_.links = std::make_shared<LinksAnswer>();
  EXPECT_EQ(kind_of(open()), ErrorKind::NotFound);
  EXPECT_TRUE(transport_.requests().empty());
}

TEST_F(DownloadOriginTest, AFaultOfTheLinksServiceIsTold) {
  library_.links = std::make_shared<LinksAnswer>();
  vo::Link fault;
  fault.semantics = "#this";
  fault.error_message = "NotFoundFault: withdrawn";
  library_.links->document.links.push_back(fault);
  EXPECT_EQ(kind_of(open()), ErrorKind::Rejected);
  EXPECT_NE(product_->facts().error.find("withdrawn"), std::string::npos);
}

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

TEST_F(DownloadOriginTest, BelievesLinksThatWereJustAnswered) {
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
  EXPECT_EQ(kind_of(std::move(file)), ErrorKind::Malformed);
  EXPECT_EQ(library_.renewals, 1);
  EXPECT_EQ(transport_.requests().size(), 1u);
}

}  // namespace
}  // namespace platefs::cache
