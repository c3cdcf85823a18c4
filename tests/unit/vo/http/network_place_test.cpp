// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/network_place.h"

#include <gtest/gtest.h>

#include "tests/support/transport_fixture.h"

namespace platefs::test {
namespace {

using vo::NetworkPlace;
using vo::Url;

TEST(NetworkPlaceOf, KnowsSpecialAddressesInEveryForm) {
  struct Case {
    const char* address;
    NetworkPlace place;
  };
  for (const auto& [address, place] : {
           Case{"127.0.0.1", NetworkPlace::ThisComputer},
           Case{"127.255.0.9", NetworkPlace::ThisComputer},
           Case{"0.0.0.0", NetworkPlace::ThisComputer},
           Case{"0.1.2.3", NetworkPlace::ThisComputer},
           Case{"::1", NetworkPlace::ThisComputer},
           Case{"::", NetworkPlace::ThisComputer},
           Case{"::ffff:127.0.0.1", NetworkPlace::ThisComputer},
           Case{"::127.0.0.1", NetworkPlace::ThisComputer},
           Case{"64:ff9b::127.0.0.1", NetworkPlace::ThisComputer},
           Case{"2002:7f00:1::", NetworkPlace::ThisComputer},
           Case{"169.254.169.254", NetworkPlace::LocalLink},
           Case{"fe80::1", NetworkPlace::LocalLink},
           Case{"::ffff:169.254.169.254", NetworkPlace::LocalLink},
           Case{"10.1.2.3", NetworkPlace::PrivateNetwork},
           Case{"172.16.0.1", NetworkPlace::PrivateNetwork},
           Case{"172.31.255.255", NetworkPlace::PrivateNetwork},
           Case{"192.168.1.1", NetworkPlace::PrivateNetwork},
           Case{"100.64.0.1", NetworkPlace::PrivateNetwork},
           Case{"fd00::1", NetworkPlace::PrivateNetwork},
           Case{"fec0::1", NetworkPlace::PrivateNetwork},
           Case{"::ffff:10.0.0.1", NetworkPlace::PrivateNetwork},
           Case{"224.0.0.1", NetworkPlace::PrivateNetwork},
           Case{"ff02::1", NetworkPlace::PrivateNetwork},
           Case{"172.15.0.1", NetworkPlace::World},
           Case{"172.32.0.1", NetworkPlace::World},
           Case{"129.206.110.1", NetworkPlace::World},
           Case{"100.128.0.1", NetworkPlace::World},
           Case{"2001:7c0::1", NetworkPlace::World},
           Case{"::ffff:8.8.8.8", NetworkPlace::World},
       }) {
    EXPECT_EQ(vo::place_of_address(address), place) << address;
  }
  EXPECT_EQ(vo::place_of_address("archive.example"), std::nullopt);
}

TEST(NetworkPlaceOf, AHostIsToldWithoutALookUpWhereItCanBe) {
  for (const auto* host : {"localhost", "localhost.", "a.localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1",
                           "[::1]", "[::ffff:7f00:1]"}) {
    EXPECT_EQ(vo::place_of_host(host), NetworkPlace::ThisComputer) << host;
  }
  EXPECT_EQ(vo::place_of_host("10.1"), NetworkPlace::PrivateNetwork);
  EXPECT_EQ(vo::place_of_host("dc.g-vo.org"), std::nullopt);
}

TEST(NetworkBorders, LetAServiceNameItsOwnNeighboursAlone) {
  vo::NetworkBorders borders{false};
  const auto local = Url::parse("http://127.0.0.1:80/tap"), office = Url::parse("http://10.0.0.5/tap");
  const auto other = Url::parse("http://127.0.0.2/x"), world = Url::parse("http://129.206.1.1/tap");
  EXPECT_TRUE(borders.allow(local, other, NetworkPlace::ThisComputer));
  EXPECT_FALSE(borders.allow(local, Url::parse("http://10.0.0.7/x"), NetworkPlace::PrivateNetwork));
  EXPECT_TRUE(borders.allow(office, Url::parse("http://10.0.0.7/x"), NetworkPlace::PrivateNetwork));
  EXPECT_FALSE(borders.allow(office, other, NetworkPlace::ThisComputer));
  EXPECT_FALSE(borders.allow(world, other, NetworkPlace::ThisComputer));
  EXPECT_FALSE(borders.allow(world, Url::parse("http://169.254.169.254/"), NetworkPlace::LocalLink));
  EXPECT_TRUE(borders.allow(world, Url::parse("http://files.example/x"), NetworkPlace::World));
  EXPECT_TRUE(vo::NetworkBorders{true}.allow(world, other, NetworkPlace::ThisComputer));
}

TEST(NetworkBorders, AreNotMovedByTheNameService) {
  vo::NetworkBorders borders{false};
  const auto service = Url::parse("http://archive.example/tap"), inside = Url::parse("http://archive.example:8080/x");
  // A name that the user gave may be anywhere …
  EXPECT_TRUE(borders.allow(service, service, NetworkPlace::PrivateNetwork));
  // … but once it was in the world it can't become one of this computer.
  borders.note("archive.example", NetworkPlace::World);
  borders.note("archive.example", NetworkPlace::ThisComputer);
  EXPECT_FALSE(borders.allow(service, inside, NetworkPlace::ThisComputer));
  EXPECT_FALSE(borders.allow(service, Url::parse("http://other.example/"), NetworkPlace::ThisComputer));
}

TEST(NetworkBorders, LetANamedServiceThatIsHereNameWhatIsHere) {
  vo::NetworkBorders borders{false};
  borders.note("plates.lan", NetworkPlace::PrivateNetwork);
  const auto service = Url::parse("http://plates.lan/tap");
  EXPECT_TRUE(borders.allow(service, Url::parse("http://files.lan/x"), NetworkPlace::PrivateNetwork));
  EXPECT_FALSE(borders.allow(service, Url::parse("http://127.0.0.1/x"), NetworkPlace::ThisComputer));
}

/// What an archive in the world names, however it spells it.
vo::http::Request named_by_archive(const std::string& url) {
  auto request = get(url);
  request.on_behalf_of = Url::parse("http://129.206.1.1/tap");
  return request;
}

using Exchange = LoopbackServer::Exchange;

TEST(CurlBorders, KeepWhatAnArchiveNamesFromThisComputer) {
  LoopbackServer server([](Exchange& exchange) { exchange.reply(200, "secret"); });
  vo::CurlTransport transport(quick_options());
  EXPECT_EQ(run(transport, get(server.url("/")))->body(), "secret");  // the connection is kept
  const auto connections = server.connections();
  for (const auto* host : {"127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0.0.0.0"}) {
    const auto got = run(transport, named_by_archive(server.url("/", host)));
    EXPECT_EQ(got->failure(), vo::ErrorKind::Rejected) << host;
    EXPECT_NE(got->message().find("this computer"), std::string::npos) << got->message();
  }
  EXPECT_EQ(server.requests().size(), 1u);
  EXPECT_EQ(server.connections(), connections);
}

TEST(CurlBorders, HoldForRedirectsOfWhatTheUserNamed) {
  LoopbackServer inside([](Exchange& exchange) { exchange.reply(200, "secret"); });
  LoopbackServer archive([&](Exchange& exchange) {
    exchange.reply(302, "", {{"Location", "http://169.254.169.254/latest/meta-data"}});
  });
  vo::CurlTransport transport(quick_options());
  const auto got = run(transport, get(archive.url("/tap")));
  EXPECT_EQ(got->failure(), vo::ErrorKind::Rejected);
  EXPECT_NE(got->message().find("local link"), std::string::npos) << got->message();
}

TEST(CurlBorders, HoldBehindAProxyForWhatCanBeToldByName) {
  LoopbackServer proxy([](Exchange& exchange) { exchange.reply(200, "through"); });
  auto options = quick_options();
  options.proxy = proxy.url("");
  vo::CurlTransport transport(options);
  for (const auto* url : {"http://127.0.0.1/", "http://localhost:8080/", "http://10.0.0.1/", "http://intranet/"}) {
    EXPECT_EQ(run(transport, named_by_archive(url))->failure(), vo::ErrorKind::Rejected) << url;
  }
  EXPECT_TRUE(proxy.requests().empty());
  EXPECT_EQ(run(transport, named_by_archive("http://files.example/x"))->body(), "through");
}

TEST(CurlBorders, AreOpenedByTheUser) {
  LoopbackServer server([](Exchange& exchange) { exchange.reply(200, "mine"); });
  auto options = quick_options();
  options.allows_private_addresses = true;
  vo::CurlTransport transport(options);
  EXPECT_EQ(run(transport, named_by_archive(server.url("/")))->body(), "mine");
}

}  // namespace
}  // namespace platefs::test
