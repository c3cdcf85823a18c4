// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/repeats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platefs::vo {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(PlacesOfRepeated, AreThoseOfAllCopiesInTheirOrder) {
  EXPECT_THAT(places_of_repeated({7, 1, 7, 3, 1, 7}), ElementsAre(0, 1, 2, 4, 5));
}

TEST(PlacesOfRepeated, AreNoneWhereAllDiffer) {
  EXPECT_THAT(places_of_repeated({3, 2, 1}), IsEmpty());
  EXPECT_THAT(places_of_repeated({}), IsEmpty());
}

}  // namespace
}  // namespace platefs::vo
