// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tools/cli/command_description.h"
#include "tools/cli/commands.h"

namespace platefs::tools {

/// A command as CLI11 knows it, and what to do when it was called.
struct DeclaredCommand {
  CLI::App* app = nullptr;
  WordKind operand = WordKind::Nothing;
  std::vector<std::string> actions = {};
  CommonOptions* common = nullptr;  ///< null: it has none
  std::function<int()> run;
};

/// Options that take what they are given by reference: the shared pointers in `run` own them.
void add_place_options(CLI::App& app, CommonOptions& common);    ///< --config, --cache-dir
void add_archive_options(CLI::App& app, CommonOptions& common);  ///< those, and all for asking archives
/// `platefs mount`; the words of -o that are for FUSE come through `fuse_options`.
DeclaredCommand declare_mount(CLI::App& app, const Commands& commands,
                              std::shared_ptr<std::vector<std::string>> fuse_options);
DeclaredCommand declare_serve(CLI::App& app, const Commands& commands);
DeclaredCommand declare_demo(CLI::App& app, const Commands& commands);
DeclaredCommand declare_unmount(CLI::App& app, const Commands& commands);
DeclaredCommand declare_query(CLI::App& app, const Commands& commands);
DeclaredCommand declare_fetch(CLI::App& app, const Commands& commands);
DeclaredCommand declare_blink(CLI::App& app, const Commands& commands);
DeclaredCommand declare_cache(CLI::App& app, const Commands& commands);
DeclaredCommand declare_status(CLI::App& app, const Commands& commands);
DeclaredCommand declare_archives(CLI::App& app, const Commands& commands);
DeclaredCommand declare_doctor(CLI::App& app, const Commands& commands);

std::vector<std::string> long_options_of(const CLI::App& app);
CommandDescription describe(const DeclaredCommand& command);

}  // namespace platefs::tools
