// SPDX-License-Identifier: BSD-3-Clause
// Connections that are kept, and what became of them meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "tests/support/transport_fixture.h"
#include "vo/http/https_first.h"

namespace platefs::test {
namespace {

using testing::HasSubstr;
using vo::CurlTransport;

using Exchange = LoopbackServer::Exchange;

/// Answers on each connection until `is_old`, then leaves old connections to `manner`.
struct Ageing {
  std::atomic<int> last_old_connection = 0;

  LoopbackServer::Script script(LoopbackServer::Script manner) {
    return [this, manner = std::move(manner)](Exchange& exchange) {
      if (exchange.request().connection <= last_old_connection) return manner(exchange);
      exchange.reply(200, "hello");
    };
  }
};

/// Opens `count` connections and keeps them.
void open_connections(CurlTransport& transport, LoopbackServer& server, int count) {
  std::vector<Started> started;
  for (int i = 0; i < count; ++i) started.push_back(start(transport, get(server.url("/warm"))));
  for (const auto& each : started) each->wait_for_end();
}

TEST(CurlConnection, ThatTheServerCloses408IsReplacedByANewOne) {
  Ageing ageing;
  LoopbackServer server(ageing.script([](Exchange& exchange) {
    exchange.send("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    exchange.close();
  }));
  CurlTransport transport(quick_options());
  open_connections(transport, server, 4);
  ageing.last_old_connection = server.connections();
  for (int i = 0; i < 3; ++i) {
    const auto got = run(transport, get(server.url("/")));
    EXPECT_EQ(got->failure(), std::nullopt) << got->message();
    EXPECT_EQ(got->head().status, 200);
  }
}

TEST(CurlConnection, ThatDiedUnseenCostsOneTimeoutAndTheOthersOfItsHostNone) {
  Ageing ageing;
  LoopbackServer server(ageing.script([](Exchange& exchange) { exchange.hold(); }));
  auto options = quick_options();
  options.timeout = 500ms;
  CurlTransport transport(options);
  open_connections(transport, server, 4);
  ageing.last_old_connection = server.connections();
  const auto first = duration_of([&] { EXPECT_EQ(run(transport, get(server.url("/")))->body(), "hello"); });
  EXPECT_LT(first, 2 * options.timeout);
  const auto others = duration_of([&] {
    for (int i = 0; i < 4; ++i) EXPECT_EQ(run(transport, get(server.url("/")))->body(), "hello");
  });
  EXPECT_LT(others, options.timeout);
}

TEST(CurlConnection, ThatDiedUnseenIsReplacedForAllWhoWaitAtOnce) {
  Ageing ageing;
  LoopbackServer server(ageing.script([](Exchange& exchange) { exchange.hold(); }));
  auto options = quick_options();
  options.timeout = 500ms;
  CurlTransport transport(options);
  open_connections(transport, server, 4);
  ageing.last_old_connection = server.connections();
  std::vector<Started> started;
  for (int i = 0; i < 4; ++i) started.push_back(start(transport, get(server.url("/"))));
  for (const auto& each : started) {
    each->wait_for_end();
    EXPECT_EQ(each->body(), "hello") << each->message();
  }
}

TEST(CurlConnection, OfASilentServerIsTriedAnewOnce) {
  std::atomic<bool> is_silent = false;
  LoopbackServer server([&](Exchange& exchange) {
    if (is_silent) return exchange.hold();
    exchange.reply(200, "hello");
  });
  auto options = quick_options();
  options.timeout = 200ms;
  CurlTransport transport(options);
  run(transport, get(server.url("/")));
  is_silent = true;
  EXPECT_EQ(run(transport, get(server.url("/")))->failure(), vo::ErrorKind::TimedOut);
  const auto asked = server.requests().size();
  EXPECT_EQ(run(transport, get(server.url("/")))->failure(), vo::ErrorKind::TimedOut);
  EXPECT_EQ(server.requests().size(), asked + 1);
}

TEST(CurlRequest, HasATimeoutOfItsOwn) {
  std::atomic<int> asked = 0;
  LoopbackServer server([&](Exchange& exchange) {
    ++asked;
    exchange.hold();
    exchange.reply(200, "late");
  });
  auto options = quick_options();
  options.timeout = 100ms;
  CurlTransport transport(options);
  auto request = get(server.url("/"));
  request.timeout = 20s;
  const auto patient = start(transport, request);
  EXPECT_EQ(run(transport, get(server.url("/")))->failure(), vo::ErrorKind::TimedOut);
  server.release(2);
  patient->wait_for_end();
  EXPECT_EQ(patient->body(), "late");
}

TEST(CurlConnection, OfManyThatAreExpectedAreOpenedBesideTheFirst) {
  LoopbackServer server([](Exchange& exchange) {
    if (exchange.request().target == "/held") exchange.hold();
    exchange.reply(200, "hello");
  });
  CurlTransport transport(quick_options());
  transport.expect_many(vo::Url::parse(server.url("/")));
  const auto first = start(transport, get(server.url("/held")));
  EXPECT_TRUE(server.wait_for_held(1));
  EXPECT_TRUE(server.wait_for_connections(4));
  std::vector<Started> others;
  for (int i = 0; i < 3; ++i) others.push_back(start(transport, get(server.url("/"))));
  for (const auto& each : others) {
    each->wait_for_end();
    EXPECT_EQ(each->body(), "hello") << each->message();
  }
  EXPECT_EQ(server.connections(), 4) << "they went by those that were open";
  server.release(1);
  first->wait_for_end();
  EXPECT_EQ(first->body(), "hello");
}

TEST(CurlConnection, OfManyThatAreExpectedAreNoMoreThanTheHostMayHave) {
  LoopbackServer server([](Exchange& exchange) { exchange.hold(), exchange.reply(200, "hello"); });
  CurlTransport transport(quick_options());
  std::vector<Started> started;
  for (int i = 0; i < 3; ++i) {
    transport.expect_many(vo::Url::parse(server.url("/")));
    started.push_back(start(transport, get(server.url("/"))));
    EXPECT_TRUE(server.wait_for_held(i + 1));
  }
  server.release(3);
  for (const auto& each : started) {
    each->wait_for_end();
    EXPECT_EQ(each->body(), "hello") << each->message();
  }
  EXPECT_LE(server.connections(), 4);
}

TEST(CurlConnection, IsOpenedAloneWhereNoOthersAreExpected) {
  LoopbackServer server([](Exchange& exchange) { exchange.reply(200, "hello"); });
  CurlTransport transport(quick_options());
  run(transport, get(server.url("/")));
  EXPECT_EQ(server.connections(), 1);
}

TEST(CurlConnection, ThatWasOpenedAheadAndIsClosedByTheServerIsReplaced) {
  LoopbackServer server([](Exchange& exchange) { exchange.reply(200, "hello"); });
  CurlTransport transport(quick_options());
  transport.expect_many(vo::Url::parse(server.url("/")));
  run(transport, get(server.url("/")));
  ASSERT_TRUE(server.wait_for_connections(4));
  server.close_connections();
  open_connections(transport, server, 4);
  EXPECT_EQ(run(transport, get(server.url("/")))->body(), "hello");
}

TEST(CurlHosts, AreForgottenWhenThereAreMany) {
  LoopbackServer server([](Exchange& exchange) { exchange.reply(200, "hello"); });
  auto options = quick_options();
  options.proxy = server.url("");  // so that every name leads somewhere
  CurlTransport transport(options);
  for (int i = 0; i < 1000; ++i) run(transport, get("http://host" + std::to_string(i) + ".test/"));
  EXPECT_LE(transport.snapshot().hosts.size(), 256u);
  EXPECT_EQ(run(transport, get("http://host0.test/"))->body(), "hello");
}

TEST(CurlHttpsFirst, FallsBackToHttpWhereHttpsIsRefusedAndKeepsThatInMind) {
  LoopbackServer server(
      [](Exchange& exchange) { exchange.reply(200, exchange.request().method + exchange.request().body); });
  auto options = quick_options();
  const auto http = vo::Url::parse(server.url("/tap/sync"));
  options.https_first = {{http.origin(), "https://127.0.0.1:" + std::to_string(unused_port())}};
  std::vector<std::string> refused, told;
  options.on_https_refused = [&](const std::string& origin) { refused.push_back(origin); };
  options.warn = [&](std::string_view text) { told.emplace_back(text); };
  {
    CurlTransport transport(options);
    auto request = get(server.url("/tap/sync"));
    request.form = "a=b";
    EXPECT_EQ(run(transport, request)->body(), "POSTa=b");
    EXPECT_EQ(run(transport, get(server.url("/x")))->head().url.text(), server.url("/x"));
  }
  EXPECT_THAT(refused, testing::ElementsAre(http.origin()));
  EXPECT_THAT(told, testing::ElementsAre(HasSubstr("by http from now on")));
}

TEST(CurlHttpsFirst, FallsBackWhenTheServerSpeaksNoTls) {
  LoopbackServer plain([](Exchange& exchange) { exchange.reply(200, "hello"); });
  auto options = quick_options();
  options.https_first = {
      {vo::Url::parse(plain.url("/")).origin(), "https://127.0.0.1:" + std::to_string(plain.port())}};
  CurlTransport transport(options);
  EXPECT_EQ(run(transport, get(plain.url("/")))->body(), "hello");
}

TEST(HttpsFirst, IsTheSameUrlOverTls) {
  vo::HttpsFirst https{{{"http://dc.g-vo.org:80", "https://dc.g-vo.org"}}};
  EXPECT_EQ(https.better(vo::Url::parse("http://dc.g-vo.org/tap/sync?a=b"))->text(),
            "https://dc.g-vo.org/tap/sync?a=b");
  EXPECT_EQ(https.better(vo::Url::parse("http://dc.g-vo.org:8080/tap")), std::nullopt);
  EXPECT_EQ(https.better(vo::Url::parse("http://other.org/tap")), std::nullopt);
  EXPECT_TRUE(https.refused(vo::Url::parse("http://dc.g-vo.org/x")));
  EXPECT_FALSE(https.refused(vo::Url::parse("http://dc.g-vo.org/y")));
  EXPECT_EQ(https.better(vo::Url::parse("http://dc.g-vo.org/tap")), std::nullopt);
}

}  // namespace
}  // namespace platefs::test
