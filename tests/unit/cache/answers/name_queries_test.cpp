// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/name_queries.h"

#include <gtest/gtest.h>

#include <future>
#include <list>
#include <memory>

#include "tests/support/held_transport.h"
#include "tests/support/store_fixture.h"

namespace platefs::cache {
namespace {

using test::HeldTransport;

constexpr const char* kFound = "# M 31\n#=S=Simbad:    1\n%J 10.684708 +41.26875 = …\n#====Done====\n";
constexpr const char* kNotFound = "# zz\n#! Nothing found\n#====Done====\n";

class ObjectNamesTest : public test::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    writer = std::make_unique<Writer>(*store, [](std::string_view) {});
  }
  void serve(const std::string& body, int status = 200) {
    transport.answer_with([body, status](const vo::http::Request& request) {
      return vo::http::Response{{.status = status, .url = request.url}, body};
    });
  }
  /// The answer as soon as it is told, whatever the writer is doing.
  vo::Outcome<ObjectAnswer> asked(const std::string& name) {
    std::promise<vo::Outcome<ObjectAnswer>> told;
    names().resolve(name, [&told](vo::Outcome<ObjectAnswer> answer) { told.set_value(std::move(answer)); });
    return told.get_future().get();
  }
  vo::Outcome<ObjectAnswer> ask(const std::string& name) {
    auto answer = asked(name);
    writer->run([](Store&) {});  // what was to be remembered is
    return answer;
  }
  NameQueries& names() {
    if (!names_) {
      names_ = std::make_unique<NameQueries>(
          resolver, transport, AnswerKeeping{memories.emplace_back(1 << 20), *store, *writer}, [this] { return now; });
    }
    return *names_;
  }
  void start_again() {
    names_.reset();
    writer.reset();
    reopen();
    writer = std::make_unique<Writer>(*store, [](std::string_view) {});
  }

  HeldTransport transport;
  std::optional<vo::Url> resolver = vo::Url::parse("http://resolver.test/sesame");
  std::unique_ptr<Writer> writer;

 private:
  std::list<AnswerMemory> memories;  ///< one for each process
  std::unique_ptr<NameQueries> names_;
};

TEST_F(ObjectNamesTest, AsksOnceAndRemembersForGood) {
  serve(kFound);
  ASSERT_TRUE(ask("M 31").value().position);
  now += 10 * 365 * 86400;
  start_again();
  const auto again = names().known("M 31");
  ASSERT_TRUE(again && again->position);
  EXPECT_DOUBLE_EQ(again->position->ra.as_degrees(), 10.684708);
  ask("M 31");
  EXPECT_EQ(transport.requests().size(), 1u);
}

TEST_F(ObjectNamesTest, KnowsAnAnswerBeforeItIsStored) {
  serve(kFound);
  std::promise<void> go_on;
  writer->post([wait = go_on.get_future().share()](Store&) { wait.wait(); });  // as a slow disk would
  EXPECT_TRUE(asked("M 31").value().position);
  EXPECT_TRUE(names().known("M 31") && names().known("M 31")->position);
  go_on.set_value();
}

TEST_F(ObjectNamesTest, RemembersForTenMinutesThatNobodyKnowsAName) {
  serve(kNotFound);
  EXPECT_FALSE(ask("zz").value().position);
  now += 599;
  EXPECT_FALSE(ask("zz").value().position);
  EXPECT_EQ(transport.requests().size(), 1u);
  now += 1;
  serve(kFound);
  EXPECT_TRUE(ask("zz").value().position);
  EXPECT_EQ(transport.requests().size(), 2u);
}

TEST_F(ObjectNamesTest, AFailureIsNoAnswerAndIsNotRemembered) {
  serve("<html>down for maintenance</html>", 503);
  const auto failed = ask("M 31");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind(), vo::ErrorKind::Unavailable);
  EXPECT_NE(failed.error().message().find("'M 31'"), std::string::npos);
  serve("<html>Please log in</html>");
  EXPECT_EQ(ask("M 31").error().kind(), vo::ErrorKind::Malformed);
  serve(kFound);
  EXPECT_TRUE(ask("M 31").value().position);
}

TEST_F(ObjectNamesTest, APageThatACacheKeepsIsAskedForPastItOnce) {
  transport.answer_with([](const vo::http::Request& request) {
    return vo::http::Response{{.status = 200, .url = request.url},
                              request.goes_past_caches() ? kFound : "<html>Please log in</html>"};
  });
  EXPECT_TRUE(ask("M 31").value().position);
  EXPECT_EQ(transport.requests().size(), 2u);
  serve("<html>Please log in</html>");
  EXPECT_EQ(ask("M 33").error().kind(), vo::ErrorKind::Malformed);
  EXPECT_EQ(transport.requests().size(), 4u);
}

TEST_F(ObjectNamesTest, ManyWhoAskAtOnceShareOneQuestion) {
  std::vector<std::future<vo::Outcome<ObjectAnswer>>> answers;
  for (int i = 0; i < 5; ++i) {
    auto told = std::make_shared<std::promise<vo::Outcome<ObjectAnswer>>>();
    answers.push_back(told->get_future());
    names().resolve("M 31", [told](vo::Outcome<ObjectAnswer> answer) { told->set_value(std::move(answer)); });
  }
  ASSERT_TRUE(transport.wait_for_requests(1));
  EXPECT_EQ(answers[0].wait_for(std::chrono::seconds{0}), std::future_status::timeout);
  transport.answer(0, 200, kFound);
  for (auto& answer : answers) EXPECT_TRUE(answer.get().value().position);
  EXPECT_EQ(transport.requests().size(), 1u);
}

TEST_F(ObjectNamesTest, WithoutAResolverOnlyRememberedNamesAreKnown) {
  serve(kFound);
  ask("M 31");
  resolver.reset();
  start_again();
  EXPECT_TRUE(names().known("M 31")->position);
  EXPECT_FALSE(ask("M 33").value().position);
  EXPECT_EQ(transport.requests().size(), 1u);
}

TEST_F(ObjectNamesTest, WhatAnotherResolverSaidHoldsWhileThisOneCannotBeAsked) {
  serve(kFound);
  ask("M 31");
  resolver = vo::Url::parse("http://other.test/sesame");
  start_again();
  serve("down", 503);
  EXPECT_TRUE(ask("M 31").value().position);
  EXPECT_FALSE(ask("M 33"));
  const auto before = transport.requests().size();
  ask("M 31");
  EXPECT_EQ(transport.requests().size(), before);
  now += 601;  // then it is asked again
  ask("M 31");
  EXPECT_EQ(transport.requests().size(), before + 1);
}

}  // namespace
}  // namespace platefs::cache
