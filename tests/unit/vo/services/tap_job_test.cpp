// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/tap_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/held_transport.h"

namespace platefs::vo {
namespace {

using testing::HasSubstr;

constexpr std::string_view kBase = "http://archive.test/tap/async";

std::string job_document(const std::string& phase, const std::string& further = {}) {
  return "<?xml version='1.0'?><uws:job xmlns:uws='http://www.ivoa.net/xml/UWS/v1.0' "
         "xmlns:xlink='http://www.w3.org/1999/xlink'><uws:jobId>7</uws:jobId><uws:phase>" +
         phase + "</uws:phase>" + further + "</uws:job>";
}

const std::string kResult = "<uws:results><uws:result id='result' xlink:href='7/results/table'/></uws:results>";

/// A service with one job, which goes through the phases it is given, one at each look.
class TapJobTest : public testing::Test {
 protected:
  void service_with(std::vector<std::string> documents) {
    answer_by([this, documents](const http::Request& request) {
      const auto url = request.url.text();
      asked_.push_back((request.is_post() ? "POST " : "GET ") + url + (request.form ? " " + *request.form : ""));
      if (request.form == "ACTION=DELETE") return answer_of(200, "", url);
      if (url == kBase) return answer_of(200, documents.at(looks_++), std::string(kBase) + "/7");
      if (url.ends_with("/phase")) return answer_of(200, job_document("QUEUED"), std::string(kBase) + "/7");
      if (url.ends_with("results/table") || url.ends_with("results/result")) return answer_of(200, "<VOTABLE/>", url);
      if (url.ends_with("/error")) return answer_of(200, "relation plates does not exist", url);
      return answer_of(200, documents.at(std::min(looks_++, documents.size() - 1)), url);
    });
  }

  void answer_by(test::HeldTransport::Answer answers) {
    service_answers_ = std::move(answers);
    transport_.answer_with(service_answers_);
  }

  /// A cache before it that keeps what it was asked by GET, and is asked past by those that say so.
  void keep_answers() {
    answer_by([this, service = service_answers_](const http::Request& request) {
      const std::pair<std::string, std::string> wish{"Cache-Control", "no-cache"};
      const bool is_past = std::ranges::count(request.headers, wish) > 0;
      const auto known = kept_.find(request.url.text());
      if (!request.is_post() && !is_past && known != kept_.end()) return known->second;
      auto answer = service(request);
      if (!request.is_post()) kept_.insert_or_assign(request.url.text(), answer);
      return answer;
    });
  }

  std::string answer() { return job_answer(transport_, service_, "SELECT 1", rules_, stop_.get_token()).body; }

  Error failure() {
    try {
      answer();
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "the job went well";
    return {ErrorKind::Corrupt, ""};
  }

  static http::Response answer_of(int status, const std::string& body, const std::string& url) {
    http::Response response;
    response.head.status = status;
    response.head.url = Url::parse(url);
    response.body = body;
    return response;
  }

  TapService service_{.name = "demo", .url = Url::parse("http://archive.test/tap")};
  JobRules rules_{.first_wait = std::chrono::milliseconds(1), .longest_wait = std::chrono::milliseconds(2)};
  std::stop_source stop_;
  std::vector<std::string> asked_;
  std::size_t looks_ = 0;
  test::HeldTransport::Answer service_answers_;
  std::map<std::string, http::Response> kept_;
  test::HeldTransport transport_;
};

TEST_F(TapJobTest, IsMadeWaitedForReadAndDeleted) {
  service_with({job_document("QUEUED"), job_document("EXECUTING"), job_document("COMPLETED", kResult)});
  EXPECT_EQ(answer(), "<VOTABLE/>");
  ASSERT_EQ(asked_.size(), 5u);
  EXPECT_THAT(asked_[0], HasSubstr("POST http://archive.test/tap/async REQUEST=doQuery&LANG=ADQL"));
  EXPECT_THAT(asked_[0], HasSubstr("PHASE=RUN"));
  EXPECT_EQ(asked_[1], "GET http://archive.test/tap/async/7?WAIT=30");
  EXPECT_EQ(asked_[3], "GET http://archive.test/tap/async/7/results/table");
  EXPECT_EQ(asked_[4], "POST http://archive.test/tap/async/7 ACTION=DELETE");
}

TEST_F(TapJobTest, IsLookedAtPastCachesWhichWouldKeepItsFirstPhase) {
  rules_.longest = std::chrono::milliseconds(200);
  service_with({job_document("QUEUED"), job_document("EXECUTING"), job_document("EXECUTING"),
                job_document("COMPLETED", kResult)});
  keep_answers();
  EXPECT_EQ(answer(), "<VOTABLE/>");
}

TEST_F(TapJobTest, IsReadPastCachesWhichMayHoldAnotherJobOfThatNumber) {
  std::string rows = "<VOTABLE>1</VOTABLE>";
  service_with({job_document("COMPLETED", kResult)});
  const auto service = service_answers_;
  answer_by([&, service](const http::Request& request) {
    auto told = service(request);
    if (request.url.text().ends_with("results/table")) told.body = rows;
    return told;
  });
  keep_answers();
  EXPECT_EQ(answer(), "<VOTABLE>1</VOTABLE>");
  rows = "<VOTABLE>2</VOTABLE>";
  looks_ = 0;
  EXPECT_EQ(answer(), "<VOTABLE>2</VOTABLE>");
}

TEST_F(TapJobTest, IsStartedWhereItDidNotStartByItself) {
  service_with({job_document("PENDING"), job_document("COMPLETED", kResult)});
  EXPECT_EQ(answer(), "<VOTABLE/>");
  EXPECT_EQ(asked_[1], "POST http://archive.test/tap/async/7/phase PHASE=RUN");
}

TEST_F(TapJobTest, IsReadAtTheStandardsPlaceWhereItNamesNone) {
  service_with({job_document("COMPLETED")});
  EXPECT_EQ(answer(), "<VOTABLE/>");
  EXPECT_EQ(asked_[1], "GET http://archive.test/tap/async/7/results/result");
}

TEST_F(TapJobTest, EndsWithItsOwnWordsAndIsDeletedAllTheSame) {
  service_with({job_document("ERROR",
                             "<uws:errorSummary type='fatal'><uws:message>no column ra</uws:message>"
                             "</uws:errorSummary>")});
  const auto error = failure();
  EXPECT_EQ(error.kind(), ErrorKind::Rejected);
  EXPECT_THAT(error.message(), HasSubstr("no column ra"));
  EXPECT_EQ(asked_.back(), "POST http://archive.test/tap/async/7 ACTION=DELETE");
}

TEST_F(TapJobTest, AsksForTheErrorWhereTheJobDoesNotTell) {
  service_with({job_document("ABORTED")});
  EXPECT_THAT(failure().message(), HasSubstr("relation plates does not exist"));
}

TEST_F(TapJobTest, IsGivenUpAndDeletedWhenItTakesTooLong) {
  rules_.longest = std::chrono::milliseconds(20);
  service_with({job_document("EXECUTING")});
  EXPECT_EQ(failure().kind(), ErrorKind::TimedOut);
  EXPECT_EQ(asked_.back(), "POST http://archive.test/tap/async/7 ACTION=DELETE");
}

TEST_F(TapJobTest, IsDeletedWhenNobodyWaitsForItAnyMore) {
  rules_.first_wait = rules_.longest_wait = std::chrono::hours(1);
  service_with({job_document("EXECUTING")});
  std::jthread impatient([this] { stop_.request_stop(); });
  EXPECT_EQ(failure().kind(), ErrorKind::Cancelled);
}

TEST_F(TapJobTest, IsNoJobWhereTheServiceAnswersWithAPage) {
  service_with({"<html><body>Welcome</body></html>"});
  EXPECT_EQ(failure().kind(), ErrorKind::Malformed);
}

TEST(SyncFailure, AsksForAJobWhereTimeWasTheReason) {
  const auto asks = [](ErrorKind kind, const char* text) { return asks_for_a_job(Error{kind, text}); };
  EXPECT_TRUE(asks(ErrorKind::TimedOut, "no byte within 180 s"));
  EXPECT_TRUE(asks(ErrorKind::Rejected, "Query timed out (took too long). Use async."));
  EXPECT_TRUE(asks(ErrorKind::Unavailable, "canceling statement due to statement timeout"));
  EXPECT_FALSE(asks(ErrorKind::Rejected, "no column ra"));
  EXPECT_FALSE(asks(ErrorKind::Unreachable, "no such host"));
}

}  // namespace
}  // namespace platefs::vo
