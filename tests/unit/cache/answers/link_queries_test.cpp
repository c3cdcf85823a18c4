// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/link_queries.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <future>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "cache/answers/plate_queries.h"
#include "tests/support/held_transport.h"
#include "tests/support/store_fixture.h"

namespace platefs::cache {
namespace {

constexpr std::size_t kRows = 60;

/// A table of 60 plates with one links service, which takes many IDs.
std::shared_ptr<vo::PlateTable> table_of(const std::string& service) {
  auto table = std::make_shared<vo::PlateTable>();
  table->links_service.emplace().access_url = service;
  table->links_id_column = 0;
  for (std::size_t i = 0; i < kRows; ++i) table->table.rows.push_back({fmt::format("ivo://x{}", i)});
  for (std::size_t i = 0; i < kRows; ++i) {
    auto& plate = table->plates.emplace_back();
    plate.row = i;
    plate.obs_publisher_did = fmt::format("ivo://x{}", i);
  }
  return table;
}

std::vector<std::string> ids_of(const vo::http::Request& request) { return request.url.parameter("ID"); }

class LinksOfATable : public test::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    writer = std::make_unique<Writer>(*store, [](std::string_view) {});
    transport.answer_with([](const vo::http::Request& request) {
      std::string rows;
      for (const auto& id : ids_of(request)) {
        rows +=
            fmt::format("<TR><TD>{0}</TD><TD>http://archive.test/{1}.fits</TD><TD>#this</TD></TR>", id, id.substr(6));
      }
      return vo::http::Response{
          {.status = 200, .url = request.url, .headers = {}},
          "<VOTABLE><RESOURCE type=\"results\"><TABLE><FIELD name=\"ID\" datatype=\"char\" arraysize=\"*\"/>"
          "<FIELD name=\"access_url\" datatype=\"char\" arraysize=\"*\"/>"
          "<FIELD name=\"semantics\" datatype=\"char\" arraysize=\"*\"/>"
          "<DATA><TABLEDATA>" +
              rows + "</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"};
    });
  }
  std::unique_ptr<PlateQueries> queries(bool is_behind_cache) {
    Freshness options;
    options.now = [this] { return now; };
    vo::TapService service{"archive", vo::Url::parse("http://archive.test/tap")};
    service.is_behind_cache = is_behind_cache;
    return std::make_unique<PlateQueries>(service, transport,
                                          AnswerKeeping{memories.emplace_back(1 << 20), *store, *writer}, options);
  }
  /// What it asks when these rows are wanted, one after the other, and each is answered right.
  std::vector<std::vector<std::string>> asked_for(PlateQueries& queries, const std::shared_ptr<vo::PlateTable>& table,
                                                  const std::vector<std::size_t>& rows) {
    const auto before = transport.requests().size();
    for (const auto row : rows) {
      std::promise<vo::Outcome<LinkQueries::Links>> told;
      queries.links().links_of({table, row},
                               [&told](vo::Outcome<LinkQueries::Links> links) { told.set_value(std::move(links)); });
      const auto links = told.get_future().get().value();
      EXPECT_EQ(links->document.links.at(0).access_url, fmt::format("http://archive.test/x{}.fits", row));
      writer->run([](Store&) {});
    }
    std::vector<std::vector<std::string>> asked;
    const auto requests = transport.requests();
    for (auto i = before; i < requests.size(); ++i) asked.push_back(ids_of(requests[i]));
    return asked;
  }

  test::HeldTransport transport;
  std::unique_ptr<Writer> writer;
  std::list<AnswerMemory> memories;
};

TEST_F(LinksOfATable, WhoGoesThroughItAsksFewTimes) {
  std::vector<std::size_t> all(kRows);
  for (std::size_t i = 0; i < kRows; ++i) all[i] = i;
  std::vector<std::size_t> sizes;
  for (const auto& ids : asked_for(*queries(false), table_of("http://archive.test/links"), all))
    sizes.push_back(ids.size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 4, 16, 32, 7}));
}

TEST_F(LinksOfATable, BehindACacheTwoWhoBeginAtDifferentRowsAskTheSame) {
  const auto one = asked_for(*queries(true), table_of("http://archive.test/links"), {0, 1, 5, 21});
  const auto other = asked_for(*queries(true), table_of("http://archive.test/links-of-another"), {30, 31});
  ASSERT_EQ(one.size(), 4u);
  ASSERT_EQ(other.size(), 2u);
  EXPECT_EQ(other[1].size(), 32u);
  EXPECT_EQ(other[1], one[3]);
}

TEST_F(LinksOfATable, WithoutACacheNothingThatIsKnownOrBehindIsAskedFor) {
  const auto asked = asked_for(*queries(false), table_of("http://archive.test/links"), {30, 33, 31});
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_EQ(asked[1].size(), 20u);  // 33 to 52
  EXPECT_EQ(asked[2].size(), 1u);
}

}  // namespace
}  // namespace platefs::cache
