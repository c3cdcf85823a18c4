// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/gateway.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/transport_fixture.h"

namespace platefs::test {
namespace {

using vo::Gateway;
using vo::GatewayOptions;
using vo::Url;

using Failure = Gateway::Failure;

const std::string kArchive = "https://archive.example:443";
constexpr Gateway::TimePoint kStart{std::chrono::hours{1}};

vo::http::Head head_of(int status, const std::string& name = "", const std::string& value = "") {
  vo::http::Head head{.status = status, .url = Url::parse("http://a.test/")};
  if (!name.empty()) head.headers.push_back({name, value});
  return head;
}

GatewayOptions site_gateway(std::vector<std::string> hosts = {}) {
  return {Url::parse("http://gw.site:3128"), std::move(hosts)};
}

bool is_for(const GatewayOptions& options, const vo::http::Request& request) {
  return Gateway{options}.is_for(request, false, kStart);
}

TEST(Gateway, IsForGetsWithoutCredentialsAlone) {
  const auto options = site_gateway();
  EXPECT_TRUE(is_for(options, get("https://archive.example/plate.fits")));
  EXPECT_FALSE(Gateway{options}.is_for(get("https://archive.example/plate.fits"), true, kStart));
  auto post = get("https://archive.example/sync");
  post.form = "QUERY=x";
  EXPECT_FALSE(is_for(options, post));
  for (const auto* name : {"authorization", "Authorization", "Cookie"}) {
    auto request = get("https://archive.example/x");
    request.headers.push_back({name, "me"});
    EXPECT_FALSE(is_for(options, request)) << name;
  }
  EXPECT_FALSE(is_for(options, get("https://bucket.example/x?X-Amz-Signature=abc")));
  EXPECT_FALSE(Gateway{std::nullopt}.is_for(get("https://archive.example/x"), false, kStart));
}

TEST(Gateway, IsForTheHostsThatItWasGiven) {
  const auto options = site_gateway({"archive.example", "10.1.0.0/16"});
  EXPECT_TRUE(is_for(options, get("http://archive.example/x")));
  EXPECT_TRUE(is_for(options, get("https://files.archive.example:8443/x")));
  EXPECT_TRUE(is_for(options, get("http://10.1.2.3/x")));
  EXPECT_FALSE(is_for(options, get("http://otherarchive.example/x")));
  EXPECT_FALSE(is_for(options, get("http://10.2.0.1/x")));
}

TEST(Gateway, IsNotForThisComputerUnlessItIsThereItself) {
  for (const auto* url : {"http://localhost/x", "http://127.0.0.1:8080/x", "http://[::1]/x"}) {
    EXPECT_FALSE(is_for(site_gateway(), get(url))) << url;
    EXPECT_TRUE(is_for({Url::parse("http://127.0.0.1:3128")}, get(url))) << url;
  }
}

TEST(Gateway, TellsHitsByEitherHeader) {
  const auto is_hit = [](const char* name, const char* value) { return vo::is_cache_hit(head_of(200, name, value)); };
  for (const auto* value : {"nginx; hit", "Origin; fwd=miss, \"a, b;c\"; hit; ttl=3"}) {
    EXPECT_TRUE(is_hit("cache-status", value)) << value;
  }
  for (const auto* value : {"", "nginx; fwd=miss; fwd-status=200", "hit; fwd=miss", "\"x; hit\"; fwd=stale"}) {
    EXPECT_FALSE(is_hit("cache-status", value)) << value;
  }
  for (const auto* value : {"HIT", "Hit from cloudfront", "MISS from far, HIT from near.site", "hit-fresh"}) {
    EXPECT_TRUE(is_hit("x-cache", value)) << value;
  }
  for (const auto* value : {"", "MISS", "MISS from hit.site", "HIT, MISS", "WHITE", "hitless"}) {
    EXPECT_FALSE(is_hit("x-cache", value)) << value;
  }
}

TEST(Gateway, TellsItsOwnErrorsFromThoseOfTheArchive) {
  for (const int status : {502, 503, 504}) {
    EXPECT_EQ(Gateway::failure_in(head_of(status)), Failure::Error);
    EXPECT_EQ(
        Gateway::failure_in(head_of(status, "cache-status", "gw; fwd=miss; fwd-status=" + std::to_string(status))),
        std::nullopt);
  }
  EXPECT_EQ(Gateway::failure_in(head_of(503, "retry-after", "7")), std::nullopt);
  EXPECT_EQ(Gateway::failure_in(head_of(421)), Failure::NotServed);
  EXPECT_EQ(Gateway::failure_in(head_of(407)), Failure::Unreachable);
  for (const int status : {200, 206, 304, 403, 404, 429, 500})
    EXPECT_EQ(Gateway::failure_in(head_of(status)), std::nullopt);
}

TEST(Gateway, RestsAsAWholeWhenItCanNotBeReachedAndForOneArchiveOtherwise) {
  Gateway gateway{site_gateway()};
  EXPECT_TRUE(gateway.failed(kArchive, Failure::Silent, kStart));
  EXPECT_TRUE(gateway.rests(kArchive, kStart + 59s));
  EXPECT_FALSE(gateway.rests("http://other.example:80", kStart + 59s));
  EXPECT_FALSE(gateway.failed("http://other.example:80", Failure::Unreachable, kStart + 1s)) << "it is known to fail";
  EXPECT_TRUE(gateway.rests("http://third.example:80", kStart + 2s));
  EXPECT_FALSE(gateway.enter("http://third.example:80", kStart + 2s));
}

TEST(Gateway, IsAskedAgainByOneRequestAfterARest) {
  Gateway gateway{site_gateway()};
  gateway.failed(kArchive, Failure::Unreachable, kStart);
  EXPECT_TRUE(gateway.enter(kArchive, kStart + 60s));
  EXPECT_FALSE(gateway.enter(kArchive, kStart + 60s)) << "one finds out for the others";
  EXPECT_TRUE(gateway.enter(kArchive, kStart + 120s)) << "the one that was to find out was cancelled";
  gateway.answered(kArchive, head_of(200));
  EXPECT_TRUE(gateway.enter(kArchive, kStart + 121s));
  EXPECT_FALSE(gateway.rests(kArchive, kStart + 121s));
}

TEST(Gateway, ThatFailedLongAgoFailsAnewAsNews) {
  Gateway gateway{site_gateway()};
  EXPECT_TRUE(gateway.failed(kArchive, Failure::Error, kStart));
  EXPECT_FALSE(gateway.failed(kArchive, Failure::Error, kStart + 61s));
  EXPECT_TRUE(gateway.failed(kArchive, Failure::Error, kStart + 1h));
}

TEST(Gateway, IsGivenMoreTimeForAnArchiveThatTakesMore) {
  Gateway gateway{site_gateway()};
  EXPECT_EQ(gateway.patience(kArchive), 5s);
  gateway.failed(kArchive, Failure::Silent, kStart);
  gateway.passed(kArchive, 200ms);
  EXPECT_TRUE(gateway.rests(kArchive, kStart + 1s)) << "the archive is quick: it is the gateway that fails";
  gateway.passed(kArchive, 8s);
  EXPECT_FALSE(gateway.rests(kArchive, kStart + 1s));
  EXPECT_EQ(gateway.patience(kArchive), 16s);
  EXPECT_EQ(gateway.patience("http://other.example:80"), 5s);
}

TEST(Gateway, LeavesAnArchiveThatItDoesNotServeAloneForAnHour) {
  Gateway gateway{site_gateway()};
  EXPECT_FALSE(gateway.failed(kArchive, Failure::NotServed, kStart)) << "that is no failure to tell of";
  const auto request = get("https://archive.example/x");
  EXPECT_FALSE(gateway.is_for(request, false, kStart + 59min));
  EXPECT_FALSE(gateway.rests(kArchive, kStart)) << "the archive is asked as always";
  EXPECT_TRUE(gateway.is_for(request, false, kStart + 60min));
  EXPECT_TRUE(gateway.enter(kArchive, kStart + 60min));
  EXPECT_EQ(gateway.status(kStart).left_alone_for, 0ms);
}

}  // namespace
}  // namespace platefs::test
