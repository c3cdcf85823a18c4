// SPDX-License-Identifier: BSD-3-Clause
#include "cache/archive_desk.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>

#include "tests/support/held_transport.h"
#include "tests/support/store_fixture.h"

namespace platefs::cache {
namespace {

constexpr const char* kNoPlates =
    "<VOTABLE><RESOURCE type=\"results\"><INFO name=\"QUERY_STATUS\" value=\"OK\"/><TABLE>"
    "<FIELD name=\"obs_publisher_did\" datatype=\"char\" arraysize=\"*\"/>"
    "<DATA><TABLEDATA/></DATA></TABLE></RESOURCE></VOTABLE>";

class ArchiveDeskTest : public test::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    writer = std::make_unique<Writer>(*store, [](std::string_view) {});
    transport.answer_with([](const vo::http::Request& request) {
      return vo::http::Response{{.status = 200, .url = request.url, .headers = {}}, kNoPlates};
    });
  }
  std::unique_ptr<ArchiveDesk> desk(std::int64_t refresh_before) {
    DeskOptions options;
    options.now = [this] { return now; };
    options.refresh_before = refresh_before;
    return std::make_unique<ArchiveDesk>(vo::TapService{"archive", vo::Url::parse("http://archive.test/tap")}, transport,
                                         *store, *writer, options);
  }
  void ask(ArchiveDesk& desk) {
    std::promise<vo::Outcome<ArchiveAnswer>> told;
    desk.plates_at({vo::Angle::degrees(10), vo::Angle::degrees(20)},
                   [&told](vo::Outcome<ArchiveAnswer> answer) { told.set_value(std::move(answer)); });
    EXPECT_FALSE(told.get_future().get().value().failure);
    writer->run([](Store&) {});                      // what was to be remembered is
  }

  test::HeldTransport transport;
  std::unique_ptr<Writer> writer;
};

TEST_F(ArchiveDeskTest, AsksOnceAndRemembers) {
  const auto first = desk(0);
  ask(*first);
  ask(*first);
  ask(*desk(0));
  EXPECT_EQ(transport.requests().size(), 1u);
}

TEST_F(ArchiveDeskTest, RefreshAsksOnceMoreEvenWithinTheSameSecond) {
  ask(*desk(0));
  const auto refreshing = desk(now);
  ask(*refreshing);
  EXPECT_EQ(transport.requests().size(), 2u);
  ask(*refreshing);
  EXPECT_EQ(transport.requests().size(), 2u);
}

TEST_F(ArchiveDeskTest, RefreshTakesWhatAnotherProcessAskedSince) {
  const auto refreshing = desk(now);
  now += 1;
  ask(*desk(0));
  ask(*refreshing);
  EXPECT_EQ(transport.requests().size(), 1u);
}

TEST_F(ArchiveDeskTest, ALinksServiceThatHasNothingHidesNoFileThatObsCoreNames) {
  transport.answer_with([](const vo::http::Request& request) {
    return vo::http::Response{{.status = 200, .url = request.url, .headers = {}},
                              "<VOTABLE><RESOURCE type=\"results\"><TABLE>"
                              "<FIELD name=\"access_url\" datatype=\"char\" arraysize=\"*\"/>"
                              "<FIELD name=\"semantics\" datatype=\"char\" arraysize=\"*\"/>"
                              "<DATA><TABLEDATA/></DATA></TABLE></RESOURCE></VOTABLE>"};
  });
  auto table = std::make_shared<vo::PlateTable>();
  table->links_service.emplace().access_url = "http://archive.test/links";
  table->links_id_column = 0;
  table->table.rows = {{std::string{"ivo://x"}}};
  table->plates.emplace_back();
  table->plates.back().access_url = "http://archive.test/x.fits";
  table->plates.back().access_format = "image/fits";
  const auto asked = desk(0);
  std::promise<vo::Outcome<LinksDesk::Links>> told;
  asked->links().links_of({table, 0}, [&told](vo::Outcome<LinksDesk::Links> links) { told.set_value(std::move(links)); });
  const auto links = told.get_future().get().value();
  ASSERT_NE(links->files.full, nullptr);
  EXPECT_EQ(links->files.full->access_url, "http://archive.test/x.fits");
}

}  // namespace
}  // namespace platefs::cache
