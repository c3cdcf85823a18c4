// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/curl_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/support/transport_fixture.h"

namespace platefs::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using vo::ByteRange;
using vo::CurlTransport;
using vo::ErrorKind;
using vo::Flow;
using vo::http::Priority;

using Exchange = LoopbackServer::Exchange;

void say_hello(Exchange& exchange) { exchange.reply(200, "hello"); }

TEST(CurlTransport, BringsHeadAndBody) {
  LoopbackServer server([](Exchange& exchange) {
    exchange.reply(200, "hello", {{"Content-TYPE", "text/plain"}, {"X-Two", " a  b "}});
  });
  CurlTransport transport(quick_options());
  const auto got = run(transport, get(server.url("/a?b=c+d")));
  EXPECT_EQ(got->failure(), std::nullopt) << got->message();
  EXPECT_EQ(got->body(), "hello");
  EXPECT_EQ(got->head().status, 200);
  EXPECT_EQ(got->head().url.text(), server.url("/a?b=c+d"));
  EXPECT_EQ(got->head().header("content-type"), "text/plain");
  EXPECT_EQ(got->head().header("x-two"), "a  b");
  EXPECT_EQ(got->head().content_length(), 5u);
  EXPECT_EQ(got->heads(), 1);
  EXPECT_EQ(got->ends(), 1);
}

TEST(CurlTransport, SaysWhoItIsAndAsksForBytesAsTheyAre) {
  LoopbackServer server(say_hello);
  auto options = quick_options();
  options.user_agent = "platefs/0.1 (+http://a.b)";
  CurlTransport transport(options);
  auto request = get(server.url("/a?b"));
  request.headers = {{"If-Range", "\"tag\""}};
  request.range = ByteRange{100, 200};
  run(transport, request);
  const auto asked = server.requests().at(0);
  EXPECT_EQ(asked.method, "GET");
  EXPECT_EQ(asked.target, "/a?b");
  EXPECT_EQ(asked.headers.at("user-agent"), "platefs/0.1 (+http://a.b)");
  EXPECT_EQ(asked.headers.at("accept-encoding"), "identity");
  EXPECT_EQ(asked.headers.at("if-range"), "\"tag\"");
  EXPECT_EQ(asked.headers.at("range"), "bytes=100-199");
}

TEST(CurlTransport, AsksForAnOpenRange) {
  LoopbackServer server(say_hello);
  CurlTransport transport(quick_options());
  auto request = get(server.url("/"));
  request.range = ByteRange{7, UINT64_MAX};
  run(transport, request);
  EXPECT_EQ(server.requests().at(0).headers.at("range"), "bytes=7-");
}

TEST(CurlTransport, PostsAForm) {
  LoopbackServer server(say_hello);
  CurlTransport transport(quick_options());
  auto request = get(server.url("/sync"));
  request.form = std::string(3'000'000, 'q');
  EXPECT_EQ(run(transport, request)->failure(), std::nullopt);
  const auto asked = server.requests().at(0);
  EXPECT_EQ(asked.method, "POST");
  EXPECT_EQ(asked.body, *request.form);
  EXPECT_EQ(asked.headers.at("content-type"), "application/x-www-form-urlencoded");
  EXPECT_FALSE(asked.headers.contains("expect"));
}

TEST(CurlTransport, PostsPartsOfWhichSomeAreFiles) {
  LoopbackServer server(say_hello);
  CurlTransport transport(quick_options());
  auto request = get(server.url("/sync"));
  request.parts = {{"LANG", "ADQL"}, {"targets", "<VOTABLE/>", "application/x-votable+xml"}};
  EXPECT_EQ(run(transport, request)->failure(), std::nullopt);
  const auto asked = server.requests().at(0);
  EXPECT_EQ(asked.method, "POST");
  EXPECT_THAT(asked.headers.at("content-type"), testing::StartsWith("multipart/form-data; boundary="));
  EXPECT_FALSE(asked.headers.contains("expect"));
  EXPECT_THAT(asked.body, testing::HasSubstr("form-data; name=\"LANG\"\r\n\r\nADQL\r\n"));
  EXPECT_THAT(asked.body, testing::HasSubstr("form-data; name=\"targets\"; filename=\"targets\"\r\n"
                                             "Content-Type: application/x-votable+xml\r\n\r\n<VOTABLE/>\r\n"));
}

TEST(CurlTransport, RefusesHeadersThatBreakOutOfTheirLine) {
  LoopbackServer server(say_hello);
  CurlTransport transport(quick_options());
  auto request = get(server.url("/"));
  request.headers = {{"If-Range", "x\r\nCookie: y"}};
  EXPECT_EQ(run(transport, request)->failure(), ErrorKind::Malformed);
  EXPECT_EQ(server.connections(), 0);
}

TEST(CurlTransport, KeepsConnectionsAlive) {
  LoopbackServer server(say_hello);
  CurlTransport transport(quick_options());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(run(transport, get(server.url("/")))->body(), "hello");
  EXPECT_EQ(server.connections(), 1);
}

TEST(CurlTransport, KeepsToTheLimitOfAHost) {
  LoopbackServer server([](Exchange& exchange) {
    exchange.hold();
    say_hello(exchange);
  });
  auto options = quick_options();
  options.per_host_limit = 3;
  CurlTransport transport(options);
  std::vector<Started> all;
  for (int i = 0; i < 9; ++i) all.push_back(start(transport, get(server.url("/"))));
  ASSERT_TRUE(server.wait_for_held(3));
  const auto status = transport.snapshot();
  EXPECT_EQ(status.hosts.at(0).under_way, 3u);
  EXPECT_EQ(status.hosts.at(0).waiting, 6u);
  server.release(9);
  for (const auto& each : all) EXPECT_TRUE(each->wait_for_end());
  EXPECT_EQ(server.most_at_once(), 3);
  EXPECT_EQ(server.connections(), 3);
}

TEST(CurlTransport, ServesReadersBeforeReadaheadBeforePrefetch) {
  LoopbackServer server([](Exchange& exchange) {
    if (exchange.request().target == "/first") exchange.hold();
    say_hello(exchange);
  });
  auto options = quick_options();
  options.per_host_limit = 1;
  CurlTransport transport(options);
  const auto first = start(transport, get(server.url("/first")));
  ASSERT_TRUE(server.wait_for_held(1));
  std::vector<Started> all;
  const auto queue = [&](const char* target, Priority priority) {
    auto request = get(server.url(target));
    request.priority = priority;
    all.push_back(start(transport, request));
  };
  queue("/prefetch", Priority::Prefetch);
  queue("/ahead", Priority::Readahead);
  queue("/reader1", Priority::Reader);
  queue("/reader2", Priority::Reader);
  transport.snapshot();  // by now all are queued
  server.release();
  for (const auto& each : all) ASSERT_TRUE(each->wait_for_end());
  std::vector<std::string> order;
  for (const auto& request : server.requests()) order.push_back(request.target);
  EXPECT_THAT(order, ElementsAre("/first", "/reader1", "/reader2", "/ahead", "/prefetch"));
}

TEST(CurlTransport, PassesOverInterimAnswers) {
  LoopbackServer server([](Exchange& exchange) {
    exchange.send("HTTP/1.1 103 Early\r\nLink: x\r\n\r\n");
    exchange.reply(404, "no", {{"A", "b"}});
  });
  CurlTransport transport(quick_options());
  const auto got = run(transport, get(server.url("/")));
  EXPECT_EQ(got->heads(), 1);
  EXPECT_EQ(got->head().status, 404);
  EXPECT_EQ(got->head().header("link"), std::nullopt);
  EXPECT_EQ(got->body(), "no");
  EXPECT_EQ(got->failure(), std::nullopt);
}

TEST(CurlTransport, ReadsChunksAndBodiesThatEndWithTheConnection) {
  LoopbackServer server([](Exchange& exchange) {
    if (exchange.request().target == "/chunks") {
      exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      exchange.send("3\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n");
    } else {
      exchange.send("HTTP/1.1 200 OK\r\n\r\nall of it");
      exchange.close();
    }
  });
  CurlTransport transport(quick_options());
  const auto chunks = run(transport, get(server.url("/chunks")));
  EXPECT_EQ(chunks->body(), "abcde");
  EXPECT_EQ(chunks->heads(), 1);
  EXPECT_EQ(chunks->failure(), std::nullopt);
  const auto closed = run(transport, get(server.url("/close")));
  EXPECT_EQ(closed->body(), "all of it");
  EXPECT_EQ(closed->failure(), std::nullopt);
}

// "platefs platefs platefs" by gzip -n.
constexpr unsigned char kGzipped[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03,
                                      0x2b, 0xc8, 0x49, 0x2c, 0x49, 0x4d, 0x2b, 0x56, 0x28, 0x40,
                                      0xa5, 0x01, 0x08, 0x58, 0x2b, 0xcc, 0x17, 0x00, 0x00, 0x00};

LoopbackServer::Script gzipped(int status, std::string encoding) {
  return [=](Exchange& exchange) {
    const std::string_view bytes(reinterpret_cast<const char*>(kGzipped), sizeof(kGzipped));
    exchange.reply(status, bytes, {{"Content-Encoding", encoding}, {"Content-Range", "bytes 0-29/30"}});
  };
}

TEST(CurlTransport, DecodesWhatAServerEncodesWhetherItWasAskedToOrNot) {
  for (const auto* encoding : {"gzip", "x-gzip"}) {
    LoopbackServer server(gzipped(200, encoding));
    CurlTransport transport(quick_options());
    auto request = get(server.url("/plate.fits"));
    for (const bool compressible : {false, true}) {
      request.compressible = compressible;
      const auto got = run(transport, request);
      EXPECT_EQ(got->body(), "platefs platefs platefs");
      EXPECT_EQ(got->head().content_length(), std::nullopt);
      EXPECT_EQ(got->head().header("content-encoding"), std::nullopt);
    }
    EXPECT_EQ(server.requests().at(0).headers.at("accept-encoding"), "identity");
    EXPECT_EQ(server.requests().at(1).headers.at("accept-encoding"), "gzip");
  }
}

TEST(CurlTransport, TakesAFileThatIsGzipByItsNameAsItIs) {
  LoopbackServer server(gzipped(200, "x-gzip"));
  CurlTransport transport(quick_options());
  const auto got = run(transport, get(server.url("/plate.fits.gz")));
  EXPECT_EQ(got->body().size(), sizeof(kGzipped));
  EXPECT_EQ(got->head().content_length(), sizeof(kGzipped));
  EXPECT_EQ(server.requests().at(0).headers.at("accept-encoding"), "identity");
}

TEST(CurlTransport, TakesWhatIsCalledAnEncodingAndIsNoneAsItIs) {
  LoopbackServer server([](Exchange& exchange) {
    exchange.reply(200, "the plate", {{"Content-Encoding", "UTF-8, aws-chunked"}});
  });
  CurlTransport transport(quick_options());
  const auto got = run(transport, get(server.url("/plate.fits")));
  EXPECT_EQ(got->body(), "the plate") << got->message();
  EXPECT_EQ(got->head().content_length(), 9u);
  EXPECT_EQ(got->heads(), 1);
  EXPECT_EQ(run(transport, get(server.url("/plate.fits")))->body(), "the plate");
  EXPECT_EQ(server.requests().size(), 3u);  // the second file is asked for once
}

TEST(CurlTransport, SaysThatAPartIsOneOfAnEncodedBody) {
  LoopbackServer server(gzipped(206, "gzip"));
  CurlTransport transport(quick_options());
  auto request = get(server.url("/plate.fits"));
  request.range = vo::ByteRange{0, 30};
  EXPECT_EQ(run(transport, request)->head().header("content-encoding"), "gzip");
}

TEST(CurlTransport, HandsEveryByteOutOnceAroundPauses) {
  const auto plate = numbered_bytes(3'000'000);
  LoopbackServer server([&](Exchange& exchange) { exchange.reply(200, plate); });
  CurlTransport transport(quick_options());
  std::atomic<int> calls = 0;
  const auto got = start(transport, get(server.url("/")),
                         [&](auto) { return calls.fetch_add(1) % 5 == 0 ? Flow::Pause : Flow::Continue; });
  for (int pause = 1; got->ends() == 0 && got->wait_for_pause(pause); ++pause) got.ticket.resume();
  ASSERT_TRUE(got->wait_for_end());
  EXPECT_EQ(got->failure(), std::nullopt) << got->message();
  EXPECT_TRUE(got->body() == plate);
}

TEST(CurlTransport, ObeysStop) {
  LoopbackServer server(say_hello);
  CurlTransport transport(quick_options());
  const auto got = run(transport, get(server.url("/")), [](auto) { return Flow::Stop; });
  EXPECT_EQ(got->failure(), ErrorKind::Cancelled);
  EXPECT_EQ(got->body(), "");
}

TEST(CurlTransport, TurnsWhatAHandlerThrowsIntoTheEnd) {
  LoopbackServer server(say_hello);
  CurlTransport transport(quick_options());
  const auto got = run(transport, get(server.url("/")), [](auto) -> Flow {
    throw vo::Error{ErrorKind::NoSpace, "the disk is full"};
  });
  EXPECT_EQ(got->failure(), ErrorKind::NoSpace);
  EXPECT_THAT(got->message(), HasSubstr("the disk is full"));
}

TEST(CurlTransport, LetsGoOfTheHandlerAtTheEnd) {
  LoopbackServer server(say_hello);
  CurlTransport transport(quick_options());
  const auto got = run(transport, get(server.url("/")));
  transport.snapshot();  // the transfer thread is past on_end
  EXPECT_EQ(got.handler.use_count(), 1);
}

TEST(CurlTransport, ServesFetch) {
  LoopbackServer server(say_hello);
  CurlTransport transport(quick_options());
  EXPECT_EQ(vo::fetch(transport, get(server.url("/")), {}).body, "hello");
}

TEST(CurlTransport, DescribesWhatItDoes) {
  LoopbackServer server([](Exchange& exchange) {
    exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
    exchange.hold();
    exchange.send("67890");
  });
  CurlTransport transport(quick_options());
  const auto got = start(transport, get(server.url("/x?token=abc")));
  ASSERT_TRUE(got->wait_for_body(5));
  const auto status = transport.snapshot();
  ASSERT_EQ(status.transfers.size(), 1u);
  EXPECT_EQ(status.transfers[0].url, server.url("/x?token=***"));
  EXPECT_EQ(status.transfers[0].bytes, 5u);
  EXPECT_EQ(status.transfers[0].attempt, 1);
  EXPECT_TRUE(status.transfers[0].is_under_way);
  ASSERT_EQ(status.hosts.size(), 1u);
  EXPECT_EQ(status.hosts[0].origin, server.url(""));
  EXPECT_EQ(status.hosts[0].under_way, 1u);
  server.release();
  ASSERT_TRUE(got->wait_for_end());
  const auto after = transport.snapshot();
  EXPECT_TRUE(after.transfers.empty());
  EXPECT_EQ(after.hosts.at(0).bytes, 10u);
  EXPECT_EQ(after.hosts.at(0).requests, 1u);
  EXPECT_EQ(after.hosts.at(0).failures, 0u);
}

TEST(CurlTransport, EndsWhatIsUnderWayWhenItStopsAndAnswersWhatIsAskedAfterwards) {
  LoopbackServer server([](Exchange& exchange) {
    exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
    exchange.hold();
  });
  CurlTransport transport(quick_options());
  const auto before = start(transport, get(server.url("/")));
  ASSERT_TRUE(before->wait_for_body(5));
  transport.stop();
  EXPECT_EQ(before->ends(), 1);
  EXPECT_EQ(before->failure(), vo::ErrorKind::Cancelled);
  const auto after = start(transport, get(server.url("/")));
  EXPECT_EQ(after->ends(), 1);
  EXPECT_EQ(after->failure(), vo::ErrorKind::Cancelled);
  EXPECT_THROW(vo::fetch(transport, get(server.url("/")), {}), vo::Error);
  EXPECT_TRUE(transport.snapshot().hosts.empty());
  after.ticket.cancel();
  after.ticket.resume();
  transport.stop();
  EXPECT_EQ(before->ends(), 1);
  EXPECT_EQ(after->ends(), 1);
  server.release();
}

TEST(CurlTransport, EndsEachTransferOnceWhileOthersAreStillBeingAsked) {
  LoopbackServer server([](Exchange& exchange) { exchange.reply(200, "x"); });
  CurlTransport transport(quick_options());
  std::atomic<bool> goes_on = true;
  std::atomic<int> once = 0, asked = 0;
  std::vector<std::jthread> askers;
  for (int asker = 0; asker < 3; ++asker) {
    askers.emplace_back([&] {
      std::vector<Started> all;
      while (goes_on) {
        all.push_back(start(transport, get(server.url("/"))));
        if (all.size() % 8 == 0) all.back()->wait_for_end();
      }
      asked += static_cast<int>(all.size());
      for (const auto& each : all) once += each->wait_for_end() && each->ends() == 1;
    });
  }
  run(transport, get(server.url("/")));
  transport.stop();
  goes_on = false;
  askers.clear();
  EXPECT_EQ(once, asked);
}

TEST(CurlTransport, RunsAHundredRequestsOfManyThreads) {
  LoopbackServer server([](Exchange& exchange) { exchange.reply(200, exchange.request().target); });
  CurlTransport transport(quick_options());
  std::atomic<int> right = 0;
  std::vector<std::jthread> askers;
  for (int asker = 0; asker < 10; ++asker) {
    askers.emplace_back([&, asker] {
      std::vector<std::pair<std::string, Started>> all;
      for (int i = 0; i < 10; ++i) {
        const auto target = "/" + std::to_string(asker) + "/" + std::to_string(i);
        all.emplace_back(target, start(transport, get(server.url(target))));
      }
      transport.snapshot();
      for (const auto& [target, got] : all) right += got->wait_for_end() && got->body() == target;
    });
  }
  askers.clear();
  EXPECT_EQ(right, 100);
  EXPECT_LE(server.connections(), 4);
}

}  // namespace
}  // namespace platefs::test
