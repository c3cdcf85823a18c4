// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/field_list.h"

#include <gtest/gtest.h>

#include "vo/votable/votable.h"

namespace platefs::vo {
namespace {

VotableField named(const std::string& name) {
  VotableField field;
  field.name = name;
  return field;
}

TEST(FieldList, SharesTheMemoryOfAnEqualOne) {
  const FieldList one{{named("a"), named("b")}}, other{{named("a"), named("b")}}, third{{named("b"), named("a")}};
  EXPECT_EQ(&one.all(), &other.all());
  EXPECT_NE(&one.all(), &third.all());
}

TEST(FieldList, CostsItsPartOfWhatItShares) {
  const FieldList one{{named("a long name of a column, which takes memory of its own")}};
  const auto alone = one.bytes();
  EXPECT_GT(alone, sizeof(VotableField));
  const auto copy = one;
  EXPECT_EQ(one.bytes(), alone / 2);
}

TEST(FieldList, IsOneForTheAnswersOfAService) {
  const auto answer = [](const std::string& rows) {
    const std::string fields =
        R"(<FIELD name="t_min" datatype="double" unit="d"/><FIELD name="obs_id" datatype="char"/>)";
    return read_votable("<VOTABLE><RESOURCE type='results'><TABLE>" + fields + "<DATA><TABLEDATA>" + rows +
                        "</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>");
  };
  const auto one = answer("<TR><TD>1</TD><TD>a</TD></TR>"), other = answer("<TR><TD>2</TD><TD>b</TD></TR>");
  ASSERT_EQ(one.fields.size(), 2u);
  EXPECT_EQ(&one.fields.all(), &other.fields.all());
}

}  // namespace
}  // namespace platefs::vo
