// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace platefs::tools {

/// Runs a command; an exception becomes a message on stderr and an exit code: kWrongUsage for what the
/// user can't mean, kFailed for the rest.
int reporting_errors(const std::function<int()>& command);

/// Writes a result to stdout; false (told on stderr) when that fails.
bool write_out(const std::string& text);

/// "12.3 MiB".
std::string size_text(std::uint64_t bytes);

/// Text from elsewhere without what would steer a terminal: control characters become blanks.
std::string harmless(const std::string& text);

}  // namespace platefs::tools
