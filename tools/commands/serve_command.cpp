// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/serve_command.h"

#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

#include "fs/http/access.h"
#include "fs/http/http_server.h"
#include "tools/cli/configuration.h"
#include "tools/cli/credits.h"
#include "tools/cli/end_signals.h"
#include "tools/cli/log.h"
#include "tools/cli/progress.h"
#include "tools/cli/reporting.h"
#include "tools/cli/sequence_sources.h"
#include "tools/cli/status.h"
#include "tools/cli/version.h"
#include "tools/commands/wiring.h"

namespace platefs::tools {
namespace {

constexpr std::size_t kMostConnections = 256;

/// A quarter of the descriptors that the process may have; files that are sent take half as many more.
std::size_t connections_allowed() {
  struct rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kMostConnections / 4;
  return std::min<std::size_t>(kMostConnections, static_cast<std::size_t>(limit.rlim_cur) / 4);
}

/// -v and -q on what is worth a line of the log.
std::string log_level_of(const CommonOptions& options) {
  if (options.verbose) return "debug";
  return options.quiet && options.log_level == "info" ? "warning" : options.log_level;
}

fs::ServeOptions serve_options(const ServeCommand& command, std::string token, const Log& log) {
  fs::ServeOptions options;
  options.token = std::move(token);
  options.has_webdav = command.has_webdav;
  options.default_radius = radius_from(command.common.radius);
  options.look = {command.common.positive ? "positive" : "",
                  command.common.kernel == "bilinear" ? "" : command.common.kernel, sequences_of(command.common, log)};
  options.prefetch = static_cast<std::size_t>(command.common.jobs_per_host);
  options.ownership = {::getuid(), ::getgid(), unix_now(), command.common.mtime == "fetched"};
  options.log = [log](std::string_view text) { log.info(text); };
  options.most_connections = connections_allowed();
  return options;
}

/// For a person at a terminal.
void tell_what_is_where(const ServeCommand& command, const std::string& url, int port) {
  write_message(
      fmt::format("Any target is a directory: {0}M31/, or a place such as {0}156.011+48.148/\n"
                  "  help    {0}README.txt\n"
                  "  remote  ssh -L {1}:localhost:{1} THIS_COMPUTER, then the same URL there\n"
                  "  end     Ctrl-C\n",
                  url, port));
  if (command.is_open) message("--open: every user and program of this computer can read all of it");
}

int serve(const ServeCommand& command) {
  const auto log = Log::to_stderr(log_level_of(command.common));
  EndSignals signals{EndSignals::Of::Command};
  vo::ListeningSocket socket{command.port};
  const int port = socket.port();
  const auto token = command.is_open ? std::string{} : fs::Access::new_token();
  const auto url = fmt::format("http://127.0.0.1:{}/{}{}", port, token, token.empty() ? "" : "/");
  const auto place = url.substr(0, url.size() - 1);

  Application application{command.common, log, Application::WaitPolicy::Listings};
  auto options = serve_options(command, token, log);
  const auto activity = options.activity;
  const fs::Documents documents{application.library(),
                                {.mountpoint = place,
                                 .version = std::string{version()},
                                 .status = [&] { return application.status_json(place, activity->files()); },
                                 .now = [activity] { return now_text(activity->files()); },
                                 .config = [&] { return effective_configuration(command.common); },
                                 .log = [&] { return log.recent(); },
                                 .credits = credits_of(command.common),
                                 .has_placeholders = command.common.placeholders,
                                 .sequences = options.look.sequences}};
  fs::HttpServer server{socket, std::move(options), application.library(), documents};
  const bool is_told = command.announce ? command.announce(url) : write_out(url + "\n");
  if (is_told) {
    if (!command.announce && shows_progress(command.common)) tell_what_is_where(command, url, port);
    signals.wait();
  }
  server.stop();
  // Questions of the server's tree are answered before it goes.
  const auto not_kept = application.stop();
  if (not_kept) log.warn(fmt::format("what came last is not in the cache: {}", not_kept->what()));
  return is_told && !not_kept ? kDone : kFailed;
}

}  // namespace

int run_serve(const ServeCommand& given) {
  return reporting_errors([command = given]() mutable {
    settle(command.common);
    check_options(command.common);
    return serve(command);
  });
}

}  // namespace platefs::tools
