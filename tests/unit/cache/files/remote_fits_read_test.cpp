// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "cache/files/remote_fits.h"
#include "tests/support/held_transport.h"
#include "tests/support/store_fixture.h"

namespace platefs::test {
namespace {

using cache::Extent;
using cache::HostProfiles;
using cache::kGranuleSize;
using cache::RangeWay;
using cache::RemoteFitsSource;
using vo::ByteRange;
using vo::Error;
using vo::ErrorKind;

constexpr std::uint64_t kSize = 4'000'000;
constexpr auto kOrigin = "http://files.example:80";

std::string header_of(const vo::http::Request& request, std::string_view name) {
  for (const auto& [each, value] : request.headers) {
    if (each == name) return value;
  }
  return {};
}

std::vector<ByteRange> asked_in(const vo::http::Request& request) {
  std::vector<ByteRange> ranges;
  const auto text = header_of(request, "Range");
  const char* at = text.data() + 6;
  const char* end = text.data() + text.size();
  while (at < end) {
    ByteRange range;
    at = std::from_chars(at, end, range.first).ptr + 1;
    at = std::from_chars(at, end, range.end).ptr + 1;
    ++range.end;
    ranges.push_back(range);
  }
  return ranges;
}

/// A file server with habits.
struct Server {
  std::string bytes;
  std::string etag = "\"1\"";
  std::string last_modified = "Mon, 01 Jan 1900 00:00:00 GMT";
  bool knows_multi_range = true;
  bool knows_ranges = true;
  bool answers_first_only = false;
  bool merges_all = false;
  bool reverses = false;
  std::uint64_t shift = 0;  ///< says other bytes than it sends
  std::uint64_t claimed_size = 0;
  std::optional<std::size_t> breaks_after;
  int most_ranges = 1'000'000;

  vo::http::Response whole(const vo::http::Request& request) const {
    return finished(request, response_to(request, 200, bytes, "image/fits"));
  }

  vo::http::Response finished(const vo::http::Request&, vo::http::Response response) const {
    if (!etag.empty()) response.head.headers.emplace_back("etag", etag);
    if (!last_modified.empty()) response.head.headers.emplace_back("last-modified", last_modified);
    response.head.headers.emplace_back("content-length", fmt::format("{}", response.body.size()));
    return response;
  }

  std::string content_range(const ByteRange& range) const {
    return fmt::format("bytes {}-{}/{}", range.first + shift, range.end - 1 + shift,
                       claimed_size ? claimed_size : bytes.size());
  }

  vo::http::Response single(const vo::http::Request& request, const ByteRange& range) const {
    auto response = response_to(request, 206, bytes.substr(range.first, range.size()), "image/fits");
    response.head.headers.emplace_back("content-range", content_range(range));
    return finished(request, std::move(response));
  }

  vo::http::Response answer(const vo::http::Request& request) const {
    auto ranges = asked_in(request);
    if (!knows_ranges || ranges.size() > static_cast<std::size_t>(most_ranges)) return whole(request);
    if (ranges.size() > 1 && !knows_multi_range) return whole(request);
    if (ranges.size() == 1 || answers_first_only) return single(request, ranges.front());
    if (merges_all) return single(request, {ranges.front().first, ranges.back().end});
    if (reverses) std::ranges::reverse(ranges);
    std::string body;
    for (const auto& range : ranges) {
      body += fmt::format("\r\n--XX\r\nContent-Type: image/fits\r\nContent-Range: {}\r\n\r\n{}", content_range(range),
                          bytes.substr(range.first, range.size()));
    }
    body += "\r\n--XX--\r\n";
    if (breaks_after) body.resize(std::min(*breaks_after, body.size()));
    return finished(request, response_to(request, 206, body, "multipart/byteranges; boundary=XX"));
  }
};

/// The plate's own product: knows all bytes and counts who asks.
struct FakeFile : cache::OpenFile {
  explicit FakeFile(const std::string& of) : bytes(of) {}
  std::uint64_t size() const override { return bytes.size(); }
  std::uint32_t version() const override { return 1; }
  void read(ByteRange range, vo::Completion<Extent> done) override {
    reads.push_back(range);
    Extent extent;
    extent.memory = {std::as_bytes(std::span{bytes}).subspan(range.first, range.size())};
    extent.size = range.size();
    done(extent);
  }
  bool comes_whole() const override { return is_streamed; }
  const std::string& bytes;
  std::vector<ByteRange> reads;
  bool is_streamed = false;
};

class ArchiveFanIn : public StoreTest {
 protected:
  ArchiveFanIn() {
    const auto random = pattern(kSize, 7);
    server.bytes.assign(reinterpret_cast<const char*>(random.data()), random.size());
  }
  void SetUp() override {
    StoreTest::SetUp();
    plate = store->create("plate", facts(kSize));
    file = std::make_shared<FakeFile>(server.bytes);
    transport.answer_with([this](const vo::http::Request& request) { return server.answer(request); });
  }

  std::vector<ByteRange> rows(std::size_t count = 300) const {
    std::vector<ByteRange> ranges;
    for (std::size_t i = 0; i < count; ++i) ranges.push_back({100'000 + i * 10'000, 102'400 + i * 10'000});
    return ranges;
  }

  std::string expected(const std::vector<ByteRange>& ranges) const {
    std::string all;
    for (const auto& range : ranges) all += server.bytes.substr(range.first, range.size());
    return all;
  }

  std::string gather(const std::vector<ByteRange>& ranges) {
    RemoteFitsSource source{
        {*store, transport, hosts}, file, plate, vo::Url::parse("http://files.example/plate.fits"), {}};
    std::string out(expected(ranges).size(), '\0');
    source.read(ranges, std::as_writable_bytes(std::span{out}));
    return out;
  }

  std::uint64_t asked_bytes() const {
    std::uint64_t bytes = 0;
    for (const auto& request : transport.requests()) {
      for (const auto& range : asked_in(request)) bytes += range.size();
    }
    return bytes;
  }

  ErrorKind failure_of(const std::vector<ByteRange>& ranges) {
    try {
      gather(ranges);
    } catch (const Error& error) {
      return error.kind();
    }
    ADD_FAILURE() << "no error";
    return ErrorKind::LocalIo;
  }

  Server server;
  HeldTransport transport;
  HostProfiles hosts{4};
  cache::ObjectInfo plate;
  std::shared_ptr<FakeFile> file;
};

TEST_F(ArchiveFanIn, BringsScatteredRangesInAFewRequests) {
  EXPECT_EQ(gather(rows()), expected(rows()));
  EXPECT_LE(transport.requests().size(), 4u);
  EXPECT_EQ(asked_bytes(), 300u * 2400u);
  EXPECT_TRUE(file->reads.empty());
  EXPECT_EQ(header_of(transport.requests().front(), "If-Range"), "\"1\"");
}

TEST_F(ArchiveFanIn, TakesRangesInAnyOrderAndOverlapping) {
  const std::vector<ByteRange> ranges{{900'000, 900'100}, {5'000, 6'000}, {5'500, 5'600}};
  EXPECT_EQ(gather(ranges), expected(ranges));
}

TEST_F(ArchiveFanIn, TakesFromTheStoreWhatItHolds) {
  const auto all = std::as_bytes(std::span{server.bytes});
  store->put(plate.id, 0, all.first(200 * kGranuleSize));
  EXPECT_EQ(gather(rows()), expected(rows()));
  EXPECT_LT(asked_bytes(), 150u * 2400u);
  store->put(plate.id, 200 * kGranuleSize, all.subspan(200 * kGranuleSize));
  const auto before = transport.requests().size();
  EXPECT_EQ(gather(rows()), expected(rows()));
  EXPECT_EQ(transport.requests().size(), before);
}

TEST_F(ArchiveFanIn, ReadsALongStretchThroughTheProductWhichKeepsIt) {
  const std::vector<ByteRange> ranges{{100, 200}, {10'000, 10'100}, {1'000'000, 1'500'000}};
  EXPECT_EQ(gather(ranges), expected(ranges));
  EXPECT_EQ(file->reads.size(), 1u);
}

TEST_F(ArchiveFanIn, TakesPartsInAnyOrder) {
  server.reverses = true;
  EXPECT_EQ(gather(rows()), expected(rows()));
  EXPECT_EQ(hosts.path_to(kOrigin).way, RangeWay::MultiRange);
}

TEST_F(ArchiveFanIn, AsksForSingleRangesWhereMultiRangeIsIgnoredAndRemembers) {
  server.knows_multi_range = false;
  EXPECT_EQ(gather(rows()), expected(rows()));
  EXPECT_EQ(hosts.path_to(kOrigin).way, RangeWay::SingleRange);
  const auto before = transport.requests().size();
  EXPECT_EQ(gather(rows(20)), expected(rows(20)));
  for (std::size_t i = before; i < transport.requests().size(); ++i) {
    EXPECT_EQ(asked_in(transport.requests()[i]).size(), 1u);
  }
}

TEST_F(ArchiveFanIn, ReadsThroughTheProductWhereRangesAreIgnored) {
  server.knows_ranges = false;
  EXPECT_EQ(gather(rows(20)), expected(rows(20)));
  EXPECT_EQ(hosts.path_to(kOrigin).way, RangeWay::WholeFile);
  EXPECT_FALSE(file->reads.empty());
}

TEST_F(ArchiveFanIn, AsksForNoRangesOfAFileThatIsKnownToComeWhole) {
  server.knows_ranges = false;
  file->is_streamed = true;
  EXPECT_EQ(gather(rows()), expected(rows()));
  EXPECT_TRUE(transport.requests().empty());
}

TEST_F(ArchiveFanIn, AsksForTheRestWhereOnlyTheFirstRangeIsAnswered) {
  server.answers_first_only = true;
  EXPECT_EQ(gather(rows()), expected(rows()));
  EXPECT_EQ(hosts.path_to(kOrigin).way, RangeWay::SingleRange);
}

TEST_F(ArchiveFanIn, GivesUpAServerThatSendsTheGapsToo) {
  server.merges_all = true;
  EXPECT_EQ(gather(rows()), expected(rows()));
  EXPECT_EQ(hosts.path_to(kOrigin).way, RangeWay::SingleRange);
}

TEST_F(ArchiveFanIn, NoticesAnotherVersionByEtagTimeOrSize) {
  server.etag = "\"2\"";
  EXPECT_EQ(failure_of(rows()), ErrorKind::Changed);
  server.etag = "\"1\"";
  server.claimed_size = kSize + 1;
  EXPECT_EQ(failure_of(rows()), ErrorKind::Changed);
  server.claimed_size = 0;
  server.etag = "";
  plate.facts.validators = {.etag = "", .last_modified = "Tue, 02 Jan 1900 00:00:00 GMT"};
  EXPECT_EQ(failure_of(rows()), ErrorKind::Changed);
  EXPECT_TRUE(file->reads.empty());
}

TEST_F(ArchiveFanIn, NoticesAnotherVersionBehindAnAnswerOfTheWholeFile) {
  server.etag = "\"2\"";
  server.knows_ranges = false;
  EXPECT_EQ(failure_of(rows()), ErrorKind::Changed);
}

TEST_F(ArchiveFanIn, BelievesOfAnotherVersionOnlyTheArchiveNotACacheBeforeIt) {
  auto before = server;
  before.etag = "\"0\"";
  std::ranges::reverse(before.bytes);
  transport.answer_with([&](const vo::http::Request& request) {
    const bool is_past = header_of(request, "Cache-Control") == "no-cache";
    return (is_past ? server : before).answer(request);
  });
  EXPECT_EQ(gather(rows()), expected(rows()));
  EXPECT_TRUE(file->reads.empty());
}

TEST_F(ArchiveFanIn, DoesNotTakePartsForOthersThanTheySay) {
  server.shift = 1'000;
  EXPECT_EQ(gather(rows()), expected(rows()));  // by the product in the end
  EXPECT_NE(hosts.path_to(kOrigin).way, RangeWay::MultiRange);
  EXPECT_FALSE(file->reads.empty());
}

TEST_F(ArchiveFanIn, AsksAgainForWhatBrokeOff) {
  server.breaks_after = 5'000;
  EXPECT_EQ(gather(rows()), expected(rows()));
}

TEST_F(ArchiveFanIn, TellsWhatTheServerSays) {
  transport.answer_with(
      [](const vo::http::Request& request) { return response_to(request, 403, "not for you", "text/plain"); });
  EXPECT_EQ(failure_of(rows()), ErrorKind::NotAuthorized);
}

TEST_F(ArchiveFanIn, RefusesRangesBeyondTheEnd) {
  EXPECT_EQ(failure_of({{kSize - 10, kSize + 1}}), ErrorKind::Malformed);
}

TEST_F(ArchiveFanIn, GivesUpWhenNobodyWaits) {
  HeldTransport silent;
  std::stop_source giving_up;
  giving_up.request_stop();
  RemoteFitsSource source{
      {*store, silent, hosts}, file, plate, vo::Url::parse("http://files.example/plate.fits"), giving_up.get_token()};
  std::vector<std::byte> out(2 * 2400);
  EXPECT_THROW(source.read(rows(2), out), Error);
  EXPECT_TRUE(silent.is_cancelled(0));
}

}  // namespace
}  // namespace platefs::test
