// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/tap_capabilities.h"

#include <gtest/gtest.h>

#include <string>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

std::string capabilities(const std::string& standard_id, const std::string& inside) {
  return "<?xml version=\"1.0\"?><cap:capabilities "
         "xmlns:cap=\"http://www.ivoa.net/xml/VOSICapabilities/v1.0\">"
         "<capability standardID=\"ivo://ivoa.net/std/VOSI#availability\"/><capability "
         "standardID=\"" +
         standard_id + "\"><language><name>ADQL</name></language>" + inside + "</capability></cap:capabilities>";
}

constexpr const char* kInline = "<uploadMethod ivo-id=\"ivo://ivoa.net/std/TAPRegExt#upload-inline\"/>";

TEST(TapCapabilities, NameInlineUploadInAnyCase) {
  EXPECT_TRUE(takes_inline_upload(capabilities("ivo://ivoa.net/std/TAP", kInline)));
  EXPECT_TRUE(takes_inline_upload(capabilities(
      "ivo://ivoa.net/std/tap#1.1", "<x:uploadMethod ivo-id=\"ivo://ivoa.net/std/tapregext#UPLOAD-inline\"/>")));
}

TEST(TapCapabilities, OtherWaysOfUploadingAreNone) {
  EXPECT_FALSE(takes_inline_upload(capabilities("ivo://ivoa.net/std/TAP", "")));
  EXPECT_FALSE(takes_inline_upload(
      capabilities("ivo://ivoa.net/std/TAP", "<uploadMethod ivo-id=\"ivo://ivoa.net/std/TAPRegExt#upload-http\"/>")));
}

TEST(TapCapabilities, OfAnotherServiceSayNothing) {
  EXPECT_FALSE(takes_inline_upload(capabilities("ivo://ivoa.net/std/SODA#sync-1.0", kInline)));
  EXPECT_FALSE(takes_inline_upload(capabilities("ivo://ivoa.net/std/TAPRegExt", kInline)));
}

TEST(TapCapabilities, AreNoWebPage) {
  EXPECT_THROW(takes_inline_upload("<!DOCTYPE html><html><body>Log in</body></html>"), Error);
  EXPECT_THROW(takes_inline_upload(""), Error);
  EXPECT_THROW(takes_inline_upload("<cap:capabilities>"), Error);
}

}  // namespace
}  // namespace platefs::vo
