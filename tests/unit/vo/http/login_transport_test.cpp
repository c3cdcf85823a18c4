// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/login_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "tests/support/transport_fixture.h"

namespace platefs::test {
namespace {

using testing::HasSubstr;
using vo::ErrorKind;

/// A site whose files are for those with a session.
class LoginTest : public testing::Test {
 protected:
  void answer(LoopbackServer::Exchange& exchange) {
    const auto& request = exchange.request();
    if (request.target == "/login" && request.method == "POST") return take_form(exchange);
    if (request.target == "/login") return exchange.reply(200, "<form>");
    if (request.target == "/home") return exchange.reply(200, "welcome " + request.method);
    const auto cookie = request.headers.find("cookie");
    const auto wanted = "session=" + std::to_string(session.load());
    if (cookie == request.headers.end() || cookie->second != wanted) return exchange.reply(403, "log in");
    exchange.reply(200, "plate");
  }
  void take_form(LoopbackServer::Exchange& exchange) {
    ++logins;
    if (exchange.request().body != "user=me&password=a%20b") return exchange.reply(401, "no");
    exchange.reply(302, "", {{"Location", "/home"}, {"Set-Cookie", "session=" + std::to_string(++session)}});
  }
  vo::http::Request to(const std::string& target) {
    auto request = get(server.url(target));
    request.on_behalf_of = vo::Url::parse(server.url("/tap"));
    return request;
  }
  std::vector<vo::FormLogin> login(const std::string& password = "a b") {
    const auto url = vo::Url::parse(server.url("/login"));
    return {{url,
             vo::form_encoded({{"user", "me"}, {"password", password}}),
             vo::Url::parse(server.url("/tap")),
             {url.origin()}}};
  }

  std::atomic<int> session{0}, logins{0};
  LoopbackServer server{[this](LoopbackServer::Exchange& exchange) { answer(exchange); }};
  vo::CurlTransport curl{quick_options()};
};

TEST_F(LoginTest, IsMadeOnceForAllRequestsOfTheService) {
  vo::LoginTransport transport{curl, login()};
  std::vector<Started> all;
  for (int i = 0; i < 5; ++i) all.push_back(start(transport, to("/plate.fits")));
  for (auto& each : all) {
    each->wait_for_end();
    EXPECT_EQ(each->head().status, 200);
    EXPECT_EQ(each->body(), "plate");
  }
  EXPECT_EQ(logins, 1);
}

TEST_F(LoginTest, IsMadeAgainWhereTheSessionIsOver) {
  vo::LoginTransport transport{curl, login()};
  run(transport, to("/plate.fits"));
  ++session;  // the site has forgotten it
  EXPECT_EQ(run(transport, to("/plate.fits"))->body(), "plate");
  EXPECT_EQ(logins, 2);
}

TEST_F(LoginTest, IsNotRepeatedForWhatIsRefusedAllTheSame) {
  LoopbackServer strict{[this](LoopbackServer::Exchange& exchange) {
    if (exchange.request().method == "POST") ++logins;
    exchange.reply(exchange.request().method == "POST" ? 200 : 403, "not yours");
  }};
  const auto origin = vo::Url::parse(strict.url("/")).origin();
  vo::LoginTransport transport{
      curl, {{vo::Url::parse(strict.url("/login")), "user=me", vo::Url::parse(strict.url("/tap")), {origin}}}};
  auto request = get(strict.url("/plate.fits"));
  request.on_behalf_of = vo::Url::parse(strict.url("/tap"));
  EXPECT_EQ(run(transport, request)->head().status, 403);
  EXPECT_EQ(logins, 2);
  EXPECT_EQ(strict.requests().size(), 4u);
}

TEST_F(LoginTest, ThatFailsIsToldAndNotTriedAgainAtOnce) {
  vo::LoginTransport transport{curl, login("wrong")};
  for (int i = 0; i < 3; ++i) {
    const auto got = run(transport, to("/plate.fits"));
    EXPECT_EQ(got->failure(), ErrorKind::NotAuthorized);
    EXPECT_THAT(got->message(), HasSubstr("logging in at"));
    EXPECT_THAT(got->message(), HasSubstr("401"));
    EXPECT_THAT(got->message(), testing::Not(HasSubstr("wrong")));
  }
  EXPECT_EQ(logins, 1);
}

TEST_F(LoginTest, IsForItsServiceAlone) {
  vo::LoginTransport transport{curl, login()};
  run(transport, to("/plate.fits"));
  auto foreign = to("/plate.fits");
  foreign.on_behalf_of = vo::Url::parse("http://other.example/tap");
  auto own = get(server.url("/plate.fits"));  // what a user names by its URL, elsewhere on the site
  EXPECT_EQ(run(transport, own)->head().status, 403);
  EXPECT_NE(run(transport, foreign)->body(), "plate");
  EXPECT_EQ(logins, 1);
}

TEST_F(LoginTest, IsSentToNobodyElseWhereverItLeads) {
  LoopbackServer elsewhere{[](LoopbackServer::Exchange& exchange) { exchange.reply(200, "thanks"); }};
  LoopbackServer site{[&](LoopbackServer::Exchange& exchange) {
    if (exchange.request().method != "POST") return exchange.reply(200, "plate");
    exchange.reply(302, "", {{"Location", elsewhere.url("/take")}});
  }};
  const auto origin = vo::Url::parse(site.url("/")).origin();
  vo::LoginTransport transport{
      curl, {{vo::Url::parse(site.url("/login")), "user=me", vo::Url::parse(site.url("/tap")), {origin}}}};
  auto request = get(site.url("/plate.fits"));
  request.on_behalf_of = vo::Url::parse(site.url("/tap"));
  EXPECT_EQ(run(transport, request)->body(), "plate");
  for (const auto& asked : elsewhere.requests()) {
    EXPECT_EQ(asked.method, "GET");
    EXPECT_EQ(asked.body, "");
  }
}

TEST_F(LoginTest, ThatIsWaitedForEndsWithTheTransport) {
  LoopbackServer slow{[](LoopbackServer::Exchange& exchange) { exchange.hold(); }};
  const auto origin = vo::Url::parse(slow.url("/")).origin();
  vo::LoginTransport transport{
      curl, {{vo::Url::parse(slow.url("/login")), "user=me", vo::Url::parse(slow.url("/tap")), {origin}}}};
  auto request = get(slow.url("/plate.fits"));
  request.on_behalf_of = vo::Url::parse(slow.url("/tap"));
  const auto waiting = start(transport, request);
  while (slow.requests().empty()) std::this_thread::yield();
  curl.stop();
  waiting->wait_for_end();
  EXPECT_EQ(waiting->failure(), ErrorKind::Cancelled);
}

}  // namespace
}  // namespace platefs::test
