// SPDX-License-Identifier: BSD-3-Clause
#include "vo/tables/ecsv_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace platefs::test {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using vo::ecsv_units;

TEST(EcsvHeader, TellsTheUnitOfEachColumnInEachStyleOfYaml) {
  EXPECT_THAT(ecsv_units({"- {name: ra, unit: hourangle, datatype: float64}", "- {name: 'my dec', unit: \"deg\"}"}),
              ElementsAre(Pair("my dec", "deg"), Pair("ra", "hourangle")));
  EXPECT_THAT(ecsv_units({"-", "  name: ra", "  unit: rad"}), ElementsAre(Pair("ra", "rad")));
  EXPECT_THAT(ecsv_units({"- name: ra", "  unit: rad"}), ElementsAre(Pair("ra", "rad")));
}

TEST(EcsvHeader, ReadsNoUnitsOutOfOtherWords) {
  EXPECT_THAT(ecsv_units({"- {name: ra, subunit: deg, nickname: x}"}), ElementsAre());
  EXPECT_THAT(ecsv_units({"- {name: ra, unit: }"}), ElementsAre());
  EXPECT_THAT(ecsv_units({"- {name: ra, unit: \"deg, description: open}"}), ElementsAre(Pair("ra", "\"deg")));
}

TEST(EcsvHeader, EndsWhereTheMetadataBegin) {
  EXPECT_THAT(ecsv_units({"- {name: ra, unit: deg}", "meta:", "  unit: rad"}), ElementsAre(Pair("ra", "deg")));
}

TEST(EcsvHeader, AnEmptyUnitIsNone) { EXPECT_THAT(ecsv_units({"- {name: ra, unit: \"\"}"}), ElementsAre()); }

TEST(EcsvHeader, TakesLinesOfAnyLength) {
  const std::string filler(8u << 20, 'x');
  EXPECT_THAT(ecsv_units({"- {name: ra, description: \"" + filler + "\", unit: deg}"}), ElementsAre(Pair("ra", "deg")));
  EXPECT_THAT(ecsv_units({"- {name: \"" + filler}), ElementsAre());
  std::string keys = "- {";
  for (int i = 0; i < 200'000; ++i) keys += "name: 'a, unit: ";
  EXPECT_EQ(ecsv_units({keys}).size(), 1u);
}

}  // namespace
}  // namespace platefs::test
