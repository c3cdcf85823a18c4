// SPDX-License-Identifier: BSD-3-Clause
#include "fs/http/access.h"

#include <gtest/gtest.h>

namespace platefs::fs {
namespace {

using Verdict = Access::Verdict;
constexpr auto kToken = "0123456789abcdef";

Verdict verdict(const std::string& target, const std::string& authorization = {}, const std::string& token = kToken) {
  HttpRequest request{"GET", target, {}};
  if (!authorization.empty()) request.headers.emplace_back("Authorization", authorization);
  return Access{token}.verdict_on(request, parse_request_path(target));
}

TEST(Access, IsByTheTokenAsFirstName) {
  EXPECT_EQ(verdict("/0123456789abcdef/M31/"), Verdict::AdmittedByPath);
  EXPECT_EQ(verdict("/0123456789abcdef"), Verdict::AdmittedByPath);
  for (const auto* target :
       {"/", "/M31/", "/0123456789abcdeF/", "/0123456789abcde/", "/0123456789abcdef0/", "/M31/0123456789abcdef/"}) {
    EXPECT_EQ(verdict(target), Verdict::Refused) << target;
  }
}

TEST(Access, IsByBearerAndByThePasswordOfBasic) {
  EXPECT_EQ(verdict("/M31/", "Bearer 0123456789abcdef"), Verdict::Admitted);
  EXPECT_EQ(verdict("/M31/", "bearer 0123456789abcdef"), Verdict::Admitted);
  EXPECT_EQ(verdict("/M31/", "Basic YW55Ym9keTowMTIzNDU2Nzg5YWJjZGVm"), Verdict::Admitted);  // anybody:TOKEN
  EXPECT_EQ(verdict("/M31/", "Basic OjAxMjM0NTY3ODlhYmNkZWY="), Verdict::Admitted);          // :TOKEN
  for (const auto* authorization :
       {"Bearer 0123456789abcdee", "Bearer", "Bearer ", "Basic", "Basic MDEyMzQ1Njc4OWFiY2RlZg==", "Basic %%%",
        "Digest 0123456789abcdef", "0123456789abcdef"}) {
    EXPECT_EQ(verdict("/M31/", authorization), Verdict::Refused) << authorization;
  }
}

TEST(Access, ByTheQueryIsSentOn) {
  EXPECT_EQ(verdict("/M31/?token=0123456789abcdef"), Verdict::AdmittedByQuery);
  EXPECT_EQ(verdict("/M31/?token=0123"), Verdict::Refused);
}

TEST(Access, IsForEverybodyWithoutAToken) { EXPECT_EQ(verdict("/M31/", {}, ""), Verdict::Admitted); }

TEST(Access, IsNotByAnEmptyTokenWhereThereIsOne) {
  EXPECT_EQ(verdict("/?token="), Verdict::Refused);
  EXPECT_EQ(verdict("/", "Basic Og=="), Verdict::Refused);
}

TEST(Access, HasAnotherTokenEachTime) {
  const auto one = Access::new_token(), other = Access::new_token();
  EXPECT_EQ(one.size(), 32U);
  EXPECT_NE(one, other);
  EXPECT_EQ(one.find_first_not_of("0123456789abcdef"), std::string::npos);
}

bool is_own(const std::string& host, const std::string& target = "/") {
  return is_for_this_host({"GET", target, {{"Host", host}}}, parse_request_path(target));
}

TEST(Host, IsThisComputerByAnyPort) {
  for (const auto* host : {"localhost", "localhost:8080", "LocalHost:1", "127.0.0.1:65535", "[::1]:80", "[::1]"}) {
    EXPECT_TRUE(is_own(host)) << host;
  }
  EXPECT_TRUE(is_for_this_host({"GET", "/", {}}, parse_request_path("/"))) << "HTTP/1.0";
}

TEST(Host, IsNoNameOfAnotherSite) {
  for (const auto* host : {"evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "",
                           "localhost:8080x", "localhost:123456", "127.0.0.2", "2130706433", "[::1]evil", "::1",
                           "localhost@evil.example", "evil.example#localhost"}) {
    EXPECT_FALSE(is_own(host)) << host;
  }
  EXPECT_FALSE(is_own("localhost", "http://evil.example/"));
  EXPECT_FALSE(is_for_this_host({"GET", "/", {{"Host", "localhost"}, {"host", "localhost"}}}, parse_request_path("/")));
}

}  // namespace
}  // namespace platefs::fs
