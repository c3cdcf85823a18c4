// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/options.h"

namespace platefs::tools {

struct UnmountCommand {
  std::string mountpoint;
};

struct StatusCommand {
  std::string mountpoint;
  bool as_json = false;
};

/// What each command runs; they return exit codes.
struct Commands {
  std::function<int(const MountCommand&)> mount;
  std::function<int(const UnmountCommand&)> unmount;
  std::function<int(const QueryCommand&)> query;
  std::function<int(const StatusCommand&)> status;
};

/// Reads the words of the command line and runs the command that they name. Wrong words are told on
/// stderr and answered kWrongUsage.
int run_command_line(int argc, const char* const* argv, const Commands& commands);

}  // namespace platefs::tools
