// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

#include "tests/support/transport_fixture.h"
#include "vo/http/gateway.h"

namespace platefs::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using vo::GatewayOptions;
using vo::Url;

using Exchange = LoopbackServer::Exchange;

/// What is told to the user.
class Warnings {
 public:
  std::function<void(std::string_view)> sink() {
    return [this](std::string_view text) {
      const std::lock_guard lock(mutex_);
      texts_.emplace_back(text);
    };
  }
  std::vector<std::string> texts() const {
    const std::lock_guard lock(mutex_);
    return texts_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> texts_;
};

vo::CurlOptions options_with(const std::string& gateway, Warnings* warnings = nullptr) {
  auto options = quick_options();
  options.gateway = GatewayOptions{Url::parse(gateway)};
  if (warnings != nullptr) options.warn = warnings->sink();
  return options;
}

LoopbackServer::Script always(int status, std::string body,
                              std::vector<std::pair<std::string, std::string>> headers = {}) {
  return [=](Exchange& exchange) { exchange.reply(status, body, headers); };
}

TEST(CurlGateway, IsAskedInAbsoluteFormForHttpsToo) {
  LoopbackServer gateway(always(200, "kept", {{"X-Cache", "HIT"}, {"Set-Cookie", "who=me"}}));
  vo::CurlTransport transport(options_with(gateway.url("")));
  for (const auto* url : {"https://archive.example/a%20b?ID=ivo://x/y&z=1", "http://archive.example:8080/plate.fits"}) {
    auto request = get(url);
    request.range = vo::ByteRange{0, 10};
    const auto got = run(transport, request);
    EXPECT_EQ(got->body(), "kept");
    EXPECT_EQ(got->head().url.text(), url);
    EXPECT_EQ(gateway.requests().back().target, url);
    EXPECT_EQ(gateway.requests().back().headers.at("range"), "bytes=0-9");
    EXPECT_FALSE(gateway.requests().back().headers.contains("cookie"));
  }
  EXPECT_EQ(gateway.requests().at(0).headers.at("host"), "archive.example");
  EXPECT_EQ(gateway.requests().at(1).headers.at("host"), "archive.example:8080");
  EXPECT_EQ(gateway.connections(), 1) << "connections are the gateway's";
  const auto status = transport.snapshot();
  ASSERT_TRUE(status.gateway);
  EXPECT_EQ(status.gateway->answered, 2u);
  EXPECT_EQ(status.gateway->hits, 2u);
  EXPECT_EQ(status.gateway->direct, 0u);
  EXPECT_THAT(status.hosts, SizeIs(2)) << "limits and health are the archives'";
}

TEST(CurlGateway, IsNotAskedForWhatIsOnePersons) {
  LoopbackServer gateway(always(200, "kept"));
  LoopbackServer archive(always(200, "own"));
  auto options = options_with(gateway.url(""));
  vo::HostCredentials token;
  token.origins = {Url::parse(archive.url("/")).origin()};
  token.service = archive.url("/private");
  token.bearer_token = "secret";
  options.credentials = {token};
  vo::CurlTransport transport(options);
  auto post = get(archive.url("/sync"));
  post.form = "QUERY=x";
  EXPECT_EQ(run(transport, post)->body(), "own");
  auto personal = get(archive.url("/x"));
  personal.on_behalf_of = Url::parse(archive.url("/private"));
  EXPECT_EQ(run(transport, personal)->body(), "own");
  EXPECT_EQ(archive.requests().back().headers.at("authorization"), "Bearer secret");
  EXPECT_THAT(gateway.requests(), IsEmpty());
  EXPECT_EQ(transport.snapshot().gateway->direct, 2u);
  auto public_one = get(archive.url("/x"));
  public_one.on_behalf_of = Url::parse(archive.url("/other"));
  EXPECT_EQ(run(transport, public_one)->body(), "kept");
  EXPECT_FALSE(gateway.requests().back().headers.contains("authorization"));
}

TEST(CurlGateway, LeadsOnFromTheArchivesUrl) {
  LoopbackServer gateway([](Exchange& exchange) {
    if (exchange.request().target == "https://archive.example/a/b")
      return exchange.reply(302, "", {{"Location", "../c"}});
    exchange.reply(200, exchange.request().target);
  });
  vo::CurlTransport transport(options_with(gateway.url("")));
  EXPECT_EQ(run(transport, get("https://archive.example/a/b"))->body(), "https://archive.example/c");
}

TEST(CurlGateway, LeavesToTheArchiveWhatWantsItsCookieBack) {
  LoopbackServer archive([](Exchange& exchange) {
    if (exchange.request().headers.contains("cookie")) return exchange.reply(200, "welcome");
    exchange.reply(302, "", {{"Set-Cookie", "been=here; Path=/"}, {"Location", "/x"}});
  });
  LoopbackServer gateway(always(302, "", {{"Set-Cookie", "been=here; Path=/"}, {"Location", "/x"}}));
  Warnings warnings;
  vo::CurlTransport transport(options_with(gateway.url(""), &warnings));
  EXPECT_EQ(run(transport, get(archive.url("/x")))->body(), "welcome");
  EXPECT_THAT(gateway.requests(), SizeIs(1));
  EXPECT_THAT(warnings.texts(), IsEmpty());
}

/// Eight requests at once, and their bodies.
std::vector<std::string> ask_eight(vo::CurlTransport& transport, const LoopbackServer& archive) {
  std::vector<Started> all;
  for (int i = 0; i < 8; ++i) all.push_back(start(transport, get(archive.url("/" + std::to_string(i)))));
  std::vector<std::string> bodies;
  for (auto& each : all) {
    each->wait_for_end();
    bodies.push_back(each->body());
  }
  return bodies;
}

TEST(CurlGateway, ThatRefusesLeavesTheArchiveOneRequestAtATimeAndIsToldOnce) {
  LoopbackServer archive([](Exchange& exchange) { exchange.reply(200, exchange.request().target); });
  Warnings warnings;
  vo::CurlTransport transport(options_with("http://127.0.0.1:" + std::to_string(unused_port()), &warnings));
  EXPECT_THAT(ask_eight(transport, archive), ElementsAre("/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7"));
  EXPECT_EQ(archive.most_at_once(), 1);
  EXPECT_EQ(archive.connections(), 1);
  ASSERT_THAT(warnings.texts(), SizeIs(1));
  EXPECT_THAT(warnings.texts()[0], AllOf(HasSubstr("the gateway http://127.0.0.1"), HasSubstr("refused")));
  const auto status = transport.snapshot();
  EXPECT_EQ(status.gateway->direct, 8u);
  EXPECT_GT(status.gateway->left_alone_for, 50s);
  ASSERT_THAT(status.hosts, SizeIs(1));
  EXPECT_EQ(status.hosts[0].failures, 0u) << "the archive is well";
}

TEST(CurlGateway, ThatRestsKeepsNobodyWaitingWhoWouldNotAskIt) {
  LoopbackServer archive([](Exchange& exchange) {
    if (exchange.request().target == "/long") exchange.hold();
    exchange.reply(200, exchange.request().target);
  });
  vo::CurlTransport transport(options_with("http://127.0.0.1:" + std::to_string(unused_port())));
  auto file = start(transport, get(archive.url("/long")));
  ASSERT_TRUE(archive.wait_for_held(1));
  auto query = get(archive.url("/sync"));
  query.form = "QUERY=x";
  EXPECT_EQ(run(transport, query)->body(), "/sync");
  archive.release();
  file->wait_for_end();
  EXPECT_EQ(file->body(), "/long");
}

TEST(CurlGateway, ThatIsSilentIsWaitedForAWhileAndAskedAgainLater) {
  LoopbackServer archive(always(200, "direct"));
  LoopbackServer gateway([](Exchange& exchange) {
    if (exchange.request().target.ends_with("/stuck")) exchange.hold();
    exchange.reply(200, "kept");
  });
  Warnings warnings;
  auto options = options_with(gateway.url(""), &warnings);
  options.gateway->patience = 100ms;
  options.gateway->rest = 300ms;
  vo::CurlTransport transport(options);
  EXPECT_EQ(run(transport, get(archive.url("/stuck")))->body(), "direct");
  EXPECT_EQ(run(transport, get(archive.url("/x")))->body(), "direct");
  ASSERT_THAT(warnings.texts(), SizeIs(1));
  EXPECT_THAT(warnings.texts()[0], HasSubstr("no answer in time"));
  std::string body;
  for (const auto end = std::chrono::steady_clock::now() + 10s;
       body != "kept" && std::chrono::steady_clock::now() < end;) {
    body = run(transport, get(archive.url("/x")))->body();
  }
  EXPECT_EQ(body, "kept");
  EXPECT_EQ(run(transport, get(archive.url("/x")))->body(), "kept");
}

TEST(CurlGateway, ThatFallsSilentInAPartOfAFileEndsItInTimeToGoOn) {
  LoopbackServer gateway([](Exchange& exchange) {
    exchange.send("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-99/200\r\nContent-Length: 100\r\n\r\n0123");
    exchange.hold();
  });
  LoopbackServer archive(always(200, "direct"));
  auto options = options_with(gateway.url(""));
  options.gateway->patience = 100ms;
  vo::CurlTransport transport(options);
  auto request = get(archive.url("/plate.fits"));
  request.range = vo::ByteRange{0, 100};
  const auto got = run(transport, request);
  EXPECT_EQ(got->failure(), vo::ErrorKind::Unavailable);
  EXPECT_EQ(got->body(), "0123");
  EXPECT_EQ(run(transport, get(archive.url("/plate.fits")))->body(), "direct");
}

TEST(CurlGateway, WithAnErrorOfItsOwnIsPassedAndOneOfTheArchiveIsNot) {
  LoopbackServer archive(always(200, "direct"));
  LoopbackServer gateway([](Exchange& exchange) {
    if (exchange.request().target.ends_with("/own")) return exchange.reply(502, "bad gateway");
    exchange.reply(503, "out of order", {{"Cache-Status", "gw; fwd=miss; fwd-status=503"}});
  });
  auto options = options_with(gateway.url(""));
  options.retry.attempts = 2;
  vo::CurlTransport transport(options);
  const auto got = run(transport, get(archive.url("/theirs")));
  EXPECT_EQ(got->head().status, 503);
  EXPECT_THAT(archive.requests(), IsEmpty());
  EXPECT_EQ(run(transport, get(archive.url("/own")))->body(), "direct");
  EXPECT_EQ(gateway.requests().size(), 3u);
}

TEST(CurlGateway, ThatDoesNotServeAnArchiveLeavesItAsItWas) {
  LoopbackServer archive([](Exchange& exchange) {
    exchange.hold();
    exchange.reply(200, "direct");
  });
  LoopbackServer gateway(always(421, "not listed"));
  Warnings warnings;
  vo::CurlTransport transport(options_with(gateway.url(""), &warnings));
  std::vector<Started> all;
  for (int i = 0; i < 4; ++i) all.push_back(start(transport, get(archive.url("/x"))));
  EXPECT_TRUE(archive.wait_for_held(4));
  archive.release(4);
  for (auto& each : all) {
    each->wait_for_end();
    EXPECT_EQ(each->body(), "direct");
  }
  const auto asked = gateway.requests().size();
  archive.release();
  EXPECT_EQ(run(transport, get(archive.url("/x")))->body(), "direct");
  EXPECT_EQ(gateway.requests().size(), asked);
  EXPECT_THAT(warnings.texts(), IsEmpty());
}

TEST(CurlGateway, IsToldToAskTheArchiveWhereThatIsWanted) {
  LoopbackServer gateway(always(200, "fresh"));
  auto options = options_with(gateway.url(""));
  options.asks_past_caches = true;
  vo::CurlTransport transport(options);
  run(transport, get("http://archive.example/x"));
  EXPECT_EQ(gateway.requests().at(0).headers.at("cache-control"), "no-cache");
}

TEST(CurlGateway, LeadsAnArchiveToNoPrivateName) {
  LoopbackServer gateway(always(200, "secret"));
  vo::CurlTransport transport(options_with(gateway.url("")));
  for (const auto* url : {"http://intranet/", "http://10.0.0.1/", "http://127.0.0.1/"}) {
    auto request = get(url);
    request.on_behalf_of = Url::parse("http://129.206.1.1/tap");
    EXPECT_EQ(run(transport, request)->failure(), vo::ErrorKind::Rejected) << url;
  }
  EXPECT_THAT(gateway.requests(), IsEmpty());
}

TEST(CurlGateway, IsReachedWithoutAProxy) {
  LoopbackServer gateway(always(200, "kept"));
  LoopbackServer proxy(always(200, "by proxy"));
  auto options = options_with(gateway.url(""));
  options.proxy = proxy.url("");
  vo::CurlTransport transport(options);
  EXPECT_EQ(run(transport, get("http://archive.example/x"))->body(), "kept");
  auto post = get("http://archive.example/sync");
  post.form = "QUERY=x";
  EXPECT_EQ(run(transport, post)->body(), "by proxy");
}

}  // namespace
}  // namespace platefs::test
