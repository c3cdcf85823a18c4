// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

namespace platefs::tools {

/// What can stand in a place of the command line.
enum class WordKind { Nothing, Anything, Choice, File, Directory, Archive, Target };

struct OptionDescription {
  std::vector<std::string> names;  ///< with dashes, the long one first
  std::string description;
  WordKind value = WordKind::Nothing;
  std::vector<std::string> choices;
};

struct CommandDescription {
  std::string name, description;
  std::vector<OptionDescription> options;
  std::vector<std::string> actions;  ///< words that may stand first: cache status
  WordKind operand = WordKind::Nothing;
};

/// A completion script for "bash", "zsh" or "fish". Names of targets and archives come from
/// `platefs cache list --targets` and `platefs archives list --names`, which ask no network. Throws
/// Error{Rejected} for another shell. Depends on its arguments alone.
std::string completion_script(const std::string& shell, const std::vector<CommandDescription>& commands);

}  // namespace platefs::tools
