// SPDX-License-Identifier: BSD-3-Clause
// The words of the commands that show a tree, and end it.
#include <fmt/core.h>

#include "tools/cli/declared_command.h"
#include "tools/cli/told.h"
#include "vo/base/error.h"

namespace platefs::tools {
namespace {

/// `mount [ARCHIVE…] MOUNTPOINT`: the last word is where, those before are what.
void take_places(MountCommand& mount, std::vector<std::string> places) {
  if (places.back().find("://") != std::string::npos) {
    throw vo::Error{vo::ErrorKind::Rejected,
                    fmt::format("where to mount '{0}'? `platefs mount {0} MOUNTPOINT`", places.back())};
  }
  mount.mountpoint = std::move(places.back());
  places.pop_back();
  if (!places.empty()) mount.common.given.insert("archive");
  for (auto& archive : places) mount.common.archives.push_back(std::move(archive));
}

/// What a tree shows.
void add_look_options(CLI::App& app, CommonOptions& common) {
  app.add_flag("--placeholders", common.placeholders,
               "open a small blank FITS file that says why in place of a cutout that can't be had");
  app.add_flag("--positive", common.positive, "stamps and charts with bright stars on a dark sky");
  app.add_option("--sequence", common.sequence,
                 "comparison stars (name,ra,dec,mag) to be marked by letters where a target is near them")
      ->type_name("FILE");
  app.add_option("--kernel", common.kernel, "how aligned/ is interpolated")
      ->type_name("WORD")
      ->check(CLI::IsMember({"bilinear", "lanczos3"}))
      ->capture_default_str();
}

}  // namespace

DeclaredCommand declare_mount(CLI::App& app, const Commands& commands,
                              std::shared_ptr<std::vector<std::string>> fuse_options) {
  const Told<MountCommand> told;
  auto places = std::make_shared<std::vector<std::string>>();
  auto described_only = std::make_shared<std::string>();
  auto* mount = app.add_subcommand("mount", "mount [ARCHIVE...] MOUNTPOINT; returns when it answers");
  add_archive_options(*mount, told->common);
  mount->add_option("PLACES", *places, "archives (names or TAP URLs), then the mount point")->required();
  mount->add_flag("-f,--foreground", told->foreground, "stay in the foreground");
  mount->add_flag("--allow-other", told->common.allow_other, "let other users read the mount");
  add_look_options(*mount, told->common);
  mount->add_option("--mtime", told->common.mtime, "st_mtime is the time of observation, or of fetching")
      ->type_name("WORD")
      ->check(CLI::IsMember({"observed", "fetched"}))
      ->capture_default_str();
  mount
      ->add_option("--guard", told->common.guarded_programs,
                   "a program that may only open what is cached, as ps names it, or a pattern such as "
                   "'pool-*'; repeatable, in place of the usual file managers; '' for none")
      ->type_name("PROGRAM")
      ->allow_extra_args(false);
  mount->add_option("-o", *described_only, "options as mount(8) writes them: radius=20m,allow_other")
      ->type_name("OPTIONS");
  mount->footer(R"(Examples:
  platefs mount ~/plates                    the default archive
  platefs mount gavo dasch ~/plates         two archives by name
  platefs mount --offline ~/plates          what is cached, without a network
  platefs mount --placeholders ~/plates     blank images in place of those that can't be had)");
  return {mount,
          WordKind::Directory,
          {},
          &told->common,
          [told, places, described_only, fuse_options, run = commands.mount] {
            take_places(*told.command, *places);
            told->fuse_options = *fuse_options;
            return run(*told.command);
          }};
}

DeclaredCommand declare_serve(CLI::App& app, const Commands& commands) {
  const Told<ServeCommand> told;
  auto archives = std::make_shared<std::vector<std::string>>();
  auto* serve = app.add_subcommand("serve", "serve [ARCHIVE...]; the same tree over HTTP, without FUSE or root");
  add_archive_options(*serve, told->common);
  serve->add_option("ARCHIVES", *archives, "archives (names or TAP URLs)");
  serve->add_option("--port", told->port, "listen there on 127.0.0.1; 0: on one that is free")
      ->type_name("N")
      ->check(CLI::Range(0, 65535).description(""))
      ->capture_default_str();
  serve->add_flag("--open", told->is_open, "ask for no token: every user of this computer can read it");
  serve->add_flag("--webdav", told->has_webdav,
                  "answer WebDAV clients, too, read-only (davfs2, rclone, Finder, Explorer)");
  add_look_options(*serve, told->common);
  serve->footer(R"(Examples:
  platefs serve                             prints a URL for browsers, curl, DS9, TOPCAT, Python
  platefs serve gavo dasch --port 8480      two archives, at a port that ssh -L can name
  platefs serve --webdav --open             for WebDAV clients of a computer that is yours alone)");
  return {serve, WordKind::Archive, {}, &told->common, [told, archives, run = commands.serve] {
            if (!archives->empty()) told->common.given.insert("archive");
            for (auto& archive : *archives) told->common.archives.push_back(std::move(archive));
            return run(*told.command);
          }};
}

DeclaredCommand declare_demo(CLI::App& app, const Commands& commands) {
  const Told<DemoCommand> told;
  auto* demo = app.add_subcommand("demo", "an archive made here, to try platefs without a network");
  add_place_options(*demo, told->common);
  auto* place = demo->add_option("MOUNTPOINT", told->mountpoint, "mount it there; without it, serve it over HTTP");
  demo->add_option("--port", told->port, "serve at that port of 127.0.0.1; 0: at one that is free")
      ->type_name("N")
      ->check(CLI::Range(0, 65535).description(""))
      ->capture_default_str()
      ->excludes(place);
  demo->add_flag("--open", told->is_open, "serve without a token")->excludes(place);
  demo->footer(R"(Examples:
  platefs demo                              prints the URL of its star; Ctrl-C ends it
  platefs demo ~/plates                     mounts it, and prints the path of its star)");
  return {demo, WordKind::Directory, {}, &told->common, told.runs(commands.demo)};
}

DeclaredCommand declare_unmount(CLI::App& app, const Commands& commands) {
  const Told<UnmountCommand> told;
  auto ignored = std::make_shared<CommonOptions>();
  auto* unmount = app.add_subcommand("unmount", "end a mount, whatever hangs in it");
  add_place_options(*unmount, *ignored);
  unmount->add_option("MOUNTPOINT", told->mountpoint, "")->required();
  unmount->footer(R"(Examples:
  platefs unmount ~/plates)");
  return {
      unmount, WordKind::Directory, {}, ignored.get(), [ignored, run = told.runs(commands.unmount)] { return run(); }};
}

}  // namespace platefs::tools
