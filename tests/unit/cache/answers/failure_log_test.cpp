// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/failure_log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace platefs::cache {
namespace {

class FailureLogTest : public testing::Test {
 protected:
  std::vector<std::string> lines;
  FailureLog log{[this](std::string_view text) { lines.emplace_back(text); }};
};

TEST_F(FailureLogTest, TellsOnceWhatFailsAgainForTheSameReason) {
  log.failed("full.fits of a plate", "status 404");
  log.failed("full.fits of a plate", "status 404");
  EXPECT_EQ(lines, (std::vector<std::string>{"status 404"}));
}

TEST_F(FailureLogTest, TellsAnotherReasonAndAnotherSubject) {
  log.failed("full.fits of a plate", "status 404");
  log.failed("full.fits of a plate", "no connection");
  log.failed("cutout.fits of a plate", "no connection");
  EXPECT_EQ(lines, (std::vector<std::string>{"status 404", "no connection", "no connection"}));
}

TEST_F(FailureLogTest, TellsAgainWhatFailsAfterItWasWell) {
  log.failed("full.fits of a plate", "status 404");
  log.is_over("full.fits of a plate");
  log.failed("full.fits of a plate", "status 404");
  EXPECT_EQ(lines.size(), 2U);
}

TEST(FailureLog, KeepsSilentWithoutAListener) { FailureLog{{}}.failed("full.fits of a plate", "status 404"); }

}  // namespace
}  // namespace platefs::cache
