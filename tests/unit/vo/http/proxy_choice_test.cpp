// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/proxy_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/support/transport_fixture.h"

namespace platefs::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using vo::ProxyRules;
using vo::Url;

ProxyRules rules(const std::map<std::string, std::string>& environment, std::optional<std::string> given = {}) {
  return ProxyRules::from_environment(
      [&](const char* name) {
        const auto found = environment.find(name);
        return found == environment.end() ? nullptr : found->second.c_str();
      },
      given);
}

TEST(ProxyRules, AreThoseOfTheEnvironmentAsLibcurlReadsThem) {
  const auto http = Url::parse("http://a.test/"), https = Url::parse("https://a.test/");
  EXPECT_EQ(rules({}).proxy_for(http), "");
  EXPECT_EQ(rules({{"http_proxy", "http://p:1"}}).proxy_for(http), "http://p:1");
  EXPECT_EQ(rules({{"http_proxy", "http://p:1"}}).proxy_for(https), "");
  EXPECT_EQ(rules({{"HTTP_PROXY", "http://p:1"}}).proxy_for(http), "");  // a CGI's name for a client's header
  EXPECT_EQ(rules({{"HTTPS_PROXY", "http://p:1"}}).proxy_for(https), "http://p:1");
  EXPECT_EQ(rules({{"ALL_PROXY", "socks5h://p:1"}}).proxy_for(https), "socks5h://p:1");
  EXPECT_EQ(rules({{"http_proxy", "http://p:1"}, {"no_proxy", "a.test"}}).proxy_for(http), "");
  EXPECT_EQ(rules({{"http_proxy", "http://p:1"}}, "http://q:2").proxy_for(https), "http://q:2");
  EXPECT_EQ(rules({{"http_proxy", "http://p:1"}}, "").proxy_for(http), "");
}

TEST(NoProxy, KnowsNamesDomainsAddressesAndNetworks) {
  EXPECT_TRUE(vo::is_exempt("anything", "*"));
  EXPECT_TRUE(vo::is_exempt("a.example.org", "x, .example.org"));
  EXPECT_TRUE(vo::is_exempt("EXAMPLE.org", "example.ORG."));
  EXPECT_FALSE(vo::is_exempt("notexample.org", "example.org"));
  EXPECT_TRUE(vo::is_exempt("127.0.0.1", "localhost,127.0.0.1"));
  EXPECT_TRUE(vo::is_exempt("10.3.4.5", "10.0.0.0/8"));
  EXPECT_FALSE(vo::is_exempt("11.3.4.5", "10.0.0.0/8"));
  EXPECT_TRUE(vo::is_exempt("192.168.5.130", "192.168.5.128/25"));
  EXPECT_FALSE(vo::is_exempt("192.168.5.127", "192.168.5.128/25"));
  EXPECT_TRUE(vo::is_exempt("[fd00::5]", "fd00::/8"));
  EXPECT_TRUE(vo::is_exempt("[::1]", "[::1]"));
  EXPECT_FALSE(vo::is_exempt("10.0.0.1", "10.0.0.0/99"));
  EXPECT_FALSE(vo::is_exempt("a.test", ""));
}

TEST(WithoutUserinfo, ShowsNoPasswordHoweverItIsWritten) {
  EXPECT_EQ(vo::without_userinfo("http://p:1"), "http://p:1");
  for (const auto* url :
       {"http://alice:s3cret@p:1", "alice:s3cret@p:1", "socks5h://alice:s3@cret@p:1", "http://alice:s3/cret@p:1"}) {
    EXPECT_THAT(vo::without_userinfo(url), AllOf(Not(HasSubstr("cret")), HasSubstr("***@p:1"))) << url;
  }
}

TEST(Url, ThatIsRefusedIsToldWithoutItsPassword) {
  for (const auto* url : {"ftp://alice:s3cret@a.test/", "http://alice:s3cret@a.test:99999/", "http://alice:s3cret@/"}) {
    try {
      Url::parse(url);
      FAIL() << url;
    } catch (const vo::Error& error) {
      EXPECT_THAT(error.message(), Not(HasSubstr("s3cret")));
    }
  }
}

using Exchange = LoopbackServer::Exchange;

TEST(CurlProxy, ThatIsDeadIsToldAsTheProxy) {
  auto options = quick_options();
  options.retry.attempts = 2;
  options.proxy = "http://alice:s3cret@127.0.0.1:" + std::to_string(unused_port());
  vo::CurlTransport transport(options);
  const auto got = run(transport, get("http://archive.example/tap"));
  EXPECT_EQ(got->failure(), vo::ErrorKind::Refused);
  EXPECT_THAT(got->message(), AllOf(HasSubstr("the proxy http://***@127.0.0.1"), Not(HasSubstr("s3cret"))));
}

TEST(CurlProxy, ThatCanNotBeReadIsNotShownWithItsPassword) {
  for (const auto* proxy : {"http://alice:s3cret@127.0.0.1:99999", "http://alice:s3cret@[::1", "ftp://alice:s3cret@h:1",
                            "http://alice:s3 cret@127.0.0.1:1"}) {
    auto options = quick_options();
    options.retry.attempts = 1;
    options.proxy = proxy;
    vo::CurlTransport transport(options);
    EXPECT_THAT(run(transport, get("http://archive.example/tap"))->message(), Not(HasSubstr("cret"))) << proxy;
  }
}

TEST(CurlProxy, ThatWantsAPasswordIsToldAsTheProxy) {
  LoopbackServer proxy([](Exchange& exchange) { exchange.reply(407, "who are you"); });
  auto options = quick_options();
  options.proxy = proxy.url("");
  vo::CurlTransport transport(options);
  const auto plain = run(transport, get("http://archive.example/tap"));
  ASSERT_EQ(plain->failure(), std::nullopt);
  const auto error = vo::error_of_status(plain->head(), plain->body());
  EXPECT_EQ(error.kind(), vo::ErrorKind::NotAuthorized);
  EXPECT_THAT(error.message(), HasSubstr("the proxy"));
  const auto tunnelled = run(transport, get("https://archive.example/tap"));
  EXPECT_EQ(tunnelled->failure(), vo::ErrorKind::NotAuthorized);
  EXPECT_THAT(tunnelled->message(), AllOf(HasSubstr("the proxy"), HasSubstr("407")));
}

}  // namespace
}  // namespace platefs::test
