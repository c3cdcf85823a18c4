// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/reporting.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "tools/cli/options.h"
#include "vo/base/error.h"
#include "vo/base/shown_text.h"

namespace platefs::tools {

int reporting_errors(const std::function<int()>& command) {
  try {
    return command();
  } catch (const vo::Error& error) {
    message("{}", vo::shown_text(error.what()));
    return error.kind() == vo::ErrorKind::Rejected ? kWrongUsage : kFailed;
  } catch (const std::exception& error) {
    message("{}", error.what());
    return kFailed;
  }
}

void write_message(std::string_view text) noexcept {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

bool write_out(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written) message("can't write the answer: {}", std::strerror(errno));
  return written;
}

std::string size_text(std::uint64_t bytes) {
  constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024.0 && unit < 4) {
    value /= 1024.0;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", value, unit == 0 ? 0 : 1, units[unit]);
}

// Neither C0 nor C1 (c2 80 to c2 9f).
std::string harmless(const std::string& text) {
  std::string clean;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool is_c1 = c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (is_c1) ++i;
    clean += c < 0x20 || c == 0x7f || is_c1 ? ' ' : text[i];
  }
  return clean;
}

}  // namespace platefs::tools
