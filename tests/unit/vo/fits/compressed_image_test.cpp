// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/compressed_image.h"

#include <fcntl.h>
#include <fitsio.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include "tests/support/fits_builder.h"
#include "vo/base/error.h"
#include "vo/fits/cutout.h"
#include "vo/fits/image.h"
#include "vo/fits/tiles/subset_file.h"

namespace platefs::vo {
namespace {

constexpr long kWidth = 900;
constexpr long kHeight = 700;
constexpr PixelBox kBox{401, 500, 300, 399};  // astropy 5.2.1, see pixel_box_test.cpp

float kUndefined = -999;  // what the written pixels have for it

const Cone kTarget{IcrsPosition::at(Angle::degrees(156.011), Angle::degrees(48.148)), Angle::degrees(0.02)};

/// A file that cfitsio wrote, open for reading and gone with this object.
class WrittenFile {
 public:
  explicit WrittenFile(const std::string& name)
      : path_(std::filesystem::temp_directory_path() / (name + std::to_string(::getpid()) + ".fits")) {}
  ~WrittenFile() {
    if (fd_ >= 0) ::close(fd_);
    std::filesystem::remove(path_);
  }

  /// `type` is the pixels' type for cfitsio; `compression` one of its codes.
  void write(int bitpix, int type, void* pixels, int compression) {
    fitsfile* file = nullptr;
    int status = 0;
    long axes[2] = {kWidth, kHeight};
    fits_create_file(&file, path_.c_str(), &status);
    fits_create_img(file, BYTE_IMG, 0, nullptr, &status);
    fits_set_compression_type(file, compression, &status);
    if (type == TFLOAT) fits_set_quantize_level(file, 16, &status);
    if (is_one_tile) {
      long tile[2] = {kWidth, kHeight};
      fits_set_tile_dim(file, 2, tile, &status);
    }
    fits_create_img(file, bitpix, 2, axes, &status);
    for (auto card : test::tan_cards()) fits_write_record(file, card.c_str(), &status);
    if (type == TFLOAT) {
      fits_write_imgnull(file, type, 1, kWidth * kHeight, pixels, &kUndefined, &status);
    } else {
      fits_write_img(file, type, 1, kWidth * kHeight, pixels, &status);
    }
    fits_close_file(file, &status);
    ASSERT_EQ(status, 0);
    fd_ = ::open(path_.c_str(), O_RDONLY);
  }

  void set(const char* keyword, const char* value) { update(TSTRING, keyword, const_cast<char*>(value)); }
  void set(const char* keyword, int value) { update(TINT, keyword, &value); }

  /// Changes the table by what cfitsio offers for tables.
  void change(const std::function<void(fitsfile*, int*)>& how) {
    fitsfile* file = nullptr;
    int status = 0;
    fits_open_file(&file, path_.c_str(), READWRITE, &status);
    fits_movabs_hdu(file, 2, nullptr, &status);
    how(file, &status);
    fits_close_file(file, &status);
    ASSERT_EQ(status, 0);
  }

  bool is_one_tile = false;

  int fd() const { return fd_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  void update(int type, const char* keyword, void* value) {
    fitsfile* file = nullptr;
    int status = 0;
    fits_open_file(&file, path_.c_str(), READWRITE, &status);
    fits_movabs_hdu(file, 2, nullptr, &status);
    fits_update_key(file, type, keyword, value, nullptr, &status);
    fits_close_file(file, &status);
    ASSERT_EQ(status, 0);
  }

  std::filesystem::path path_;
  int fd_ = -1;
};

std::vector<short> numbered_shorts() {
  std::vector<short> pixels;
  for (long i = 0; i < kWidth * kHeight; ++i) pixels.push_back(static_cast<short>(i % 30011));
  return pixels;
}

short short_at(const std::vector<std::byte>& file, std::size_t at) {
  return static_cast<short>(std::to_integer<int>(file[at]) << 8 | std::to_integer<int>(file[at + 1]));
}

float float_at(const std::vector<std::byte>& file, std::size_t at) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < 4; ++i) bits = bits << 8 | std::to_integer<std::uint32_t>(file[at + i]);
  return std::bit_cast<float>(bits);
}

FitsCutout cutout_of(const WrittenFile& file) {
  FileFitsSource source{file.fd()};
  return cut(source, kTarget, {});
}

void expect_numbered(const FitsCutout& cutout) {
  ASSERT_EQ(cutout.section.cone.box, kBox);
  std::size_t at = *header_size(cutout.file);
  for (auto y = kBox.y1; y <= kBox.y2; ++y) {
    for (auto x = kBox.x1; x <= kBox.x2; ++x, at += 2) {
      ASSERT_EQ(short_at(cutout.file, at), ((y - 1) * kWidth + x - 1) % 30011) << x << ' ' << y;
    }
  }
}

class EveryCompression : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(CompressedImage, EveryCompression,
                         testing::Values(RICE_1, GZIP_1, GZIP_2, HCOMPRESS_1, PLIO_1));

TEST_P(EveryCompression, IsCutAsIfUncompressed) {
  WrittenFile file{"every" + std::to_string(GetParam())};
  auto pixels = numbered_shorts();
  file.write(SHORT_IMG, TSHORT, pixels.data(), GetParam());
  const auto cutout = cutout_of(file);
  expect_numbered(cutout);
  const auto header = FitsHeader::parse(cutout.file);
  EXPECT_EQ(header.integer("BITPIX"), 16);
  EXPECT_EQ(header.integer("NAXIS1"), 100);
  for (const auto* keyword : {"ZIMAGE", "ZCMPTYPE", "TFIELDS", "TTYPE1", "PCOUNT", "XTENSION"}) {
    EXPECT_FALSE(header.has(keyword)) << keyword;
  }
}

TEST(CompressedImage, MayNameTheParametersOfItsCompressionInAnyOrder) {
  WrittenFile file{"order"};
  auto pixels = numbered_shorts();
  file.write(SHORT_IMG, TSHORT, pixels.data(), RICE_1);
  // Values before names: cfitsio cannot open it between, where a block would have no pixels.
  file.set("ZVAL2", 32);
  file.set("ZVAL1", 2);
  file.set("ZNAME1", "BYTEPIX");
  file.set("ZNAME2", "BLOCKSIZE");
  expect_numbered(cutout_of(file));
}

TEST(CompressedImage, KeepsScaledPixelsAsStored) {
  WrittenFile file{"scaled"};
  std::vector<unsigned short> pixels(kWidth * kHeight, 40000);
  file.write(USHORT_IMG, TUSHORT, pixels.data(), RICE_1);
  const auto cutout = cutout_of(file);
  const auto header = FitsHeader::parse(cutout.file);
  EXPECT_EQ(header.real("BZERO"), 32768.0);
  EXPECT_EQ(short_at(cutout.file, *header_size(cutout.file)), 40000 - 32768);
}

TEST(CompressedImage, GivesQuantizedFloatsAsFloatsAndKeepsTheUndefined) {
  WrittenFile file{"floats"};
  std::vector<float> pixels;
  for (long i = 0; i < kWidth * kHeight; ++i) {
    pixels.push_back(static_cast<float>(1000 + 10 * std::sin(static_cast<double>(i) * 1.7)));
  }
  pixels[static_cast<std::size_t>((kBox.y1 - 1) * kWidth + kBox.x1)] = kUndefined;
  file.write(FLOAT_IMG, TFLOAT, pixels.data(), RICE_1);
  const auto cutout = cutout_of(file);
  const auto data = *header_size(cutout.file);
  EXPECT_EQ(FitsHeader::parse(cutout.file).integer("BITPIX"), -32);
  EXPECT_NEAR(float_at(cutout.file, data), 1000, 11);
  EXPECT_TRUE(std::isnan(float_at(cutout.file, data + 4)));
}

std::vector<float> waves_with_an_undefined_pixel() {
  std::vector<float> pixels;
  for (long i = 0; i < kWidth * kHeight; ++i) {
    pixels.push_back(static_cast<float>(1000 + 10 * std::sin(static_cast<double>(i) * 1.7)));
  }
  pixels[static_cast<std::size_t>((kBox.y1 - 1) * kWidth + kBox.x1)] = kUndefined;
  return pixels;
}

double take_out_column(fitsfile* file, const char* name, int* status) {
  double value = 0;
  int number = 0;
  fits_get_colnum(file, CASEINSEN, const_cast<char*>(name), &number, status);
  fits_read_col(file, TDOUBLE, number, 1, 1, 1, nullptr, &value, nullptr, status);
  fits_delete_col(file, number, status);
  return value;
}

TEST(CompressedImage, TakesScaleAndZeroOfQuantizedFloatsFromKeywordsToo) {
  WrittenFile file{"keywords"};
  file.is_one_tile = true;
  auto pixels = waves_with_an_undefined_pixel();
  file.write(FLOAT_IMG, TFLOAT, pixels.data(), RICE_1);
  file.change([](fitsfile* table, int* status) {
    double scale = take_out_column(table, "ZSCALE", status), zero = take_out_column(table, "ZZERO", status);
    fits_update_key(table, TDOUBLE, "ZSCALE", &scale, nullptr, status);
    fits_update_key(table, TDOUBLE, "ZZERO", &zero, nullptr, status);
  });
  const auto cutout = cutout_of(file);
  const auto data = *header_size(cutout.file);
  EXPECT_NEAR(float_at(cutout.file, data), pixels[static_cast<std::size_t>((kBox.y1 - 1) * kWidth + kBox.x1 - 1)], 1);
  EXPECT_TRUE(std::isnan(float_at(cutout.file, data + 4)));
}

TEST(CompressedImage, TakesTheUndefinedValueOfQuantizedFloatsByItsOtherName) {
  WrittenFile file{"blank"};
  auto pixels = waves_with_an_undefined_pixel();
  file.write(FLOAT_IMG, TFLOAT, pixels.data(), RICE_1);
  file.change([](fitsfile* table, int* status) { fits_modify_name(table, "ZBLANK", "BLANK", status); });
  const auto cutout = cutout_of(file);
  EXPECT_TRUE(std::isnan(float_at(cutout.file, *header_size(cutout.file) + 4)));
  EXPECT_FALSE(FitsHeader::parse(cutout.file).has("BLANK"));
}

TEST(CompressedImage, TellsTheUndefinedValueOfIntegersThatStandsInAColumn) {
  WrittenFile file{"column"};
  auto pixels = numbered_shorts();
  file.write(SHORT_IMG, TSHORT, pixels.data(), RICE_1);
  const auto fill = [&](int last) {
    file.change([last](fitsfile* table, int* status) {
      int number = 0;
      fits_get_colnum(table, CASEINSEN, const_cast<char*>("ZBLANK"), &number, status);
      if (*status != 0) {
        *status = 0;
        fits_clear_errmsg();
        number = 2;
        fits_insert_col(table, number, const_cast<char*>("ZBLANK"), const_cast<char*>("1J"), status);
      }
      std::vector<int> values(kHeight, -32768);
      values[kBox.y2 - 1] = last;
      fits_write_col(table, TINT, number, 1, 1, kHeight, values.data(), status);
    });
  };
  fill(-32768);
  EXPECT_EQ(FitsHeader::parse(cutout_of(file).file).integer("BLANK"), -32768);
  fill(-1);
  EXPECT_THROW(cutout_of(file), Error);
}

TEST(CompressedImage, CanBeCutFromAFileThatLostItsName) {
  WrittenFile file{"unlinked"};
  auto pixels = numbered_shorts();
  file.write(SHORT_IMG, TSHORT, pixels.data(), RICE_1);
  std::filesystem::remove(file.path());
  expect_numbered(cutout_of(file));
}

TEST(CompressedImage, CanBeCutBySeveralThreadsAtOnce) {
  WrittenFile file{"threads"};
  auto pixels = numbered_shorts();
  file.write(SHORT_IMG, TSHORT, pixels.data(), RICE_1);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 5; ++turn) expect_numbered(cutout_of(file));
    });
  }
}

/// Counts what is read.
class CountingSource : public FileFitsSource {
 public:
  using FileFitsSource::FileFitsSource;
  void read(std::span<const ByteRange> ranges, std::span<std::byte> out) override {
    bytes += out.size();
    ++calls;
    FileFitsSource::read(ranges, out);
  }
  std::size_t bytes = 0;
  int calls = 0;
};

TEST(CompressedImage, IsReadNoFurtherThanHeaderDescriptorsAndTiles) {
  WrittenFile file{"sparse"};
  auto pixels = numbered_shorts();
  file.write(SHORT_IMG, TSHORT, pixels.data(), RICE_1);
  CountingSource source{file.fd()};
  cut(source, kTarget, {});
  // One tile is a row: 100 of 700 tiles, and two headers of 8 blocks.
  EXPECT_LT(source.bytes, source.size() * 100 / 700 + 16 * 2880 + 5000);
  EXPECT_EQ(source.calls, 4);  // two headers, the descriptors, the tiles
}

/// Rice-coded noise in one tile; below `quiet_from` rows without any.
template <typename Pixel>
void write_noise(WrittenFile& file, int bitpix, int type, long quiet_from = kHeight) {
  std::vector<Pixel> pixels;
  std::uint32_t noise = 1;
  for (long i = 0; i < kWidth * kHeight; ++i) {
    noise = noise * 1664525 + 1013904223;
    pixels.push_back(static_cast<Pixel>(i / kWidth < quiet_from ? 20 + (noise >> 26) : 20));
  }
  file.is_one_tile = true;
  file.write(bitpix, type, pixels.data(), RICE_1);
}

/// The pixels of the box out of all of the image's, which are decoded from the whole tile.
std::vector<std::byte> taken_from_all(FitsSource& source, const TileTable& tiles, const PixelBox& box) {
  const auto all = compressed_pixels(source, tiles, {1, kWidth, 1, kHeight});
  const auto size = static_cast<std::int64_t>(all.size()) / (kWidth * kHeight);
  std::vector<std::byte> taken;
  for (auto y = box.y1; y <= box.y2; ++y) {
    const auto row = all.begin() + (y - 1) * kWidth * size;
    taken.insert(taken.end(), row + (box.x1 - 1) * size, row + box.x2 * size);
  }
  return taken;
}

void expect_right_pixels_from_beginnings(const WrittenFile& file) {
  CountingSource source{file.fd()};
  const auto tiles = *find_image(source).tiles;
  for (const auto& box : {kBox, PixelBox{1, 1, 1, 1}, PixelBox{899, 900, 1, 640}, PixelBox{32, 33, 500, 500}}) {
    const auto expected = taken_from_all(source, tiles, box);
    source.bytes = 0;
    EXPECT_EQ(compressed_pixels(source, tiles, box), expected) << box.x2 << ' ' << box.y2;
    EXPECT_LT(source.bytes, tiles.heap.size() * (box.y2 + 1) / kHeight * 106 / 100 + 1000) << box.y2;
  }
}

TEST(CompressedImage, GivesTheSamePixelsFromTheBeginningsOfTiles) {
  WrittenFile bytes{"bytes"}, shorts{"shorts"}, ints{"ints"}, floats{"floats"};
  write_noise<unsigned char>(bytes, BYTE_IMG, TBYTE);
  write_noise<short>(shorts, SHORT_IMG, TSHORT);
  write_noise<int>(ints, LONG_IMG, TINT);
  write_noise<float>(floats, FLOAT_IMG, TFLOAT);
  for (const auto* file : {&bytes, &shorts, &ints, &floats}) expect_right_pixels_from_beginnings(*file);
}

TEST(CompressedImage, ReadsTheRestOfATileWhosePixelsNeedMoreThanTheirShare) {
  WrittenFile file{"uneven"};
  write_noise<short>(file, SHORT_IMG, TSHORT, 450);
  CountingSource source{file.fd()};
  const auto tiles = *find_image(source).tiles;
  const auto expected = taken_from_all(source, tiles, kBox);
  source.calls = 0;
  EXPECT_EQ(compressed_pixels(source, tiles, kBox), expected);
  EXPECT_EQ(source.calls, 3);  // the descriptor, the beginning of the tile, its rest
}

TEST(CompressedImage, ATileThatBreaksOffBeforeTheLastWantedPixelIsMalformed) {
  WrittenFile file{"broken"};
  write_noise<short>(file, SHORT_IMG, TSHORT);
  FileFitsSource source{file.fd()};
  auto tiles = *find_image(source).tiles;
  tiles.image.axes[1] *= 2;  // as if the tile had to hold twice as many pixels
  tiles.tile[1] *= 2;
  EXPECT_NO_THROW(tile_file(source, tiles, {{0, 1}}, kBox));
  EXPECT_THROW(tile_file(source, tiles, {{0, 1}}, PixelBox{1, 100, 1, kHeight + 100}), Error);
}

}  // namespace
}  // namespace platefs::vo
