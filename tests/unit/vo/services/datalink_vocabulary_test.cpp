// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "vo/services/datalink.h"

namespace platefs::vo {
namespace {

TEST(DatalinkVocabulary, KnowsWhichTermsAreNarrower) {
  for (const auto* term : {"#preview-image", "#preview-plot", "#thumbnail", "#preview"}) {
    EXPECT_TRUE(is_or_narrower(term, "#preview")) << term;
  }
  EXPECT_TRUE(is_or_narrower("#cutout", "#proc"));
  EXPECT_TRUE(is_or_narrower("#flat", "#calibration"));
  EXPECT_TRUE(is_or_narrower("#noise", "#auxiliary"));
  EXPECT_TRUE(is_or_narrower("#detached-header", "#documentation"));
}

TEST(DatalinkVocabulary, IsNoneOfItTheOtherWayRound) {
  EXPECT_FALSE(is_or_narrower("#preview", "#preview-image"));
  EXPECT_FALSE(is_or_narrower("#this", "#preview"));
  EXPECT_FALSE(is_or_narrower("", "#this"));
}

TEST(DatalinkVocabulary, TakesTermsInEachOfTheirForms) {
  EXPECT_TRUE(is_or_narrower("http://www.ivoa.net/rdf/datalink/core#thumbnail", "preview"));
  EXPECT_TRUE(is_or_narrower("thumbnail", "http://www.ivoa.net/rdf/datalink/core#preview"));
}

TEST(DatalinkVocabulary, DoesNotTakeAnotherVocabularysTermForItsOwn) {
  EXPECT_FALSE(is_or_narrower("http://www.openadc.org/caom2#thumbnail", "#preview"));
  EXPECT_TRUE(is_or_narrower("http://dc.g-vo.org/datalink#other", "http://dc.g-vo.org/datalink#other"));
}

}  // namespace
}  // namespace platefs::vo
