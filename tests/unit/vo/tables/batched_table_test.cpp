// SPDX-License-Identifier: BSD-3-Clause
#include "vo/tables/batched_table.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "vo/base/error.h"
#include "vo/votable/writer.h"

namespace platefs::vo {
namespace {

struct Received final : RowReceiver {
  void begin(const FieldList& all) override {
    if (fields.size() == 0) fields = all;
  }
  void take(VotableRows batch) override {
    ++batches;
    largest = std::max(largest, batch.size());
    for (const auto row : batch) rows.push_back(row.values());
  }
  FieldList fields;
  std::vector<std::vector<VotableValue>> rows;
  std::size_t batches = 0, largest = 0;
};

Received received(std::string_view bytes) {
  Received received;
  read_table_in_batches(bytes, received);
  return received;
}

TEST(BatchedTable, ReadsTextInEachManner) {
  for (const auto* text :
       {"file,s_ra,note\na.fits,10.5,\"x, y\"\nb.fits,,\n", "file\ts_ra\tnote\na.fits\t10.5\tx, y\nb.fits\t\t\n",
        "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: file, datatype: string}\n# - {name: s_ra, unit: "
        "deg, datatype: float64}\nfile s_ra note\na.fits 10.5 \"x, y\"\nb.fits \"\" \"\"\n"}) {
    const auto table = received(text);
    ASSERT_EQ(table.fields.size(), 3U) << text;
    ASSERT_EQ(table.rows.size(), 2U) << text;
    EXPECT_EQ(std::get<std::string>(table.rows[0][0]), "a.fits");
    EXPECT_EQ(std::get<double>(table.rows[0][1]), 10.5) << "what ObsCore has numbers in is a number";
    EXPECT_EQ(std::get<std::string>(table.rows[0][2]), "x, y");
    EXPECT_TRUE(std::holds_alternative<std::monostate>(table.rows[1][1]));
  }
}

TEST(BatchedTable, RefusesALineOfMoreCellsThanColumnsByItsNumber) {
  try {
    received("a,b\n1,2\n1,2,3\n");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.message().find("line 3"), std::string::npos) << error.message();
  }
}

std::string large_votable(std::size_t rows) {
  VotableDocument document;
  VotableField field;
  field.name = "s_ra";
  field.datatype = "double";
  document.fields = {field};
  const std::string marker = "<TABLEDATA>";
  auto text = votable_text(document);
  std::string cells;
  for (std::size_t i = 0; i < rows; ++i) cells += fmt::format("<TR><TD>{}.25</TD></TR>\n", i);
  return text.insert(text.find(marker) + marker.size(), cells);
}

TEST(BatchedTable, HandsTheRowsOfALargeVotableOnInBatches) {
  const std::size_t rows = 600'000;
  const auto table = received(large_votable(rows));
  ASSERT_EQ(table.rows.size(), rows);
  EXPECT_GT(table.batches, 100U);
  EXPECT_LT(table.largest, 10'000U);
  for (const std::size_t i : {std::size_t{0}, std::size_t{4096}, rows - 1}) {
    EXPECT_EQ(std::get<double>(table.rows[i][0]), static_cast<double>(i) + 0.25);
  }
}

TEST(BatchedTable, RefusesALargeVotableThatIsBrokenBetweenItsRows) {
  auto text = large_votable(600'000);
  text.insert(text.size() / 2, "<TR><TD>");
  EXPECT_THROW(received(text), Error);
}

TEST(BatchedTable, RefusesWhatIsNoTable) {
  EXPECT_THROW(received("<html><body>404</body></html>"), Error);
  EXPECT_THROW(received(std::string_view{"\0\1\2\3 binary", 11}), Error);
  EXPECT_THROW(received("\n\n"), Error);
}

}  // namespace
}  // namespace platefs::vo
