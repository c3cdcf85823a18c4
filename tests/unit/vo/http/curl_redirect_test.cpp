// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/transport_fixture.h"

namespace platefs::test {
namespace {

using ::testing::HasSubstr;
using vo::CurlTransport;
using vo::ErrorKind;

using Exchange = LoopbackServer::Exchange;

/// Redirects "/" to `target`, answers everything else with its method and path.
LoopbackServer::Script redirect(int status, std::string target) {
  return [=](Exchange& exchange) {
    const auto& asked = exchange.request();
    if (asked.target == "/") return exchange.reply(status, "moved", {{"Location", target}});
    exchange.reply(200, asked.method + " " + asked.target + " " + asked.body);
  };
}

TEST(CurlRedirect, IsFollowedOnTheSameHost) {
  LoopbackServer server(redirect(302, "dl/../dlmeta?ID=a+b"));
  CurlTransport transport(quick_options());
  const auto got = run(transport, get(server.url("/")));
  EXPECT_EQ(got->body(), "GET /dlmeta?ID=a+b ");
  EXPECT_EQ(got->head().url.text(), server.url("/dlmeta?ID=a+b"));
  EXPECT_EQ(got->heads(), 1);
  EXPECT_EQ(server.connections(), 1);
}

TEST(CurlRedirect, RepeatsAPostExceptAt303WhichSaysWhereTheAnswerIs) {
  struct Case {
    int status;
    const char* method;
  };
  for (const auto& [status, answer] : {Case{301, "POST /x a=b"}, Case{302, "POST /x a=b"}, Case{303, "GET /x "},
                                       Case{307, "POST /x a=b"}, Case{308, "POST /x a=b"}}) {
    LoopbackServer server(redirect(status, "/x"));
    CurlTransport transport(quick_options());
    auto request = get(server.url("/"));
    request.form = "a=b";
    EXPECT_EQ(run(transport, request)->body(), answer) << status;
  }
}

TEST(CurlRedirect, LeavesTheFilesOfAFormBehind) {
  LoopbackServer server(redirect(303, "/x"));
  CurlTransport transport(quick_options());
  auto request = get(server.url("/"));
  request.parts = {{"targets", "<VOTABLE/>", "application/x-votable+xml"}};
  EXPECT_EQ(run(transport, request)->body(), "GET /x ");
  EXPECT_FALSE(server.requests().at(1).headers.contains("content-type"));
}

TEST(CurlRedirect, TakesNoCredentialsToAnotherHost) {
  LoopbackServer other([](Exchange& exchange) { exchange.reply(200, "there"); });
  LoopbackServer server(redirect(302, other.url("/x")));
  CurlTransport transport(quick_options());
  auto request = get(server.url("/"));
  request.headers = {{"Authorization", "Bearer x"}, {"COOKIE", "y"}, {"If-Range", "z"}};
  EXPECT_EQ(run(transport, request)->body(), "there");
  EXPECT_EQ(server.requests().at(0).headers.at("authorization"), "Bearer x");
  const auto asked = other.requests().at(0);
  EXPECT_FALSE(asked.headers.contains("authorization"));
  EXPECT_FALSE(asked.headers.contains("cookie"));
  EXPECT_EQ(asked.headers.at("if-range"), "z");
}

TEST(CurlRedirect, KeepsCredentialsOnTheSameHost) {
  LoopbackServer server(redirect(302, "/x"));
  CurlTransport transport(quick_options());
  auto request = get(server.url("/"));
  request.headers = {{"Authorization", "Bearer x"}};
  run(transport, request);
  EXPECT_TRUE(server.requests().at(1).headers.contains("authorization"));
}

TEST(CurlRedirect, BringsAServerTheCookieThatItSetAndNoOther) {
  LoopbackServer other([](Exchange& exchange) { exchange.reply(200, "there"); });
  LoopbackServer server([&](Exchange& exchange) {
    const auto& headers = exchange.request().headers;
    if (exchange.request().target == "/away") return exchange.reply(302, "", {{"Location", other.url("/x")}});
    if (headers.contains("cookie")) return exchange.reply(200, headers.at("cookie"));
    exchange.reply(302, "", {{"Set-Cookie", "session=1; Path=/"}, {"Location", exchange.request().target}});
  });
  CurlTransport transport(quick_options());
  EXPECT_EQ(run(transport, get(server.url("/")))->body(), "session=1");
  EXPECT_EQ(run(transport, get(server.url("/again")))->body(), "session=1");
  EXPECT_EQ(server.requests().size(), 3u);
  EXPECT_EQ(run(transport, get(server.url("/away")))->body(), "there");
  EXPECT_FALSE(other.requests().at(0).headers.contains("cookie"));
}

TEST(CurlRedirect, KeepsTheSessionsOfServicesApart) {
  LoopbackServer server([](Exchange& exchange) {
    if (exchange.request().target == "/in") return exchange.reply(200, "in", {{"Set-Cookie", "session=secret"}});
    const auto& headers = exchange.request().headers;
    exchange.reply(200, headers.contains("cookie") ? headers.at("cookie") : "nobody");
  });
  CurlTransport transport(quick_options());
  const auto ask = [&](const std::string& target, const std::string& service) {
    auto request = get(server.url(target));
    request.on_behalf_of = vo::Url::parse(service);
    return run(transport, request)->body();
  };
  ask("/in", server.url("/tap"));
  EXPECT_EQ(ask("/file", server.url("/tap")), "session=secret");
  EXPECT_EQ(ask("/file", "http://127.0.0.1:1/tap"), "nobody");
}

TEST(CurlRedirect, EndsAfterTen) {
  LoopbackServer server([](Exchange& exchange) {
    exchange.reply(302, "", {{"Location", exchange.request().target + "x"}});
  });
  CurlTransport transport(quick_options());
  const auto got = run(transport, get(server.url("/")));
  EXPECT_EQ(got->failure(), ErrorKind::Rejected);
  EXPECT_THAT(got->message(), HasSubstr("redirected more than 10 times"));
  EXPECT_EQ(server.requests().size(), 11u);
  EXPECT_EQ(got->heads(), 0);
}

TEST(CurlRedirect, LeavesHttpForNothing) {
  for (const auto* target : {"file:///etc/passwd", "ftp://a.b/c", "gopher://a.b/"}) {
    LoopbackServer server(redirect(302, target));
    CurlTransport transport(quick_options());
    const auto got = run(transport, get(server.url("/")));
    EXPECT_EQ(got->failure(), ErrorKind::Rejected) << target;
    EXPECT_THAT(got->message(), HasSubstr(target));
    EXPECT_EQ(got->heads(), 0);
  }
}

TEST(CurlRedirect, WithoutLocationIsAnAnswer) {
  LoopbackServer server([](Exchange& exchange) { exchange.reply(302, "where?"); });
  CurlTransport transport(quick_options());
  const auto got = run(transport, get(server.url("/")));
  EXPECT_EQ(got->head().status, 302);
  EXPECT_EQ(got->body(), "where?");
}

TEST(CurlRedirect, DoesNotWaitForALongExplanation) {
  LoopbackServer server([](Exchange& exchange) {
    if (exchange.request().target == "/x") return exchange.reply(200, "there");
    exchange.send("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 9999999\r\n\r\n");
    exchange.send(std::string(200'000, 'x'));
    exchange.hold();
  });
  CurlTransport transport(quick_options());
  EXPECT_EQ(run(transport, get(server.url("/")))->body(), "there");
}

TEST(CurlRedirect, CanLeadToABusyHostThatIsAskedAgain) {
  int asked = 0;
  LoopbackServer server([&](Exchange& exchange) {
    if (exchange.request().target == "/") {
      return exchange.reply(303, "", {{"Location", "/result"}});
    }
    exchange.reply(++asked < 4 ? 503 : 200, "done", {{"Retry-After", "0"}});
  });
  CurlTransport transport(quick_options());
  auto request = get(server.url("/"));
  request.form = "a=b";
  EXPECT_EQ(run(transport, request)->head().status, 200);
}

}  // namespace
}  // namespace platefs::test
