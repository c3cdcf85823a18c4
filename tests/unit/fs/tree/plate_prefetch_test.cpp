// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/plate_prefetch.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/mounted_tree.h"

namespace platefs::fs {
namespace {

constexpr std::size_t kPlates = 40, kAhead = 4;

struct CountedProduct final : test::FakeProduct {
  std::size_t openings = 0;
  cache::Withdraw open(vo::Completion<std::shared_ptr<cache::OpenFile>> done) override {
    ++openings;
    return FakeProduct::open(std::move(done));
  }
};

class PlatePrefetchTest : public testing::Test {
 protected:
  PlatePrefetchTest() {
    std::vector<vo::Plate> plates;
    for (std::size_t i = 0; i < kPlates; ++i) {
      plates.push_back(test::dated_plate(fmt::format("ivo://a/~?q/p{:03}", i), 11504.5 + static_cast<double>(i)));
    }
    mounted_.library.plates = std::make_shared<cache::PlatesAnswer>(
        cache::PlatesAnswer{vo::IcrsPosition::at(vo::Angle::degrees(156.011), vo::Angle::degrees(48.148)),
                            {test::archive_answer("gavo", plates)},
                            1'700'000'000});
    mounted_.library.any_product = product_;
    names_ = mounted_.names_in(mounted_.at({kTarget, "stamps"}));
  }

  /// How many files are made ready when the `number`th of the folder is opened.
  std::size_t made_ready(const std::string& folder, std::size_t number) {
    const auto before = product_->openings;
    auto name = names_.at(number);
    if (folder == "cutouts") name.replace(name.size() - 4, 4, ".fits");
    prefetch_.on_open(mounted_.at({kTarget, folder, name}));
    return product_->openings - before;
  }
  void open_page() { prefetch_.on_open(mounted_.at({kTarget, "index.html"})); }

  static constexpr const char* kTarget = "156.011+48.148";
  test::MountedTree mounted_;
  std::shared_ptr<CountedProduct> product_ = std::make_shared<CountedProduct>();
  PlatePrefetch prefetch_{mounted_.library, kAhead};
  std::vector<std::string> names_;
};

TEST_F(PlatePrefetchTest, BeginsWithTheSecondFileInARowAndStaysAFewAhead) {
  EXPECT_EQ(made_ready("stamps", 0), 0u);
  EXPECT_EQ(made_ready("stamps", 1), kAhead);
  EXPECT_EQ(made_ready("stamps", 2), 1u);
  EXPECT_EQ(made_ready("stamps", 20), 0u) << "somebody jumps about";
}

TEST_F(PlatePrefetchTest, OfAPageThatWasOpenedBringsAScreenOfStampsFromTheFirstOn) {
  open_page();
  EXPECT_EQ(product_->openings, 0u) << "the page alone brings nothing";
  EXPECT_EQ(made_ready("stamps", 0), 4 * kAhead);
  EXPECT_EQ(made_ready("stamps", 1), 0u);
  EXPECT_EQ(made_ready("stamps", 4), 0u);
  EXPECT_EQ(made_ready("stamps", 7), 0u);
  EXPECT_EQ(made_ready("stamps", 8), 0u) << "half of it is still ahead";
  EXPECT_EQ(made_ready("stamps", 9), 2 * kAhead + 1) << "several, whose links come together";
  EXPECT_EQ(made_ready("stamps", 30), kPlates - 31) << "where the reader jumped to, no further than there are plates";
}

TEST_F(PlatePrefetchTest, OfOtherFilesIsAsEverWhateverPageWasOpened) {
  open_page();
  EXPECT_EQ(made_ready("cutouts", 0), 0u);
  EXPECT_EQ(made_ready("cutouts", 1), kAhead);
}

}  // namespace
}  // namespace platefs::fs
