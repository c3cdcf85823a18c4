// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fs/fuse/icon_guard.h"
#include "tools/cli/archive_entry.h"
#include "vo/base/sky.h"
#include "vo/http/gateway.h"
#include "vo/services/star_catalogue.h"
#include "vo/services/tap.h"

namespace platefs::tools {

/// Exit codes of every command (README, "The command").
enum ExitCode { kDone = 0, kFailed = 1, kWrongUsage = 2, kDoneInPart = 3, kInterrupted = 130 };

/// What commands share: the command line over the configuration over what is built in. The command line
/// is read first; settle() (configuration.h) fills in what it did not say.
struct CommonOptions {
  std::filesystem::path config_file;  ///< empty: those of user and system
  std::set<std::string> given;        ///< long options that the command line gave
  std::vector<std::string> archives;  ///< names or TAP URLs; empty: the default
  std::vector<std::string> excluded_collections{"%RASS%"};
  std::string where;
  std::string radius = "10m";
  std::string resolver = "https://cds.unistra.fr/cgi-bin/nph-sesame";  ///< or "none"
  std::filesystem::path cache_dir;                                     ///< empty: $XDG_CACHE_HOME/platefs
  std::vector<std::filesystem::path> cache_bases;                      ///< published caches below it, only read
  std::string cache_size = "20G";
  bool offline = false;
  bool refresh = false;
  int jobs_per_host = 4;
  double timeout_seconds = 30;
  std::optional<double> query_timeout_seconds;  ///< of TAP services, which work before they answer
  std::string proxy;
  std::string gateway;                     ///< or "none"
  std::vector<std::string> gateway_hosts;  ///< archives that it is asked for; empty: all
  std::filesystem::path ca_file;           ///< PEM, in place of the system's certificates; empty: those
  bool allow_private_addresses = false;    ///< to whatever archives name
  std::string log_level = "info";
  bool quiet = false;                       ///< results and errors alone
  bool verbose = false;                     ///< each request as well
  bool no_progress = false;                 ///< no line that changes
  std::string mtime = "observed";           ///< or "fetched"
  bool overlap = false;                     ///< plates that meet the circle of `radius` as well
  bool placeholders = false;                ///< small blank files in place of images that can't be had
  bool positive = false;                    ///< stamps and charts with bright stars
  std::string kernel = "bilinear";          ///< of aligned frames, or "lanczos3"
  std::filesystem::path sequence;           ///< comparison stars, for whatever targets are near them; empty: none
  std::optional<CatalogueEntry> catalogue;  ///< of stars that are offered where there is no sequence
  S3Entry s3;
  bool allow_other = false;
  /// Programs that may open only what is in the cache, see fs/fuse/icon_guard.h.
  std::vector<std::string> guarded_programs = fs::usual_guarded_programs();
  std::string registry = "http://dc.g-vo.org/tap";                    ///< a TAP service with the tables of RegTAP
  std::map<std::string, ArchiveEntry> entries = built_in_archives();  ///< archives known by name
};

/// "20G", "512M", "1.5T" (powers of 1024) in bytes. Throws Error{Rejected} with the text.
std::uint64_t bytes_from(const std::string& text);
/// "10m", "0.5d", "90s" (arc minutes, degrees, arc seconds). Throws Error{Rejected} with the text.
vo::Angle radius_from(const std::string& text);

/// $XDG_CACHE_HOME/platefs, else ~/.cache/platefs.
std::filesystem::path default_cache_directory();
/// The one in effect.
std::filesystem::path cache_directory(const CommonOptions& options);
/// $XDG_STATE_HOME/platefs/log.txt, else ~/.local/state/platefs/log.txt.
std::filesystem::path default_log_file();

/// The archives to be asked: those named in `options`, by a name that is known or by TAP URL; without
/// any, the default one. No two have one name. Throws Error{Rejected} naming the known archives.
std::vector<ArchiveEntry> archives_from(const CommonOptions& options);
/// The same as services to be queried, with the conditions of both entry and options.
std::vector<vo::TapService> services_from(const CommonOptions& options);

/// The catalogue as what is asked; nothing where the configuration names none.
std::optional<vo::StarCatalogue> catalogue_from(const CommonOptions& options);

/// In seconds: what was said, else 180, or six times a shorter --timeout.
double query_timeout(const CommonOptions& options);

/// The resolver of objects' names; nothing for "none". Throws Error{Rejected} with the text.
std::optional<vo::Url> resolver_from(const CommonOptions& options);

/// The site's cache that is asked in place of archives; nothing where none is named. Throws Error{Rejected} with the
/// text.
std::optional<vo::GatewayOptions> gateway_from(const CommonOptions& options);

/// Throws Error{Rejected} for what would be found wrong only later: sizes, radius, archives, and the
/// files that hold their credentials.
void check_options(const CommonOptions& options);

/// `-o` words of mount(8) and fuse as platefs's own long options where they are such ("radius=20m" is
/// --radius=20m), as words for FUSE where not; those that only mount(8) understands are dropped.
struct DashO {
  std::vector<std::string> arguments;
  std::vector<std::string> fuse_options;
};
DashO split_dash_o(const std::string& words, const std::vector<std::string>& known_options);

}  // namespace platefs::tools
