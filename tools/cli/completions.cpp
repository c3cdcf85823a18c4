// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tools/cli/command_description.h"
#include "vo/base/error.h"

namespace platefs::tools {
namespace {

constexpr const char* kTargets = "platefs cache list --targets";
constexpr const char* kArchives = "platefs archives list --names";

using Descriptions = std::vector<CommandDescription>;

std::string names_of(const Descriptions& commands) {
  std::string names;
  for (const auto& command : commands) names += (names.empty() ? "" : " ") + command.name;
  return names;
}

std::string flags_of(const CommandDescription& command) {
  std::string flags;
  for (const auto& option : command.options) {
    flags += fmt::format("{}{}", flags.empty() ? "" : " ", fmt::join(option.names, " "));
  }
  return flags;
}

// -- bash: names that others chose are neither split nor expanded (compgen -W would run a "$(…)" among them); since
// they count as names of files, readline quotes what it inserts

constexpr const char* kBashLines =
    "_platefs_lines() {\n"
    "  local line typed=${word//\\\\/}\n"
    "  COMPREPLY=()\n"
    "  while IFS= read -r line; do\n"
    "    if [[ $line == \"$typed\"* ]]; then COMPREPLY+=(\"$line\"); fi\n"
    "  done < <(\"$@\" 2>/dev/null)\n"
    "}\n";

std::string bash_words(WordKind kind, const std::vector<std::string>& choices) {
  switch (kind) {
    case WordKind::Choice:
      return fmt::format("COMPREPLY=($(IFS=' '; compgen -W '{}' -- \"$word\"))", fmt::join(choices, " "));
    case WordKind::File:
      return "_platefs_lines compgen -f -- \"$word\"";
    case WordKind::Directory:
      return "_platefs_lines compgen -d -- \"$word\"";
    case WordKind::Archive:
      return fmt::format("_platefs_lines {}", kArchives);
    case WordKind::Target:
      return fmt::format("_platefs_lines {}", kTargets);
    case WordKind::Nothing:
    case WordKind::Anything:
      break;
  }
  return "COMPREPLY=()";
}

std::string bash_script(const Descriptions& commands) {
  std::string text = "# bash completion for platefs\n";
  text += kBashLines;
  text +=
      "_platefs() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} IFS=$'\\n'\n"
      // A target holds colons, at which bash breaks words.
      "  if declare -F _get_comp_words_by_ref >/dev/null; then\n"
      "    local words cword\n"
      "    _get_comp_words_by_ref -n : -c word -p before -w words -i cword\n"
      "  else\n"
      "    local words=(\"${COMP_WORDS[@]}\") cword=$COMP_CWORD\n"
      "  fi\n";
  text += fmt::format(
      "  if [ \"$cword\" -eq 1 ]; then\n"
      "    COMPREPLY=($(IFS=' '; compgen -W '{} --help --version' -- \"$word\"))\n"
      "    return\n  fi\n  case ${{words[1]}} in\n",
      names_of(commands));
  for (const auto& command : commands) {
    text += fmt::format("    {})\n      case $before in\n", command.name);
    for (const auto& option : command.options) {
      if (option.value == WordKind::Nothing) continue;
      text += fmt::format("        {}) {}; return ;;\n", fmt::join(option.names, "|"),
                          bash_words(option.value, option.choices));
    }
    text += fmt::format(
        "      esac\n"
        "      if [[ $word == -* ]]; then\n"
        "        COMPREPLY=($(IFS=' '; compgen -W '{}' -- \"$word\"))\n",
        flags_of(command));
    if (!command.actions.empty()) {
      text += fmt::format(
          "      elif [ \"$cword\" -eq 2 ]; then\n"
          "        COMPREPLY=($(IFS=' '; compgen -W '{}' -- \"$word\"))\n",
          fmt::join(command.actions, " "));
    }
    text += fmt::format("      else\n        {}\n      fi ;;\n", bash_words(command.operand, {}));
  }
  return text +
         "  esac\n"
         "  if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions \"$word\"; fi\n"
         "}\n"
         "complete -o filenames -F _platefs platefs\n";
}

// -- zsh

std::string zsh_quoted(const std::string& text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '\'')
      quoted += "'\\''";
    else if (c == '[' || c == ']' || c == ':')
      quoted += std::string{"\\"} + c;
    else
      quoted += c;
  }
  return quoted;
}

std::string zsh_words(WordKind kind, const std::vector<std::string>& choices) {
  switch (kind) {
    case WordKind::Choice:
      return fmt::format("({})", fmt::join(choices, " "));
    case WordKind::File:
      return "_files";
    case WordKind::Directory:
      return "_files -/";
    case WordKind::Archive:
      return "_platefs_archives";
    case WordKind::Target:
      return "_platefs_targets";
    case WordKind::Nothing:
    case WordKind::Anything:
      break;
  }
  return " ";
}

std::string zsh_option(const OptionDescription& option) {
  std::string lines;
  for (const auto& name : option.names) {
    const auto value = option.value == WordKind::Nothing
                           ? std::string{}
                           : fmt::format(":value:{}", zsh_words(option.value, option.choices));
    lines += fmt::format("        '*{}[{}]{}' \\\n", name, zsh_quoted(option.description), value);
  }
  return lines;
}

std::string zsh_script(const Descriptions& commands) {
  std::string text = "#compdef platefs\n# zsh completion for platefs\n";
  text += fmt::format("_platefs_targets() {{ compadd -- ${{(f)\"$({} 2>/dev/null)\"}} }}\n", kTargets);
  text += fmt::format("_platefs_archives() {{ compadd -- ${{(f)\"$({} 2>/dev/null)\"}} }}\n", kArchives);
  text += "_platefs() {\n  local -a commands\n  commands=(\n";
  for (const auto& command : commands) {
    text += fmt::format("    '{}:{}'\n", command.name, zsh_quoted(command.description));
  }
  text +=
      "  )\n"
      "  if (( CURRENT == 2 )); then\n"
      "    _describe command commands\n"
      "    _arguments '--help[help]' '--version[version]'\n"
      "    return\n  fi\n"
      "  local command=$words[2]\n"
      "  shift words; (( CURRENT-- ))\n"
      "  case $command in\n";
  for (const auto& command : commands) {
    text += fmt::format("    {})\n      _arguments \\\n", command.name);
    for (const auto& option : command.options) text += zsh_option(option);
    if (!command.actions.empty()) {
      text += fmt::format("        '1:action:({})' \\\n", fmt::join(command.actions, " "));
    }
    text += fmt::format("        '*:operand:{}' ;;\n", zsh_words(command.operand, {}));
  }
  return text + "  esac\n}\n_platefs \"$@\"\n";
}

// -- fish

std::string fish_quoted(const std::string& text) {
  std::string quoted;
  for (const char c : text) quoted += c == '\'' || c == '\\' ? std::string{"\\"} + c : std::string{c};
  return quoted;
}

std::string fish_words(WordKind kind, const std::vector<std::string>& choices) {
  switch (kind) {
    case WordKind::Choice:
      return fmt::format(" -xa '{}'", fmt::join(choices, " "));
    case WordKind::File:
      return " -rF";
    case WordKind::Directory:
      return " -xa '(__fish_complete_directories)'";
    case WordKind::Archive:
      return fmt::format(" -xa '({} 2>/dev/null)'", kArchives);
    case WordKind::Target:
      return fmt::format(" -xa '({} 2>/dev/null)'", kTargets);
    case WordKind::Nothing:
      return "";
    case WordKind::Anything:
      break;
  }
  return " -x";
}

std::string fish_option(const std::string& command, const OptionDescription& option) {
  std::string names;
  for (const auto& name : option.names) {
    names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  return fmt::format("complete -c platefs -n '__fish_seen_subcommand_from {}'{}{} -d '{}'\n", command, names,
                     fish_words(option.value, option.choices), fish_quoted(option.description));
}

std::string fish_script(const Descriptions& commands) {
  std::string text = "# fish completion for platefs\ncomplete -c platefs -f\n";
  for (const auto& command : commands) {
    text += fmt::format("complete -c platefs -n __fish_use_subcommand -a {} -d '{}'\n", command.name,
                        fish_quoted(command.description));
    const auto seen = fmt::format("__fish_seen_subcommand_from {}", command.name);
    if (!command.actions.empty()) {
      text += fmt::format("complete -c platefs -n '{}; and not __fish_seen_subcommand_from {}' -a '{}'\n", seen,
                          fmt::join(command.actions, " "), fmt::join(command.actions, " "));
    }
    if (const auto words = fish_words(command.operand, {}); words.size() > 3) {
      text += fmt::format("complete -c platefs -n '{}'{}\n", seen, words);
    }
    for (const auto& option : command.options) text += fish_option(command.name, option);
  }
  return text;
}

}  // namespace

std::string completion_script(const std::string& shell, const Descriptions& commands) {
  if (shell == "bash") return bash_script(commands);
  if (shell == "zsh") return zsh_script(commands);
  if (shell == "fish") return fish_script(commands);
  throw vo::Error{vo::ErrorKind::Rejected, fmt::format("no completion for the shell '{}'", shell)};
}

}  // namespace platefs::tools
