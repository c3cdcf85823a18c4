// SPDX-License-Identifier: BSD-3-Clause
// A configuration file: taken, or vo::Error that names the line.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tools/cli/configuration.h"
#include "vo/base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace platefs;
  tools::CommonOptions options;
  try {
    tools::apply_configuration({reinterpret_cast<const char*>(data), size}, "config.toml", options);
    tools::effective_configuration(options);
  } catch (const vo::Error& error) {
    if (!error.message().starts_with("config.toml")) std::abort();
  }
  return 0;
}
