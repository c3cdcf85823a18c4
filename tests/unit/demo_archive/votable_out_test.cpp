// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/votable_out.h"

#include <gtest/gtest.h>

#include "vo/base/error.h"

namespace platefs::demo {
namespace {

Document mixed() {
  Document document;
  document.infos = {{"QUERY_STATUS", "OK", ""}};
  document.fields = {text_field("name", ""), number_field("epoch", "double", "d", ""),
                     number_field("exposure", "float", "s", ""), number_field("size", "long", "kbyte", ""),
                     number_field("level", "short", "", "")};
  document.rows = {{std::string("a <b> & c"), 20000.125, 1800.5F, std::int64_t{1} << 40, std::int64_t{-3}},
                   {{}, {}, {}, {}, {}}};
  return document;
}

class VotableOut : public testing::TestWithParam<Serialization> {};

TEST_P(VotableOut, IsReadBackAsItWas) {
  const auto table = vo::read_votable(votable(mixed(), GetParam()));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(vo::text_of(table.rows[0][0]), "a <b> & c");
  EXPECT_EQ(vo::number_of(table.rows[0][1]), 20000.125);
  EXPECT_EQ(vo::number_of(table.rows[0][2]), 1800.5);
  EXPECT_EQ(vo::integer_of(table.rows[0][3]), std::int64_t{1} << 40);
  EXPECT_EQ(vo::integer_of(table.rows[0][4]), -3);
  for (const auto& cell : table.rows[1]) EXPECT_TRUE(vo::text_of(cell).empty());
}

INSTANTIATE_TEST_SUITE_P(All, VotableOut,
                         testing::Values(Serialization::Tabledata, Serialization::Binary, Serialization::Binary2));

TEST(VotableOut, TellsOverflowBehindTheTableAndErrorsAlone) {
  auto document = mixed();
  document.closing_infos = {{"QUERY_STATUS", "OVERFLOW", ""}};
  EXPECT_TRUE(vo::read_votable(votable(document, Serialization::Binary2)).truncated);
  EXPECT_THROW(vo::read_votable(error_votable("no such <table>")), vo::Error);
}

}  // namespace
}  // namespace platefs::demo
