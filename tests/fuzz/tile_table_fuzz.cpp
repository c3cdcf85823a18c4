// SPDX-License-Identifier: BSD-3-Clause
// A tile-compressed image whose header is good and whose parameters, descriptors and heap are a
// stranger's: cutting must either succeed or throw vo::Error.

#include <fmt/core.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "vo/base/error.h"
#include "vo/fits/compressed_image.h"
#include "vo/fits/hdu/card.h"

namespace {

using namespace platefs::vo;

constexpr std::array<const char*, 7> kCompressions{"RICE_1",      "GZIP_1",   "GZIP_2",    "PLIO_1",
                                                   "HCOMPRESS_1", "RICE_ONE", "NOCOMPRESS"};
constexpr std::array<int, 6> kBitpix{8, 16, 32, 64, -32, -64};
constexpr std::array<const char*, 4> kForms{"1PB(99)", "1PI(99)", "1QB(99)", "PJ"};

/// The first bytes choose what the header says, the others are the data unit.
FitsHeader header_of(std::span<const std::uint8_t> choice) {
  FitsHeader header;
  header.set_text("XTENSION", "BINTABLE");
  header.set_integer("NAXIS1", choice[0] % 4 == 2 ? 32 : 24);
  header.set_integer("NAXIS2", 4);
  header.set_integer("TFIELDS", 3);
  header.set_text("TTYPE1", "COMPRESSED_DATA");
  header.set_text("TFORM1", kForms[choice[0] % 4]);
  header.set_text("TTYPE2", choice[1] % 2 == 0 ? "ZSCALE" : "GZIP_COMPRESSED_DATA");
  header.set_text("TFORM2", choice[1] % 2 == 0 ? "1D" : "1PB(9)");
  header.set_text("TTYPE3", "ZZERO");
  header.set_text("TFORM3", "1D");
  header.set_logical("ZIMAGE", true);
  header.set_integer("ZBITPIX", kBitpix[choice[2] % 6]);
  header.set_integer("ZNAXIS", 2);
  header.set_integer("ZNAXIS1", 30);
  header.set_integer("ZNAXIS2", 20);
  header.set_integer("ZTILE1", 15);
  header.set_integer("ZTILE2", 10);
  header.set_text("ZCMPTYPE", kCompressions[choice[3] % 7]);
  header.set_text("ZNAME1", choice[4] % 2 == 0 ? "BLOCKSIZE" : "SCALE");
  header.set_integer("ZVAL1", choice[5]);
  header.set_text("ZNAME2", choice[4] % 2 == 0 ? "BYTEPIX" : "SMOOTH");
  header.set_integer("ZVAL2", choice[6] % 9);
  header.set_text("ZQUANTIZ", choice[7] % 3 == 0   ? "NO_DITHER"
                              : choice[7] % 3 == 1 ? "SUBTRACTIVE_DITHER_1"
                                                   : "SUBTRACTIVE_DITHER_2");
  header.set_integer("ZDITHER0", choice[7]);
  return header;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kChoices = 8;
  if (size < kChoices) return 0;
  const auto unit = std::as_bytes(std::span{data, size}).subspan(kChoices);
  MemoryFitsSource source{unit};
  try {
    const auto tiles = tile_table_of(header_of({data, kChoices}), {0, unit.size()});
    compressed_pixels(source, tiles, {5, 20, 5, 15});
  } catch (const Error&) {
    // an answer like any other
  }
  return 0;
}
