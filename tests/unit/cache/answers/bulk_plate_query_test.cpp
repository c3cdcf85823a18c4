// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/bulk_plate_query.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>

#include "cache/answers/plate_queries.h"
#include "tests/support/held_transport.h"
#include "tests/support/store_fixture.h"

namespace platefs::cache {
namespace {

using vo::http::Request;
using vo::http::Response;

/// A service whose every position has one plate, called by its declination.
class Service {
 public:
  bool takes_uploads = true, joins_fail = false;
  std::atomic<bool> joins_stall{false};  ///< no answer before it is false again
  std::string too_much = {};             ///< a declination that no join with it survives
  std::size_t most_rows = 1000;
  std::atomic<int> capabilities{0}, joins{0}, singles{0};

  Response answer(const Request& request) {
    if (request.url.text().ends_with("/capabilities")) return test::response_to(request, 200, capabilities_text());
    if (!request.parts.empty()) return test::response_to(request, 200, joined(request));
    ++singles;
    return test::response_to(request, 200, table("", "<TR><TD>alone</TD></TR>", ""));
  }

 private:
  std::string capabilities_text() {
    ++capabilities;
    return fmt::format("<capabilities><capability standardID=\"ivo://ivoa.net/std/TAP\">{}</capability></capabilities>",
                       takes_uploads ? "<uploadMethod ivo-id=\"ivo://ivoa.net/std/TAPRegExt#upload-inline\"/>" : "");
  }
  std::string joined(const Request& request) {
    ++joins;
    const auto asked = vo::read_votable(request.parts.back().content).rows;
    bool is_too_much = false;
    for (const auto row : asked) is_too_much |= vo::text_of(row[2]) == too_much;
    while (joins_stall) std::this_thread::yield();
    if (joins_fail || is_too_much) {
      return "<VOTABLE><RESOURCE type=\"results\"><INFO name=\"QUERY_STATUS\" value=\"ERROR\">no joins</INFO>"
             "</RESOURCE></VOTABLE>";
    }
    const auto positions = vo::read_votable(request.parts.back().content).rows;
    std::string rows;
    for (std::size_t i = 0; i < std::min(positions.size(), most_rows); ++i) {
      rows += fmt::format("<TR><TD>{}</TD><TD>at {}</TD></TR>", i, vo::text_of(positions[i][2]));
    }
    return table("<FIELD name=\"platefs_target\" datatype=\"int\"/>", rows,
                 positions.size() > most_rows ? "<INFO name=\"QUERY_STATUS\" value=\"OVERFLOW\"/>" : "");
  }
  static std::string table(const std::string& fields, const std::string& rows, const std::string& status) {
    return fmt::format(
        "<VOTABLE><RESOURCE type=\"results\"><TABLE>{}<FIELD name=\"obs_publisher_did\" datatype=\"char\" "
        "arraysize=\"*\"/><DATA><TABLEDATA>{}</TABLEDATA></DATA></TABLE>{}</RESOURCE></VOTABLE>",
        fields, rows, status);
  }
};

class PlatesAheadTest : public test::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    writer = std::make_unique<Writer>(*store, [](std::string_view) {});
    transport.answer_with([this](const Request& request) { return service.answer(request); });
    open_desk();
  }
  void open_desk() {
    Freshness options;
    options.now = [this] { return now; };
    options.patience_with_joins = patience;
    options.note = [this](std::string_view text) { notes.lock()->emplace_back(text); };
    queries.reset();
    queries = std::make_unique<PlateQueries>(vo::TapService{"archive", vo::Url::parse("http://archive.test/tap")},
                                             transport, AnswerKeeping{memory, *store, *writer}, options);
  }
  static std::vector<vo::IcrsPosition> positions(int count) {
    std::vector<vo::IcrsPosition> all;
    for (int i = 0; i < count; ++i) all.push_back({vo::Angle::degrees(10), vo::Angle::degrees(i / 4.0)});
    return all;
  }
  /// DID of the first plate of each.
  std::vector<std::string> asked(const std::vector<vo::IcrsPosition>& positions) {
    std::vector<std::future<vo::Outcome<ArchiveAnswer>>> answers;
    for (const auto& position : positions) {
      auto promise = std::make_shared<std::promise<vo::Outcome<ArchiveAnswer>>>();
      answers.push_back(promise->get_future());
      queries->plates_at(position, [promise](vo::Outcome<ArchiveAnswer> told) { promise->set_value(std::move(told)); });
    }
    std::vector<std::string> dids;
    for (auto& answer : answers) dids.push_back(answer.get().value().table->plates.at(0).obs_publisher_did.str());
    writer->run([](Store&) {});
    return dids;
  }

  Service service;
  std::chrono::milliseconds patience = std::chrono::minutes(5);  ///< no machine is so slow that a join takes as long
  vo::Guarded<std::vector<std::string>> notes;
  test::HeldTransport transport;
  std::unique_ptr<Writer> writer;
  AnswerMemory memory{1 << 20};
  std::unique_ptr<PlateQueries> queries;
};

TEST_F(PlatesAheadTest, ManyPositionsAreOneQuestionAboutTheServiceAndOneQuery) {
  queries->query_plates_ahead(positions(50));
  const auto dids = asked(positions(50));
  EXPECT_EQ(dids[3], "at 0.75");
  EXPECT_EQ(dids[49], "at 12.25");
  EXPECT_EQ(service.capabilities, 1);
  EXPECT_EQ(service.joins, 1);
  EXPECT_EQ(service.singles, 0);
}

TEST_F(PlatesAheadTest, WhatTheServiceCanIsAskedOnceForAllProcesses) {
  queries->query_plates_ahead(positions(2));
  asked(positions(2));
  open_desk();
  queries->query_plates_ahead(positions(4));
  asked(positions(4));
  EXPECT_EQ(service.capabilities, 1);
  EXPECT_EQ(service.joins, 2);
}

TEST_F(PlatesAheadTest, WhatIsHeldIsNotAskedFor) {
  queries->query_plates_ahead(positions(3));
  asked(positions(3));
  queries->query_plates_ahead(positions(3));
  asked(positions(3));
  EXPECT_EQ(transport.requests().size(), 2u);
}

TEST_F(PlatesAheadTest, AServiceWithoutUploadsIsAskedOneByOneByThoseWhoWait) {
  service.takes_uploads = false;
  queries->query_plates_ahead(positions(5));
  EXPECT_EQ(asked(positions(5))[4], "alone");
  EXPECT_EQ(service.capabilities, 1);
  EXPECT_EQ(service.joins, 0);
  EXPECT_EQ(service.singles, 5);
}

TEST_F(PlatesAheadTest, AJoinThatFailsIsNotedAndNoFailureOfATarget) {
  service.joins_fail = true;
  queries->query_plates_ahead(positions(5));
  EXPECT_EQ(asked(positions(5))[4], "alone");
  EXPECT_EQ(service.joins, 1);
  EXPECT_EQ(service.singles, 5);
  EXPECT_THAT(*notes.lock(), testing::ElementsAre(testing::HasSubstr("no joins")));
}

TEST_F(PlatesAheadTest, AnswersThatAreCutShortAreAskedForByHalves) {
  service.most_rows = 20;
  queries->query_plates_ahead(positions(40));
  EXPECT_EQ(asked(positions(40))[39], "at 9.75");
  EXPECT_EQ(service.joins, 3);
  EXPECT_EQ(service.singles, 0);
}

TEST_F(PlatesAheadTest, APositionThatIsTooMuchAloneIsLeftToTheOrdinaryQuery) {
  service.most_rows = 0;
  queries->query_plates_ahead(positions(2));
  EXPECT_EQ(asked(positions(2))[1], "alone");
  EXPECT_EQ(service.joins, 1);
  EXPECT_EQ(service.singles, 2);
}

TEST_F(PlatesAheadTest, WhatAJoinCanNotDoCostsThatJoinAlone) {
  service.too_much = "30";  // the 120th of 250
  queries->query_plates_ahead(positions(250));
  const auto dids = asked(positions(250));
  EXPECT_EQ(dids[0], "at 0");
  EXPECT_EQ(dids[120], "alone");
  EXPECT_EQ(dids[249], "at 62.25");
  EXPECT_EQ(service.joins, 3);  // 50, 100 and 100
  EXPECT_EQ(service.singles, 100);
}

TEST_F(PlatesAheadTest, AJoinThatStallsHoldsNobodyWhoWantsOneOfIts) {
  patience = std::chrono::milliseconds(10);
  open_desk();
  service.joins_stall = true;
  queries->query_plates_ahead(positions(50));
  EXPECT_EQ(asked({positions(50)[7]}), std::vector<std::string>{"alone"});
  service.joins_stall = false;
  EXPECT_EQ(asked({positions(50)[8]}).size(), 1u);
  EXPECT_EQ(service.joins, 1);
}

TEST_F(PlatesAheadTest, WhoeverWaitsIsToldWhenPlatefsEnds) {
  transport.answer_with({});
  queries->query_plates_ahead(positions(3));
  std::promise<vo::Outcome<ArchiveAnswer>> told;
  queries->plates_at(positions(3)[2],
                     [&told](vo::Outcome<ArchiveAnswer> answer) { told.set_value(std::move(answer)); });
  ASSERT_TRUE(transport.wait_for_requests(1));
  queries->pool().stop();
  writer->run([](Store&) {});
  // As a failure of the query for all, or of the one for this position alone, if that had begun.
  const auto answer = told.get_future().get();
  EXPECT_EQ(answer ? answer.value().failure.value().kind() : answer.error().kind(), vo::ErrorKind::Cancelled);
}

TEST(BatchSize, GrowsAgainWhereTargetsHaveFewPlates) {
  BatchSize size;
  const auto most = size.next();
  size.was_too_much(most, 20000);
  EXPECT_EQ(size.next(), most / 2);
  size.was_answered(most / 2, 300);
  EXPECT_EQ(size.next(), most);
}

TEST(BatchSize, DoesNotGrowWhereTheDoubleWouldBeTooMuchAgain) {
  BatchSize size;
  const auto most = size.next();
  size.was_too_much(most, 900);
  size.was_answered(most / 2, 800);
  EXPECT_EQ(size.next(), most / 2);
}

TEST(BatchSize, KeepsAnswersSmallWhereTargetsHaveManyPlates) {
  BatchSize size;
  size.was_answered(50, 50 * 44);
  EXPECT_EQ(size.next(), 22u);
  size.was_answered(22, 22 * 10'000);
  EXPECT_EQ(size.next(), 4u);
  size.was_answered(4, 4);
  EXPECT_EQ(size.next(), 8u);
}

TEST(BatchSize, GivesUpWhenNothingFits) {
  BatchSize size;
  while (!size.is_hopeless()) {
    size.was_too_much(size.next(), 20000);
    if (size.next() == 1) size.was_answered(1, 0);
  }
  EXPECT_LE(size.next(), 2u);
}

}  // namespace
}  // namespace platefs::cache
