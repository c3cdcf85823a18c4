// SPDX-License-Identifier: BSD-3-Clause
#include "fs/http/recent_nodes.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "fs/tree/target.h"
#include "fs/tree/target_name.h"
#include "tests/support/fake_library.h"

namespace platefs::test {
namespace {

class RecentNodes : public testing::Test {
 protected:
  /// A node that a request found and let go again; what is left of its target.
  std::weak_ptr<fs::TargetState> found_target() {
    fs::Node node;
    const auto target = std::get<fs::Target>(fs::parse_target("10+20", vo::Angle::arcminutes(10)));
    node.target = std::make_shared<fs::TargetState>(library_, target);
    recent_.keep(node);
    return node.target;
  }
  std::weak_ptr<cache::Product> found_file(const std::shared_ptr<fs::TargetState>& target = nullptr) {
    fs::Node node;
    node.target = target;
    node.product = std::make_shared<FakeProduct>();
    recent_.keep(node);
    return node.product;
  }

  FakeLibrary library_;
  fs::RecentNodes recent_;
};

TEST_F(RecentNodes, KeepTheTargetAndTheFileOfTheLatestRequest) {
  const auto target = found_target();
  const auto file = found_file();
  EXPECT_FALSE(target.expired());
  EXPECT_FALSE(file.expired());
}

TEST_F(RecentNodes, LetGoOfThoseThatWereNotAskedForLongest) {
  std::vector<std::weak_ptr<fs::TargetState>> targets;
  for (std::size_t i = 0; i < fs::RecentNodes::kTargets; ++i) targets.push_back(found_target());
  found_file(targets.front().lock());  // a file of the first, which is the latest now
  targets.push_back(found_target());
  EXPECT_FALSE(targets[0].expired());
  EXPECT_TRUE(targets[1].expired());
  EXPECT_FALSE(targets.back().expired());

  std::vector<std::weak_ptr<cache::Product>> files;
  for (std::size_t i = 0; i <= fs::RecentNodes::kFiles; ++i) files.push_back(found_file());
  EXPECT_TRUE(files.front().expired());
  EXPECT_FALSE(files[1].expired());
}

TEST_F(RecentNodes, KeepNothingOfADirectoryOfTheServerItself) { recent_.keep(fs::Node{}); }

}  // namespace
}  // namespace platefs::test
