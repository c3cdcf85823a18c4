// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace platefs::tools {

/// Runs a command; an exception becomes a message on stderr and an exit code: kWrongUsage for what the
/// user can't mean, kFailed for the rest.
int reporting_errors(const std::function<int()>& command);

/// Writes to stderr. What can't be written there (it is closed, or its disk is full) is dropped: there is no other
/// place to tell it.
void write_message(std::string_view text) noexcept;

/// A line "platefs: …" on stderr, in the same way.
template <typename... Arguments>
void message(fmt::format_string<Arguments...> format, Arguments&&... arguments) noexcept {
  try {
    write_message("platefs: " + fmt::format(format, std::forward<Arguments>(arguments)...) + "\n");
  } catch (...) {  // NOLINT(bugprone-empty-catch): no memory to tell it
  }
}

/// Writes a result to stdout; false (told on stderr) when that fails.
bool write_out(const std::string& text);

/// "12.3 MiB".
std::string size_text(std::uint64_t bytes);

/// Text from elsewhere without what would steer a terminal: control characters become blanks.
std::string harmless(const std::string& text);

}  // namespace platefs::tools
