// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/album.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "tests/support/fake_library.h"
#include "tests/support/sky_plate.h"
#include "vo/fits/pictures/stamp.h"

namespace platefs::cache {
namespace {

using vo::Error;
using vo::ErrorKind;
using OpenedFile = std::shared_ptr<OpenFile>;

std::string stamp() {
  test::SkyPlate plate{.width = 60, .height = 60};
  const auto file = plate.file();
  vo::MemoryFitsSource source{test::bytes_of(file)};
  const auto bytes = vo::stamp_of(source, {plate.target, vo::Angle::arcminutes(1)}, {}, vo::Tone::StarsDark);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class AlbumTest : public testing::Test {
 protected:
  AlbumTest() {
    for (const char* did : {"ivo://t/1", "ivo://t/2", "ivo://t/3"}) {
      id.plates.push_back(test::plate_ref(did));
      auto made = std::make_shared<test::FakeProduct>();
      made->bytes = stamp();
      stamps.push_back(made);
      library.products[ProductId{id.plates.back(), ProductKind::Stamp, id.region, {}}.key()] = made;
    }
    album = std::make_shared<Album>(
        library, pool, [this] { return now; }, id);
  }
  std::future<vo::Outcome<OpenedFile>> open() {
    auto told = std::make_shared<std::promise<vo::Outcome<OpenedFile>>>();
    auto outcome = told->get_future();
    withdraw = album->open([told](vo::Outcome<OpenedFile> opened) { told->set_value(std::move(opened)); });
    return outcome;
  }
  static std::string bytes_of(const OpenedFile& file) {
    std::string bytes;
    file->read({0, file->size()}, [&](vo::Outcome<Extent> read) {
      bytes.resize(read.value().size);
      copy_extent(read.value(), std::as_writable_bytes(std::span{bytes}));
    });
    return bytes;
  }

  std::int64_t now = 1000;
  test::FakeLibrary library;
  std::vector<std::shared_ptr<test::FakeProduct>> stamps;
  AlbumId id{AlbumId::Kind::Animation,
             {},
             3,
             {vo::IcrsPosition::at(vo::Angle::degrees(10), vo::Angle::degrees(20)), vo::Angle::arcminutes(1)},
             "10+20",
             {}};
  vo::WorkerPool pool{2};
  std::shared_ptr<Album> album;
  Withdraw withdraw;
};

TEST_F(AlbumTest, ShowsAllStampsAndItsSizeIsKnownOnceItIsOpen) {
  EXPECT_FALSE(album->facts().size);
  EXPECT_GT(album->facts().estimate, 0u);
  const auto expected = album->facts().version;
  const auto file = open().get().value();
  const auto bytes = bytes_of(file);
  EXPECT_THAT(bytes, testing::StartsWith("GIF89a"));
  EXPECT_THAT(bytes, testing::HasSubstr("3 of 3 plates"));
  EXPECT_EQ(album->facts().size, bytes.size());
  EXPECT_EQ(album->facts().version, file->version());
  EXPECT_EQ(file->version(), expected) << "it stays the file that it was before it was made";
  EXPECT_EQ(album->facts().state, ProductState::Cached);
}

TEST_F(AlbumTest, LeavesOutWhatFailsAndIsMadeAnewWhenThatMayBeOver) {
  stamps[1]->failure = Error{ErrorKind::TimedOut, "silent"};
  const auto first = open().get().value();
  EXPECT_THAT(bytes_of(first), testing::HasSubstr("2 of 3 plates"));
  stamps[1]->failure.reset();
  EXPECT_EQ(open().get().value()->version(), first->version()) << "a moment later";
  now += 61;
  EXPECT_FALSE(album->facts().size);
  const auto second = open().get().value();
  EXPECT_THAT(bytes_of(second), testing::HasSubstr("3 of 3 plates"));
  EXPECT_NE(second->version(), first->version());
  EXPECT_THAT(bytes_of(first), testing::HasSubstr("2 of 3 plates")) << "who has it open goes on with it";
  now += 100'000;
  EXPECT_EQ(album->facts().size, second->size()) << "none is missing";
}

TEST_F(AlbumTest, FailsAsTheFirstPlateDoesWhereThereIsNone) {
  for (const auto& each : stamps) each->failure = Error{ErrorKind::Refused, "nobody there"};
  const auto outcome = open().get();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind(), ErrorKind::Refused);
  EXPECT_EQ(album->facts().state, ProductState::Failed);
}

TEST_F(AlbumTest, OpensAreAnsweredTogetherAndAWithdrawnOneAtOnce) {
  for (const auto& each : stamps) each->is_held = true;
  auto first = open();
  auto second = open();
  withdraw();
  ASSERT_EQ(second.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  EXPECT_EQ(second.get().error().kind(), ErrorKind::Cancelled);
  for (const auto& each : stamps) each->finish();
  EXPECT_TRUE(first.get());
}

TEST_F(AlbumTest, OneThatNobodyWaitsForAnyMoreCanBeOpenedAgain) {
  for (const auto& each : stamps) each->is_held = true;
  auto first = open();
  withdraw();
  auto second = open();
  for (const auto& each : stamps) {
    each->is_held = false;
    each->finish();
  }
  EXPECT_TRUE(second.get());
}

TEST(AlbumPlaces, AreAllOfAFewAndABoundedNumberOfMany) {
  EXPECT_EQ(album_places(AlbumId::Kind::Animation, 44).size(), 44u);
  const auto few = album_places(AlbumId::Kind::Animation, 100'000);
  EXPECT_LE(few.size(), 240u);
  EXPECT_EQ(few.front(), 0u);
  EXPECT_EQ(few.back(), 99'999u);
}

TEST_F(AlbumTest, SheetAndAnimationOfOtherPlatesAreOtherFiles) {
  auto other = id;
  other.kind = AlbumId::Kind::Sheet;
  EXPECT_NE(other.key(), id.key());
  other = id;
  other.plates.pop_back();
  EXPECT_NE(other.key(), id.key());
  other = id;
  other.variant = "positive";
  EXPECT_NE(other.key(), id.key());
}

}  // namespace
}  // namespace platefs::cache
