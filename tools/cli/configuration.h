// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tools/cli/options.h"

namespace platefs::tools {

/// The configuration files that are read when --config names none, the weaker first:
/// /etc/platefs/config.toml and $XDG_CONFIG_HOME/platefs/config.toml. They need not be there.
std::vector<std::filesystem::path> configuration_files();

/// Where sequences of comparison stars are looked for, the stronger first: sequences/ beside the configuration files.
std::vector<std::filesystem::path> sequence_folders(const CommonOptions& options);

/// Fills in what the command line did not say. Throws Error{Rejected} as "FILE:LINE: what is wrong" for
/// what is no TOML, a value of the wrong kind, and an unknown key (then with the nearest known one);
/// Error{NotFound} when the file of --config is not there.
void settle(CommonOptions& options);

/// The same for one text; `file` is its name in messages. Later texts win over earlier ones.
void apply_configuration(std::string_view text, const std::string& file, CommonOptions& options);

/// The options in effect as a configuration file that says the same; secrets are masked.
std::string effective_configuration(const CommonOptions& options);

/// All keys outside of sections, inside of [archive.NAME], of [catalogue] and of [s3].
std::vector<std::string> general_keys();
std::vector<std::string> archive_keys();
std::vector<std::string> catalogue_keys();
std::vector<std::string> gateway_keys();
std::vector<std::string> s3_keys();

}  // namespace platefs::tools
