// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/packed_table.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/votable_builder.h"
#include "vo/base/error.h"

namespace platefs::vo {
namespace {

using test::table;
using test::tabledata;
using test::votable_document;

const std::string kFields =
    R"(<FIELD name="did" datatype="char" arraysize="*"/><FIELD name="n" datatype="int"><VALUES null="-1"/></FIELD>)"
    R"(<FIELD name="x" datatype="double" unit="deg"/><FIELD name="f" datatype="float"/><FIELD name="b" datatype="boolean"/>)"
    R"(<FIELD name="none" datatype="char" arraysize="*"/>)";

std::string document(int rows) {
  std::string text;
  for (int i = 0; i < rows; ++i) {
    const auto number = std::to_string(i);
    text += "<TR><TD>ivo://x/" + std::to_string(i / 2) + "</TD><TD>" + (i % 3 == 0 ? "-1" : number) + "</TD><TD>" +
            number + ".25</TD><TD>" + (i % 5 == 0 ? "" : number) + "</TD><TD>" + (i % 2 == 0 ? "T" : "") +
            "</TD><TD/></TR>";
  }
  return votable_document(table(kFields, tabledata(text)), R"(<INFO name="QUERY_STATUS" value="OVERFLOW"/>)",
                          R"(<RESOURCE utype="adhoc:service" ID="s"/>)");
}

void expect_same(const Votable& a, const Votable& b) {
  EXPECT_EQ(a.rows, b.rows);
  ASSERT_EQ(a.fields.size(), b.fields.size());
  for (std::size_t i = 0; i < a.fields.size(); ++i) {
    EXPECT_EQ(a.fields[i].name, b.fields[i].name);
    EXPECT_EQ(a.fields[i].unit, b.fields[i].unit);
    EXPECT_EQ(a.fields[i].null, b.fields[i].null);
  }
  EXPECT_EQ(a.truncated, b.truncated);
  EXPECT_EQ(a.infos.size(), b.infos.size());
  EXPECT_EQ(a.services.size(), b.services.size());
  EXPECT_EQ(a.has_table, b.has_table);
}

TEST(PackedTable, IsTheTableThatWasRead) {
  for (const int rows : {0, 1, 2, 1000}) {
    const auto read = read_framed_votable(document(rows));
    const auto packed = packed_table(read);
    EXPECT_TRUE(is_packed_table(packed));
    expect_same(unpacked_table(packed), read.table);
  }
  EXPECT_FALSE(is_packed_table(document(1)));
}

TEST(PackedTable, KeepsTextsThatAreSharedShared) {
  const auto unpacked = unpacked_table(packed_table(read_framed_votable(document(2))));
  const auto& did = unpacked.rows.columns().front();
  EXPECT_TRUE(did.text_at(0).is_same(did.text_at(1)));
}

TEST(PackedTable, OfADocumentWithoutATableIsOneWithout) {
  expect_same(unpacked_table(packed_table(read_framed_votable("<VOTABLE><INFO name='a' value='b'/></VOTABLE>"))),
              read_votable("<VOTABLE><INFO name='a' value='b'/></VOTABLE>"));
}

TEST(PackedTable, ThatIsDamagedAnywhereIsNone) {
  const auto packed = packed_table(read_framed_votable(document(50)));
  for (std::size_t i = 0; i < packed.size(); i += 7) {
    auto damaged = packed;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x41);
    EXPECT_THROW(unpacked_table(damaged), Error) << i;
    EXPECT_THROW(unpacked_table(packed.substr(0, i)), Error) << i;
  }
}

}  // namespace
}  // namespace platefs::vo
