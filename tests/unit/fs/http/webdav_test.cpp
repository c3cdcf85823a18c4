// SPDX-License-Identifier: BSD-3-Clause
#include "fs/http/webdav.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vo/base/error.h"

namespace platefs::fs {
namespace {

using testing::HasSubstr;
using testing::Not;
using Kind = PropertyRequest::Kind;

Entry file() {
  return {.name = "a<b>&\"c\x01.fits",
          .size = 4711,
          .media_type = "image/fits",
          .validators = {"\"tag\"", 784'111'777},
          .observed = -2'511'648'000};
}

bool is_refused(std::string_view body) {
  try {
    parse_property_request(body);
    return false;
  } catch (const vo::Error& error) {
    return error.kind() == vo::ErrorKind::BadUsage;
  }
}

TEST(PropertyRequest, AsksForAllWithoutABody) {
  EXPECT_EQ(parse_property_request("").kind, Kind::All);
  EXPECT_EQ(parse_property_request(" \n").kind, Kind::All);
  EXPECT_EQ(parse_property_request("<propfind xmlns='DAV:'><allprop/></propfind>").kind, Kind::All);
}

TEST(PropertyRequest, NamesProperties) {
  const auto wanted = parse_property_request(
      "<?xml version='1.0'?><d:propfind xmlns:d='DAV:' xmlns:x='urn:x'><d:prop><d:getetag/><x:colour/>"
      "<plain xmlns='urn:y'/></d:prop></d:propfind>");
  EXPECT_EQ(wanted.kind, Kind::These);
  ASSERT_EQ(wanted.these.size(), 3U);
  EXPECT_EQ(wanted.these[0].space, "DAV:");
  EXPECT_EQ(wanted.these[0].name, "getetag");
  EXPECT_EQ(wanted.these[1].space, "urn:x");
  EXPECT_EQ(wanted.these[2].space, "urn:y");
  EXPECT_EQ(parse_property_request("<D:propfind xmlns:D='DAV:'><D:propname/></D:propfind>").kind, Kind::Names);
}

TEST(PropertyRequest, IsNoOtherDocument) {
  for (const auto* body : {"x", "<propfind/>", "<a xmlns='DAV:'/>", "<propfind xmlns='DAV:'>",
                           "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><propfind xmlns='DAV:'/>"}) {
    EXPECT_TRUE(is_refused(body)) << body;
  }
}

TEST(PropertyRequest, IsBounded) {
  std::string body = "<propfind xmlns='DAV:'><prop>";
  for (int i = 0; i < 101; ++i) body += "<p/>";
  EXPECT_TRUE(is_refused(body + "</prop></propfind>"));
}

TEST(Depth, IsZeroOrOne) {
  EXPECT_EQ(depth_of("0"), 0);
  EXPECT_EQ(depth_of(" 1 "), 1);
  for (const auto* header : {"", "infinity", "2", "-1", "0,1"}) EXPECT_FALSE(depth_of(header)) << header;
}

TEST(Multistatus, EscapesWhatItTells) {
  const auto text = multistatus({{"/a&b/", file()}}, {});
  EXPECT_THAT(text, HasSubstr("<D:href>/a&amp;b/</D:href>"));
  EXPECT_THAT(text, HasSubstr("<D:displayname>a&lt;b&gt;&amp;"));
  EXPECT_THAT(text, Not(HasSubstr("\x01")));
  EXPECT_THAT(text, HasSubstr("<D:getcontentlength>4711</D:getcontentlength>"));
  EXPECT_THAT(text, HasSubstr("<D:getlastmodified>Sun, 06 Nov 1994 08:49:37 GMT</D:getlastmodified>"));
  EXPECT_THAT(text, HasSubstr("<D:creationdate>1890-05-30T00:00:00Z</D:creationdate>"));
}

TEST(Multistatus, TellsOnlyExactSizes) {
  auto unknown = file();
  unknown.size.reset();
  unknown.estimate = 5760;
  EXPECT_THAT(multistatus({{"/a", unknown}}, {}), Not(HasSubstr("getcontentlength")));
  const auto asked = multistatus({{"/a", unknown}}, {Kind::These, {{"DAV:", "getcontentlength"}}});
  EXPECT_THAT(asked, HasSubstr("<D:getcontentlength/></D:prop><D:status>HTTP/1.1 404 Not Found"));
}

TEST(Multistatus, TellsACollectionFromAFile) {
  const Entry directory{.name = "M31", .is_directory = true};
  const auto text = multistatus({{"/M31/", directory}}, {});
  EXPECT_THAT(text, HasSubstr("<D:resourcetype><D:collection/></D:resourcetype>"));
  EXPECT_THAT(text, Not(HasSubstr("getcontenttype")));
  EXPECT_THAT(multistatus({{"/a", file()}}, {}), HasSubstr("<D:resourcetype/>"));
}

TEST(Multistatus, SaysWhichOfTheNamedPropertiesThereAreNot) {
  const auto text =
      multistatus({{"/a", file()}}, {Kind::These, {{"DAV:", "getetag"}, {"urn:x\"", "colour"}, {"DAV:", "quota"}}});
  EXPECT_THAT(text, HasSubstr("<D:prop><D:getetag>&quot;tag&quot;</D:getetag></D:prop><D:status>HTTP/1.1 200 OK"));
  EXPECT_THAT(text, HasSubstr("<x:colour xmlns:x=\"urn:x&quot;\"/><D:quota/></D:prop><D:status>HTTP/1.1 404"));
}

}  // namespace
}  // namespace platefs::fs
