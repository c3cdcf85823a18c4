// SPDX-License-Identifier: BSD-3-Clause
#include <rapidcheck/gtest.h>

#include "fs/tree/target_name.h"

namespace platefs::fs {
namespace {

constexpr auto kDefault = vo::Angle::arcminutes(10);

/// Steps of what positions are settled to: small numbers, which have exponents elsewhere, included.
rc::Gen<double> degrees(double lowest, double highest) {
  return rc::gen::oneOf(rc::gen::map(rc::gen::inRange<std::int64_t>(static_cast<std::int64_t>(lowest * 1e11),
                                                                    static_cast<std::int64_t>(highest * 1e11)),
                                     [](std::int64_t steps) { return static_cast<double>(steps) / 1e11; }),
                        rc::gen::map(rc::gen::inRange<std::int64_t>(0, 1000000),
                                     [](std::int64_t steps) { return static_cast<double>(steps) / 1e11; }));
}

std::optional<Target> target(const std::string& name) {
  const auto parsed = parse_target(name, kDefault);
  const auto* found = std::get_if<Target>(&parsed);
  return found == nullptr ? std::nullopt : std::optional{*found};
}

RC_GTEST_PROP(TargetNameProperty, TheCanonicalNameMeansTheSameTarget, ()) {
  const double ra = *degrees(0, 360), dec = *degrees(-90, 90);
  const auto radius = vo::Angle::arcseconds(*rc::gen::inRange(1, 36000) / 7.0);
  const Target asked{
      vo::IcrsPosition::at(vo::Angle::degrees(ra), vo::Angle::degrees(dec)), radius, *rc::gen::arbitrary<bool>(), {}};
  const auto found = target(asked.canonical_name());
  RC_ASSERT(found.has_value());
  RC_ASSERT(found->canonical_name() == asked.canonical_name());
  RC_ASSERT(found->position == asked.position);
  if (!asked.radius_is_default) RC_ASSERT(found->radius == radius);
}

RC_GTEST_PROP(TargetNameProperty, NoNameMakesItFail, (const std::string& name)) {
  const auto parsed = parse_target(name, kDefault);
  if (const auto* found = std::get_if<Target>(&parsed)) {
    RC_ASSERT(found->radius.as_degrees() > 0);
    RC_ASSERT(target(found->canonical_name()).has_value());
  }
}

TEST(CanonicalName, HasNoExponent) {
  EXPECT_EQ(target("0.00001+0.00002@0.05s")->canonical_name().find('e'), std::string::npos);
  EXPECT_TRUE(target(target("0.00001-0.00002@0.05s")->canonical_name()));
}

}  // namespace
}  // namespace platefs::fs
