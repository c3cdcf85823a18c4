// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/answer_memory.h"

#include <gtest/gtest.h>

#include <string>

namespace platefs::cache {
namespace {

AnswerMemory::Kept value_of(std::uint64_t bytes) { return {std::make_shared<const int>(1), 100, 200, bytes}; }

TEST(AnswerMemory, FindsWhatItKeeps) {
  AnswerMemory memory{1'000'000};
  const auto kept = value_of(10);
  memory.keep("a", kept);
  ASSERT_TRUE(memory.find("a"));
  EXPECT_EQ(memory.find("a")->value, kept.value);
  EXPECT_EQ(memory.find("a")->expires_at, 200);
  EXPECT_FALSE(memory.find("b"));
}

TEST(AnswerMemory, KeepsManySmallAnswers) {
  AnswerMemory memory{1'000'000};
  for (int i = 0; i < 1000; ++i) memory.keep(std::to_string(i), value_of(100));
  EXPECT_TRUE(memory.find("0"));
}

TEST(AnswerMemory, LetsGoOfThoseUsedLongestAgo) {
  AnswerMemory memory{10'000'000};
  memory.keep("used", value_of(2'000'000));
  memory.keep("a name that sorts first", value_of(2'000'000));
  for (int i = 0; i < 10; ++i) {
    memory.keep(std::to_string(i), value_of(2'000'000));
    EXPECT_TRUE(memory.find("used")) << i;
  }
  EXPECT_FALSE(memory.find("a name that sorts first"));
  EXPECT_LE(memory.bytes(), 10'000'000U);
}

TEST(AnswerMemory, KeepsTheLatestHoweverLargeItIs) {
  AnswerMemory memory{1000};
  memory.keep("a", value_of(2000));
  EXPECT_TRUE(memory.find("a"));
  memory.keep("b", value_of(10));
  EXPECT_FALSE(memory.find("a"));
}

TEST(AnswerMemory, CountsANewAnswerInPlaceOfTheOld) {
  AnswerMemory memory{10'000'000};
  memory.keep("a", value_of(1'000'000));
  for (int i = 0; i < 20; ++i) memory.keep("b", value_of(2'000'000));
  EXPECT_TRUE(memory.find("a"));
  EXPECT_LT(memory.bytes(), 3'010'000U);
}

TEST(AnswerMemory, DestroysAValueThatAsksItAgain) {
  AnswerMemory memory{1'000'000};
  memory.keep("a", {std::shared_ptr<const int>(new int{1},
                                               [&memory](const int* number) {
                                                 memory.find("b");
                                                 delete number;
                                               }),
                    0, 0, 10});
  memory.keep("a", value_of(10));
  EXPECT_TRUE(memory.find("a"));
}

}  // namespace
}  // namespace platefs::cache
