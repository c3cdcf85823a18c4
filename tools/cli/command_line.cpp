// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/command_line.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "tools/cli/declared_command.h"
#include "tools/cli/nearest_word.h"
#include "tools/cli/reporting.h"
#include "tools/cli/version.h"
#include "vo/base/error.h"

namespace platefs::tools {
namespace {

/// The whole command line, declared.
struct Declaration {
  explicit Declaration(const Commands& commands) {
    app.set_version_flag("-V,--version", fmt::format("platefs {}", version()));
    app.require_subcommand(1);
    app.get_formatter()->column_width(34);
    declared = {declare_mount(app, commands, fuse_options),
                declare_serve(app, commands),
                declare_unmount(app, commands),
                declare_query(app, commands),
                declare_fetch(app, commands),
                declare_blink(app, commands),
                declare_cache(app, commands),
                declare_status(app, commands),
                declare_archives(app, commands),
                declare_doctor(app, commands),
                declare_demo(app, commands)};
    completion = app.add_subcommand("completion", "print a completion script for a shell");
    completion->add_option("SHELL", shell, "")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  }

  CLI::App app{"platefs shows the world's photographic-plate archives as a directory tree.", "platefs"};
  std::shared_ptr<std::vector<std::string>> fuse_options = std::make_shared<std::vector<std::string>>();
  std::vector<DeclaredCommand> declared;
  CLI::App* completion = nullptr;
  std::string shell;
};

const CLI::App* command_called(const std::string& name, const CLI::App& app);

/// Names of options, with their dashes, behind which a value stands as a word of its own.
std::set<std::string> options_with_values(const CLI::App& app) {
  std::set<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    for (const auto* option : command->get_options()) {
      if (option->get_items_expected_max() == 0) continue;
      for (const auto& name : option->get_lnames()) names.insert("--" + name);
      for (const auto& name : option->get_snames()) names.insert("-" + name);
    }
  }
  return names;
}

/// What stands before the command stands behind it: options are the command's, on whichever side. `help COMMAND` and
/// `umount` as other programs have them.
std::vector<std::string> command_first(std::vector<std::string> words, const CLI::App& app) {
  const auto with_values = options_with_values(app);
  std::size_t at = 0;
  while (at < words.size() && words[at].starts_with('-')) at += with_values.contains(words[at]) ? 2 : 1;
  if (at >= words.size()) return words;
  std::rotate(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(at),
              words.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  if (words.front() == "umount") words.front() = "unmount";
  if (words.front() != "help") return words;
  words.erase(words.begin());
  const auto topic = std::ranges::find_if(words, [](const auto& word) { return !word.starts_with('-'); });
  if (topic == words.end()) return {"--help"};
  const auto name = *topic == "umount" ? "unmount" : *topic;
  if (command_called(name, app) == nullptr) return {name};  // which is told
  return {name, "--help"};
}

/// The words with every `-o a,b=c` of mount replaced by what it means.
std::vector<std::string> without_dash_o(const std::vector<std::string>& words, const CLI::App& mount,
                                        std::vector<std::string>& fuse_options) {
  if (words.empty() || words.front() != mount.get_name()) return words;
  std::vector<std::string> plain;
  const auto known = long_options_of(mount);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool is_dash_o = words[i].starts_with("-o");
    if (!is_dash_o) {
      plain.push_back(words[i]);
      continue;
    }
    const bool is_separate = words[i] == "-o" && i + 1 < words.size();
    auto split = split_dash_o(is_separate ? words[++i] : words[i].substr(2), known);
    plain.insert(plain.end(), split.arguments.begin(), split.arguments.end());
    fuse_options.insert(fuse_options.end(), split.fuse_options.begin(), split.fuse_options.end());
  }
  return plain;
}

int run(const DeclaredCommand& command) {
  for (const auto* option : command.app->get_options()) {
    if (option->count() == 0) continue;
    for (const auto& name : option->get_lnames()) command.common->given.insert(name);
  }
  return command.run();
}

const CLI::App* command_called(const std::string& name, const CLI::App& app) {
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  const auto found = std::ranges::find(commands, name, [](const CLI::App* each) { return each->get_name(); });
  return found == commands.end() ? nullptr : *found;
}

std::string with_hint(const std::string& complaint, const std::string& nearest) {
  return nearest.empty() ? complaint : fmt::format("{}; did you mean '{}'?", complaint, nearest);
}

std::string unknown_command(const std::string& word, const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* each : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(each->get_name());
  return with_hint(fmt::format("unknown command '{}'", word), nearest_word(word, names));
}

/// The first option that the command does not have; empty if there is none.
std::string unknown_option(const std::vector<std::string>& words, const CLI::App& command) {
  auto known = long_options_of(command);
  for (const auto& word : words) {
    const auto name = word.substr(0, word.find('='));
    if (!name.starts_with("--") || name == "--" || std::ranges::find(known, name.substr(2)) != known.end()) continue;
    for (auto& each : known) each.insert(0, "--");
    return with_hint(fmt::format("unknown option '{}'", name), nearest_word(name, known));
  }
  return {};
}

/// What is wrong with the words, and where to read what would be right.
std::string explained(const std::vector<std::string>& words, const CLI::App& app, const std::string& problem) {
  const auto* command = words.empty() ? nullptr : command_called(words.front(), app);
  std::string complaint = problem;
  if (words.empty()) {
    complaint = "which command?";
  } else if (command != nullptr) {
    const auto unknown = unknown_option(words, *command);
    if (!unknown.empty()) complaint = unknown;
  } else if (!words.front().starts_with('-')) {
    complaint = unknown_command(words.front(), app);
  }
  return fmt::format("platefs: {}\nplatefs: `platefs{} --help` tells what there is\n", complaint,
                     command == nullptr ? "" : " " + command->get_name());
}

std::vector<CommandDescription> described(const Declaration& all) {
  std::vector<CommandDescription> list;
  for (const auto& command : all.declared) list.push_back(describe(command));
  list.push_back(describe(DeclaredCommand{all.completion, WordKind::Nothing, {"bash", "zsh", "fish"}, nullptr, {}}));
  return list;
}

}  // namespace

int run_command_line(const std::vector<std::string>& given, const Commands& commands) {
  Declaration all{commands};
  const auto words = command_first(given, all.app);
  try {
    auto plain = without_dash_o(words, *all.declared.front().app, *all.fuse_options);
    std::reverse(plain.begin(), plain.end());  // as CLI11 wants a vector
    all.app.parse(plain);
  } catch (const CLI::ParseError& problem) {
    if (problem.get_exit_code() == 0) return all.app.exit(problem) == 0 ? kDone : kFailed;  // --help, --version
    write_message(explained(words, all.app, problem.what()));
    return kWrongUsage;
  }
  for (const auto& command : all.declared) {
    if (command.app->parsed()) return run(command);
  }
  return write_out(completion_script(all.shell, described(all))) ? kDone : kFailed;
}

std::vector<CommandDescription> command_descriptions() { return described(Declaration{Commands{}}); }

}  // namespace platefs::tools
