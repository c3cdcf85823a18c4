// SPDX-License-Identifier: BSD-3-Clause
#include "cache/cached_library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "tests/support/held_transport.h"
#include "tests/support/store_fixture.h"

namespace platefs::cache {
namespace {

using testing::HasSubstr;
using vo::ErrorKind;

constexpr const char* kNoPlates =
    "<VOTABLE><RESOURCE type=\"results\"><INFO name=\"QUERY_STATUS\" value=\"OK\"/><TABLE>"
    "<FIELD name=\"obs_publisher_did\" datatype=\"char\" arraysize=\"*\"/>"
    "<DATA><TABLEDATA/></DATA></TABLE></RESOURCE></VOTABLE>";

/// A library of two archives; "slow" answers when the test says so.
class LibraryOfTwo : public test::StoreTest {
 protected:
  using Answer = vo::Outcome<std::shared_ptr<const PlatesAnswer>>;

  void SetUp() override {
    StoreTest::SetUp();
    writer = std::make_unique<Writer>(*store, [](std::string_view) {});
  }
  void TearDown() override {
    library->shut();
    transport.close();
    library->stop();
    writer->stop();
  }
  void start(std::optional<std::chrono::milliseconds> patience) {
    CachedLibrary::Archives archives;
    archives.services = {{"quick", vo::Url::parse("http://quick.example/tap")},
                         {"slow", vo::Url::parse("http://slow.example/tap")}};
    archives.options.now = [this] { return now; };
    archives.patience = patience;
    archives.warn = [this](std::string_view line) {
      const std::lock_guard lock(mutex);
      warnings.emplace_back(line);
    };
    library = std::make_unique<CachedLibrary>(archives, transport, *store, *writer);
  }
  std::future<Answer> ask() {
    auto promise = std::make_shared<std::promise<Answer>>();
    library->plates_at({vo::Angle::degrees(10), vo::Angle::degrees(20)},
                       [promise](Answer answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
  }
  std::size_t request_to(std::string_view host) const {
    const auto requests = transport.requests();
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if (requests[i].url.host() == host) return i;
    }
    return requests.size();
  }
  void answer(std::string_view host) { transport.answer(request_to(host), 200, kNoPlates); }
  static bool has_answered(const Answer& answer, std::size_t archive) {
    return answer.value()->archives.at(archive).table != nullptr;
  }

  std::mutex mutex;
  test::HeldTransport transport;
  std::unique_ptr<Writer> writer;
  std::unique_ptr<CachedLibrary> library;
};

TEST_F(LibraryOfTwo, ATargetIsListedAsSoonAsItIsEnteredHoweverBusyTheWriterIs) {
  start(std::nullopt);
  std::promise<void> begun, go_on;
  writer->post([&](Store&) {
    begun.set_value();
    go_on.get_future().wait();
  });
  begun.get_future().wait();
  library->remember_target("10+20", "");
  library->remember_target("9+20", "");
  EXPECT_THAT(library->targets(CachedLibrary::TargetOrder::ByName), testing::ElementsAre("10+20", "9+20"));
  EXPECT_THAT(library->targets(CachedLibrary::TargetOrder::LatestFirst), testing::ElementsAre("9+20", "10+20"));
  go_on.set_value();
  writer->run([](Store&) {});
  EXPECT_THAT(library->targets(CachedLibrary::TargetOrder::LatestFirst), testing::ElementsAre("9+20", "10+20"));
  EXPECT_TRUE(store->document_times("target 9+20"));
}

TEST_F(LibraryOfTwo, AListingWaitsForASlowArchiveAsLongAsItsPatience) {
  start(std::chrono::milliseconds(1));
  auto listing = ask();
  ASSERT_TRUE(transport.wait_for_requests(2));
  answer("quick.example");
  const auto answered = listing.get();
  EXPECT_TRUE(has_answered(answered, 0));
  EXPECT_FALSE(has_answered(answered, 1));
  EXPECT_EQ(answered.value()->archives[1].failure->kind(), ErrorKind::TimedOut);
  EXPECT_THAT(answered.value()->archives[1].failure->message(), HasSubstr("slow has not answered yet"));
}

TEST_F(LibraryOfTwo, WithoutAnAnswerFromAnybodyItWaitsOn) {
  start(std::chrono::milliseconds(1));
  auto listing = ask();
  ASSERT_TRUE(transport.wait_for_requests(2));
  EXPECT_EQ(listing.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  answer("slow.example");
  EXPECT_TRUE(has_answered(listing.get(), 1)) << "as soon as one has, the same holds for the other";
}

TEST_F(LibraryOfTwo, WhoIsKnownToBeLateIsNotWaitedForAgainUntilItAnswers) {
  start(std::chrono::milliseconds(1));
  auto first = ask();
  ASSERT_TRUE(transport.wait_for_requests(2));
  answer("quick.example");
  first.get();
  writer->run([](Store&) {});
  auto second = ask();
  EXPECT_FALSE(has_answered(second.get(), 1));
  EXPECT_EQ(transport.requests().size(), 2u) << "it is asked once";
  auto third = ask();  // joins the question that is under way
  answer("slow.example");
  third.get();
  while (!has_answered(ask().get(), 1)) writer->run([](Store&) {});
  EXPECT_EQ(transport.requests().size(), 2u);
}

TEST_F(LibraryOfTwo, AnAlbumLivesOnWhileTheKernelLooksItUpAnew) {
  start(std::nullopt);
  AlbumId id{AlbumId::Kind::Animation,
             {},
             0,
             {{vo::Angle::degrees(10), vo::Angle::degrees(20)}, vo::Angle::degrees(1)},
             "0",
             {}};
  const std::weak_ptr<Product> album = library->album(id);
  EXPECT_FALSE(album.expired());
  EXPECT_EQ(album.lock(), library->album(id));
  for (const auto* place : {"1", "2", "3", "4"}) {
    id.place = place;
    library->album(id);
  }
  EXPECT_TRUE(album.expired()) << "not for ever";
}

TEST_F(LibraryOfTwo, ACommandWaitsForAll) {
  start(std::nullopt);
  auto listing = ask();
  ASSERT_TRUE(transport.wait_for_requests(2));
  answer("quick.example");
  EXPECT_EQ(listing.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  answer("slow.example");
  const auto answered = listing.get();
  EXPECT_TRUE(has_answered(answered, 0));
  EXPECT_TRUE(has_answered(answered, 1));
}

}  // namespace
}  // namespace platefs::cache
