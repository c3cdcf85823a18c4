// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/datalink.h"

#include "tests/support/votable_builder.h"
#include "vo/base/error.h"
#include "vo/services/datalink_urls.h"

namespace platefs::vo {
namespace {

using test::table;
using test::tabledata;

constexpr std::string_view kFields =
    R"(<FIELD name="ID" datatype="char" arraysize="*"/><FIELD name="access_url" datatype="char" arraysize="*"/>)"
    R"(<FIELD name="service_def" datatype="char" arraysize="*"/>)"
    R"(<FIELD name="error_message" datatype="char" arraysize="*"/>)"
    R"(<FIELD name="description" datatype="char" arraysize="*"/>)"
    R"(<FIELD name="semantics" datatype="char" arraysize="*"/>)"
    R"(<FIELD name="content_type" datatype="char" arraysize="*"/>)"
    R"(<FIELD name="content_length" datatype="long"><VALUES null="-1"/></FIELD>)";

std::string row(const std::string& id, const std::string& url, const std::string& service, const std::string& error,
                const std::string& semantics, const std::string& type = "", const std::string& length = "-1") {
  std::string text = "<TR>";
  for (const auto& cell : {id, url, service, error, std::string{}, semantics, type, length}) {
    text += "<TD>" + cell + "</TD>";
  }
  return text + "</TR>";
}

std::string service(const std::string& id, const std::string& standard = "ivo://ivoa.net/std/SODA#sync-1.0",
                    const std::string& inputs = R"(<PARAM name="ID" value="x"/><PARAM name="CIRCLE" value=""/>)") {
  return "<RESOURCE type=\"meta\" utype=\"adhoc:service\" ID=\"" + id +
         "\" name=\"proc_svc\">"
         "<PARAM name=\"standardID\" value=\"" +
         standard + "\"/><PARAM name=\"accessURL\" value=\"http://a/" + id + "\"/><GROUP name=\"inputParams\">" +
         inputs + "</GROUP></RESOURCE>";
}

DatalinkDocument document(const std::string& rows, const std::string& services = {},
                          std::string_view fields = kFields) {
  return read_datalink(read_votable(test::votable_document(table(fields, tabledata(rows)), "", services)));
}

std::vector<std::string> urls(const std::vector<const Link*>& links) {
  std::vector<std::string> all;
  for (const auto* link : links) all.push_back(link->access_url);
  return all;
}

std::vector<std::string> ids(const std::vector<const ServiceDescriptor*>& services) {
  std::vector<std::string> all;
  for (const auto* one : services) all.push_back(one->id);
  return all;
}

TEST(Datalink, ReadsRowsInTheirOrder) {
  const auto links = document(row("d", "http://a/f", "", "", "#this", "image/fits", "1276683840") +
                              row("d", "http://a/p", "", "", "#preview", "image/jpeg"));
  ASSERT_EQ(links.links.size(), 2U);
  EXPECT_EQ(links.links[0].content_length, 1276683840U);
  EXPECT_TRUE(links.links[0].is_fits());
  EXPECT_EQ(links.links[1].content_length, std::nullopt);
  EXPECT_FALSE(links.links[1].is_fits());
}

TEST(Datalink, FindsItsColumnsInAnyOrderAndCase) {
  const auto links = document("<TR><TD>#this</TD><TD>http://a/f</TD></TR>", "",
                              R"(<FIELD name="Semantics" datatype="char" arraysize="*"/>)"
                              R"(<FIELD name="ACCESS_URL" datatype="char" arraysize="*"/>)");
  EXPECT_EQ(urls(links.by_semantics("#this")), std::vector<std::string>{"http://a/f"});
}

TEST(Datalink, NormalisesTermsOfTheCoreVocabularyAndLeavesOthers) {
  const auto links =
      document(row("d", "u", "", "", "this") + row("d", "u", "", "", "http://www.ivoa.net/rdf/datalink/core#this") +
               row("d", "u", "", "", " #this ") + row("d", "u", "", "", "https://www.ivoa.net/rdf/datalink/core#this") +
               row("d", "u", "", "", "http://www.openadc.org/caom2#thumbnail") + row("d", "u", "", "", "urn:x:y"));
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(links.links[i].semantics, "#this") << i;
  EXPECT_EQ(links.links[4].semantics, "http://www.openadc.org/caom2#thumbnail");
  EXPECT_EQ(links.links[5].semantics, "urn:x:y");
  EXPECT_EQ(links.by_semantics("#this").size(), 4U);
  EXPECT_TRUE(links.by_semantics("#thumbnail").empty());
}

TEST(Datalink, FindsNarrowerTermsToo) {
  const auto links = document(row("d", "1", "", "", "#preview-image") + row("d", "2", "", "", "#thumbnail") +
                              row("d", "3", "", "", "#preview") + row("d", "4", "", "", "#this"));
  EXPECT_EQ(urls(links.by_semantics("#preview")), (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_EQ(urls(links.by_semantics("#thumbnail")), std::vector<std::string>{"2"});
}

TEST(Datalink, SkipsErrorRowsBesideGoodOnes) {
  const auto links = document(row("d", "", "", "NotFoundFault: withdrawn", "#this") +
                              row("d", "http://a/f", "", "", "#this") + row("d", "", "", "", "#this"));
  EXPECT_EQ(links.links.size(), 3U);
  EXPECT_EQ(urls(links.by_semantics("#this")), std::vector<std::string>{"http://a/f"});
  EXPECT_TRUE(links.links[0].is_error());
}

TEST(Datalink, OffersTheCutoutServiceBeforeOthers) {
  const auto links = document(row("d", "", "proc", "", "#proc") + row("d", "", "cut", "", "#cutout"),
                              service("proc") + service("cut"));
  EXPECT_EQ(ids(links.soda_services()), (std::vector<std::string>{"cut", "proc"}));
}

TEST(Datalink, TellsTheSynchronousServiceByItsStandardInAnyCase) {
  const auto links = document(row("d", "", "procsvc0", "", "#proc") + row("d", "", "procsvc", "", "#proc"),
                              service("procsvc0", "ivo://ivoa.net/std/SODA#async-1.0") +
                                  service("procsvc", "ivo://ivoa.net/std/soda#sync-1.0"));
  EXPECT_EQ(ids(links.soda_services()), std::vector<std::string>{"procsvc"});
}

TEST(Datalink, TakesAServiceThatNoRowNamesOnlyInADocumentOfOneId) {
  EXPECT_EQ(document(row("d", "u", "", "", "#this"), service("s")).soda_services().size(), 1U);
  EXPECT_TRUE(
      document(row("d", "u", "", "", "#this") + row("e", "u", "", "", "#this"), service("s")).soda_services().empty());
}

TEST(Datalink, HasNoServiceForARowThatNamesNone) {
  const auto links =
      document(row("d", "", "gone", "", "#proc") + row("e", "u", "", "", "#this"), service("") + service("other"));
  EXPECT_TRUE(links.soda_services().empty());
  EXPECT_EQ(links.service("gone"), nullptr);
}

TEST(Datalink, TakesApartADocumentOfSeveralIds) {
  const auto links = document(row("d", "1", "", "", "#this") + row("d", "", "procsvc", "", "#proc") +
                                  row("e", "2", "", "", "#this") + row("e", "", "procsvc1", "", "#proc"),
                              service("procsvc") + service("procsvc1"));
  const auto part = links.of("e");
  EXPECT_EQ(urls(part.by_semantics("#this")), std::vector<std::string>{"2"});
  EXPECT_EQ(ids(part.soda_services()), std::vector<std::string>{"procsvc1"});
  EXPECT_TRUE(links.of("f").links.empty());
}

TEST(Datalink, FillsInputsThatReferToAColumnFromTheRowsThatNameTheService) {
  const std::string token_fields =
      std::string{kFields} + R"(<FIELD ID="token" name="authenticated_id_token" datatype="char" arraysize="*"/>)";
  auto with_token = [](std::string text, const std::string& token) {
    return text.insert(text.size() - 5, "<TD>" + token + "</TD>");
  };
  const auto input = R"(<PARAM name="ID" ref="token" value=""/><PARAM name="POS" value=""/>)";
  const std::string soda = "ivo://ivoa.net/std/SODA#sync-1.0";
  const auto links = document(
      with_token(row("d", "", "cut1", "", "#cutout"), "t1") + with_token(row("e", "", "cut2", "", "#cutout"), "t2") +
          with_token(row("e", "", "both", "", "#cutout"), "t2") + with_token(row("d", "", "both", "", "#cutout"), "t1"),
      service("cut1", soda, input) + service("cut2", soda, input) + service("both", soda, input), token_fields);
  EXPECT_EQ(links.service("cut1")->input("ID")->value, "t1");
  EXPECT_EQ(links.service("cut2")->input("ID")->value, "t2");
  EXPECT_EQ(links.service("both")->input("ID")->value, "");
}

TEST(Datalink, SaysThatTheServiceAnsweredTheFirstIdsOnly) {
  EXPECT_TRUE(read_datalink(read_votable(test::votable_document(table(kFields, tabledata("")) +
                                                                "<INFO name=\"QUERY_STATUS\" value=\"OVERFLOW\"/>")))
                  .truncated);
}

TEST(Datalink, RefusesATableThatIsNone) {
  EXPECT_THROW(document("", "", R"(<FIELD name="access_url" datatype="char" arraysize="*"/>)"), Error);
  EXPECT_THROW(document("", "", R"(<FIELD name="semantics" datatype="char" arraysize="*"/>)"), Error);
  EXPECT_THROW(read_datalink(read_votable(test::votable_document(""))), Error);
}

TEST(Datalink, MaySayThatThereIsNothing) { EXPECT_TRUE(document("").links.empty()); }

TEST(Datalink, RelativeUrlsAreMeantFromWhereTheDocumentCameFrom) {
  auto links =
      document(row("x", "/files/1.fits", "", "", "#this") + row("x", "../2.fits", "", "", "#this") +
               row("x", "get?file=ivo://3", "", "", "#this") + row("x", "http://other/4.fits", "", "", "#this") +
               row("x", "ad:MACHO/5.fits", "", "", "#this") + row("x", "NULL", "", "", "#this"));
  links.services.push_back({});
  links.services.back().access_url = "//b/soda";
  links.services.push_back({});
  links.services.back().access_url = "//";  // leads nowhere
  make_absolute(links, Url::parse("https://a.test/v1/dl/links?x=y"));
  EXPECT_EQ(
      urls(links.by_semantics("#this")),
      (std::vector<std::string>{"https://a.test/files/1.fits", "https://a.test/v1/2.fits",
                                "https://a.test/v1/dl/get?file=ivo://3", "http://other/4.fits", "ad:MACHO/5.fits"}));
  EXPECT_EQ(links.services.front().access_url, "https://b/soda");
  EXPECT_EQ(links.services.back().access_url, "//");
}

TEST(Datalink, SaysHowManyLinksAreTooMany) {
  std::string rows;
  for (int i = 0; i < 20'001; ++i) rows += row("a", "http://a/" + std::to_string(i), "", "", "#this");
  try {
    document(rows);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Malformed);
    EXPECT_THAT(error.message(), testing::HasSubstr("more than 20000"));
  }
}

TEST(Datalink, KeepsOfAnEndlessMessageWhatAPersonCanRead) {
  const auto read = document(row("a", "", "", "NotFoundFault\n" + std::string(8 << 20, 'E'), "#this"));
  EXPECT_LE(read.links.at(0).error_message.size(), 2048u);
  EXPECT_THAT(read.links.at(0).error_message, testing::StartsWith("NotFoundFault E"));
}

TEST(Datalink, RowsOfAnotherIdAreNeverThisPlates) {
  auto both = document(row("mine", "http://a/1", "", "", "#this") + row("other", "http://a/2", "", "", "#this") +
                       row("", "http://a/3", "", "", "#preview"));
  both.keep_rows_of("mine");
  EXPECT_EQ(urls(both.by_semantics("#this")), std::vector<std::string>{"http://a/1"});
  EXPECT_EQ(both.links.size(), 2u);
}

TEST(Datalink, OneIdInOtherWordsIsThisPlates) {
  auto spelled = document(row("MINE", "http://a/1", "", "", "#this") + row("MINE", "http://a/2", "", "", "#preview"));
  spelled.keep_rows_of("mine");
  EXPECT_EQ(spelled.links.size(), 2u);
  auto several = document(row("a", "http://a/1", "", "", "#this") + row("b", "http://a/2", "", "", "#this"));
  several.keep_rows_of("mine");
  EXPECT_TRUE(several.links.empty());
}

TEST(Datalink, ServicesOfAnotherIdAreNeverThisPlates) {
  auto both =
      document(row("mine", "http://a/1", "", "", "#this") + row("other", "", "svc", "", "#cutout"), service("svc"));
  both.keep_rows_of("mine");
  EXPECT_TRUE(both.soda_services().empty());
}

TEST(Datalink, ARowWithAUrlIsALinkWhateverItsErrorSays) {
  for (const auto* error : {"None", "NULL", "-", "", "no error"}) {
    EXPECT_EQ(document(row("x", "http://a/1", "", error, "#this")).by_semantics("#this").size(), 1u) << error;
  }
  EXPECT_TRUE(document(row("x", "NULL", "None", "NotFoundFault: none", "#this")).links.at(0).is_error());
}

TEST(Datalink, ASodaServiceNeedsNoStandardWhereItTakesARegionOrARowSaysCutout) {
  const auto without = [](const std::string& inputs) { return service("svc", "", inputs); };
  EXPECT_EQ(
      document(row("x", "", "svc", "", "#proc"), without(R"(<PARAM name="ID" value="x"/><PARAM name="POS" value=""/>)"))
          .soda_services()
          .size(),
      1u);
  EXPECT_EQ(document(row("x", "", "svc", "", "#cutout"), without("")).soda_services().size(), 1u);
  EXPECT_TRUE(
      document(row("x", "", "svc", "", "#proc"), without(R"(<PARAM name="BAND" value=""/>)")).soda_services().empty());
}

TEST(DatalinkFault, SaysByItsFirstWordWhatItIs) {
  EXPECT_EQ(kind_of_fault("NotFoundFault: no such plate"), ErrorKind::NotFound);
  EXPECT_EQ(kind_of_fault("AuthenticationFault: log in"), ErrorKind::NotAuthorized);
  EXPECT_EQ(kind_of_fault(" authorizationfault"), ErrorKind::NotAuthorized);
  EXPECT_EQ(kind_of_fault("TransientFault: later"), ErrorKind::Unavailable);
  EXPECT_EQ(kind_of_fault("UsageFault: no such ID"), ErrorKind::BadUsage);
  EXPECT_EQ(kind_of_fault("FatalFault: disk on fire"), ErrorKind::Rejected);
  EXPECT_EQ(kind_of_fault("The plate was not found"), ErrorKind::Rejected);
}

TEST(SodaServices, ThatWantJobsAreOfUseWhereNoneAnswersAtOnce) {
  DatalinkDocument document;
  for (const auto* kind : {"async", "sync"}) {
    ServiceDescriptor soda;
    soda.id = kind;
    soda.access_url = std::string{"http://a/"} + kind;
    soda.standard_id = std::string{"ivo://ivoa.net/std/SODA#"} + kind + "-1.0";
    document.services.push_back(soda);
    Link link;
    link.id = "did";
    link.semantics = "#cutout";
    link.service_def = kind;
    document.links.push_back(link);
  }
  ASSERT_EQ(document.soda_services().size(), 1u);
  EXPECT_EQ(document.soda_services()[0]->id, "sync");
  document.links.pop_back();
  document.services.pop_back();
  ASSERT_EQ(document.soda_services().size(), 1u);
  EXPECT_EQ(document.soda_services()[0]->id, "async");
}

}  // namespace
}  // namespace platefs::vo
