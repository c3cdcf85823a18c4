// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "tests/support/transport_fixture.h"

namespace platefs::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using vo::CurlTransport;
using vo::ErrorKind;
using vo::Flow;

using Exchange = LoopbackServer::Exchange;

void never_answer(Exchange& exchange) { exchange.hold(); }

/// Fails the first `times` requests with `status`, then answers.
LoopbackServer::Script busy(int times, int status, std::string retry_after = "0") {
  auto left = std::make_shared<std::atomic<int>>(times);
  return [=](Exchange& exchange) {
    if ((*left)-- > 0) return exchange.reply(status, "busy", {{"Retry-After", retry_after}});
    exchange.reply(200, "hello");
  };
}

TEST(CurlRetry, AsksABusyServerAgain) {
  for (const int status : {429, 502, 503, 504}) {
    LoopbackServer server(busy(3, status));
    CurlTransport transport(quick_options());
    const auto got = run(transport, get(server.url("/")));
    EXPECT_EQ(got->failure(), std::nullopt) << got->message();
    EXPECT_EQ(got->body(), "hello");
    EXPECT_EQ(got->heads(), 1);
    EXPECT_EQ(server.requests().size(), 4u) << status;
  }
}

TEST(CurlRetry, WaitsAsLongAsTheServerSays) {
  LoopbackServer server(busy(1, 503, "1"));
  CurlTransport transport(quick_options());
  const auto took = duration_of([&] { run(transport, get(server.url("/"))); });
  EXPECT_GE(took, 1s);
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST(CurlRetry, HandsOutTheLastAnswerOfABusyServer) {
  LoopbackServer server(busy(1000, 503));
  CurlTransport transport(quick_options());
  const auto got = run(transport, get(server.url("/")));
  EXPECT_EQ(got->failure(), std::nullopt);
  EXPECT_EQ(got->head().status, 503);
  EXPECT_EQ(got->body(), "busy");
  EXPECT_EQ(server.requests().size(), 5u);
}

TEST(CurlRetry, DoesNotWaitLongerThanTheDeadline) {
  LoopbackServer server(busy(1, 503, "30"));
  CurlTransport transport(quick_options());
  EXPECT_EQ(run(transport, get(server.url("/")))->head().status, 503);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST(CurlRetry, TakesOtherErrorsForAnswers) {
  LoopbackServer server(busy(1, 500));
  CurlTransport transport(quick_options());
  EXPECT_EQ(run(transport, get(server.url("/")))->head().status, 500);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST(CurlRetry, AsksAgainWhenTheConnectionBreaksBeforeTheHead) {
  std::atomic<int> asked = 0;
  LoopbackServer server([&](Exchange& exchange) {
    if (asked++ < 2) return exchange.reset();
    exchange.reply(200, "hello");
  });
  CurlTransport transport(quick_options());
  EXPECT_EQ(run(transport, get(server.url("/")))->body(), "hello");
  EXPECT_EQ(asked, 3);
}

TEST(CurlRetry, DoesNotAskAgainAfterAByteOfTheBody) {
  LoopbackServer server([](Exchange& exchange) {
    exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123");
    exchange.close();
  });
  CurlTransport transport(quick_options());
  const auto got = run(transport, get(server.url("/x")));
  EXPECT_EQ(got->failure(), ErrorKind::Unavailable);
  EXPECT_THAT(got->message(), AllOf(HasSubstr("GET " + server.url("/x")), HasSubstr("broke off after 3 of 10 bytes")));
  EXPECT_EQ(got->body(), "123");
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST(CurlFaults, NoticesChunksThatStop) {
  LoopbackServer server([](Exchange& exchange) {
    exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc");
    exchange.close();
  });
  CurlTransport transport(quick_options());
  const auto got = run(transport, get(server.url("/")));
  EXPECT_EQ(got->failure(), ErrorKind::Unavailable);
  EXPECT_THAT(got->message(), HasSubstr("broke off after 3 bytes"));
}

TEST(CurlFaults, CallsWhatIsNotHttpMalformed) {
  LoopbackServer server([](Exchange& exchange) {
    exchange.send("SSH-2.0-OpenSSH_9.2\r\n");
    exchange.close();
  });
  CurlTransport transport(quick_options());
  EXPECT_EQ(run(transport, get(server.url("/")))->failure(), ErrorKind::Malformed);
}

TEST(CurlFaults, TimesOutWithoutAByte) {
  LoopbackServer server(never_answer);
  auto options = quick_options();
  options.timeout = 50ms;
  CurlTransport transport(options);
  const auto got = run(transport, get(server.url("/?sig=abc")));
  EXPECT_EQ(got->failure(), ErrorKind::TimedOut);
  EXPECT_THAT(got->message(), AllOf(HasSubstr("0.05 s"), Not(HasSubstr("abc"))));
  EXPECT_EQ(got->heads(), 0);
}

TEST(CurlFaults, TimesOutInTheMiddleOfABody) {
  LoopbackServer server([](Exchange& exchange) {
    exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123");
    exchange.hold();
  });
  auto options = quick_options();
  options.timeout = 50ms;
  CurlTransport transport(options);
  const auto got = run(transport, get(server.url("/")));
  EXPECT_EQ(got->failure(), ErrorKind::TimedOut);
  EXPECT_EQ(got->body(), "123");
}

TEST(CurlFaults, DoesNotCountTheTimeInTheQueue) {
  LoopbackServer server([](Exchange& exchange) {
    if (exchange.request().target == "/stalls") return exchange.hold();
    exchange.reply(200, "hello");
  });
  auto options = quick_options();
  options.timeout = 150ms;
  options.per_host_limit = 1;
  CurlTransport transport(options);
  const auto first = start(transport, get(server.url("/stalls")));
  const auto second = start(transport, get(server.url("/stalls")));
  const auto third = start(transport, get(server.url("/")));
  ASSERT_TRUE(third->wait_for_end());
  EXPECT_EQ(third->failure(), std::nullopt) << third->message();
}

TEST(CurlFaults, DoesNotTimeAPausedTransferOut) {
  LoopbackServer server([](Exchange& exchange) { exchange.reply(200, "hello"); });
  auto options = quick_options();
  options.timeout = 40ms;
  CurlTransport transport(options);
  std::atomic<bool> paused = false;
  const auto got = start(transport, get(server.url("/")),
                         [&](auto) { return paused.exchange(true) ? Flow::Continue : Flow::Pause; });
  ASSERT_TRUE(got->wait_for_pause(1));
  // Another request that does time out shows that the time has passed.
  LoopbackServer stalled(never_answer);
  EXPECT_EQ(run(transport, get(stalled.url("/")))->failure(), ErrorKind::TimedOut);
  EXPECT_EQ(got->ends(), 0);
  got.ticket.resume();
  ASSERT_TRUE(got->wait_for_end());
  EXPECT_EQ(got->body(), "hello");
}

TEST(CurlFaults, RefusesAnAnswerThatAnnouncesTooMuch) {
  LoopbackServer server([](Exchange& exchange) { exchange.reply(200, "hello"); });
  CurlTransport transport(quick_options());
  auto request = get(server.url("/"));
  request.max_body = 4;
  const auto got = run(transport, request);
  EXPECT_EQ(got->failure(), ErrorKind::Malformed);
  EXPECT_THAT(got->message(), HasSubstr("announces 5 bytes, the limit is 4"));
  EXPECT_EQ(got->body(), "");
  request.max_body = 5;
  EXPECT_EQ(run(transport, request)->body(), "hello");
}

TEST(CurlFaults, RefusesAnAnswerThatTurnsOutTooLong) {
  LoopbackServer server([](Exchange& exchange) {
    exchange.send("HTTP/1.1 200 OK\r\n\r\n" + std::string(100'000, 'x'));
    exchange.close();
  });
  CurlTransport transport(quick_options());
  auto request = get(server.url("/"));
  request.max_body = 20'000;
  const auto got = run(transport, request);
  EXPECT_EQ(got->failure(), ErrorKind::Malformed);
  EXPECT_THAT(got->message(), HasSubstr("longer than the limit of 20000 bytes"));
  EXPECT_LE(got->body().size(), 20'000u);
}

TEST(CurlFaults, SortsFailuresToConnect) {
  auto options = quick_options();
  CurlTransport transport(options);
  const auto refused = run(transport, get("http://127.0.0.1:" + std::to_string(unused_port())));
  EXPECT_EQ(refused->failure(), ErrorKind::Refused);
  EXPECT_THAT(refused->message(), HasSubstr("Connection refused"));
  EXPECT_THAT(refused->message(), HasSubstr("attempt 5"));
  LoopbackServer plain([](Exchange& exchange) { exchange.reply(400, "no TLS here"); });
  const auto no_tls = run(transport, get("https://127.0.0.1:" + std::to_string(plain.port())));
  EXPECT_EQ(no_tls->failure(), ErrorKind::Unreachable) << no_tls->message();
  auto through_proxy = quick_options();
  through_proxy.proxy = "http://127.0.0.1:" + std::to_string(unused_port());
  CurlTransport proxied(through_proxy);
  EXPECT_EQ(run(proxied, get("http://127.0.0.1/"))->failure(), ErrorKind::Refused);
}

TEST(CurlOffline, MakesNoConnection) {
  LoopbackServer server([](Exchange& exchange) { exchange.reply(200, "hello"); });
  auto options = quick_options();
  options.offline = true;
  CurlTransport transport(options);
  const auto got = run(transport, get(server.url("/")));
  EXPECT_EQ(got->failure(), ErrorKind::Offline);
  EXPECT_EQ(got->heads(), 0);
  EXPECT_EQ(server.connections(), 0);
}

vo::CurlOptions fragile_options() {
  auto options = quick_options();
  options.retry.attempts = 1;
  options.health = {.failures = 3, .first_pause = 200ms, .longest_pause = 200ms, .awaited_pause = 0ms};
  return options;
}

TEST(CurlBreaker, LeavesAFailingHostAloneUntilItIsBack) {
  LoopbackServer server(busy(3, 503));
  LoopbackServer healthy([](Exchange& exchange) { exchange.reply(200, "well"); });
  CurlTransport transport(fragile_options());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(run(transport, get(server.url("/")))->head().status, 503);

  const auto turned_away = run(transport, get(server.url("/")));
  EXPECT_EQ(turned_away->failure(), ErrorKind::Unavailable);
  EXPECT_THAT(turned_away->message(), AllOf(HasSubstr("left alone for another"), HasSubstr("after 3 failures")));
  EXPECT_EQ(server.requests().size(), 3u);
  EXPECT_GT(transport.snapshot().hosts.at(0).failures, 0u);
  EXPECT_EQ(run(transport, get(healthy.url("/")))->body(), "well");

  Started got;
  do {
    got = run(transport, get(server.url("/")));
  } while (got->failure() == ErrorKind::Unavailable);
  EXPECT_EQ(got->body(), "hello");
  EXPECT_EQ(run(transport, get(server.url("/")))->body(), "hello");
  EXPECT_EQ(server.requests().size(), 5u);
}

TEST(CurlBreaker, WaitsForAServerThatIsGoneForAMoment) {
  LoopbackServer server(busy(3, 503));
  auto options = fragile_options();
  options.health.awaited_pause = 1s;
  CurlTransport transport(options);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(run(transport, get(server.url("/")))->head().status, 503);
  EXPECT_EQ(run(transport, get(server.url("/")))->body(), "hello");
}

TEST(CurlBreaker, WaitsForNoPauseThatIsLongerThanAwaited) {
  LoopbackServer server(busy(1000, 503));
  auto options = fragile_options();
  options.retry.attempts = 20;
  options.health = {.failures = 1, .first_pause = 20ms, .longest_pause = 60s, .awaited_pause = 40ms};
  CurlTransport transport(options);
  const auto got = run(transport, get(server.url("/")));  // pauses of 20, 40 and 80 ms
  EXPECT_EQ(got->failure(), ErrorKind::Unavailable);
  EXPECT_THAT(got->message(), HasSubstr("left alone"));
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST(CurlBreaker, LetsARetryWaitForTheEndOfThePause) {
  LoopbackServer server(busy(3, 503));
  auto options = fragile_options();
  options.retry.attempts = 4;
  options.health.awaited_pause = options.health.longest_pause;
  CurlTransport transport(options);
  EXPECT_EQ(run(transport, get(server.url("/")))->body(), "hello");
}

TEST(CurlLimits, AHostThatWantsAPauseIsHeldForAllRequests) {
  std::atomic<int> refused{0};
  LoopbackServer server([&](Exchange& exchange) {
    if (refused++ == 0) return exchange.reply(429, "too many", {{"Retry-After", "1"}});
    exchange.reply(200, "hello");
  });
  CurlTransport transport(quick_options());
  const auto first = start(transport, get(server.url("/")));
  while (server.requests().empty()) std::this_thread::yield();
  const auto took = duration_of([&] {
    while (transport.snapshot().hosts.at(0).under_way > 0) std::this_thread::yield();
    EXPECT_EQ(run(transport, get(server.url("/second")))->body(), "hello");
  });
  EXPECT_GE(took, 800ms) << "the other request waited as well";
  first->wait_for_end();
  EXPECT_EQ(first->body(), "hello");
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST(CurlLimits, AHostIsAskedAsFastAsItAnswers) {
  std::mutex mutex;
  std::deque<std::chrono::steady_clock::time_point> answered;
  int refused = 0;
  LoopbackServer server([&](Exchange& exchange) {
    const std::lock_guard lock(mutex);
    const auto now = std::chrono::steady_clock::now();
    while (!answered.empty() && answered.front() + 1s <= now) answered.pop_front();
    if (answered.size() >= 5) {
      ++refused;
      return exchange.reply(429, "too many", {{"Retry-After", "1"}});
    }
    answered.push_back(now);
    exchange.reply(200, "hello");
  });
  CurlTransport transport(quick_options());
  std::vector<Started> all;
  for (int i = 0; i < 16; ++i) all.push_back(start(transport, get(server.url("/"))));
  for (auto& each : all) {
    each->wait_for_end();
    EXPECT_EQ(each->body(), "hello");
  }
  const std::lock_guard lock(mutex);
  EXPECT_LE(refused, 4) << "those that were under way when it first complained";
}

TEST(CurlLimits, NobodyWaitsLongerThanItsPatience) {
  LoopbackServer server([](Exchange& exchange) { exchange.reply(429, "too many", {{"Retry-After", "3600"}}); });
  CurlTransport transport(quick_options());
  EXPECT_EQ(run(transport, get(server.url("/")))->head().status, 429);
  const auto turned_away = run(transport, get(server.url("/")));
  EXPECT_EQ(turned_away->failure(), ErrorKind::Unavailable);
  EXPECT_THAT(turned_away->message(), HasSubstr("asked nothing for another 3"));
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST(CurlLimits, AComplaintThatSaysNothingIsPatientlyRepeatedByABatch) {
  LoopbackServer server(busy(12, 429));
  auto options = quick_options();
  EXPECT_EQ(run(*std::make_unique<CurlTransport>(options), get(server.url("/")))->head().status, 429);
  options.busy_patience = 1h;
  CurlTransport patient(options);
  EXPECT_EQ(run(patient, get(server.url("/")))->body(), "hello");
}

TEST(CurlLimits, AnOriginMayHaveOneOfItsOwn) {
  LoopbackServer server([](Exchange& exchange) { exchange.hold(); });
  auto options = quick_options();
  options.limits[vo::Url::parse(server.url("/")).origin()] = 1;
  CurlTransport transport(options);
  const auto first = start(transport, get(server.url("/1"))), second = start(transport, get(server.url("/2")));
  while (server.requests().empty()) std::this_thread::yield();
  const auto host = transport.snapshot().hosts.at(0);
  EXPECT_EQ(host.under_way, 1u);
  EXPECT_EQ(host.waiting, 1u);
}

TEST(CurlBreaker, OneRequestThatAlwaysFailsTurnsNoOtherAway) {
  LoopbackServer server([](Exchange& exchange) {
    const bool is_bad = exchange.request().target == "/bad";
    exchange.reply(is_bad ? 503 : 200, is_bad ? "busy" : "hello");
  });
  auto options = quick_options();
  options.retry.attempts = 20;
  options.health = {.failures = 3, .first_pause = 50ms, .longest_pause = 60s, .awaited_pause = 40ms};
  CurlTransport transport(options);
  const auto bad = run(transport, get(server.url("/bad")));
  EXPECT_EQ(bad->head().status, 503);
  EXPECT_EQ(run(transport, get(server.url("/good")))->body(), "hello");
}

}  // namespace
}  // namespace platefs::test
