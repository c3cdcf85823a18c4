// SPDX-License-Identifier: BSD-3-Clause
// Writes a plate's image as FITS, and packs it with cfitsio.
#include <fitsio.h>
#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tools/demo_archive/content.h"
#include "tools/demo_archive/plate_files.h"
#include "vo/base/error.h"
#include "vo/base/mjd.h"
#include "vo/fits/hdu/header.h"

namespace platefs::demo {
namespace {

/// Scanners that deliver unsigned numbers store them with BZERO = 32768.
bool is_unsigned(const Plate& plate) { return plate.collection == Collection::Applause; }

vo::FitsHeader header_of(const Plate& plate, const std::vector<std::string>& solution, const PlateImage& image) {
  vo::FitsHeader header;
  header.set_logical("SIMPLE", true, "a FITS file");
  header.set_integer("BITPIX", 16, "bits of a pixel");
  header.set_integer("NAXIS", 2);
  header.set_integer("NAXIS1", image.width);
  header.set_integer("NAXIS2", image.height);
  header.set_logical("EXTEND", true);
  if (is_unsigned(plate)) {
    header.set_real("BSCALE", 1);
    header.set_real("BZERO", 32768, "numbers are unsigned");
  }
  header.set_text("TELESCOP", fmt::format("Demo telescope of {}", folder_of(plate.collection)));
  header.set_text("PLATEID", plate.id, "number of the plate");
  if (plate.t_min) header.set_text("DATE-OBS", vo::iso_datetime(*plate.t_min), "begin of exposure, UTC");
  header.set_real("EXPTIME", plate.exposure_seconds, "[s] exposure");
  if (!plate.further.empty()) {
    header.set_integer("NUMEXP", static_cast<std::int64_t>(plate.exposures().size()), "number of exposures");
    int number = 0;
    for (const auto& exposure : plate.exposures()) {
      ++number;
      if (exposure.t_min) header.set_text(fmt::format("DT-OBS{}", number), vo::iso_datetime(*exposure.t_min));
    }
  }
  if (plate.is(Peculiarity::Unsolved)) return header;
  for (auto card : solution) {
    card.resize(80, ' ');
    header.append(std::move(card));
  }
  return header;
}

/// Most significant byte first, filled up to whole blocks.
std::string data_of(const PlateImage& image, bool as_unsigned) {
  std::string data;
  data.reserve(image.pixels.size() * 2 + vo::kFitsBlock);
  for (const auto pixel : image.pixels) {
    const auto bits = static_cast<std::uint16_t>(pixel) ^ (as_unsigned ? 0x8000u : 0u);
    data += static_cast<char>(bits >> 8 & 0xFF);
    data += static_cast<char>(bits & 0xFF);
  }
  data.resize((data.size() + vo::kFitsBlock - 1) / vo::kFitsBlock * vo::kFitsBlock, '\0');
  return data;
}

/// A directory for files that come and go.
class ScratchDirectory {
 public:
  ScratchDirectory() : path_((std::filesystem::temp_directory_path() / "platefs-demo-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) throw vo::Error(vo::ErrorKind::LocalIo, "cannot make " + path_);
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  std::string file(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

void require_success(int status) {
  if (status == 0) return;
  std::array<char, FLEN_STATUS> text{};
  fits_get_errstatus(status, text.data());
  throw vo::Error(vo::ErrorKind::LocalIo, fmt::format("cfitsio cannot pack a plate: {}", text.data()));
}

/// What fpack makes of a file: tiles of one row, compressed without loss.
void pack(const std::string& from, const std::string& to) {
  fitsfile *plain = nullptr, *packed = nullptr;
  int status = 0, ignored = 0;
  fits_open_file(&plain, from.c_str(), READONLY, &status);
  fits_create_file(&packed, to.c_str(), &status);
  fits_set_compression_type(packed, RICE_1, &status);
  fits_img_compress(plain, packed, &status);
  if (packed != nullptr) fits_close_file(packed, &status);
  if (plain != nullptr) fits_close_file(plain, &ignored);
  require_success(status);
}

std::string packed(const std::string& plain) {
  const ScratchDirectory scratch;
  std::ofstream(scratch.file("plain.fits"), std::ios::binary) << plain;
  pack(scratch.file("plain.fits"), scratch.file("packed.fits"));
  return text_of(*content_of_file(scratch.file("packed.fits")));
}

}  // namespace

std::string fits_file(const Plate& plate, const std::vector<std::string>& solution, const PlateImage& image,
                      bool is_packed) {
  auto plain = header_of(plate, solution, image).serialised() + data_of(image, is_unsigned(plate));
  return is_packed ? packed(plain) : plain;
}

}  // namespace platefs::demo
