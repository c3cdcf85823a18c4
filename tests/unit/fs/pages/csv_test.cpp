// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/csv.h"

#include <gtest/gtest.h>

namespace platefs::fs {
namespace {

vo::VotableDocument table(std::vector<std::string> names, std::vector<std::vector<vo::VotableValue>> rows) {
  vo::VotableDocument document;
  for (auto& name : names) {
    document.fields.emplace_back();
    document.fields.back().name = std::move(name);
  }
  document.rows = std::move(rows);
  return document;
}

TEST(CsvText, BeginsWithTheNamesOfTheColumns) { EXPECT_EQ(csv_text(table({"plate", "t_min"}, {})), "plate,t_min\n"); }

TEST(CsvText, WritesNumbersInFullAndNullsAsNothing) {
  EXPECT_EQ(csv_text(table({"a", "b", "c", "d"}, {{156.01124674021, std::int64_t{-7}, 0.1F, {}}})),
            "a,b,c,d\n156.01124674021,-7,0.1,\n");
}

TEST(CsvText, QuotesCommasQuotesAndLineBreaks) {
  EXPECT_EQ(csv_text(table({"a,b"}, {{"say \"hi\""}, {"two\nlines"}, {"plain text"}})),
            "\"a,b\"\n\"say \"\"hi\"\"\"\n\"two\nlines\"\nplain text\n");
}

TEST(CsvText, HasNoCellThatASpreadsheetWouldRun) {
  EXPECT_EQ(csv_text(table({"=x"}, {{"=cmd|'/C calc'!A0"}, {"+SUM(A1)"}, {"-1+cmd"}, {"@x"}, {"\t=x"}, {" =x"}})),
            "'=x\n'=cmd|'/C calc'!A0\n'+SUM(A1)\n'-1+cmd\n'@x\n'\t=x\n' =x\n");
}

TEST(CsvText, LeavesNumbersAloneThoughTheyAreText) {
  EXPECT_EQ(csv_text(table({"a", "b", "c"}, {{"-5.25", "+48", "-1.5 2 -Inf"}, {-5.25, std::int64_t{-3}, "x=1"}})),
            "a,b,c\n-5.25,+48,-1.5 2 -Inf\n-5.25,-3,x=1\n");
}

TEST(CsvText, FillsUpRowsThatAreTooShort) { EXPECT_EQ(csv_text(table({"a", "b"}, {{true}})), "a,b\ntrue,\n"); }

}  // namespace
}  // namespace platefs::fs
