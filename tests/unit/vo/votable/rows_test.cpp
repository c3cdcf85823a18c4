// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/rows.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace platefs::vo {
namespace {

using Values = std::vector<VotableValue>;

TEST(VotableRows, GiveBackWhatWasPutIn) {
  const std::vector<Values> rows{
      {true, std::int64_t{7}, 0.5F, 0.25, std::string{"a"}}, {false, {}, {}, {}, {}}, Values(5)};
  const VotableRows kept{rows};
  ASSERT_EQ(kept.size(), 3U);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(kept[i].values(), rows[i]) << i;
}

TEST(VotableRows, AreAsLongAsTheLongest) {
  VotableRows rows;
  rows.push_back({std::int64_t{1}});
  rows.push_back({std::int64_t{2}, std::string{"b"}});
  EXPECT_EQ(rows[0].values(), (Values{std::int64_t{1}, {}}));
  EXPECT_EQ(rows[1].values(), (Values{std::int64_t{2}, std::string{"b"}}));
  EXPECT_EQ(rows.cell(0, 9), CellView{});
  EXPECT_THROW(static_cast<void>(rows.at(2)), std::out_of_range);
  EXPECT_THROW(static_cast<void>(rows.at(0).at(2)), std::out_of_range);
}

TEST(VotableRows, HaveNanAndEmptyTextsAsNull) {
  const VotableRows rows{{std::numeric_limits<double>::quiet_NaN(), std::string{}}};
  EXPECT_EQ(rows[0].values(), Values(2));
}

TEST(VotableRows, SelectedShareTheirTextsWithTheOthers) {
  const VotableRows rows{
      {std::string{"a"}, std::int64_t{1}, {}}, {std::string{"b"}, {}, {}}, {{}, std::int64_t{3}, {}}};
  const auto selected = rows.selected({2, 1});
  ASSERT_EQ(selected.size(), 2U);
  EXPECT_EQ(selected[0].values(), rows[2].values());
  EXPECT_EQ(selected[1].values(), rows[1].values());
  EXPECT_TRUE(selected.columns()[0].text_at(1).is_same(rows.columns()[0].text_at(1)));
  EXPECT_EQ(rows.selected({}).size(), 0U);
}

RC_GTEST_PROP(VotableRows, KeepCellsOfAnyKindInAnyOrder, ()) {
  const auto kinds = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 6));
  Values values;
  for (const int kind : kinds) {
    const auto number = *rc::gen::inRange(-5, 5);
    const std::vector<VotableValue> forms{
        {}, number > 0, std::int64_t{number}, static_cast<float>(number), 1.0 * number, std::to_string(number)};
    values.push_back(forms[static_cast<std::size_t>(kind)]);
  }
  VotableRows rows;
  for (const auto& value : values) rows.push_back({value});
  for (std::size_t i = 0; i < values.size(); ++i) RC_ASSERT(rows[i][0] == values[i]);
}

}  // namespace
}  // namespace platefs::vo
