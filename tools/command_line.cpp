// SPDX-License-Identifier: BSD-3-Clause
#include "tools/command_line.h"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <algorithm>

#include "tools/version.h"
#include "vo/error.h"

namespace platefs::tools {
namespace {

void add_common(CLI::App& app, CommonOptions& common) {
  app.add_option("--archive", common.archives, "an archive's name or the URL of its TAP service; repeatable")
      ->allow_extra_args(false);
  app.add_option("--exclude-collection", common.excluded_collections,
                 "leave out collections like this SQL pattern; repeatable")
      ->allow_extra_args(false)
      ->capture_default_str();
  app.add_option("--where", common.where, "a further ADQL condition on the ObsCore table");
  app.add_option("--radius", common.radius, "cutout radius: 0.5d, 10m or 90s")->capture_default_str();
  app.add_option("--resolver", common.resolver, "where names of objects are looked up (Sesame), or none")
      ->capture_default_str();
  app.add_option("--cache-dir", common.cache_dir, "where answers and files are kept [$XDG_CACHE_HOME/platefs]");
  app.add_option("--cache-size", common.cache_size, "most that files may take there")
      ->capture_default_str();
  app.add_flag("--offline", common.offline, "serve what is cached, make no connection");
  app.add_flag("--refresh", common.refresh, "ask again what was asked before");
  app.add_option("--jobs-per-host", common.jobs_per_host, "requests in flight at one host")
      ->check(CLI::Range(1, 32))
      ->capture_default_str();
  app.add_option("--timeout", common.timeout_seconds, "seconds to wait for a byte of progress")
      ->check(CLI::Range(0.1, 86400.0))
      ->capture_default_str();
  app.add_option("--proxy", common.proxy, "http://host:port or socks5h://host:port");
  app.add_option("--log-level", common.log_level, "")
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}))
      ->capture_default_str();
}

std::vector<std::string> long_options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back(name);
  }
  return names;
}

/// The words with every `-o a,b=c` of mount replaced by what it means.
std::vector<std::string> without_dash_o(const std::vector<std::string>& words, const CLI::App& mount,
                                        std::vector<std::string>& fuse_options) {
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

/// `mount [ARCHIVE…] MOUNTPOINT`: the last word is where, those before are what.
void take_places(MountCommand& mount, std::vector<std::string> places) {
  mount.mountpoint = std::move(places.back());
  places.pop_back();
  for (auto& archive : places) mount.common.archives.push_back(std::move(archive));
}

}  // namespace

int run_command_line(int argc, const char* const* argv, const Commands& commands) {
  CLI::App app{"platefs shows the world's photographic-plate archives as a directory tree.", "platefs"};
  app.set_version_flag("--version", fmt::format("platefs {}", version()));
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);

  MountCommand mount;
  std::vector<std::string> places;
  auto* mount_app = app.add_subcommand("mount", "mount [ARCHIVE...] MOUNTPOINT; returns when it answers");
  add_common(*mount_app, mount.common);
  mount_app->add_option("PLACES", places, "archives (names or TAP URLs), then the mount point")
      ->required();
  mount_app->add_flag("-f,--foreground", mount.foreground, "stay in the foreground");
  mount_app->add_flag("--allow-other", mount.allow_other, "let other users read the mount");
  mount_app->add_option("--mtime", mount.mtime, "st_mtime is the time of observation, or of fetching")
      ->check(CLI::IsMember({"observed", "fetched"}))
      ->capture_default_str();
  mount_app
      ->add_option("--guard", mount.guarded_programs,
                   "a program that may only open what is cached, as ps names it, or a pattern such as "
                   "'pool-*'; repeatable, in place of the usual file managers; '' for none")
      ->allow_extra_args(false);
  std::string described_only;
  mount_app->add_option("-o", described_only, "options as mount(8) writes them: radius=20m,allow_other");

  UnmountCommand unmount;
  auto* unmount_app = app.add_subcommand("unmount", "end a mount, whatever hangs in it");
  unmount_app->add_option("MOUNTPOINT", unmount.mountpoint)->required();

  QueryCommand query;
  auto* query_app = app.add_subcommand("query", "the plates that cover a target, as a table");
  add_common(*query_app, query.common);
  query_app->add_option("TARGET", query.target, "156.011+48.148, J102402.7+480851, ...")->required();
  query_app->add_option("--format", query.format, "")
      ->check(CLI::IsMember({"table", "csv", "json", "votable"}))
      ->capture_default_str();
  query_app->add_flag_callback("--json", [&] { query.format = "json"; }, "the same as --format json");

  StatusCommand status;
  auto* status_app = app.add_subcommand("status", "what a mount is doing");
  status_app->add_option("MOUNTPOINT", status.mountpoint)->required();
  status_app->add_flag("--json", status.as_json, "as JSON");

  try {
    const std::vector<std::string> words(argv + 1, argv + argc);
    auto plain = without_dash_o(words, *mount_app, mount.fuse_options);
    std::reverse(plain.begin(), plain.end());        // as CLI11 wants a vector
    app.parse(plain);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? kDone : kWrongUsage;
  }
  if (mount_app->parsed()) {
    take_places(mount, std::move(places));
    return commands.mount(mount);
  }
  if (unmount_app->parsed()) return commands.unmount(unmount);
  if (query_app->parsed()) return commands.query(query);
  return commands.status(status);
}

}  // namespace platefs::tools
