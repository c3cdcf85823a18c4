// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/table_search.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

#include "tests/support/held_transport.h"

namespace platefs::vo {
namespace {

namespace stdfs = std::filesystem;

const std::string kTable =
    "obs_publisher_did,access_url,s_ra,s_dec,s_fov,t_min\n"
    "ivo://archive.test/a,http://archive.test/a.fits,10,20,5,15000\n";

class RemoteTable : public testing::Test {
 protected:
  RemoteTable() : folder_(stdfs::temp_directory_path() / ("platefs-table-search-" + std::to_string(::getpid()))) {
    TableSettings settings;
    settings.index_directory = folder_;
    service_.table_settings = std::make_shared<const TableSettings>(std::move(settings));
    transport_.answer_with([](const http::Request& request) {
      const std::pair<std::string, std::string> wish{"Cache-Control", "no-cache"};
      const bool is_past = std::ranges::count(request.headers, wish) > 0;
      return test::response_to(request, 200, is_past ? kTable : "<html><body>Please log in</body></html>");
    });
  }
  ~RemoteTable() override { stdfs::remove_all(folder_); }

  std::size_t rows_there() {
    TableSearch search{service_, transport_};
    return search.at(IcrsPosition::at(Angle::degrees(10), Angle::degrees(20)), {}).read.table.rows.size();
  }

  stdfs::path folder_;
  TapService service_{.name = "table", .url = Url::parse("http://archive.test/plates.csv"), .kind = ServiceKind::Table};
  test::HeldTransport transport_;
};

TEST_F(RemoteTable, IsAskedForPastACacheThatGivesAPageForIt) {
  service_.is_behind_cache = true;
  EXPECT_EQ(rows_there(), 1u);
  EXPECT_EQ(transport_.requests().size(), 2u);
}

TEST_F(RemoteTable, ThatIsNoneIsAskedForOnceWhereNoCacheIsKnownOf) {
  EXPECT_THROW(rows_there(), Error);
  EXPECT_EQ(transport_.requests().size(), 1u);
}

}  // namespace
}  // namespace platefs::vo
