// SPDX-License-Identifier: BSD-3-Clause
// What is told of files and directories: directory pages, types, tags.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fs/http/directory_page.h"
#include "fs/http/entry.h"
#include "tests/support/mounted_tree.h"

namespace platefs::fs {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr auto kPlace = "156.011+48.148";

class HttpEntryTest : public testing::Test, protected test::MountedTree {
 protected:
  HttpEntryTest() {
    node = at({kPlace, "cutouts", "1890-05-17_i00811.fits"});
    product->known.fetched_at = 1'700'000'000;
    product->known.size = 5760;
  }
  std::string tag() const { return validators_of(node, product->known, product->known.version, 5760).etag; }

  Node node;
};

TEST(DirectoryPage, HasRelativeLinksThatLeadDown) {
  const auto page =
      directory_page("/a<b>", {{.name = "10:24:02.7 +48:08:51", .is_directory = true, .observed = -2'511'648'000},
                               {.name = "x&y.fits", .size = 5760},
                               {.name = "z.fits", .estimate = 2880}});
  EXPECT_THAT(page, HasSubstr("<a href=\"10%3A24%3A02.7%20%2B48%3A08%3A51/\">10:24:02.7 +48:08:51/</a></td><td>-</td>"
                              "<td>1890-05-30</td>"));
  EXPECT_THAT(page, HasSubstr("<a href=\"x%26y.fits\">x&amp;y.fits</a></td><td>5760</td>"));
  EXPECT_THAT(page, HasSubstr("<td>~2880</td>"));
  EXPECT_THAT(page, HasSubstr("<h1>/a&lt;b&gt;</h1>"));
  EXPECT_THAT(page, Not(HasSubstr("href=\".."))) << "wget -r would go up";
  EXPECT_THAT(page, HasSubstr("action=\"../\""));
  EXPECT_THAT(directory_page("/", {}), Not(HasSubstr("../")));
}

TEST_F(HttpEntryTest, ATagIsAnotherOneWhereverTheBytesMayBe) {
  const auto before = tag();
  EXPECT_EQ(tag(), before);
  product->known.etag = "\"archive\"";
  const auto replaced = tag();
  EXPECT_NE(replaced, before);
  ++product->known.fetched_at;
  const auto fetched_again = tag();
  EXPECT_NE(fetched_again, replaced);
  ++product->known.version;
  EXPECT_NE(tag(), fetched_again);
  const auto other = at({kPlace, "stamps", "1890-05-17_i00811.jpg"});
  EXPECT_NE(validators_of(other, product->known, product->known.version, 5760).etag, tag());
}

TEST_F(HttpEntryTest, AVersionThatIsNotTheKnownOneHasNoTag) {
  EXPECT_EQ(validators_of(node, product->known, product->known.version + 1, 5760).etag, "");
  product->known.fetched_at = 0;
  EXPECT_EQ(tag(), "");
}

TEST_F(HttpEntryTest, ASizeThatIsNotKnownIsNoSize) {
  EXPECT_EQ(entry_of("a", node, documents, 0).size, 5760U);
  product->known.size.reset();
  const auto entry = entry_of("a", node, documents, 0);
  EXPECT_FALSE(entry.size);
  EXPECT_GT(entry.estimate, 0U);
  EXPECT_EQ(entry.validators.etag, "");
}

TEST_F(HttpEntryTest, ATypeIsWhatTheArchiveSaysWhereThatIsOne) {
  EXPECT_EQ(content_type_of(node, node.product->facts()), "image/fits");
  product->known.media_type = "application/x-votable+xml;content=datalink";
  EXPECT_EQ(content_type_of(node, node.product->facts()), product->known.media_type);
  for (const auto* text : {"fits", "/", "image/", "image/fits\r\nSet-Cookie: x", "image/\xc3\xa9", "a b/c"}) {
    product->known.media_type = text;
    EXPECT_EQ(content_type_of(node, node.product->facts()), "application/octet-stream") << text;
  }
  product->known.media_type = "image/" + std::string(200, 'x');
  EXPECT_EQ(content_type_of(node, node.product->facts()), "application/octet-stream");
}

TEST_F(HttpEntryTest, TextsSayTheirCharacters) {
  prepare(at({kPlace}));
  EXPECT_EQ(content_type_of(at({kPlace, "plates.csv"})), "text/csv; charset=utf-8");
  EXPECT_EQ(content_type_of(at({kPlace, "plates.vot"})), "application/x-votable+xml");
  EXPECT_EQ(content_type_of(at({kPlace, "index.html"})), "text/html; charset=utf-8");
}

}  // namespace
}  // namespace platefs::fs
