// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/answer_cache.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/support/store_fixture.h"
#include "vo/base/error.h"

namespace platefs::cache {
namespace {

class AnswerCacheTest : public test::StoreTest {
 protected:
  using Cache = AnswerCache<std::string>;

  void SetUp() override {
    StoreTest::SetUp();
    writer = std::make_unique<Writer>(*store, [](std::string_view) {});
  }
  Cache cache(AnswerMemory& memory, bool follows_store = false) {
    return {{memory, *store, *writer}, {[](const std::string& text) { return text.size(); }, follows_store}};
  }
  /// What is found and has not expired; "": nothing.
  std::string found(Cache& cache, const std::string& key = "key") {
    const auto answer = cache.find(
        key, [this](const Document& document, bool) { return is_in_date(document, now); },
        [this](const Document& document) {
          ++readings;
          if (document.bytes == "unreadable") throw vo::Error{vo::ErrorKind::Malformed, "unreadable"};
          return std::make_shared<const std::string>("read: " + document.bytes);
        });
    return answer ? *answer->value : "";
  }
  Document document(std::string bytes, std::int64_t lifetime = 100) const {
    return {std::move(bytes), false, now, now + lifetime};
  }
  void put(Cache& cache, const std::string& bytes) {
    cache.put("key", document(bytes), std::make_shared<const std::string>("put: " + bytes));
    writer->run([](Store&) {});  // what was to be remembered is
  }

  int readings = 0;
  AnswerMemory memory{10'000};
  std::unique_ptr<Writer> writer;
};

TEST_F(AnswerCacheTest, ReadsADocumentOnce) {
  writer->run([this](Store& held) { held.put_document("key", document("a")); });
  auto answers = cache(memory);
  EXPECT_EQ(found(answers), "read: a");
  EXPECT_EQ(found(answers), "read: a");
  EXPECT_EQ(readings, 1);
}

TEST_F(AnswerCacheTest, DoesNotReadWhatWasPut) {
  auto answers = cache(memory, true);
  put(answers, "a");
  EXPECT_EQ(found(answers), "put: a");
  EXPECT_EQ(readings, 0);
}

TEST_F(AnswerCacheTest, ReadsTheDocumentAgainThatItHadToLetGo) {
  auto answers = cache(memory);
  put(answers, "a");
  memory.keep("other", {std::make_shared<const std::string>(), 0, 0, 20'000});
  EXPECT_EQ(found(answers), "read: a");
}

TEST_F(AnswerCacheTest, BelievesNoLongerThanTheDocumentHolds) {
  auto answers = cache(memory);
  put(answers, "a");
  now += 101;
  EXPECT_EQ(found(answers), "");
}

TEST_F(AnswerCacheTest, WhatCannotBeReadIsNotRemembered) {
  writer->run([this](Store& held) { held.put_document("key", document("unreadable")); });
  auto answers = cache(memory);
  EXPECT_EQ(found(answers), "");
}

TEST_F(AnswerCacheTest, SeesWhatAnotherProcessAskedOrForgotWhereItFollowsTheStore) {
  auto answers = cache(memory, true);
  put(answers, "a");
  now += 1;
  writer->run([this](Store& held) { held.put_document("key", document("b")); });
  EXPECT_EQ(found(answers), "read: b");
  writer->run([](Store& held) { held.remove_document("key"); });
  EXPECT_EQ(found(answers), "");
}

TEST_F(AnswerCacheTest, KeepsWhatIsOfNoDocumentInMemoryAlone) {
  auto answers = cache(memory);
  answers.keep("key", document("", 5), std::make_shared<const std::string>("for a while"));
  EXPECT_EQ(found(answers), "for a while");
  EXPECT_FALSE(store->document("key"));
  now += 5;
  EXPECT_EQ(found(answers), "");
}

}  // namespace
}  // namespace platefs::cache
