// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/demo_command.h"

#include <fmt/core.h>
#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>

#include "tools/cli/progress.h"
#include "tools/cli/reporting.h"
#include "tools/commands/demo_archive_process.h"
#include "tools/commands/mount_command.h"
#include "tools/commands/serve_command.h"
#include "vo/base/error.h"

namespace platefs::tools {
namespace {

/// A directory that is gone with this object: the archive has another port the next time, and is another one to a
/// cache.
class ScratchDirectory {
 public:
  ScratchDirectory() : path_((std::filesystem::temp_directory_path() / "platefs-demo-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) {
      throw vo::Error{vo::ErrorKind::LocalIo, fmt::format("{}: {}", path_, std::strerror(errno))};
    }
  }
  ~ScratchDirectory() {
    std::error_code left;
    std::filesystem::remove_all(path_, left);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// What is configured is not asked.
CommonOptions options_for(const DemoArchiveProcess& archive, CommonOptions options, const ScratchDirectory& scratch) {
  options.archives = {archive.tap()};
  options.resolver = archive.resolver();
  options.given.insert({"archive", "resolver"});
  if (options.given.insert("cache-dir").second) options.cache_dir = scratch.path();
  return options;
}

/// The line of stdout, and what to do with it for a person at a terminal.
bool tell_star(const CommonOptions& options, const std::string& star, const std::string& ways) {
  if (!write_out(star + "\n")) return false;
  if (shows_progress(options)) write_message(ways + "  end    Ctrl-C\n");
  return true;
}

int mount_demo(const DemoCommand& demo, CommonOptions options, const std::string& target) {
  MountCommand mount;
  mount.common = std::move(options);
  if (!mount.common.verbose) mount.common.quiet = true;  // its log is that of a demonstration
  mount.mountpoint = demo.mountpoint;
  mount.foreground = true;
  mount.announce = [&demo, &target](const std::string& place) {
    const auto star = place + "/" + target;
    return tell_star(demo.common, star,
                     fmt::format("A star of the demo archive; some of its plates are broken, as some of any archive "
                                 "are:\n  ls {0}\n  ds9 {0}/cutouts/*.fits\n  xdg-open {0}/index.html\n",
                                 star));
  };
  return run_mount(mount);
}

int serve_demo(const DemoCommand& demo, CommonOptions options, const std::string& target) {
  ServeCommand serve;
  serve.common = std::move(options);
  if (!serve.common.verbose) serve.common.quiet = true;
  serve.port = demo.port;
  serve.is_open = demo.is_open;
  serve.announce = [&demo, &target](const std::string& url) {
    const auto star = url + target + "/";
    return tell_star(demo.common, star,
                     fmt::format("A star of the demo archive; some of its plates are broken, as some of any archive "
                                 "are:\n  open   {0}index.html\n  curl   {0}plates.csv\n",
                                 star));
  };
  return run_serve(serve);
}

}  // namespace

int run_demo(const DemoCommand& command) {
  return reporting_errors([&command] {
    const DemoArchiveProcess archive{command.common};
    const ScratchDirectory scratch;
    auto options = options_for(archive, command.common, scratch);
    return command.mountpoint.empty() ? serve_demo(command, std::move(options), archive.target())
                                      : mount_demo(command, std::move(options), archive.target());
  });
}

}  // namespace platefs::tools
