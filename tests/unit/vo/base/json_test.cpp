// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/json.h"

#include <gtest/gtest.h>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

ErrorKind kind_of(std::string_view text, const JsonLimits& limits = {}) {
  try {
    read_json(text, limits);
  } catch (const Error& error) {
    return error.kind();
  }
  return ErrorKind::Cancelled;
}

TEST(Json, ValuesOfAllKindsAreReadInTheirPlaces) {
  const auto json = read_json(R"({"a": [1, -2.5, "b\u00e9", true, null, {"c": {}}], "d": 18446744073709551615})");
  const auto& list = *json.member("a")->list();
  ASSERT_EQ(list.size(), 6u);
  EXPECT_EQ(*list[0].number(), 1);
  EXPECT_EQ(*list[1].number(), -2.5);
  EXPECT_EQ(*list[2].text(), "b\xc3\xa9");
  EXPECT_TRUE(std::get<bool>(list[3].value));
  EXPECT_EQ(list[4].value.index(), 0u);
  EXPECT_NE(list[5].member("c"), nullptr);
  EXPECT_EQ(*json.member("d")->number(), 18446744073709551615.0);
  EXPECT_EQ(json.member("e"), nullptr);
  EXPECT_EQ(list[0].member("e"), nullptr) << "a number has no members";
}

TEST(Json, ADocumentIsOneValueAndNothingElse) {
  EXPECT_EQ(*read_json(" \"text\" ").text(), "text");
  for (const auto* text : {"", "{", "[1,]", "{\"a\":}", "1 2", "<html>", "\"\xff\"", "nan", "[1e999]"}) {
    EXPECT_EQ(kind_of(text), ErrorKind::Malformed) << text;
  }
}

TEST(Json, NestingIsBounded) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_NO_THROW(read_json(nested(16)));
  EXPECT_EQ(kind_of(nested(17)), ErrorKind::Malformed);
  EXPECT_EQ(kind_of(std::string(10'000'000, '[')), ErrorKind::Malformed) << "and costs no stack";
}

TEST(Json, TheNumberOfValuesIsBounded) {
  EXPECT_NO_THROW(read_json("[1,2,3]", {.depth = 2, .values = 4}));
  EXPECT_EQ(kind_of("[1,2,3,4]", {.depth = 2, .values = 4}), ErrorKind::Malformed);
}

}  // namespace
}  // namespace platefs::vo
