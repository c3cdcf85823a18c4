// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/host_credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/scratch_directory.h"
#include "tests/support/transport_fixture.h"

namespace platefs::test {
namespace {

using Exchange = LoopbackServer::Exchange;

vo::HostCredentials token_for(const std::string& url) {
  return {.origins = {vo::Url::parse(url).origin()},
          .netrc_file = {},
          .bearer_token = "sesame",
          .client_certificate = {},
          .client_key = {}};
}

TEST(HostCredentials, AreForTheirOriginsAlone) {
  const auto token = token_for("https://tap.example.org/tap");
  EXPECT_TRUE(token.is_for(vo::Url::parse("https://TAP.example.org:443/other?x")));
  EXPECT_FALSE(token.is_for(vo::Url::parse("http://tap.example.org/tap")));
  EXPECT_FALSE(token.is_for(vo::Url::parse("https://tap.example.org:8443/tap")));
  EXPECT_FALSE(token.is_for(vo::Url::parse("https://tap.example.org.evil.test/tap")));
  EXPECT_EQ(vo::credentials_for({token}, vo::Url::parse("https://example.org/")), nullptr);
}

TEST(HostCredentials, SendATokenWithEveryRequestToTheirHost) {
  LoopbackServer server([](Exchange& exchange) { exchange.reply(200, "in"); });
  auto options = quick_options();
  options.credentials = {token_for(server.url("/"))};
  vo::CurlTransport transport(options);
  run(transport, get(server.url("/tap/sync")));
  EXPECT_EQ(server.requests().at(0).headers.at("authorization"), "Bearer sesame");
}

TEST(HostCredentials, DoNotFollowARedirectAndAreThereForTheHostThatItLeadsTo) {
  LoopbackServer with([](Exchange& exchange) { exchange.reply(200, "in"); });
  LoopbackServer without([&](Exchange& exchange) { exchange.reply(302, "moved", {{"Location", with.url("/x")}}); });
  auto options = quick_options();
  options.credentials = {token_for(with.url("/"))};
  vo::CurlTransport transport(options);
  run(transport, get(without.url("/")));
  EXPECT_FALSE(without.requests().at(0).headers.contains("authorization"));
  EXPECT_EQ(with.requests().at(0).headers.at("authorization"), "Bearer sesame");
}

TEST(HostCredentials, AreNotForWhatAnotherServiceNames) {
  LoopbackServer server([](Exchange& exchange) { exchange.reply(200, "in"); });
  auto options = quick_options();
  options.credentials = {token_for(server.url("/"))};
  options.credentials[0].service = server.url("/tap");
  vo::CurlTransport transport(options);
  auto request = get(server.url("/file"));
  request.on_behalf_of = vo::Url::parse(server.url("/tap"));
  run(transport, request);
  request.on_behalf_of = vo::Url::parse("http://127.0.0.1:1/tap");
  run(transport, request);
  EXPECT_TRUE(server.requests().at(0).headers.contains("authorization"));
  EXPECT_FALSE(server.requests().at(1).headers.contains("authorization"));
}

TEST(HostCredentials, MayBeAHeaderOfTheServicesOwn) {
  LoopbackServer server([](Exchange& exchange) { exchange.reply(200, "in"); });
  auto options = quick_options();
  options.credentials = {{.origins = {vo::Url::parse(server.url("/")).origin()}, .header = {"x-api-key", "sesame"}}};
  vo::CurlTransport transport(options);
  run(transport, get(server.url("/")));
  EXPECT_EQ(server.requests().at(0).headers.at("x-api-key"), "sesame");
}

TEST(HostCredentials, OfANetrcAreBasicAndOnlyThoseOfTheHost) {
  const ScratchDirectory scratch;
  const auto netrc = scratch.path() / "netrc";
  std::ofstream(netrc) << "machine 127.0.0.1 login ada password lovelace\n"
                          "machine localhost login eve password drop\n";
  LoopbackServer server([](Exchange& exchange) { exchange.reply(200, "in"); });
  auto options = quick_options();
  options.credentials = {{.origins = {vo::Url::parse(server.url("/")).origin()},
                          .netrc_file = netrc.string(),
                          .bearer_token = {},
                          .client_certificate = {},
                          .client_key = {}}};
  vo::CurlTransport transport(options);
  run(transport, get(server.url("/")));
  run(transport, get(server.url("/", "localhost")));
  EXPECT_EQ(server.requests().at(0).headers.at("authorization"), "Basic YWRhOmxvdmVsYWNl");
  EXPECT_FALSE(server.requests().at(1).headers.contains("authorization"));
}

}  // namespace
}  // namespace platefs::test
