// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/iso_utc.h"

#include <array>
#include <ctime>

namespace platefs::vo {

std::string iso_utc(std::int64_t unix_seconds) {
  if (unix_seconds == 0) return {};
  const auto time = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 40> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace platefs::vo
