// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/targets_page.h"

#include "tests/support/mounted_tree.h"

namespace platefs::fs {
namespace {

using testing::HasSubstr;
using testing::Not;

class TargetsPageTest : public testing::Test, protected test::MountedTree {
 protected:
  std::string note(const std::vector<cache::Failure>& failures = {}) {
    const auto target = at({"156.011+48.148"});
    prepare(target);
    return note_on(*target.target->known(), FailedFiles{failures});
  }
};

TEST_F(TargetsPageTest, ANoteTellsOfThePlatesAndNamesThoseWhoseStampsMayStandForThem) {
  EXPECT_EQ(note(), "2 plates, 1890–1894\n1890-05-17_i00811\n1894-06-21_b01941");
  EXPECT_EQ(note({{"ivo://a/~?dasch/q/i00811", "cutout.fits", "404", 1}}), "2 plates, 1890–1894\n1894-06-21_b01941");
}

TEST_F(TargetsPageTest, HasACardForEachTargetInTheirOrderWithItsStamps) {
  const auto page = targets_page({{"M_31@2m", note()}, {"1+2", ""}}, "1.0");
  EXPECT_LT(page.find("M 31@2m"), page.find("1+2"));
  EXPECT_THAT(page, HasSubstr("src=\"M_31%402m/stamps/1890-05-17_i00811.jpg\""));
  EXPECT_THAT(page, HasSubstr("data-others=\"M_31%402m/stamps/1894-06-21_b01941.jpg\""));
  EXPECT_THAT(page, HasSubstr("2 plates, 1890–1894"));
  EXPECT_THAT(targets_page({}, "1.0"), HasSubstr("No target was used yet"));
}

TEST_F(TargetsPageTest, WhatSomebodyTypedIsText) {
  EXPECT_THAT(targets_page({{"<b>x</b>", "<i>1</i>\n\"><script>"}}, "1.0"),
              testing::AllOf(Not(HasSubstr("<b>x")), Not(HasSubstr("<i>1")), Not(HasSubstr("\"><script>"))));
}

}  // namespace
}  // namespace platefs::fs
