// SPDX-License-Identifier: BSD-3-Clause
// Cuts as platefs does, without mount or archive, for tests by other programs: each line of standard
// input is FILE RA DEC RADIUS OUT (degrees; without a cutout where OUT is -), and may go on with centres, RA DEC of
// each: of the exposure that is meant, and of the plate's others. Each line of standard output says how it went:
//   ok X1 X2 Y1 Y2 X Y BYTES     the section, the target's pixel on the plate, bytes read of the plate
//   error MESSAGE

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "vo/base/error.h"
#include "vo/fits/cutout.h"
#include "vo/fits/image.h"
#include "vo/fits/wcs/sky_map.h"

namespace platefs {
namespace {

/// A file that counts what is read of it.
class CountedFile : public vo::FileFitsSource {
 public:
  explicit CountedFile(const std::string& path) : CountedFile(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~CountedFile() override { ::close(fd_); }
  CountedFile(const CountedFile&) = delete;
  CountedFile& operator=(const CountedFile&) = delete;

  void read(std::span<const vo::ByteRange> ranges, std::span<std::byte> out) override {
    bytes += out.size();
    vo::FileFitsSource::read(ranges, out);
  }
  std::size_t bytes = 0;

 private:
  explicit CountedFile(int fd) : vo::FileFitsSource(fd), fd_(fd) {}
  int fd_;
};

std::string told(const vo::CutoutSection& section, std::size_t bytes) {
  const auto& box = section.cone.box;
  const auto& pixel = section.cone.target;
  return fmt::format("ok {} {} {} {} {} {} {}", box.x1, box.x2, box.y1, box.y2, pixel.x, pixel.y, bytes);
}

std::string cut(const std::string& path, const vo::Cone& cone, const std::string& out,
                const vo::ExposureCentres& centres) {
  CountedFile plate{path};
  if (out == "-") {
    const auto section = vo::section_of(plate, cone);
    return told(section, plate.bytes);
  }
  const vo::CutoutProvenance provenance{.source_did = "ivo://test/plate",
                                        .archive = "test",
                                        .source_url = "http://example.org/plate.fits",
                                        .region = "CIRCLE ICRS",
                                        .platefs_version = "test",
                                        .t_min = 11504.0,
                                        .t_max = {},
                                        .exptime_seconds = 600.0,
                                        .centres = centres};
  const auto cutout = vo::cut(plate, cone, provenance);
  const auto bytes = plate.bytes;
  std::ofstream{out, std::ios::binary}.write(reinterpret_cast<const char*>(cutout.file.data()),
                                             static_cast<std::streamsize>(cutout.file.size()));
  return told(cutout.section, bytes);
}

std::string answer(const std::string& line) {
  std::istringstream words{line};
  std::string path, out;
  double ra = 0, dec = 0, radius = 0;
  words >> path >> ra >> dec >> radius >> out;
  const auto at = [](double right_ascension, double declination) {
    return vo::IcrsPosition::at(vo::Angle::degrees(right_ascension), vo::Angle::degrees(declination));
  };
  try {
    const vo::Cone cone{at(ra, dec), vo::Angle::degrees(radius)};
    vo::ExposureCentres centres;
    while (words >> ra >> dec) {
      if (centres.own) centres.others.push_back(at(ra, dec));
      if (!centres.own) centres.own = at(ra, dec);
    }
    return cut(path, cone, out, centres);
  } catch (const vo::Error& error) {
    return fmt::format("error {}", error.message());
  }
}

}  // namespace
}  // namespace platefs

int main() {
  std::string line;
  while (std::getline(std::cin, line)) std::cout << platefs::answer(line) << '\n' << std::flush;
}
