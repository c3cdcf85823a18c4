// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/plates_memory.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/support/held_transport.h"
#include "tests/support/store_fixture.h"

namespace platefs::cache {
namespace {

class PlatesMemoryTest : public test::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    writer = std::make_unique<Writer>(*store, [](std::string_view) {});
    options.now = [this] { return now; };
  }

  /// A table of that many plates, of a kilobyte each at least.
  static std::string document_of(int plates) {
    std::string rows;
    for (int i = 0; i < plates; ++i) {
      rows += "<TR><TD>ivo://x/" + std::to_string(i) + "</TD><TD>" + std::string(1000, 't') + "</TD></TR>";
    }
    return "<VOTABLE><RESOURCE type=\"results\"><TABLE><FIELD name=\"obs_publisher_did\" datatype=\"char\" "
           "arraysize=\"*\"/><FIELD name=\"obs_title\" datatype=\"char\" arraysize=\"*\"/><DATA><TABLEDATA>" +
           rows + "</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>";
  }

  std::shared_ptr<const vo::PlateTable> keep(PlatesMemory& memory, const std::string& key, int plates) {
    const auto document = document_of(plates);
    auto table = memory.keep(key, {document, archive.plates_from_document(document)}, now).table;
    writer->run([](Store&) {});  // what was to be remembered is
    return table;
  }

  test::HeldTransport transport;
  std::unique_ptr<Writer> writer;
  Freshness options;
  vo::Archive archive{vo::TapService{"archive", vo::Url::parse("http://archive.test/tap")}, transport};
};

TEST_F(PlatesMemoryTest, KeepsManySmallTablesParsed) {
  PlatesMemory memory{archive, *store, *writer, options};
  const auto first = keep(memory, "first", 1);
  for (int i = 0; i < 200; ++i) keep(memory, std::to_string(i), 1);
  EXPECT_EQ(memory.find("first", false)->table, first);
}

TEST_F(PlatesMemoryTest, LetsGoOfTheTableUsedLongestAgoWhenItsBytesAreSpent) {
  options.table_bytes = 1 << 20;
  PlatesMemory memory{archive, *store, *writer, options};
  const auto used = keep(memory, "used", 100);
  const auto unused = keep(memory, "a name that sorts first", 100);
  for (int i = 0; i < 10; ++i) {
    keep(memory, std::to_string(i), 100);
    EXPECT_EQ(memory.find("used", false)->table, used) << i;
  }
  EXPECT_NE(memory.find("a name that sorts first", false)->table, unused);  // read from the store again
}

TEST_F(PlatesMemoryTest, KeepsTheLatestHoweverLargeItIs) {
  options.table_bytes = 1000;
  PlatesMemory memory{archive, *store, *writer, options};
  const auto table = keep(memory, "large", 100);
  EXPECT_EQ(memory.find("large", false)->table, table);
}

}  // namespace
}  // namespace platefs::cache
