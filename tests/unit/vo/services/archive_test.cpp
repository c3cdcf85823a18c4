// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/archive.h"

#include "tests/support/gzipped.h"
#include "tests/support/held_transport.h"
#include "tests/support/votable_builder.h"
#include "vo/base/error.h"

namespace platefs::vo {
namespace {

using test::HeldTransport;
using test::response_to;
using test::table;
using test::tabledata;
using test::votable_document;

constexpr std::string_view kObscore = R"(<FIELD ID="did" name="obs_publisher_did" datatype="char" arraysize="*"/>)"
                                      R"(<FIELD name="access_url" datatype="char" arraysize="*"/>)"
                                      R"(<FIELD name="access_format" datatype="char" arraysize="*"/>)";
constexpr std::string_view kLinks =
    R"(<FIELD name="ID" datatype="char" arraysize="*"/><FIELD name="access_url" datatype="char" arraysize="*"/>)"
    R"(<FIELD name="semantics" datatype="char" arraysize="*"/>)";

std::string error_document(const std::string& said) {
  return votable_document("<INFO name=\"QUERY_STATUS\" value=\"ERROR\">" + said + "</INFO>");
}

class ArchiveTest : public testing::Test {
 protected:
  void answer(int status, const std::string& body) {
    transport_.answer_with([=](const http::Request& request) { return response_to(request, status, body); });
  }
  Error refusal(int status, const std::string& body) {
    answer(status, body);
    try {
      archive_.plates_at(position_, {});
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "was taken for an answer";
    return {ErrorKind::Corrupt, ""};
  }

  const IcrsPosition position_ = IcrsPosition::at(Angle::degrees(156), Angle::degrees(48));
  HeldTransport transport_;
  Archive archive_{{.name = "gavo", .url = Url::parse("http://a/tap")}, transport_};
};

TEST_F(ArchiveTest, HandsOutTheAnswerAsItWasServed) {
  const auto body = votable_document(table(kObscore, tabledata("<TR><TD>d</TD></TR>")));
  answer(200, body);
  EXPECT_EQ(archive_.plates_at(position_, {}).document, body);
  ASSERT_EQ(transport_.requests().size(), 1U);
  EXPECT_EQ(transport_.requests()[0].url.text(), "http://a/tap/sync");
  EXPECT_LT(transport_.requests()[0].max_body, 1ULL << 30);
}

TEST_F(ArchiveTest, ReadsAnAnswerThatIsAGzippedFile) {
  const auto body = votable_document(table(kObscore, tabledata("<TR><TD>d</TD></TR>")));
  answer(200, test::gzipped(body));
  EXPECT_EQ(archive_.plates_at(position_, {}).document, body);
  const auto links = votable_document(table(kLinks, tabledata("")));
  answer(200, test::gzipped(links));
  EXPECT_EQ(archive_.links_document(Url::parse("http://a/dlmeta"), {"d"}, {}).text, links);
  EXPECT_EQ(refusal(200, test::gzipped(error_document("no such column"))).message(), "no such column");
}

TEST_F(ArchiveTest, UnpacksNoMoreThanMightHaveComePlain) {
  answer(200, test::gzipped(std::string(17u << 20, ' ')));
  EXPECT_THROW(archive_.links_document(Url::parse("http://a/dlmeta"), {"d"}, {}), Error);
  const auto whole = test::gzipped(votable_document(table(kObscore, tabledata(""))));
  EXPECT_EQ(refusal(200, whole.substr(0, whole.size() / 2)).kind(), ErrorKind::Malformed);
}

TEST_F(ArchiveTest, SeesAnErrorInTheBodyWhateverTheStatus) {
  for (const int status : {200, 400, 500}) {
    const auto error = refusal(status, error_document("no such column"));
    EXPECT_EQ(error.kind(), ErrorKind::Rejected) << status;
    EXPECT_EQ(error.message(), "no such column");
  }
}

TEST_F(ArchiveTest, SeesAnErrorInTheStatusWhateverTheBody) {
  const auto good = votable_document(table(kObscore, tabledata("")));
  EXPECT_EQ(refusal(404, good).kind(), ErrorKind::NotFound);
  EXPECT_EQ(refusal(503, "busy").kind(), ErrorKind::Unavailable);
  EXPECT_EQ(refusal(204, "").kind(), ErrorKind::Rejected);
}

TEST_F(ArchiveTest, TellsWhoMayNotAskAndThatTheServiceIsBusyInTheServersWords) {
  const auto denied = refusal(401, error_document("log in first"));
  EXPECT_EQ(denied.kind(), ErrorKind::NotAuthorized);
  EXPECT_THAT(denied.message(), testing::HasSubstr("log in first"));
  EXPECT_EQ(refusal(503, error_document("queue is full")).kind(), ErrorKind::Unavailable);
}

TEST_F(ArchiveTest, TakesNoPageForAnAnswer) {
  EXPECT_EQ(refusal(200, "<html><title>Sign in</title></html>").kind(), ErrorKind::Malformed);
  EXPECT_EQ(refusal(200, "").kind(), ErrorKind::Malformed);
  EXPECT_EQ(refusal(200, votable_document("")).kind(), ErrorKind::Malformed);
  EXPECT_EQ(refusal(200, votable_document(table(kLinks.substr(0, 0), tabledata("")))).kind(), ErrorKind::Malformed);
}

/// A service that is out of order, and its mirror.
class MirrorTest : public ArchiveTest {
 protected:
  MirrorTest() {
    transport_.answer_with([this](const http::Request& request) {
      if (request.url.host() == "a" && failure) throw *failure;
      return response_to(request, 200, votable_document(table(kObscore, tabledata("<TR><TD>d</TD></TR>"))));
    });
  }
  std::vector<std::string> asked() const {
    std::vector<std::string> hosts;
    for (const auto& request : transport_.requests()) hosts.push_back(request.url.host());
    return hosts;
  }

  std::optional<Error> failure = Error{ErrorKind::Refused, "a is down"};
  Archive mirrored_{{.name = "gavo", .url = Url::parse("http://a/tap"), .mirrors = {Url::parse("http://b/tap")}},
                    transport_};
};

TEST_F(MirrorTest, IsAskedWhereTheServiceCanNotBeReachedAndThenFirst) {
  EXPECT_EQ(mirrored_.plates_at(position_, {}).table.plates.size(), 1u);
  mirrored_.plates_at(position_, {});
  EXPECT_EQ(asked(), (std::vector<std::string>{"a", "b", "b"}));
}

TEST_F(MirrorTest, ServesUnderTheSameAuthority) {
  EXPECT_EQ(mirrored_.plates_at(position_, {}).table.authority, "http://a/tap");
}

TEST_F(MirrorTest, IsNotAskedWhatTheServiceRefuses) {
  failure = Error{ErrorKind::NotAuthorized, "not yours"};
  EXPECT_THROW(mirrored_.plates_at(position_, {}), Error);
  EXPECT_EQ(asked(), std::vector<std::string>{"a"});
}

TEST_F(MirrorTest, TellsBothFailures) {
  transport_.answer_with([](const http::Request& request) -> http::Response {
    throw Error{ErrorKind::Refused, request.url.host() + " is down"};
  });
  try {
    mirrored_.plates_at(position_, {});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "a is down; its mirror: b is down");
  }
}

TEST_F(ArchiveTest, AsksForLinksByIdEncodedInFull) {
  answer(200, votable_document(table(kLinks, tabledata(""))));
  archive_.links_document(Url::parse("http://a/dlmeta?v=1"), {"ivo://x/~?a+b#1&c", "e"}, {});
  EXPECT_EQ(transport_.requests().at(0).url.text(), "http://a/dlmeta?v=1&ID=ivo%3A%2F%2Fx%2F~%3Fa%2Bb%231%26c&ID=e");
}

TEST_F(ArchiveTest, AsksForTheLinksOfOnePlateAsItsTableStatesThem) {
  answer(200, votable_document(table(kLinks, tabledata(""))));
  const auto stated = Url::parse("http://a/links.php?id=ivo%3A%2F%2Fx&fmt=vot");
  archive_.links_document(LinksQuestion{stated.without_parameter("ID"), "ivo://x", stated, false}, {});
  EXPECT_EQ(transport_.requests().at(0).url.text(), "http://a/links.php?id=ivo%3A%2F%2Fx&fmt=vot");
}

TEST_F(ArchiveTest, RefusesALinksDocumentThatIsNone) {
  answer(200, votable_document(table(kObscore, tabledata(""))));
  EXPECT_THROW(archive_.links_document(Url::parse("http://a/dl"), {"d"}, {}), Error);
}

// --- where a plate's links are

constexpr std::string_view kLinksService =
    R"(<RESOURCE type="meta" utype="adhoc:service"><PARAM name="standardID" )"
    R"(value="ivo://ivoa.net/std/DataLink#links-1.1"/><PARAM name="accessURL" value="http://a/dlmeta"/>)"
    R"(<GROUP name="inputParams"><PARAM name="ID" ref="did" value=""/><PARAM name="RUNID" value="7"/>)"
    R"(<PARAM name="RESPONSEFORMAT" value=""/></GROUP></RESOURCE>)";

PlateTable one_plate(const std::string& url, const std::string& format, std::string_view service = {}) {
  const auto row = "<TR><TD>ivo://x/~?d</TD><TD>" + url + "</TD><TD>" + format + "</TD></TR>";
  return plates_from(read_votable(votable_document(table(kObscore, tabledata(row)), "", service)), "gavo");
}

std::optional<LinksQuestion> question(const PlateTable& table) {
  return Archive::links_question(table, table.plates.at(0));
}

TEST_F(ArchiveTest, AsksPastACacheThatGivesAPageForADocument) {
  const std::pair<std::string, std::string> past_caches{"Cache-Control", "no-cache"};
  const auto links =
      votable_document(table(kLinks, tabledata("<TR><TD>d</TD><TD>http://a/x.fits</TD><TD>#this</TD></TR>")));
  transport_.answer_with([&](const http::Request& request) {
    const bool is_fresh = std::ranges::count(request.headers, past_caches) != 0;
    return response_to(request, 200, is_fresh ? links : "<html>Please log in</html>");
  });
  EXPECT_THROW(archive_.links_document(Url::parse("http://a/dl"), {"d"}, {}), Error);
  EXPECT_EQ(transport_.requests().size(), 1u) << "no cache is known of";
  Archive behind_cache{{.name = "gavo", .url = Url::parse("http://a/tap"), .is_behind_cache = true}, transport_};
  EXPECT_EQ(behind_cache.links_document(Url::parse("http://a/dl"), {"d"}, {}).links.links.size(), 1u);
  EXPECT_EQ(transport_.requests().size(), 3u);
}

TEST(LinksQuestion, IsPutTogetherWithOthersOnlyWhereIdIsCalledSo) {
  const auto batched = [](const std::string& url) {
    return question(one_plate(url, "application/x-votable+xml; content=datalink", ""))->may_be_batched;
  };
  EXPECT_TRUE(batched("http://a/dl?ID=ivo%3A%2F%2Fx"));
  EXPECT_FALSE(batched("http://a/dl?id=ivo%3A%2F%2Fx"));
  EXPECT_FALSE(batched("http://a/dl/x"));
}

TEST(LinksQuestion, IsTheAccessUrlWhereThatIsADatalink) {
  const auto asked = question(
      one_plate("http://a/dl?ID=ivo%3A%2F%2Fx&amp;v=1", "application/x-votable+xml; content=datalink", kLinksService));
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->endpoint.text(), "http://a/dl?v=1");
  EXPECT_EQ(asked->id, "ivo://x");
}

TEST(LinksQuestion, IsTheAccessUrlAsItIsWhereItHasNoId) {
  const auto asked = question(one_plate("http://a/dl/x", "application/x-votable+xml;content=datalink"));
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->endpoint.text(), "http://a/dl/x");
  EXPECT_EQ(asked->id, "");
}

TEST(LinksQuestion, GoesToTheServiceAttachedToTheAnswer) {
  const auto asked = question(one_plate("http://a/x.fits", "image/fits", kLinksService));
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->endpoint.text(), "http://a/dlmeta?RUNID=7");
  EXPECT_EQ(asked->id, "ivo://x/~?d");
}

TEST(LinksQuestion, IsNoneWhereTheUrlIsTheFile) { EXPECT_FALSE(question(one_plate("http://a/x.fits", "image/fits"))); }

TEST(LinksQuestion, IsNoneWhereTheUrlIsNone) {
  EXPECT_FALSE(question(one_plate("file:///etc/passwd", "application/x-votable+xml;content=datalink")));
}

}  // namespace
}  // namespace platefs::vo
