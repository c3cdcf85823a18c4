// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "tools/cli/command_description.h"
#include "tools/cli/commands.h"

namespace platefs::tools {

/// Reads the words of the command line (without the program's name) and runs the command that they name.
/// Wrong words are told on stderr and answered kWrongUsage.
int run_command_line(const std::vector<std::string>& words, const Commands& commands);

/// All commands and options as the command line knows them, for completions and for checking manuals.
std::vector<CommandDescription> command_descriptions();

}  // namespace platefs::tools
