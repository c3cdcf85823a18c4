// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace platefs::tools {

/// What a program is to show: files in a directory of its own.
struct Exhibition {
  std::string title;
  std::vector<std::filesystem::path> images;  ///< FITS, in the order of their dates
  std::filesystem::path table;                ///< plates.vot
  std::filesystem::path region;               ///< target.reg
};

/// A program for looking at plates.
struct Viewer {
  std::string name;                   ///< "ds9"
  std::vector<std::string> commands;  ///< that it is called by, in the order in which they are looked for
  std::string package;                ///< advice: how it is installed
};

/// Throws Error{Rejected} for a name that is none of "ds9", "topcat", "aladin".
const Viewer& viewer_named(const std::string& name);
/// The path of its command, looked for in $PATH; empty where it is not installed.
std::filesystem::path installed(const Viewer& viewer);
/// The words of its command line behind the command. Depends on its arguments alone.
std::vector<std::string> words_of(const Viewer& viewer, const Exhibition& shown);
/// Runs it, and returns its exit code when it ends (128 and the signal's number for one that a signal ended). Signals
/// that end this command end the program. Throws Error{LocalIo} where it can't be started.
int run_and_wait(const std::filesystem::path& program, const std::vector<std::string>& words);

}  // namespace platefs::tools
