// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/plate_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/support/held_transport.h"
#include "tests/support/votable_builder.h"

namespace platefs::vo {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kFields = R"(<FIELD name="obs_publisher_did" datatype="char" arraysize="*"/>)"
                                     R"(<FIELD name="t_min" datatype="double"/>)"
                                     R"(<FIELD name="s_region" datatype="char" arraysize="*"/>)"
                                     R"(<FIELD name="s_ra" datatype="double"/><FIELD name="s_dec" datatype="double"/>)"
                                     R"(<FIELD name="s_fov" datatype="double"/>)";

std::string row(const std::string& did, double t_min, const std::string& region, double ra = 10, double dec = 40,
                const std::string& field = "2") {
  const auto cell = [](const std::string& text) { return "<TD>" + text + "</TD>"; };
  return "<TR>" + cell(did) + cell(std::to_string(t_min)) + cell(region) + cell(std::to_string(ra)) +
         cell(std::to_string(dec)) + cell(field) + "</TR>";
}

std::string plates(const std::string& rows, const std::string& status = "OK") {
  return test::votable_document("<INFO name=\"QUERY_STATUS\" value=\"" + status + "\"/>" +
                                test::table(std::string(kFields), test::tabledata(rows)));
}

std::string refusal(const std::string& said) {
  return test::votable_document("<INFO name=\"QUERY_STATUS\" value=\"ERROR\">" + said + "</INFO>");
}

class PlateSearchTest : public testing::Test {
 protected:
  /// `answer` is given the ADQL.
  void service(std::function<std::string(const std::string&)> answer) {
    transport_.answer_with([this, answer](const http::Request& request) {
      const auto form = Url::parse("http://x/?" + request.form.value_or(""));
      asked_.push_back(form.parameter("QUERY").empty() ? "" : form.parameter("QUERY").front());
      return test::response_to(request, 200, answer(asked_.back()));
    });
  }

  std::vector<std::string> found(PlateSearch& search) {
    std::vector<std::string> names;
    for (const auto each : search.at(position_, {}).read.table.rows) names.push_back(text_of(each.view(0)));
    return names;
  }

  IcrsPosition position_ = IcrsPosition::at(Angle::degrees(10), Angle::degrees(40));
  TapService service_{.name = "demo", .url = Url::parse("http://archive.test/tap")};
  std::vector<std::string> asked_;
  test::HeldTransport transport_;
};

/// A service behind a cache, by what it says to GET; to POST it answers with a plate.
class PlateSearchBehindCache : public testing::Test {
 protected:
  PlateSearchBehindCache() { service_.is_behind_cache = true; }

  void gets(std::function<http::Response(const http::Request&)> answer) {
    transport_.answer_with([this, answer](const http::Request& request) {
      asked_.push_back(request.is_post() ? "POST" : "GET");
      urls_.push_back(request.url.text());
      const std::pair<std::string, std::string> fresh{"Cache-Control", "no-cache"};
      if (std::ranges::count(request.headers, fresh) != 0) asked_.back() += " fresh";
      if (request.is_post()) return test::response_to(request, 200, plates(row("posted", 1, "Circle ICRS 10 40 1")));
      return answer(request);
    });
  }
  std::string found(PlateSearch& search) {
    return std::string{text_of(search.at(position_, {}).read.table.rows.cell(0, 0))};
  }

  IcrsPosition position_ = IcrsPosition::at(Angle::degrees(10), Angle::degrees(40));
  TapService service_{.name = "demo", .url = Url::parse("http://archive.test/tap")};
  std::vector<std::string> asked_, urls_;
  test::HeldTransport transport_;
};

TEST_F(PlateSearchBehindCache, IsAskedByGet) {
  gets([](const auto& request) {
    return test::response_to(request, 200, plates(row("got", 1, "Circle ICRS 10 40 1")));
  });
  PlateSearch search{service_, transport_};
  EXPECT_EQ(found(search), "got");
  EXPECT_EQ(asked_, std::vector<std::string>{"GET"});
  const auto url = Url::parse(urls_[0]);
  EXPECT_EQ(url.path(), "/tap/sync");
  EXPECT_EQ(url.parameter("QUERY"), std::vector<std::string>{plates_adql(service_, position_, PlaceForm::RegionOrBox)});
  EXPECT_EQ(url.parameter("REQUEST"), std::vector<std::string>{"doQuery"});
}

TEST_F(PlateSearchBehindCache, IsAskedByPostWhatMakesALongUrl) {
  gets([](const auto& request) {
    return test::response_to(request, 200, plates(row("got", 1, "Circle ICRS 10 40 1")));
  });
  service_.where = "obs_collection <> '" + std::string(2000, 'x') + "'";
  PlateSearch search{service_, transport_};
  EXPECT_EQ(found(search), "posted");
  EXPECT_FALSE(search.habits().wants_post);
}

TEST_F(PlateSearchBehindCache, ThatRefusesGetIsAskedByPostFromThenOn) {
  for (const int status : {403, 405, 406, 414, 501}) {
    asked_.clear();
    gets([=](const auto& request) { return test::response_to(request, status, "by POST, please"); });
    PlateSearch search{service_, transport_};
    EXPECT_EQ(found(search), "posted") << status;
    EXPECT_EQ(found(search), "posted");
    EXPECT_EQ(asked_, (std::vector<std::string>{"GET", "POST", "POST"}));
    const auto habits = habits_in(text_of(search.habits()));
    ASSERT_TRUE(habits);
    EXPECT_TRUE(habits->wants_post);
    PlateSearch later{service_, transport_};
    later.resume(*habits);
    EXPECT_EQ(found(later), "posted");
    EXPECT_EQ(asked_.back(), "POST");
    EXPECT_EQ(asked_.size(), 4u);
  }
}

TEST_F(PlateSearchBehindCache, IsAskedOnceMorePastTheCacheWhereTheAnswerIsNone) {
  for (const auto& kept : {refusal("out of order"), std::string{"<html>log in</html>"}}) {
    asked_.clear();
    gets([&](const auto& request) {
      const auto rows = plates(row("got", 1, "Circle ICRS 10 40 1"));
      return test::response_to(request, 200, asked_.size() == 1 ? kept : rows);
    });
    PlateSearch search{service_, transport_};
    EXPECT_EQ(found(search), "got");
    EXPECT_EQ(asked_, (std::vector<std::string>{"GET", "GET fresh"}));
  }
}

TEST_F(PlateSearchBehindCache, IsNotAskedOnceMoreWhereItSaysItselfThatItFails) {
  gets([](const auto& request) { return test::response_to(request, 400, refusal("no table ivoa.obscore")); });
  PlateSearch search{service_, transport_};
  EXPECT_THROW(found(search), Error);
  EXPECT_EQ(std::ranges::count(asked_, "GET fresh"), 0);
}

TEST_F(PlateSearchTest, FindsPlatesWithoutARegionByTheirField) {
  service([](const auto&) {
    return plates(row("near", 1, "") + row("placed", 2, "Circle ICRS 10 40 1") + row("far", 3, "", 12, 40));
  });
  PlateSearch search{service_, transport_};
  EXPECT_EQ(found(search), (std::vector<std::string>{"near", "placed"}));
  EXPECT_EQ(asked_.size(), 1u);
}

TEST_F(PlateSearchTest, ComparesRegionsItselfWhereTheServiceDoesNot) {
  service([](const std::string& adql) {
    if (adql.find("CONTAINS") != std::string::npos) return refusal("function contains(spoint, text) does not exist");
    return plates(row("in", 1, "polygon 9 39 11 39 11 41 9 41") +
                  row("out", 2, "Polygon ICRS 19 39 21 39 21 41 19 41") + row("field", 3, "") +
                  row("unknown text", 4, "moc 1/2"));
  });
  PlateSearch search{service_, transport_};
  EXPECT_EQ(found(search), (std::vector<std::string>{"in", "field", "unknown text"}));
  const auto first = asked_.size();
  EXPECT_EQ(found(search).size(), 3u);
  EXPECT_EQ(asked_.size(), first + 1) << "it is not refused a second time";
}

TEST_F(PlateSearchTest, AsksByRegionAloneWhereTheTableHasNoFields) {
  service([](const std::string& adql) {
    if (adql.find("s_fov") != std::string::npos) return refusal("no column s_fov");
    return plates(row("in", 1, "Circle ICRS 10 40 1"));
  });
  PlateSearch search{service_, transport_};
  EXPECT_EQ(found(search), std::vector<std::string>{"in"});
  EXPECT_THAT(asked_.back(), HasSubstr("CONTAINS"));
}

TEST_F(PlateSearchTest, TellsTheFirstRefusalAndStopsTryingOtherForms) {
  service([](const auto&) { return refusal("no table ivoa.obscore"); });
  PlateSearch search{service_, transport_};
  for (int i = 0; i < 2; ++i) {
    try {
      found(search);
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_THAT(error.message(), HasSubstr("no table"));
    }
  }
  EXPECT_EQ(asked_.size(), 3u) << "two at the first time, one from then on";
}

TEST_F(PlateSearchTest, AsksAsItIsToldTo) {
  service([](const auto&) { return plates(row("in", 1, "Circle ICRS 10 40 1")); });
  service_.place_form = PlaceForm::Region;
  PlateSearch search{service_, transport_};
  found(search);
  EXPECT_THAT(asked_.front(), Not(HasSubstr("IS NULL")));
}

TEST_F(PlateSearchTest, GoesOnWithAnAnswerThatIsCutShort) {
  service([](const std::string& adql) {
    if (adql.find("t_min >=") == std::string::npos) {
      return plates(row("a", 1, "Circle 10 40 1") + row("b", 2, "Circle 10 40 1"), "OVERFLOW");
    }
    if (adql.find("t_min >= 1.9") != std::string::npos) {
      return plates(row("b", 2, "Circle 10 40 1") + row("c", 3, "Circle 10 40 1"), "OVERFLOW");
    }
    return plates(row("c", 3, "Circle 10 40 1") + row("d", 3, "Circle 10 40 1"));
  });
  PlateSearch search{service_, transport_};
  const auto answer = search.at(position_, {});
  EXPECT_EQ(answer.read.table.rows.size(), 4u);
  EXPECT_FALSE(answer.read.table.truncated);
  EXPECT_EQ(asked_.size(), 3u);
}

TEST_F(PlateSearchTest, SaysThatAListIsCutShortWhereTheServiceGivesNoMore) {
  service([](const auto&) { return plates(row("a", 1, "Circle 10 40 1"), "OVERFLOW"); });
  PlateSearch search{service_, transport_};
  EXPECT_TRUE(search.at(position_, {}).read.table.truncated);
  EXPECT_EQ(asked_.size(), 2u);
}

}  // namespace
}  // namespace platefs::vo
