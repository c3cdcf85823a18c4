// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ErrorKind failure_of(std::string_view text) {
  try {
    Url::parse(text);
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << text << " was taken";
  return ErrorKind::LocalIo;
}

TEST(Url, KeepsWhatTheArchiveWrote) {
  const auto url = Url::parse("http://dc.g-vo.org/a/../b%2fc/x+y.fits?ID=ivo://org/p?q+r&B=%c3#top");
  EXPECT_EQ(url.text(), "http://dc.g-vo.org/a/../b%2fc/x+y.fits?ID=ivo://org/p?q+r&B=%c3");
  EXPECT_EQ(url.scheme(), "http");
  EXPECT_EQ(url.host(), "dc.g-vo.org");
  EXPECT_EQ(url.port(), 80);
  EXPECT_EQ(url.path(), "/a/../b%2fc/x+y.fits");
  EXPECT_EQ(url.query(), "ID=ivo://org/p?q+r&B=%c3");
}

TEST(Url, LowersSchemeAndHostAndFillsInThePath) {
  const auto url = Url::parse("HTTPS://DC.G-VO.org:8443?A=B");
  EXPECT_EQ(url.text(), "https://dc.g-vo.org:8443/?A=B");
  EXPECT_EQ(url.origin(), "https://dc.g-vo.org:8443");
  EXPECT_EQ(url.path(), "/");
}

TEST(Url, AlwaysHasAPortInItsOrigin) {
  EXPECT_EQ(Url::parse("http://a.b/x").origin(), "http://a.b:80");
  EXPECT_EQ(Url::parse("https://a.b/x").origin(), "https://a.b:443");
}

TEST(Url, IsTheSameWithTheSchemesOwnPort) {
  EXPECT_EQ(Url::parse("https://a.b:443/x"), Url::parse("https://a.b/x"));
  EXPECT_EQ(Url::parse("https://a.b:/x"), Url::parse("https://a.b/x"));
}

TEST(Url, TakesIpv6Hosts) {
  const auto url = Url::parse("http://[2001:DB8::1]:8080/tap");
  EXPECT_EQ(url.host(), "[2001:db8::1]");
  EXPECT_EQ(url.port(), 8080);
  EXPECT_EQ(url.origin(), "http://[2001:db8::1]:8080");
  EXPECT_EQ(Url::parse("http://[::1]").text(), "http://[::1]/");
}

TEST(Url, EncodesBlanksAndControlCharacters) {
  EXPECT_EQ(Url::parse(" \n http://a.b/my plate\t1?q=a b\r\n").text(), "http://a.b/my%20plate%091?q=a%20b");
  EXPECT_EQ(Url::parse("http://a.b/é").text(), "http://a.b/%C3%A9");
}

TEST(Url, DropsUserAndPassword) {
  EXPECT_EQ(Url::parse("http://me:secret@a.b/x").text(), "http://a.b/x");
  EXPECT_EQ(Url::parse("http://a.b/x?mail=me@c.d").host(), "a.b");
}

TEST(Url, RefusesOtherSchemes) {
  for (const auto* text : {"file:///etc/passwd", "ftp://a.b/x", "ivo://org/x", "javascript:x"}) {
    EXPECT_EQ(failure_of(text), ErrorKind::Rejected) << text;
  }
}

TEST(Url, RefusesWhatIsNoAbsoluteUrl) {
  for (const auto* text : {"", "a/b", "/a", "//a.b/x", "http:", "http:/a", "http://", "http:///x", "http://[::1/x",
                           "http://[]/", "http://a.b:0/", "http://a.b:65536/", "http://a.b:8x/", "http://a.b:-1/",
                           "http://a b/", "http://a.b\\@c.d/", "http://:80/", "1http://a"}) {
    EXPECT_EQ(failure_of(text), ErrorKind::Malformed) << text;
  }
}

/// What is asked whether it may be reached is what will be connected to.
TEST(Url, NamesTheHostThatLibcurlConnectsTo) {
  for (const auto* text :
       {"http://2130706433/x", "http://0x7f.1/x", "http://017700000001/x", "http://%31%32%37.0.0.1/x"}) {
    EXPECT_EQ(Url::parse(text).text(), "http://127.0.0.1/x") << text;
  }
  EXPECT_EQ(failure_of("http://a.b@c.d@e.f/x"), ErrorKind::Malformed);
  EXPECT_EQ(Url::parse("http://a.b:80:80@c.d/x").host(), "c.d");
}

TEST(Url, SaysWhatItCouldNotRead) {
  try {
    Url::parse("plates/1.fits");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("'plates/1.fits'"));
  }
}

struct Resolution {
  const char* reference;
  const char* target;
};

TEST(Url, ResolvesTheExamplesOfRfc3986) {  // section 5.4, base http://a/b/c/d;p?q
  const auto base = Url::parse("http://a/b/c/d;p?q");
  const Resolution cases[] = {
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g/"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q"},
      {"g#s", "http://a/b/c/g"},
      {"g?y#s", "http://a/b/c/g?y"},
      {";x", "http://a/b/c/;x"},
      {"g;x", "http://a/b/c/g;x"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../", "http://a/"},
      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"},
      {"../../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {".g", "http://a/b/c/.g"},
      {"g..", "http://a/b/c/g.."},
      {"..g", "http://a/b/c/..g"},
      {"./../g", "http://a/b/g"},
      {"./g/.", "http://a/b/c/g/"},
      {"g/./h", "http://a/b/c/g/h"},
      {"g/../h", "http://a/b/c/h"},
      {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
      {"g;x=1/../y", "http://a/b/c/y"},
      {"g?y/./x", "http://a/b/c/g?y/./x"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
  };
  for (const auto& [reference, target] : cases) {
    EXPECT_EQ(base.resolve(reference).text(), target) << reference;
  }
}

TEST(Url, ResolvesAbsoluteReferencesAndOddPaths) {
  const auto base = Url::parse("https://a.b:8443/x/y?z=1");
  EXPECT_EQ(base.resolve("http://C.d/e/../f?g+h").text(), "http://c.d/f?g+h");
  EXPECT_EQ(base.resolve("//c.d/e").text(), "https://c.d/e");
  EXPECT_EQ(base.resolve("/..//e").text(), "https://a.b:8443//e");
  EXPECT_EQ(base.resolve(" dl?ID=a b ").text(), "https://a.b:8443/x/dl?ID=a%20b");
  EXPECT_EQ(base.resolve("?").text(), "https://a.b:8443/x/y?");
  EXPECT_THROW(base.resolve("file:///etc/passwd"), Error);
}

TEST(Url, AppendsParametersEncodedInFull) {
  const auto url = Url::parse("http://a.b/dl?A=x+y&#f");
  EXPECT_EQ(url.with_query({{"ID", "ivo://o/p?q+r s"}, {"Ω", "~a-b_c.d"}}).text(),
            "http://a.b/dl?A=x+y&ID=ivo%3A%2F%2Fo%2Fp%3Fq%2Br%20s&%CE%A9=~a-b_c.d");
  EXPECT_EQ(Url::parse("http://a.b/dl").with_query({{"a", ""}}).text(), "http://a.b/dl?a=");
  EXPECT_EQ(Url::parse("http://a.b/dl?").with_query({{"a", "b"}}).text(), "http://a.b/dl?a=b");
  EXPECT_EQ(url.with_query({}).text(), "http://a.b/dl?A=x+y&");
}

TEST(Url, FindsAndRemovesParametersInAnyCase) {
  const auto url = Url::parse("http://a.b/dl?id=1&x&Id=a%2Bb+c&y=2");
  EXPECT_THAT(url.parameter("ID"), ElementsAre("1", "a+b c"));
  EXPECT_THAT(url.parameter("x"), ElementsAre(""));
  EXPECT_THAT(url.parameter("z"), IsEmpty());
  EXPECT_EQ(url.without_parameter("ID").text(), "http://a.b/dl?x&y=2");
  EXPECT_EQ(Url::parse("http://a.b/dl?ID=1").without_parameter("id").text(), "http://a.b/dl");
  EXPECT_EQ(url.without_parameter("z"), url);
}

TEST(Url, GivesTheLastSegmentDecoded) {
  EXPECT_EQ(Url::parse("http://a.b/x/my%20plate.fits?y").last_segment(), "my plate.fits");
  EXPECT_EQ(Url::parse("http://a.b/x/").last_segment(), "");
}

TEST(Url, MasksSecretsForDisplay) {
  EXPECT_EQ(Url::parse("http://a.b/x?ID=1&Token=abc&X-Amz-Signature=d&sig=e&y").for_display(),
            "http://a.b/x?ID=1&Token=***&X-Amz-Signature=***&sig=***&y");
  EXPECT_EQ(Url::parse("http://a.b/x?ID=1").for_display(), "http://a.b/x?ID=1");
}

TEST(PercentCode, DecodesWhatItEncoded) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  EXPECT_EQ(percent_decoded(percent_encoded(every_byte)), every_byte);
}

TEST(PercentCode, LeavesBrokenEscapesAndPlusAlone) { EXPECT_EQ(percent_decoded("100%+%4%zz%41"), "100%+%4%zzA"); }

TEST(FormEncoded, JoinsEncodedPairs) {
  EXPECT_EQ(form_encoded({{"QUERY", "SELECT * FROM t"}, {"LANG", "ADQL"}}), "QUERY=SELECT%20%2A%20FROM%20t&LANG=ADQL");
}

}  // namespace
}  // namespace platefs::vo
