// SPDX-License-Identifier: BSD-3-Clause
#include "cache/fetch/body_writer.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <future>

#include "cache/store/writer.h"
#include "tests/support/store_fixture.h"

namespace platefs::test {
namespace {

using testing::ElementsAre;
using vo::ByteRange;
using vo::Flow;

struct CountedHandle final : vo::TransferTicket::Handle {
  void cancel() override { ++cancels; }
  void resume() override { ++resumes; }
  std::atomic<int> cancels{0}, resumes{0};
};

/// Keeps the writer busy until it is let go.
class HeldWriter {
 public:
  explicit HeldWriter(cache::Writer& writer) {
    writer.post([released = release_.get_future().share()](cache::Store&) { released.wait(); });
  }
  void let_go() { release_.set_value(); }

 private:
  std::promise<void> release_;
};

class IntakeTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    writer = std::make_unique<cache::Writer>(*store, [](std::string_view) {});
    make_intake();
  }
  void make_intake() {
    body_writer = std::make_shared<cache::BodyWriter>(
        *writer, [this](cache::ObjectId, ByteRange range) { stored_ranges.push_back(range); });
    body_writer->set_ticket(vo::TransferTicket{handle});
  }
  void TearDown() override { writer.reset(); }

  void begin(std::uint64_t size, std::uint64_t offset = 0) {
    const auto key = fmt::format("plate {}", ++plates);
    body_writer->begin(offset, UINT64_MAX, true,
                       [key, size](cache::Store& to) { return to.create(key, facts(size)).id; });
  }
  void send(const Bytes& bytes, std::size_t piece) {
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      const auto some = std::span(bytes).subspan(at, std::min(piece, bytes.size() - at));
      ASSERT_EQ(body_writer->take(some), Flow::Continue);
    }
  }
  vo::Outcome<cache::BodyWriter::Total> finish(bool is_whole) {
    std::promise<vo::Outcome<cache::BodyWriter::Total>> done;
    body_writer->finish(is_whole, [&](cache::Store&, vo::Outcome<cache::BodyWriter::Total> total) {
      done.set_value(std::move(total));
    });
    return done.get_future().get();
  }

  std::shared_ptr<CountedHandle> handle = std::make_shared<CountedHandle>();
  std::vector<ByteRange> stored_ranges;  ///< on the writer thread; read after finish
  int plates = 0;
  std::unique_ptr<cache::Writer> writer;
  std::shared_ptr<cache::BodyWriter> body_writer;
};

TEST_F(IntakeTest, StoresABodyThatComesInPiecesOfAnySize) {
  for (const std::size_t piece : {1000u, 8192u, 16384u, 100'001u, 999'999u}) {
    make_intake();
    const auto bytes = pattern(1'000'003, static_cast<unsigned>(piece));
    begin(bytes.size());
    send(bytes, piece);
    const auto total = finish(true).value();
    EXPECT_EQ(total.bytes, bytes.size());
    EXPECT_EQ(total.hash, XXH3_64bits(bytes.data(), bytes.size()));
    EXPECT_EQ(read(total.object, 0, bytes.size()), bytes) << "in pieces of " << piece;
  }
}

TEST_F(IntakeTest, KeepsOnlyWholeGranulesOfABodyThatBreaksOff) {
  const auto bytes = pattern(100'000);
  begin(200'000);
  send(bytes, 16'000);
  const auto total = finish(false).value();
  EXPECT_EQ(total.bytes, 12 * cache::kGranuleSize);
}

TEST_F(IntakeTest, WritesInOneGoWhatCameWhileTheWriterWasBusy) {
  const auto bytes = pattern(256 * 1024);
  begin(bytes.size() + 8192, 8192);
  HeldWriter held{*writer};
  send(bytes, 16'384);
  held.let_go();
  finish(false).value();
  EXPECT_THAT(stored_ranges, ElementsAre(ByteRange{8192, 139'264}, ByteRange{139'264, 270'336}));
}

TEST_F(IntakeTest, PausesWhenTheWriterFallsBehindAndResumesWhenItHasCaughtUp) {
  const auto bytes = pattern(256 * 1024);
  begin(64u << 20);
  HeldWriter held{*writer};
  int taken = 0;
  while (body_writer->take(bytes) == Flow::Continue) ++taken;
  EXPECT_EQ(taken, 9);  // just above 2 MiB
  EXPECT_EQ(handle->resumes, 0);
  held.let_go();
  EXPECT_EQ(finish(false).value().bytes, 9 * bytes.size());
  EXPECT_EQ(handle->resumes, 1);
}

TEST_F(IntakeTest, StopsTheTransferWhenTheObjectCannotBeHad) {
  body_writer->begin(0, UINT64_MAX, false, [](cache::Store&) -> cache::ObjectId {
    throw vo::Error(vo::ErrorKind::Changed, "another version");
  });
  send(pattern(300'000), 16'384);
  const auto total = finish(true);
  ASSERT_FALSE(total);
  EXPECT_EQ(total.error().kind(), vo::ErrorKind::Changed);
  EXPECT_EQ(handle->cancels, 1);
  EXPECT_TRUE(stored_ranges.empty());
}

}  // namespace
}  // namespace platefs::test
