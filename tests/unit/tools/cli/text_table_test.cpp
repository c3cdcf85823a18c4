// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/text_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platefs::test {
namespace {

tools::TextTable table() {
  tools::TextTable made;
  made.columns = {{"name"}, {"size", true}, {"title", false, 6}};
  made.rows = {{"a", "5", "a long title indeed"}, {"bcdef", "1234", "Größe"}};
  return made;
}

TEST(TextTable, AlignsTextToTheLeftAndNumbersToTheRight) {
  EXPECT_EQ(table().text(),
            "name   size  title\n"
            "a         5  a long title indeed\n"
            "bcdef  1234  Größe\n");
}

TEST(TextTable, CutsWhatMayBeCutToTheWidth) {
  EXPECT_EQ(table().text(22),
            "name   size  title\n"
            "a         5  a long t…\n"
            "bcdef  1234  Größe\n");
}

TEST(TextTable, CutsNothingBelowItsLeastWidthAndNoOtherColumn) {
  EXPECT_EQ(table().text(5),
            "name   size  title\n"
            "a         5  a lon…\n"
            "bcdef  1234  Größe\n");
}

TEST(TextTable, LeavesOutWhatMayGoWhenCuttingIsNotEnough) {
  auto made = table();
  made.columns[2].may_go = true;
  EXPECT_EQ(made.text(19),
            "name   size  title\n"
            "a         5  a lon…\n"
            "bcdef  1234  Größe\n");
  EXPECT_EQ(made.text(17),
            "name   size\n"
            "a         5\n"
            "bcdef  1234\n");
}

TEST(TextTable, LetsNobodySteerTheTerminal) {
  tools::TextTable made;
  made.columns = {{"x"}};
  made.rows = {
      {"\x1b[31mred\n\xc2\x9b"
       "2J"}};
  EXPECT_EQ(made.text(), "x\n [31mred  2J\n");
}

TEST(TextTable, IsNothingWithoutRows) { EXPECT_EQ(tools::TextTable{}.text(80), ""); }

}  // namespace
}  // namespace platefs::test
