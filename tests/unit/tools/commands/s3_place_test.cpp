// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/s3_place.h"

#include <gmock/gmock.h>

#include <fstream>
#include <map>

#include "tests/support/scratch_directory.h"
#include "vo/base/error.h"

namespace platefs::test {
namespace {

using testing::HasSubstr;
using testing::Not;

using Environment = std::map<std::string, std::string>;

tools::S3Place place(const std::string& url, const Environment& environment, const tools::CommonOptions& options = {}) {
  return tools::s3_place(url, options, [&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  });
}

std::string complaint(const std::string& url, const Environment& environment,
                      const tools::CommonOptions& options = {}) {
  try {
    place(url, environment, options);
  } catch (const vo::Error& error) {
    return error.message();
  }
  return "none";
}

const Environment kKeys{{"AWS_ACCESS_KEY_ID", "id"}, {"AWS_SECRET_ACCESS_KEY", "a secret"}};

Environment with_keys(Environment more) {
  more.insert(kKeys.begin(), kKeys.end());
  return more;
}

TEST(S3Place, IsABucketAndAPrefixThatEndsInASlash) {
  EXPECT_EQ(place("s3://plates", kKeys).bucket, "plates");
  EXPECT_EQ(place("s3://plates", kKeys).prefix, "");
  EXPECT_EQ(place("s3://plates/", kKeys).prefix, "");
  EXPECT_EQ(place("s3://plates/lessons/m31", kKeys).prefix, "lessons/m31/");
  EXPECT_EQ(place("s3://plates/lessons/", kKeys).prefix, "lessons/");
}

TEST(S3Place, IsWhereTheEnvironmentSaysElseTheConfigurationElseAmazon) {
  EXPECT_EQ(place("s3://p", kKeys).service.endpoint.text(), "https://s3.us-east-1.amazonaws.com/");
  EXPECT_EQ(place("s3://p", with_keys({{"AWS_DEFAULT_REGION", "eu-west-3"}})).service.endpoint.host(),
            "s3.eu-west-3.amazonaws.com");
  tools::CommonOptions options;
  options.s3.endpoint = "https://s3.here.example";
  options.s3.region = "here";
  EXPECT_EQ(place("s3://p", kKeys, options).service.endpoint.host(), "s3.here.example");
  EXPECT_EQ(place("s3://p", kKeys, options).service.region, "here");
  const auto said = with_keys({{"AWS_ENDPOINT_URL", "http://127.0.0.1:9000"}, {"AWS_REGION", "there"}});
  EXPECT_EQ(place("s3://p", said, options).service.endpoint.text(), "http://127.0.0.1:9000/");
  EXPECT_EQ(place("s3://p", said, options).service.region, "there");
}

TEST(S3Place, TakesKeysFromTheProfileOfAFile) {
  const ScratchDirectory scratch;
  const auto file = scratch.path() / "credentials";
  std::ofstream{file} << "# keys\n[default]\naws_access_key_id = one\naws_secret_access_key=two==\n\n[lab]\n"
                         "aws_access_key_id=three\naws_secret_access_key = four\naws_session_token = five\n";
  tools::CommonOptions options;
  options.s3.credentials_file = file.string();
  EXPECT_EQ(place("s3://p", {}, options).service.access_key_id, "one");
  EXPECT_EQ(place("s3://p", {}, options).service.secret_access_key, "two==");
  EXPECT_EQ(place("s3://p", kKeys, options).service.access_key_id, "id");
  options.s3.profile = "lab";
  EXPECT_EQ(place("s3://p", {}, options).service.session_token, "five");
  options.s3.profile = "nobody";
  EXPECT_THAT(complaint("s3://p", {}, options), HasSubstr("[nobody]"));
}

TEST(S3Place, SaysWhatIsMissing) {
  EXPECT_THAT(complaint("s3://p", {}), HasSubstr("AWS_ACCESS_KEY_ID"));
  EXPECT_THAT(complaint("s3://p", with_keys({{"AWS_ENDPOINT_URL", "ftp://x"}})), HasSubstr("endpoint"));
  tools::CommonOptions options;
  options.s3.credentials_file = "/nowhere/keys";
  EXPECT_THAT(complaint("s3://p", {}, options), HasSubstr("/nowhere/keys"));
}

TEST(S3Place, HasNoPrefixThatIsResolvedToAnother) {
  for (const auto* url : {"s3://p/../a", "s3://p/a/./b", "s3://p/a/.."}) {
    EXPECT_THAT(complaint(url, kKeys), HasSubstr("'.' or '..'")) << url;
  }
  EXPECT_EQ(place("s3://p/a..b/.c", kKeys).prefix, "a..b/.c/");
}

TEST(S3Place, SendsNoSessionTokenUnencrypted) {
  const auto said = with_keys({{"AWS_ENDPOINT_URL", "http://s3.example.org"}, {"AWS_SESSION_TOKEN", "for a while"}});
  EXPECT_THAT(complaint("s3://p", said), HasSubstr("unencrypted"));
  EXPECT_THAT(complaint("s3://p", said), Not(HasSubstr("for a while")));
  const auto near = with_keys({{"AWS_ENDPOINT_URL", "http://127.0.0.1:9"}, {"AWS_SESSION_TOKEN", "for a while"}});
  EXPECT_EQ(complaint("s3://p", near), "none");
}

}  // namespace
}  // namespace platefs::test
