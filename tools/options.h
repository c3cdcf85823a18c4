// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fs/sniffer_guard.h"
#include "vo/sky.h"
#include "vo/tap.h"

namespace platefs::tools {

/// Exit codes of every command (README, "The command").
enum ExitCode { kDone = 0, kFailed = 1, kWrongUsage = 2, kDoneInPart = 3, kInterrupted = 130 };

/// What all commands that reach archives share.
struct CommonOptions {
  std::vector<std::string> archives;                 ///< names or TAP URLs; empty: the default
  std::vector<std::string> excluded_collections{"%RASS%"};
  std::string where;
  std::string radius = "10m";
  std::string resolver = "https://cds.unistra.fr/cgi-bin/nph-sesame";   ///< or "none"
  std::filesystem::path cache_dir;                   ///< empty: $XDG_CACHE_HOME/platefs
  std::string cache_size = "20G";
  bool offline = false;
  bool refresh = false;
  int jobs_per_host = 4;
  double timeout_seconds = 30;
  std::string proxy;
  std::string log_level = "info";
};

struct MountCommand {
  CommonOptions common;
  std::string mountpoint;
  bool foreground = false;
  bool allow_other = false;
  std::string mtime = "observed";
  std::vector<std::string> fuse_options;
  /// Programs that may open only what is in the cache, see fs/sniffer_guard.h.
  std::vector<std::string> guarded_programs = fs::usual_sniffers();
};

struct QueryCommand {
  CommonOptions common;
  std::string target;
  std::string format = "table";
};

/// "20G", "512M", "1.5T" (powers of 1024) in bytes. Throws Error{Rejected} with the text.
std::uint64_t bytes_from(const std::string& text);
/// "10m", "0.5d", "90s" (arc minutes, degrees, arc seconds). Throws Error{Rejected} with the text.
vo::Angle radius_from(const std::string& text);

/// $XDG_CACHE_HOME/platefs, else ~/.cache/platefs.
std::filesystem::path default_cache_directory();
/// $XDG_STATE_HOME/platefs/log.txt, else ~/.local/state/platefs/log.txt.
std::filesystem::path default_log_file();

/// The services that `names` mean: names of built-in archives, or TAP URLs; without any, the default
/// archive. Throws Error{Rejected} naming the known archives.
std::vector<vo::TapService> services_from(const CommonOptions& options);

/// The resolver of objects' names; nothing for "none". Throws Error{Rejected} with the text.
std::optional<vo::Url> resolver_from(const CommonOptions& options);

/// `-o` words of mount(8) and fuse as platefs's own long options where they are such ("radius=20m" is
/// --radius=20m), as words for FUSE where not; those that only mount(8) understands are dropped.
struct DashO {
  std::vector<std::string> arguments;
  std::vector<std::string> fuse_options;
};
DashO split_dash_o(const std::string& words, const std::vector<std::string>& known_options);

}  // namespace platefs::tools
