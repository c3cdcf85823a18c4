// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vo/base/error.h"

namespace platefs::demo {
namespace {

Request request_for(std::string path) {
  Request request;
  request.path = std::move(path);
  return request;
}

TEST(Faults, BefallOnlyWhatMatchesAndAsOftenAsSaid) {
  Faults faults;
  faults.set_json(R"([{"match": {"kind": "file", "path": "b01941"}, "fault": "html", "times": 1, "skip": 1}])");
  EXPECT_TRUE(faults.befalling("preview", request_for("/b01941")).empty());
  EXPECT_TRUE(faults.befalling("file", request_for("/i00601")).empty());
  EXPECT_TRUE(faults.befalling("file", request_for("/b01941")).empty());
  EXPECT_EQ(faults.befalling("file", request_for("/b01941")).size(), 1u);
  EXPECT_TRUE(faults.befalling("file", request_for("/b01941")).empty());
}

TEST(Faults, LatencyComesBesideOthers) {
  Faults faults;
  faults.set_json(R"([{"fault": "reset"}, {"fault": "latency", "milliseconds": 40}, {"fault": "html"}])");
  const auto rules = faults.befalling("tap", request_for("/tap/sync"));
  ASSERT_EQ(rules.size(), 2u);
  const auto delivery = delivery_of(text_answer(200, "text/plain", "x"), rules);
  EXPECT_TRUE(delivery.resets_at_once);
  EXPECT_EQ(delivery.latency_milliseconds, 40u);
}

TEST(Faults, UnknownOnesAreRefusedAndChangeNothing) {
  Faults faults;
  faults.set_json(R"([{"fault": "stall"}])");
  for (const auto* const text :
       {"[{\"fault\": \"sulk\"}]", "[{\"times\": 2}]", "[{\"fault\": \"stall\", \"tmes\": 2}]", "{}", "no"}) {
    EXPECT_THROW(faults.set_json(text), vo::Error) << text;
  }
  EXPECT_EQ(faults.befalling("tap", request_for("/")).size(), 1u);
}

TEST(Spoil, AWrongRangeIsConsistentInItself) {
  Answer answer = text_answer(206, "image/fits", "abcd");
  answer.set("Content-Range", "bytes 5000-5003/9000");
  FaultRule rule;
  rule.fault = Fault::WrongRange;
  spoil(answer, {}, {rule});
  EXPECT_EQ(answer.header("Content-Range"), "bytes 4000-4003/9000");
  EXPECT_EQ(answer.content->size(), 4u);
}

}  // namespace
}  // namespace platefs::demo
