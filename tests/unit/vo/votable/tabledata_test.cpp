// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/tabledata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/votable_builder.h"
#include "vo/base/error.h"

namespace platefs::vo {
namespace {

using Values = std::vector<VotableValue>;

VotableRows read(const std::string& content, std::size_t columns = 2) {
  VotableField field;
  field.datatype = "char";
  field.arraysize = "*";
  const std::vector<CellType> types(columns, cell_type(field));
  MemoryBudget budget{1'000'000};
  return read_tabledata(XmlCursor{content, 0, content.size()}, types, budget);
}

std::string only_cell(const std::string& td) {
  const auto rows = read("<TR>" + td + "</TR>", 1);
  return rows.size() == 1 ? text_of(rows[0][0]) : "not one row";
}

std::string complaint(const std::string& content) {
  try {
    read(content);
  } catch (const Error& error) {
    return error.message();
  }
  return "none";
}

TEST(Tabledata, HasACellForEachTd) {
  EXPECT_EQ(read(" <TR> <TD>a</TD>\n<TD>b</TD></TR>\n<TR><TD>c</TD></TR> "),
            (VotableRows{{std::string{"a"}, std::string{"b"}}, {std::string{"c"}, {}}}));
}

TEST(Tabledata, HasNullsWhereTdsAreEmptyOrMissingAndLeavesOutSurplusOnes) {
  EXPECT_EQ(read("<TR><TD/><TD></TD></TR><TR/><TR></TR>"), (VotableRows{Values(2), Values(2), Values(2)}));
  EXPECT_EQ(read("<TR><TD>a</TD><TD >b</TD><TD>c</TD></TR>")[0].values(), (Values{std::string{"a"}, std::string{"b"}}));
}

TEST(Tabledata, ReplacesReferences) {
  EXPECT_EQ(only_cell("<TD>a &lt;b&gt; &amp; &quot;c&apos; &#65;&#x42;</TD>"), "a <b> & \"c' AB");
  EXPECT_EQ(only_cell("<TD>AT&T &unknown; &#; &#xZ; &</TD>"), "AT&T &unknown; &#; &#xZ; &");
  EXPECT_EQ(only_cell("<TD>&#228;</TD>"), "\xc3\xa4");
}

TEST(Tabledata, PutsPiecesOfTextTogether) {
  EXPECT_EQ(only_cell("<TD>a<![CDATA[<b> &amp;]]>c<!-- no <TD> -->d<?x y?>e</TD>"), "a<b> &amp;cde");
  EXPECT_EQ(only_cell("<TD>a<i>not this</i>b</TD>"), "ab");
  EXPECT_EQ(only_cell("<TD>a\r\nb\rc</TD>"), "a\nb\nc");
}

TEST(Tabledata, ReadsAnyPrefixAndAttributes) {
  EXPECT_EQ(read("<v:TR ID='r'><v:TD ref=\"x>y\">a</v:TD></v:TR>", 1), (VotableRows{{std::string{"a"}}}));
  EXPECT_EQ(only_cell("<TD encoding=\"base64\">" + test::base64_of("b c") + "</TD>"), "b c");
  EXPECT_EQ(only_cell("<TD note='encoding='>YQ==</TD>"), "YQ==");
}

TEST(Tabledata, PassesOverOtherElements) {
  EXPECT_EQ(read("<X><TR><TD>no</TD></TR></X><TR><Y><TD>no</TD></Y><TD>a</TD></TR>", 1),
            (VotableRows{{std::string{"a"}}}));
}

TEST(Tabledata, ThatIsBrokenIsToldWithItsLine) {
  using testing::HasSubstr;
  EXPECT_THAT(complaint("<TR>\n<TD>a\n"), HasSubstr("line 3"));
  EXPECT_THAT(complaint("<TR>\n<TD>a</TR>"), HasSubstr("line 2"));
  EXPECT_THAT(complaint("<TR><TD>a</TD></TD></TR>"), HasSubstr("</TD>"));
  for (const auto* broken : {"<TR>", "<TR><TD", "<TR><TD>", "</TR>", "<TR><TD a='>", "<TR><TD><x></y></TD></TR>", "<>",
                             "<TR><TD><!-- </TD></TR>", "<TR><TD><![CDATA[</TD></TR>", "<TR <TD>a</TD></TR>"}) {
    EXPECT_NE(complaint(broken), "none") << broken;
  }
}

TEST(Tabledata, MayNotTakeMoreThanTheBudget) {
  std::string rows;
  for (int i = 0; i < 3000; ++i) rows += "<TR/>";
  EXPECT_THAT(complaint(rows), testing::HasSubstr("memory"));
  EXPECT_THAT(complaint("<TR><TD>" + std::string(2'000'000, 'x') + "</TD></TR>"), testing::HasSubstr("memory"));
}

}  // namespace
}  // namespace platefs::vo
