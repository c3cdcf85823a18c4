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

std::string base64_of(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text += i + j > bytes.size() ? '=' : kDigits[group >> (18 - 6 * j) & 63];
    }
    if (i % 48 == 0) text += '\n';
  }
  return text;
}

/// One row in `form` for each number: a text of some length, and the number.
std::string large_binary_votable(std::uint64_t rows, std::string_view form) {
  std::string bytes;
  const auto put = [&bytes](std::uint64_t number, int size) {
    for (int i = size - 1; i >= 0; --i) bytes += static_cast<char>(number >> (8 * i) & 0xFF);
  };
  for (std::uint64_t i = 0; i < rows; ++i) {
    if (form == "BINARY2") bytes += '\0';
    const auto text = fmt::format("plate {:{}}", i, 1 + i % 30);
    put(text.size(), 4);
    bytes += text;
    put(i, 8);
  }
  return fmt::format(
      "<?xml version=\"1.0\"?>\n<VOTABLE version=\"1.4\"><RESOURCE type=\"results\"><TABLE><FIELD name=\"id\" "
      "datatype=\"char\" arraysize=\"*\"/><FIELD name=\"n\" datatype=\"long\"/><DATA><{0}>\n<STREAM "
      "encoding=\"base64\">\n{1}</STREAM></{0}></DATA></TABLE></RESOURCE></VOTABLE>",
      form, base64_of(bytes));
}

TEST(BatchedTable, HandsTheRowsOfALargeBinaryVotableOnInBatchesAsTheyAreDecoded) {
  const std::uint64_t rows = 400'000;
  for (const auto* form : {"BINARY2", "BINARY"}) {
    const auto table = received(large_binary_votable(rows, form));
    ASSERT_EQ(table.rows.size(), rows) << form;
    EXPECT_GT(table.batches, 50U);
    EXPECT_LT(table.largest, 10'000U);
    for (const std::uint64_t i : {std::uint64_t{0}, std::uint64_t{65'537}, rows - 1}) {
      EXPECT_EQ(std::get<std::string>(table.rows[i][0]), fmt::format("plate {:{}}", i, 1 + i % 30));
      EXPECT_EQ(std::get<std::int64_t>(table.rows[i][1]), static_cast<std::int64_t>(i));
    }
  }
}

TEST(BatchedTable, RefusesALargeBinaryVotableThatIsCutOffOrBroken) {
  const auto sound = large_binary_votable(400'000, "BINARY2");
  auto broken = sound, short_by_a_group = sound;
  broken[sound.size() / 2] = '*';
  short_by_a_group.erase(sound.rfind("</STREAM>") - 9, 4);
  EXPECT_THROW(received(broken), Error);
  EXPECT_THROW(received(short_by_a_group), Error);
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
