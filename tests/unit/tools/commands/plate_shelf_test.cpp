// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/plate_shelf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platefs::tools {
namespace {

using ::testing::ElementsAre;

TEST(PlateShelf, ReadsTheLinksOfTheDirectoryPagesOfNginxAndApache) {
  EXPECT_THAT(links_of_page("<html><body><h1>Index of /plates/</h1><hr><pre><a href=\"../\">../</a>\r\n"
                            "<a href=\"a%20b.fits\">a b.fits</a>   17-May-1890 03:12   1234\r\n</pre></body></html>"),
              ElementsAre("../", "a%20b.fits"));
  EXPECT_THAT(links_of_page("<tr><td><A HREF='b.fits.gz'>b</A></td><td><a href = c.fits>c</a> <a href=\"?C=M;O=A\">"),
              ElementsAre("b.fits.gz", "c.fits", "?C=M;O=A"));
  EXPECT_THAT(links_of_page("<a href=\"get?name=a&amp;b.fits\">"), ElementsAre("get?name=a&b.fits"));
}

TEST(PlateShelf, EndsWithAPageThatIsCutOff) {
  EXPECT_THAT(links_of_page("<a href=\"a.fits\"><a href=\"b.fi"), ElementsAre("a.fits"));
  EXPECT_THAT(links_of_page("<a href="), ElementsAre());
  EXPECT_THAT(links_of_page("href href href"), ElementsAre());
}

TEST(PlateShelf, KnowsFitsFilesByTheirNames) {
  for (const auto* name : {"a.fits", "A.FIT", "b.fts", "c.fits.gz", "d.fits.fz"})
    EXPECT_TRUE(is_name_of_fits(name)) << name;
  for (const auto* name : {".fits", "a.jpg", "fits", "a.fits.txt", "a.gz"}) EXPECT_FALSE(is_name_of_fits(name)) << name;
}

}  // namespace
}  // namespace platefs::tools
