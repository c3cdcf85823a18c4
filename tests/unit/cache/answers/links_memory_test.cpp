// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/links_memory.h"

#include <gtest/gtest.h>

namespace platefs::cache {
namespace {

LinksMemory::Links document_of(std::size_t bytes) {
  auto links = std::make_shared<LinksAnswer>();
  links->served.assign(bytes, 'x');
  return links;
}

TEST(LinksMemory, FindsWhatItKeeps) {
  LinksMemory memory;
  const auto links = document_of(10);
  memory.keep("a", links);
  EXPECT_EQ(memory.find("a"), links);
  EXPECT_EQ(memory.find("b"), nullptr);
}

TEST(LinksMemory, LetsGoOfTheOldestWhereDocumentsAreLarge) {
  LinksMemory memory{10'000'000};
  for (const auto* key : {"a", "b", "c", "d"}) memory.keep(key, document_of(2'000'000));
  EXPECT_EQ(memory.find("a"), nullptr);
  EXPECT_EQ(memory.find("b"), nullptr);
  EXPECT_NE(memory.find("c"), nullptr);
  EXPECT_NE(memory.find("d"), nullptr);
}

TEST(LinksMemory, KeepsTheLatestHoweverLargeItIs) {
  LinksMemory memory{1000};
  memory.keep("a", document_of(2000));
  EXPECT_NE(memory.find("a"), nullptr);
}

TEST(LinksMemory, CountsANewAnswerInPlaceOfTheOld) {
  LinksMemory memory{10'000'000};
  memory.keep("a", document_of(1'000'000));
  for (int i = 0; i < 20; ++i) memory.keep("b", document_of(2'000'000));
  EXPECT_NE(memory.find("a"), nullptr);
}

}  // namespace
}  // namespace platefs::cache
