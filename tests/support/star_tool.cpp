// SPDX-License-Identifier: BSD-3-Clause
// Makes of cutouts what platefs makes of them, without mount or archive, for tests by other programs. Each line of
// standard input is WHAT FILE RA DEC RADIUS OUT (degrees), WHAT being bilinear, lanczos3 (aligned frames), stamp,
// positive (the same with bright stars) or chart; each line of standard output says how it went:
//   ok MILLISECONDS     of CPU time
//   error MESSAGE

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "vo/base/error.h"
#include "vo/fits/aligned/aligned_frame.h"
#include "vo/fits/pictures/stamp.h"

namespace platefs {
namespace {

double cpu_milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

std::vector<std::byte> made(const std::string& what, vo::FitsSource& cutout, const vo::Cone& cone) {
  const vo::PlateCaption caption{"1890-05-17", "1890-05-17_i00811", "10 24 02.7 +48 08 51"};
  if (what == "stamp") return vo::stamp_of(cutout, cone, caption, vo::Tone::StarsDark);
  if (what == "positive") return vo::stamp_of(cutout, cone, caption, vo::Tone::StarsBright);
  if (what == "chart") return vo::chart_of(cutout, cone, caption, vo::Tone::StarsDark);
  const auto kernel = vo::kernel_named(what);
  if (!kernel) throw vo::Error{vo::ErrorKind::Rejected, "what is " + what};
  return vo::aligned_frame(cutout, cone, *kernel, {}, "test");
}

std::string answer(const std::string& line) {
  std::istringstream words{line};
  std::string what, path, out;
  double ra = 0, dec = 0, radius = 0;
  words >> what >> path >> ra >> dec >> radius >> out;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  std::string told;
  try {
    vo::FileFitsSource cutout{fd};
    const double begin = cpu_milliseconds();
    const auto file =
        made(what, cutout,
             {vo::IcrsPosition::at(vo::Angle::degrees(ra), vo::Angle::degrees(dec)), vo::Angle::degrees(radius)});
    told = fmt::format("ok {:.3f}", cpu_milliseconds() - begin);
    std::ofstream{out, std::ios::binary}.write(reinterpret_cast<const char*>(file.data()),
                                               static_cast<std::streamsize>(file.size()));
  } catch (const vo::Error& error) {
    told = fmt::format("error {}", error.message());
  }
  ::close(fd);
  return told;
}

}  // namespace
}  // namespace platefs

int main() {
  std::string line;
  while (std::getline(std::cin, line)) std::cout << platefs::answer(line) << '\n' << std::flush;
}
