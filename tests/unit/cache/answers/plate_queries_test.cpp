// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/plate_queries.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <list>
#include <memory>

#include "tests/support/held_transport.h"
#include "tests/support/store_fixture.h"

namespace platefs::cache {
namespace {

constexpr const char* kNoPlates =
    "<VOTABLE><RESOURCE type=\"results\"><INFO name=\"QUERY_STATUS\" value=\"OK\"/><TABLE>"
    "<FIELD name=\"obs_publisher_did\" datatype=\"char\" arraysize=\"*\"/>"
    "<DATA><TABLEDATA/></DATA></TABLE></RESOURCE></VOTABLE>";

class ArchiveDeskTest : public test::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    writer = std::make_unique<Writer>(*store, [](std::string_view) {});
    transport.answer_with([](const vo::http::Request& request) {
      return vo::http::Response{{.status = 200, .url = request.url, .headers = {}}, kNoPlates};
    });
  }
  std::unique_ptr<PlateQueries> queries(std::int64_t refresh_before) {
    Freshness options;
    options.now = [this] { return now; };
    options.refresh_before = refresh_before;
    return std::make_unique<PlateQueries>(vo::TapService{"archive", vo::Url::parse("http://archive.test/tap")},
                                          transport, AnswerKeeping{memories.emplace_back(1 << 20), *store, *writer},
                                          options);
  }
  void ask(PlateQueries& queries) {
    std::promise<vo::Outcome<ArchiveAnswer>> told;
    queries.plates_at({vo::Angle::degrees(10), vo::Angle::degrees(20)},
                      [&told](vo::Outcome<ArchiveAnswer> answer) { told.set_value(std::move(answer)); });
    EXPECT_FALSE(told.get_future().get().value().failure);
    writer->run([](Store&) {});  // what was to be remembered is
  }

  test::HeldTransport transport;
  std::unique_ptr<Writer> writer;
  std::list<AnswerMemory> memories;  ///< one for each process
};

TEST_F(ArchiveDeskTest, AsksOnceAndRemembers) {
  const auto first = queries(0);
  ask(*first);
  ask(*first);
  ask(*queries(0));
  EXPECT_EQ(transport.requests().size(), 1u);
}

TEST_F(ArchiveDeskTest, RefreshAsksOnceMoreEvenWithinTheSameSecond) {
  ask(*queries(0));
  const auto refreshing = queries(now);
  ask(*refreshing);
  EXPECT_EQ(transport.requests().size(), 2u);
  ask(*refreshing);
  EXPECT_EQ(transport.requests().size(), 2u);
}

TEST_F(ArchiveDeskTest, RefreshTakesWhatAnotherProcessAskedSince) {
  const auto refreshing = queries(now);
  now += 1;
  ask(*queries(0));
  ask(*refreshing);
  EXPECT_EQ(transport.requests().size(), 1u);
}

constexpr fmt::string_view kNoLinks =
    "<VOTABLE><RESOURCE type=\"results\"><TABLE>"
    "<FIELD name=\"access_url\" datatype=\"char\" arraysize=\"*\"/>"
    "<FIELD name=\"semantics\" datatype=\"char\" arraysize=\"*\"/>"
    "<FIELD name=\"error_message\" datatype=\"char\" arraysize=\"*\"/>"
    "<DATA><TABLEDATA>{}</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>";

/// A plate whose row names a file, in a table with a links service beside it.
class LinksOfARow : public ArchiveDeskTest {
 protected:
  LinksOfARow() {
    table->links_service.emplace().access_url = "http://archive.test/links";
    table->links_id_column = 0;
    table->table.rows = {{std::string{"ivo://x"}}};
    table->plates.emplace_back();
    table->plates.back().access_url = "http://archive.test/x.fits";
    table->plates.back().access_format = "image/fits";
  }
  void answer_with(int status, std::string body) {
    transport.answer_with([status, body = std::move(body)](const vo::http::Request& request) {
      return vo::http::Response{{.status = status, .url = request.url, .headers = {}}, body};
    });
  }
  vo::Outcome<LinkQueries::Links> links(PlateQueries& queries) {
    std::promise<vo::Outcome<LinkQueries::Links>> told;
    queries.links().links_of({table, 0},
                             [&told](vo::Outcome<LinkQueries::Links> links) { told.set_value(std::move(links)); });
    auto answer = told.get_future().get();
    writer->run([](Store&) {});  // what was to be remembered is
    return answer;
  }
  static std::string full_of(const LinkQueries::Links& links) {
    return links && links->files.full != nullptr ? links->files.full->access_url : "";
  }

  std::shared_ptr<vo::PlateTable> table = std::make_shared<vo::PlateTable>();
};

TEST_F(LinksOfARow, AServiceThatHasNothingHidesNoFileThatObsCoreNames) {
  answer_with(200, fmt::format(kNoLinks, ""));
  EXPECT_EQ(full_of(links(*queries(0)).value()), "http://archive.test/x.fits");
}

TEST_F(LinksOfARow, AServiceThatFailsHidesNoFileThatObsCoreNames) {
  answer_with(500, "out of order");
  const auto asked = queries(0);
  const auto got = links(*asked).value();
  EXPECT_EQ(full_of(got), "http://archive.test/x.fits");
  EXPECT_NE(got->faults().find("status 500"), std::string::npos) << got->faults();
  EXPECT_EQ(full_of(asked->links().known_links({table, 0})), "http://archive.test/x.fits");
}

TEST_F(LinksOfARow, AServiceThatFailedIsAskedAgainSoon) {
  answer_with(500, "out of order");
  const auto asked = queries(0);
  links(*asked);
  links(*asked);
  EXPECT_EQ(transport.requests().size(), 1u);
  answer_with(200, fmt::format(kNoLinks, "<TR><TD>http://archive.test/better.fits</TD><TD>#this</TD><TD/></TR>"));
  now += 5;
  const auto got = links(*asked).value();
  EXPECT_FALSE(got->is_stand_in);
  EXPECT_EQ(got->document.links.front().access_url, "http://archive.test/better.fits");
}

TEST_F(LinksOfARow, AFaultIsNotRememberedAsLongAsAnAnswer) {
  answer_with(200, fmt::format(kNoLinks, "<TR><TD/><TD>#this</TD><TD>TransientFault: later</TD></TR>"));
  const auto asked = queries(0);
  EXPECT_EQ(full_of(links(*asked).value()), "http://archive.test/x.fits");
  now += 600;
  links(*asked);
  EXPECT_EQ(transport.requests().size(), 2u);
}

TEST_F(LinksOfARow, WhoIsToldOfAFaultFindsItAtOnce) {
  table->plates.back().access_format = "application/x-votable+xml;content=datalink";
  table->plates.back().access_url = "http://archive.test/links?ID=x";
  answer_with(200, fmt::format(kNoLinks, "<TR><TD/><TD>#this</TD><TD>NotFoundFault: none</TD></TR>"));
  const auto asked = queries(0);
  std::promise<LinkQueries::Links> found;
  asked->links().links_of({table, 0}, [&](const vo::Outcome<LinkQueries::Links>&) {
    found.set_value(asked->links().known_links({table, 0}));
  });
  EXPECT_TRUE(found.get_future().get());
}

TEST_F(LinksOfARow, AnAccessUrlThatIsTheDataLinkOffersNothingElse) {
  table->plates.back().access_format = "application/x-votable+xml;content=datalink";
  answer_with(500, "out of order");
  EXPECT_FALSE(links(*queries(0)));
}

/// A further row of the same dataset.
class LinksOfTwoRows : public LinksOfARow {
 protected:
  LinksOfTwoRows() {
    auto second = table->plates.front();
    second.access_url = "http://archive.test/y.fits";
    second.access_estsize_kb = 10;
    table->plates.push_back(second);
    table->plates.front().access_estsize_kb = 1000;
    table->plates.front().further_rows = {1};
  }
};

TEST_F(LinksOfTwoRows, BothFilesAreOffered) {
  table->links_service.reset();
  const auto got = links(*queries(0)).value();
  EXPECT_EQ(full_of(got), "http://archive.test/x.fits");
  EXPECT_EQ(got->files.others.at("this.fits")->access_url, "http://archive.test/y.fits");
}

TEST_F(LinksOfTwoRows, WhatTheServiceLeavesOutIsOfferedBesideWhatItNames) {
  answer_with(200, fmt::format(kNoLinks, "<TR><TD>http://archive.test/x.fits</TD><TD>#this</TD><TD/></TR>"));
  const auto got = links(*queries(0)).value();
  EXPECT_FALSE(got->is_stand_in);
  EXPECT_EQ(got->document.links.size(), 2u);
}

TEST_F(LinksOfTwoRows, TheDataLinkIsAskedThatTheSecondRowNames) {
  table->links_service.reset();
  table->plates.back().access_format = "application/x-votable+xml;content=datalink";
  table->plates.back().access_url = "http://archive.test/links?ID=x";
  answer_with(200, fmt::format(kNoLinks, "<TR><TD>http://archive.test/better.fits</TD><TD>#this</TD><TD/></TR>"));
  EXPECT_FALSE(links(*queries(0)).value()->served.empty());
  answer_with(500, "out of order");
  now += 40 * 86400;
  EXPECT_EQ(full_of(links(*queries(0)).value()), "http://archive.test/better.fits");  // the older answer
}

/// A row that calls something its file, or says nothing of what it is.
class LinksBehindARow : public LinksOfARow {
 protected:
  LinksBehindARow() {
    table->links_service.reset();
    table->authority = "http://archive.test/tap";
    table->plates.back().access_format = "";
    table->plates.back().access_url = "http://archive.test/links?ID=x";
    table->plates.push_back(table->plates.back());
    table->plates.back().access_url = "http://archive.test/links?ID=y";
  }
  LinkQueries::Links anew(PlateQueries& queries, bool is_refused = false) {
    std::promise<LinkQueries::Links> told;
    queries.links().links_anew({table, 0}, {0, is_refused}, [&told](const vo::Outcome<LinkQueries::Links>& links) {
      told.set_value(links.value());
    });
    auto links = told.get_future().get();
    writer->run([](Store&) {});  // what was to be remembered is
    return links;
  }
  static std::string document_of(const std::string& name) {
    return fmt::format(kNoLinks, "<TR><TD>http://archive.test/" + name + "</TD><TD>#this</TD><TD/></TR>");
  }
};

TEST_F(LinksBehindARow, AreAskedForWhenTheFileTurnedOutToBeNone) {
  const auto asked = queries(0);
  EXPECT_EQ(full_of(links(*asked).value()), "http://archive.test/links?ID=x");
  EXPECT_TRUE(transport.requests().empty()) << "a listing asks for no file";
  answer_with(200, document_of("better.fits"));
  EXPECT_EQ(full_of(anew(*asked)), "http://archive.test/better.fits");
  EXPECT_EQ(full_of(asked->links().known_links({table, 0})), "http://archive.test/better.fits");
}

TEST_F(LinksBehindARow, AreExpectedOfThatServiceFromThenOnAndInAnotherProcess) {
  answer_with(200, document_of("better.fits"));
  anew(*queries(0));
  const auto later = queries(0);
  EXPECT_EQ(full_of(later->links().known_links({table, 0})), "http://archive.test/better.fits");
  EXPECT_FALSE(later->links().known_links({table, 1})) << "the other plate of that service is to be asked for";
}

TEST_F(LinksBehindARow, AreNotLookedForWhereNobodyDoubtsThatItIsAFile) {
  const auto asked = queries(0);
  EXPECT_EQ(full_of(anew(*asked, true)), "http://archive.test/links?ID=x");
  EXPECT_TRUE(transport.requests().empty());
}

TEST_F(LinksBehindARow, AreNoneWhereSomethingElseComes) {
  answer_with(200, "<html><body>Sign in please</body></html>");
  const auto asked = queries(0);
  EXPECT_EQ(full_of(anew(*asked)), "http://archive.test/links?ID=x");
  EXPECT_EQ(full_of(asked->links().known_links({table, 1})), "http://archive.test/links?ID=y");
}

TEST_F(LinksBehindARow, AServiceOfDocumentsMayHaveAFileAmongThem) {
  answer_with(200, document_of("better.fits"));
  const auto asked = queries(0);
  anew(*asked);
  answer_with(200, "SIMPLE  =                    T");
  std::promise<LinkQueries::Links> told;
  asked->links().links_of({table, 1}, [&](const vo::Outcome<LinkQueries::Links>& got) { told.set_value(got.value()); });
  EXPECT_EQ(full_of(told.get_future().get()), "http://archive.test/links?ID=y");
}

constexpr fmt::string_view kTypedLinks =
    "<VOTABLE><RESOURCE type=\"results\"><TABLE>"
    "<FIELD name=\"access_url\" datatype=\"char\" arraysize=\"*\"/>"
    "<FIELD name=\"semantics\" datatype=\"char\" arraysize=\"*\"/>"
    "<FIELD name=\"content_type\" datatype=\"char\" arraysize=\"*\"/>"
    "<DATA><TABLEDATA>{}</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>";

/// A document whose #this is another document.
class LinksInLinks : public LinksBehindARow {
 protected:
  void SetUp() override {
    LinksBehindARow::SetUp();
    for (auto& plate : table->plates) plate.access_format = "application/x-votable+xml;content=datalink";
    transport.answer_with([this](const vo::http::Request& request) {
      const bool is_inner = request.url.text().find("/inner") != std::string::npos;
      const auto row = is_inner ? "<TR><TD>http://archive.test/deep.fits</TD><TD>#this</TD><TD>image/fits</TD></TR>"
                                : "<TR><TD>/inner</TD><TD>#this</TD><TD>application/x-votable+xml;content=datalink"
                                  "</TD></TR>";
      return vo::http::Response{{.status = is_inner ? inner_status.load() : 200, .url = request.url, .headers = {}},
                                fmt::format(kTypedLinks, row)};
    });
  }
  std::atomic<int> inner_status{200};
};

TEST_F(LinksInLinks, AreThePlatesAndRememberedWithThem) {
  EXPECT_EQ(full_of(links(*queries(0)).value()), "http://archive.test/deep.fits");
  EXPECT_EQ(transport.requests().size(), 2u);
  EXPECT_EQ(full_of(queries(0)->links().known_links({table, 0})), "http://archive.test/deep.fits");
}

TEST_F(LinksInLinks, AreAskedForAgainSoonWhereTheyCouldNotBeHad) {
  inner_status = 404;
  const auto asked = queries(0);
  const auto got = links(*asked).value();
  EXPECT_EQ(full_of(got), "");
  EXPECT_NE(got->faults().find("404"), std::string::npos) << got->faults();
  inner_status = 200;
  now += 600;
  EXPECT_EQ(full_of(links(*asked).value()), "http://archive.test/deep.fits");
}

/// A service that does not compute with s_region.
class HabitsTest : public ArchiveDeskTest {
 protected:
  void SetUp() override {
    ArchiveDeskTest::SetUp();
    transport.answer_with([this](const vo::http::Request& request) {
      const bool has_geometry = request.form.value_or("").find("CONTAINS") != std::string::npos;
      return vo::http::Response{{.status = 200, .url = request.url, .headers = {}},
                                has_geometry
                                    ? "<VOTABLE><RESOURCE type=\"results\"><INFO name=\"QUERY_STATUS\" "
                                      "value=\"ERROR\">function CONTAINS is unknown</INFO></RESOURCE></VOTABLE>"
                                    : kNoPlates};
    });
  }
};

TEST_F(HabitsTest, WhatAServiceWantsIsFoundOutOnceForAllProcesses) {
  ask(*queries(0));
  const auto found_out = transport.requests().size();
  EXPECT_GT(found_out, 1u);
  now += 40;
  ask(*queries(now - 20));  // another process, that asks for new answers
  EXPECT_EQ(transport.requests().size(), found_out + found_out) << "and finds it out anew";
  now += 1;
  writer->run([](Store& kept) { kept.remove_document(kept.document_keys("tap ").at(0)); });
  ask(*queries(0));
  EXPECT_EQ(transport.requests().size(), 2 * found_out + 1) << "one question";
}

TEST_F(HabitsTest, AreTextsThatCanBeReadAgain) {
  for (const auto form : {vo::PlaceForm::Region, vo::PlaceForm::RegionOrBox, vo::PlaceForm::Box}) {
    for (const bool known : {false, true}) {
      const vo::SearchHabits habits{form, known, !known};
      EXPECT_EQ(vo::habits_in(vo::text_of(habits)), habits);
    }
  }
  EXPECT_FALSE(vo::habits_in("polygons"));
}

}  // namespace
}  // namespace platefs::cache
