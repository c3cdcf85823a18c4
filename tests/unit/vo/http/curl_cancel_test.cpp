// SPDX-License-Identifier: BSD-3-Clause
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include <condition_variable>
#include <mutex>
#include <string_view>

#include "tests/support/transport_fixture.h"

namespace platefs::test {
namespace {

/// A name server that does not answer.
class HangingNames {
 public:
  void hang() {
    std::unique_lock lock(mutex_);
    ++hanging_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return released_; });
    --hanging_;
    changed_.notify_all();
  }
  bool wait_for_question() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, [this] { return hanging_ > 0; });
  }
  void release() {
    std::unique_lock lock(mutex_);
    released_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return hanging_ == 0; });
    released_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int hanging_ = 0;
  bool released_ = false;
};

HangingNames names;

}  // namespace
}  // namespace platefs::test

/// Stands before the C library's for everybody in this programme, libcurl included.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** result) {
  if (name != nullptr && std::string_view(name) == "hangs.invalid") {
    platefs::test::names.hang();
    return EAI_AGAIN;
  }
  if (name != nullptr && std::string_view(name) == "unknown.invalid") return EAI_NONAME;
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto next = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return next(name, service, hints, result);
}

namespace platefs::test {
namespace {

using vo::CurlTransport;
using vo::ErrorKind;
using vo::Flow;

using Exchange = LoopbackServer::Exchange;

void never_answer(Exchange& exchange) { exchange.hold(); }

void expect_prompt_cancel(const Started& got) {
  const auto took = duration_of([&] {
    got.ticket.cancel();
    EXPECT_TRUE(got->wait_for_end());
  });
  EXPECT_LT(took, kPrompt);
  EXPECT_EQ(got->failure(), ErrorKind::Cancelled);
  EXPECT_EQ(got->ends(), 1);
}

TEST(CurlCancel, EndsATransferThatStalls) {
  LoopbackServer server(never_answer);
  CurlTransport transport(quick_options());
  const auto got = start(transport, get(server.url("/")));
  ASSERT_TRUE(server.wait_for_held(1));
  expect_prompt_cancel(got);
}

TEST(CurlCancel, EndsATransferThatIsQueued) {
  LoopbackServer server(never_answer);
  auto options = quick_options();
  options.per_host_limit = 1;
  CurlTransport transport(options);
  const auto first = start(transport, get(server.url("/")));
  const auto second = start(transport, get(server.url("/")));
  ASSERT_TRUE(server.wait_for_held(1));
  expect_prompt_cancel(second);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST(CurlCancel, EndsATransferThatWaitsForARetry) {
  LoopbackServer server([](Exchange& exchange) { exchange.reply(503, ""); });
  auto options = quick_options();
  options.retry.first_wait = options.retry.longest_wait = 15s;
  CurlTransport transport(options);
  const auto got = start(transport, get(server.url("/")));
  ASSERT_TRUE(server.wait_for_requests(1));
  expect_prompt_cancel(got);
}

TEST(CurlCancel, EndsATransferThatIsPaused) {
  LoopbackServer server([](Exchange& exchange) { exchange.reply(200, "hello"); });
  CurlTransport transport(quick_options());
  const auto got = start(transport, get(server.url("/")), [](auto) { return Flow::Pause; });
  ASSERT_TRUE(got->wait_for_pause(1));
  expect_prompt_cancel(got);
}

TEST(CurlCancel, EndsATransferWhoseNameIsLookedUp) {
  CurlTransport transport(quick_options());
  const auto got = start(transport, get("http://hangs.invalid/"));
  ASSERT_TRUE(names.wait_for_question());
  expect_prompt_cancel(got);
  names.release();
}

TEST(CurlNames, UnknownOnesAreUnreachable) {
  CurlTransport transport(quick_options());
  const auto got = run(transport, get("http://unknown.invalid/"));
  EXPECT_EQ(got->failure(), ErrorKind::Unreachable);
  EXPECT_THAT(got->message(), ::testing::HasSubstr("unknown.invalid"));
}

TEST(CurlNames, ALookupThatHangsTimesOut) {
  auto options = quick_options();
  options.timeout = 50ms;
  CurlTransport transport(options);
  const auto got = run(transport, get("http://hangs.invalid/"));
  EXPECT_EQ(got->failure(), ErrorKind::TimedOut);
  ASSERT_TRUE(names.wait_for_question());
  names.release();
}

TEST(CurlCancel, FreesThePlaceInTheQueue) {
  LoopbackServer server([](Exchange& exchange) {
    if (exchange.request().target == "/stalls") return exchange.hold();
    exchange.reply(200, "hello");
  });
  auto options = quick_options();
  options.per_host_limit = 1;
  CurlTransport transport(options);
  const auto first = start(transport, get(server.url("/stalls")));
  const auto second = start(transport, get(server.url("/")));
  ASSERT_TRUE(server.wait_for_held(1));
  first.ticket.cancel();
  ASSERT_TRUE(second->wait_for_end());
  EXPECT_EQ(second->body(), "hello");
}

TEST(CurlCancel, IsNothingAfterTheEnd) {
  LoopbackServer server([](Exchange& exchange) { exchange.reply(200, "hello"); });
  vo::TransferTicket ticket;
  {
    CurlTransport transport(quick_options());
    const auto got = run(transport, get(server.url("/")));
    ticket = got.ticket;
    ticket.cancel();
    ticket.resume();
    transport.snapshot();
    EXPECT_EQ(got->ends(), 1);
    EXPECT_EQ(got->failure(), std::nullopt);
  }
  ticket.cancel();  // the transport is gone
  ticket.resume();
}

TEST(CurlCancel, LetsAHandlerCancelItsOwnTransfer) {
  LoopbackServer server([](Exchange& exchange) {
    exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123");
    exchange.hold();
  });
  CurlTransport transport(quick_options());
  vo::TransferTicket ticket;
  std::mutex mutex;
  std::unique_lock until_known(mutex);
  const auto got = start(transport, get(server.url("/")), [&](auto) {
    const std::lock_guard known(mutex);
    ticket.cancel();
    return Flow::Continue;
  });
  ticket = got.ticket;
  until_known.unlock();
  ASSERT_TRUE(got->wait_for_end());
  EXPECT_EQ(got->failure(), ErrorKind::Cancelled);
}

TEST(CurlDestructor, CancelsEverythingPromptly) {
  LoopbackServer server(never_answer);
  auto options = quick_options();
  options.per_host_limit = 2;
  auto transport = std::make_unique<CurlTransport>(options);
  std::vector<Started> all;
  for (int i = 0; i < 5; ++i) all.push_back(start(*transport, get(server.url("/"))));
  ASSERT_TRUE(server.wait_for_held(2));
  EXPECT_LT(duration_of([&] { transport.reset(); }), kPrompt);
  for (const auto& got : all) {
    EXPECT_EQ(got->ends(), 1);
    EXPECT_EQ(got->failure(), ErrorKind::Cancelled);
  }
}

TEST(CurlDestructor, DoesNotWaitForANameServer) {
  auto transport = std::make_unique<CurlTransport>(quick_options());
  const auto got = start(*transport, get("http://hangs.invalid/"));
  ASSERT_TRUE(names.wait_for_question());
  EXPECT_LT(duration_of([&] { transport.reset(); }), kPrompt);
  EXPECT_EQ(got->failure(), ErrorKind::Cancelled);
  names.release();
}

TEST(CurlDestructor, EndsWhatWasStartedJustBefore) {
  LoopbackServer server(never_answer);
  for (int i = 0; i < 20; ++i) {
    auto transport = std::make_unique<CurlTransport>(quick_options());
    const auto got = start(*transport, get(server.url("/")));
    transport.reset();
    EXPECT_EQ(got->ends(), 1);
  }
}

}  // namespace
}  // namespace platefs::test
