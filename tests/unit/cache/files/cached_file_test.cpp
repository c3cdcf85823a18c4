// SPDX-License-Identifier: BSD-3-Clause
// What a reader gets, and what is left behind, when a body, a cached file or platefs itself is not as it should be.
#include "cache/files/cached_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "cache/files/file_kinds.h"
#include "tests/support/fake_library.h"
#include "tests/support/held_transport.h"
#include "tests/support/scratch_directory.h"

namespace platefs::cache {
namespace {

namespace stdfs = std::filesystem;
using test::HeldTransport;
using testing::HasSubstr;
using testing::IsEmpty;
using vo::Error;
using vo::ErrorKind;

constexpr std::uint64_t kSize = 300'000;

std::string plate_bytes() {
  std::string bytes = "SIMPLE  =                    T";
  while (bytes.size() < kSize) bytes += static_cast<char>('a' + bytes.size() % 23);
  return bytes;
}

/// Of no meaning for a whole file.
const vo::Cone kNowhere{vo::IcrsPosition::at(vo::Angle::degrees(156), vo::Angle::degrees(48)),
                        vo::Angle::arcminutes(10)};

/// An origin that forgets to bring what is waited for.
class Forgetful final : public Origin {
 public:
  explicit Forgetful(const bool& is_busy) : is_busy_(is_busy) {}
  void update(const Demand&, Tasks&) override {}
  Standing standing() const override { return {.is_under_way = is_busy_, .serves_parts = true}; }

 private:
  const bool& is_busy_;
};

class CachedFileTest : public testing::Test {
 protected:
  CachedFileTest() {
    watch_ = std::make_unique<WaitWatch>(timer_, std::chrono::milliseconds(40));
    link_.semantics = "#this";
    link_.access_url = "http://files.example/plate.fits";
    link_.content_type = "image/fits";
    library_.links->document.links.push_back(link_);
    library_.links->files.full = &library_.links->document.links.front();
    start();
  }
  ~CachedFileTest() override { stop(); }

  void start() {
    store_ =
        std::make_unique<Store>(StoreOptions{.directory = scratch_.path() / "cache", .now = [this] { return now_; }});
    writer_ = std::make_unique<Writer>(*store_, [](std::string_view) {});
    product_ = make_file(services(), id());
  }
  void stop() {
    transport_.close();
    product_.reset();
    writer_.reset();
    store_.reset();
  }
  ProductId id() const { return {plate_, ProductKind::Full, kNowhere, {}}; }
  ProductServices services() {
    return {*store_,
            *writer_,
            transport_,
            library_,
            hosts_,
            [this] { return now_; },
            [this](const Failure& failure) { reported_.push_back(failure.message); },
            [](const Failure&) {},
            watch_.get()};
  }

  static std::future<std::shared_ptr<OpenFile>> open(Product& product) {
    auto promise = std::make_shared<std::promise<std::shared_ptr<OpenFile>>>();
    product.open([promise](vo::Outcome<std::shared_ptr<OpenFile>> file) {
      if (file) return promise->set_value(std::move(file).value());
      promise->set_exception(std::make_exception_ptr(file.error()));
    });
    return promise->get_future();
  }
  std::string read(OpenFile& file, vo::ByteRange range) {
    auto promise = std::make_shared<std::promise<std::string>>();
    file.read(range, [promise](vo::Outcome<Extent> extent) {
      if (!extent) return promise->set_exception(std::make_exception_ptr(extent.error()));
      std::string bytes(extent.value().size, '\0');
      copy_extent(extent.value(), std::as_writable_bytes(std::span{bytes}));
      promise->set_value(bytes);
    });
    auto answer = promise->get_future();
    for (int i = 0; i < 50 && answer.wait_for(std::chrono::seconds{0}) != std::future_status::ready; ++i) settle();
    if (answer.wait_for(std::chrono::seconds{0}) != std::future_status::ready) return "it waits for ever";
    return answer.get();
  }
  static std::optional<Error> failure_of(std::future<std::shared_ptr<OpenFile>> file) {
    try {
      file.get();
    } catch (const Error& error) {
      return error;
    }
    return std::nullopt;
  }
  void serve_all() {
    transport_.answer_with([](const vo::http::Request& request) {
      const auto bytes = plate_bytes();
      const auto range = request.range.value().clipped_to(bytes.size());
      auto response = test::response_to(request, 206, bytes.substr(range.first, range.size()), "image/fits");
      response.head.headers.emplace_back("content-range",
                                         fmt::format("bytes {}-{}/{}", range.first, range.end - 1, bytes.size()));
      response.head.headers.emplace_back("etag", "\"one\"");
      return response;
    });
  }
  std::shared_ptr<CachedFile> forgetful() {
    return std::make_shared<CachedFile>(services(), id(),
                                        [this](CachedFile&) { return std::make_unique<Forgetful>(is_busy_); });
  }
  void settle() {
    writer_->run([](Store&) {});
  }
  std::vector<stdfs::path> object_files() const {
    std::vector<stdfs::path> files;
    for (const auto& entry : stdfs::recursive_directory_iterator(scratch_.path() / "cache" / "objects")) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    return files;
  }

  test::ScratchDirectory scratch_;
  std::int64_t now_ = 1'000'000;
  std::unique_ptr<WaitWatch> watch_;
  vo::Timer timer_;  // calls into what stands above it
  HeldTransport transport_;
  test::FakeLibrary library_;
  HostProfiles hosts_{4};
  vo::Link link_;
  PlateRef plate_ = test::plate_ref("ivo://test/plate?1");
  std::vector<std::string> reported_;
  bool is_busy_ = false;  ///< with nothing
  std::unique_ptr<Store> store_;
  std::unique_ptr<Writer> writer_;
  std::shared_ptr<CachedFile> product_;
};

TEST_F(CachedFileTest, ABodyLongerThanItSaidIsRefusedAndTakesNoRoom) {
  for (const auto* range : {"bytes 0-99/100", "bytes 0-99/300000", "bytes 0-8191/300000"}) {
    const auto request = transport_.requests().size();
    const auto plate = test::plate_ref(fmt::format("ivo://test/plate?{}", request));
    const auto product = make_file(services(), ProductId{plate, ProductKind::Full, kNowhere, {}});
    auto file = open(*product);
    transport_.head(request, 206, {{"content-range", range}, {"content-type", "image/fits"}});
    transport_.body(request, plate_bytes());
    settle();
    const auto failure = failure_of(std::move(file));
    ASSERT_TRUE(failure) << range;
    EXPECT_THAT(failure->message(), HasSubstr("more than the bytes")) << range;
    EXPECT_THAT(object_files(), IsEmpty()) << range;
    EXPECT_EQ(store_->usage().bytes, 0u) << range;
  }
}

TEST_F(CachedFileTest, AnAnswerThatPromisesLessThanAskedAndSendsMoreIsNotAskedForEver) {
  serve_all();
  const auto file = open(*product_).get();
  const auto before = transport_.requests().size();
  transport_.answer_with([](const vo::http::Request& request) {
    const auto bytes = plate_bytes();
    const auto range = request.range.value().clipped_to(bytes.size());
    auto response = test::response_to(request, 206, bytes.substr(range.first, range.size()), "image/fits");
    response.head.headers.emplace_back(
        "content-range", fmt::format("bytes {}-{}/{}", range.first, range.first + range.size() / 2, bytes.size()));
    response.head.headers.emplace_back("etag", "\"one\"");
    return response;
  });
  // In the second half of a granule: the answer's first half is not what the reader waits for.
  const auto place = 25 * kGranuleSize + kGranuleSize * 3 / 4;
  EXPECT_THROW(read(*file, {place, place + 10}), Error);
  EXPECT_LT(transport_.requests().size() - before, 5u);
}

TEST_F(CachedFileTest, ABodyOfUnknownLengthThatBreaksOffLeavesNothing) {
  auto file = open(*product_);
  for (std::size_t i = 0; i < 10 && i < transport_.requests().size(); ++i) {
    transport_.head(i, 200, {{"content-type", "image/fits"}});
    transport_.body(i, plate_bytes());
    settle();
    EXPECT_EQ(object_files().size(), 1u);
    transport_.end(i, Error{ErrorKind::Unavailable, "broke off"});
    settle();
    settle();  // what is discarded goes behind the end
    EXPECT_THAT(object_files(), IsEmpty());
  }
  EXPECT_TRUE(failure_of(std::move(file)));
  EXPECT_EQ(store_->usage().bytes, 0u);
}

TEST_F(CachedFileTest, AFileOfTheCacheThatIsGoneIsFetchedAgain) {
  serve_all();
  EXPECT_EQ(read(*open(*product_).get(), {0, kSize}), plate_bytes());
  stop();
  for (const auto& path : object_files()) stdfs::remove(path);
  start();
  const auto file = open(*product_).get();
  EXPECT_EQ(read(*file, {200'000, 210'000}), plate_bytes().substr(200'000, 10'000));
  EXPECT_EQ(read(*file, {0, kSize}), plate_bytes());
}

TEST_F(CachedFileTest, AFileOfTheCacheThatWasCutShortIsFetchedAgain) {
  serve_all();
  EXPECT_EQ(read(*open(*product_).get(), {0, kSize}), plate_bytes());
  stop();
  for (const auto& path : object_files()) stdfs::resize_file(path, 100'000);
  start();
  const auto file = open(*product_).get();
  EXPECT_EQ(read(*file, {0, kSize}), plate_bytes());
}

TEST_F(CachedFileTest, WhatAnotherProcessEvictedBetweenListingAndReadingIsFetchedAgain) {
  serve_all();
  EXPECT_EQ(read(*open(*product_).get(), {0, kSize}), plate_bytes());
  settle();
  EXPECT_EQ(product_->facts().state, ProductState::Cached);
  {
    Store other({.directory = scratch_.path() / "cache", .now = [this] { return now_; }});
    other.evict(other.objects().front().id);
  }
  const auto file = open(*product_).get();
  EXPECT_EQ(read(*file, {200'000, 210'000}), plate_bytes().substr(200'000, 10'000));
}

TEST_F(CachedFileTest, WhoeverWaitsForNothingIsToldSoInTime) {
  const auto product = forgetful();
  const auto failure = failure_of(open(*product));  // would wait for ever
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind(), ErrorKind::Unavailable) << "EIO, never EINTR";
  EXPECT_THAT(reported_, testing::ElementsAre(HasSubstr("fault of platefs")));
}

TEST_F(CachedFileTest, AReaderOfBytesThatNobodyFetchesIsToldSoInTime) {
  const auto product = forgetful();
  writer_->run([&](Store& store) {
    ObjectFacts facts;
    facts.size = kSize;
    product->began(store.create(id().key(), facts));
  });
  const auto file = open(*product).get();
  std::promise<ErrorKind> told;
  file->read({0, 100}, [&](const vo::Outcome<Extent>& extent) { told.set_value(extent.error().kind()); });
  EXPECT_EQ(told.get_future().get(), ErrorKind::Unavailable);
}

TEST_F(CachedFileTest, AReaderThatClosesTheFileInTheMiddleOfAReadWaitsForNothingMore) {
  const auto product = forgetful();
  is_busy_ = true;
  writer_->run([&](Store& store) {
    ObjectFacts facts;
    facts.size = kSize;
    product->began(store.create(id().key(), facts));
  });
  auto file = open(*product).get();
  std::optional<ErrorKind> told;
  file->read({0, 100}, [&](const vo::Outcome<Extent>& extent) { told = extent.error().kind(); });
  EXPECT_FALSE(told);
  file.reset();
  EXPECT_EQ(told, ErrorKind::Cancelled);
  std::size_t waiting = 1;
  product->decide(Demand::Change::Less, [&](const Demand& demand, Tasks&) { waiting = demand.waiting.size(); });
  EXPECT_EQ(waiting, 0u) << "so that its download ends";
}

TEST_F(CachedFileTest, AFileThatWasReadWholeIsKnownToBeCached) {
  const auto product = forgetful();
  writer_->run([&](Store& store) {
    ObjectFacts facts;
    facts.size = 20'000;
    const auto info = store.create(id().key(), facts);
    product->began(info);
    store.put(info.id, 0, std::vector<std::byte>(20'000));  // nobody has been told of it yet
  });
  const auto file = open(*product).get();
  EXPECT_EQ(read(*file, {0, 20'000}).size(), 20'000u);
  EXPECT_EQ(product->facts().state, ProductState::Cached);
}

TEST_F(CachedFileTest, WhatIsAskedForBeginsOnAGranuleWhateverWasRead) {
  serve_all();
  const auto file = open(*product_).get();
  for (const std::uint64_t first : {5'000u, 200'123u, 150'001u, 290'000u}) {
    EXPECT_EQ(read(*file, {first, first + 9'000}), plate_bytes().substr(first, 9'000));
    writer_->run([this](Store& store) { store.evict(store.object(id().key())->id); });
  }
  for (const auto& request : transport_.requests()) EXPECT_EQ(request.range->first % kGranuleSize, 0u);
}

TEST_F(CachedFileTest, WhoeverWaitsForWhatIsUnderWayIsLeftInPeace) {
  watch_.reset();
  const auto product = forgetful();
  const auto now = std::chrono::steady_clock::now();
  const auto deadline = std::chrono::seconds(30);
  auto file = open(*product);
  is_busy_ = true;
  EXPECT_TRUE(product->look_after(now + std::chrono::hours(1), deadline));
  is_busy_ = false;
  EXPECT_TRUE(product->look_after(now + std::chrono::hours(1) + std::chrono::seconds(29), deadline));
  EXPECT_NE(file.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  EXPECT_TRUE(product->look_after(now + std::chrono::hours(1) + std::chrono::seconds(31), deadline));
  EXPECT_TRUE(failure_of(std::move(file)));
  EXPECT_FALSE(product->look_after(now + std::chrono::hours(2), deadline)) << "nobody waits any more";
}

}  // namespace
}  // namespace platefs::cache
