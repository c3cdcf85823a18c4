// SPDX-License-Identifier: BSD-3-Clause
// Readers of a file that comes from an archive: what they cause to be asked for, and when they are answered.
#include "cache/files/plate_inputs.h"
#include "tests/support/download_fixture.h"

namespace platefs::cache {
namespace {

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

TEST_F(DownloadOriginTest, AHeaderReadAsksForLittleOfALargeFile) {
  auto opening = open();
  ASSERT_EQ(transport_.requests().size(), 1u);
  EXPECT_EQ(transport_.requests()[0].range, (vo::ByteRange{0, 128 * 1024}));
  serve(0, plate_bytes());
  EXPECT_EQ(read(*opening.get(), {0, 2880}).get(), plate_bytes().substr(0, 2880));
  EXPECT_EQ(transport_.requests().size(), 1u);
}

TEST_F(DownloadOriginTest, WhoeverKnowsWhatToReadGetsTheHeaderAtFirst) {
  withdraw_ = product_->open_exactly([](vo::Outcome<std::shared_ptr<OpenFile>>) {});
  ASSERT_EQ(transport_.requests().size(), 1u);
  EXPECT_EQ(transport_.requests()[0].range, (vo::ByteRange{0, 32 * 1024}));
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

}  // namespace
}  // namespace platefs::cache
