// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace platefs::tools {

/// Where messages of a running mount go: stderr in the foreground, a bounded file else. A message is one
/// line, whatever it quotes: `vo::shown_text`. Thread-safe.
class Log {
 public:
  static Log to_stderr(const std::string& level);
  /// Falls back to stderr with a warning when the file can't be written.
  static Log to_file(const std::filesystem::path& file, const std::string& level);

  void info(std::string_view text) const;
  void warn(std::string_view text) const;
  /// The latest lines, oldest first: what was there before and more, until it is too long and the older half goes.
  std::string recent() const;

 private:
  struct Memory;
  std::shared_ptr<Memory> memory_;
};

}  // namespace platefs::tools
