// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/packing.h"

#include <gmock/gmock.h>

#include <string>

#include "tests/support/fits_builder.h"
#include "vo/base/error.h"
#include "vo/fits/hdu/gzip_source.h"

namespace platefs::vo {
namespace {

TEST(Packing, IsKnownByTheFirstBytes) {
  EXPECT_EQ(packing_of(test::bytes_of("BZh91AY")), "bzip2");
  EXPECT_EQ(packing_of(test::bytes_of(std::string{"\xfd\x37zXZ\0", 6})), "xz");
  EXPECT_EQ(packing_of(test::bytes_of("\x1f\x9d\x90")), "compress (.Z)");
  EXPECT_EQ(packing_of(test::bytes_of("\x1f\x8b\x08")), "gzip");
  EXPECT_EQ(packing_of(test::bytes_of("SIMPLE  =")), "");
  EXPECT_EQ(packing_of({}), "");
}

TEST(Packing, ThatIsNotUnpackedHereIsNamedInTheError) {
  MemoryFitsSource file{test::bytes_of("BZh91AY&SY and so on")};
  try {
    with_plain(file, [](FitsSource& plain) -> int {
      if (plain.size() > 0) throw Error{ErrorKind::Malformed, "is no FITS file"};
      return 0;
    });
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Rejected);
    EXPECT_THAT(error.message(), testing::HasSubstr("packed by bzip2"));
  }
}

}  // namespace
}  // namespace platefs::vo
