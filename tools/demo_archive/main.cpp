// SPDX-License-Identifier: BSD-3-Clause
// platefs-demo-archive: an archive of photographic plates on this machine, to try platefs with and to
// test it against.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "tools/demo_archive/demo_site.h"
#include "tools/demo_archive/plate_catalogue.h"

namespace {

using namespace platefs;
using demo::Serialization;

struct Options {
  int port = 0, file_port = 0, plates = 0;
  std::string state, authority = demo::Plate{}.authority;
  bool as_json = false;
  demo::TapService::Settings tap;
};

std::string usual_state() {
  const char* const home = std::getenv("XDG_STATE_HOME");
  if (home != nullptr && *home == '/') return std::string(home) + "/platefs/demo-archive";
  const char* const user = std::getenv("HOME");
  return std::string(user != nullptr ? user : "/tmp") + "/.local/state/platefs/demo-archive";
}

void declare(CLI::App& app, Options& options) {
  const std::map<std::string, Serialization> forms = {
      {"tabledata", Serialization::Tabledata}, {"binary", Serialization::Binary}, {"binary2", Serialization::Binary2}};
  app.add_option("--port", options.port, "port of TAP, DataLink, SODA and most files; 0: a free one")
      ->check(CLI::Range(0, 65535));
  app.add_option("--file-port", options.file_port, "port of the second file server; 0: a free one")
      ->check(CLI::Range(0, 65535));
  app.add_option("--state", options.state, "directory for the plates, which are made once [" + usual_state() + "]");
  app.add_option(
      "--authority", options.authority,
      "host in the identifiers of plates; two archives with one publish the same plates [" + options.authority + "]");
  app.add_option("--plates", options.plates, "so many more plates, drawn when asked for, over 83.6324+22.0174")
      ->check(CLI::Range(0, 1000000));
  app.add_option("--table", options.tap.serialization,
                 "how TAP writes tables when not asked: tabledata, binary, binary2 [binary]")
      ->transform(CLI::CheckedTransformer(forms, CLI::ignore_case));
  app.add_option("--max-records", options.tap.max_records, "rows that TAP answers at most [20000]");
  app.add_flag("!--no-uploads", options.tap.takes_uploads, "TAP takes no tables beside a query");
  app.add_flag("--jobs-only", options.tap.jobs_only, "TAP answers no synchronous query: clients make a job of it");
  app.add_flag("--json", options.as_json, "print the addresses as one line of JSON");
}

void tell(const Options& options, const demo::Addresses& addresses) {
  const auto target = fmt::format("{}+{}", demo::demo_target().ra.as_degrees(), demo::demo_target().dec.as_degrees());
  if (options.as_json) {
    nlohmann::json facts = {{"tap", addresses.archive + "/tap"},
                            {"control", addresses.archive + "/control"},
                            {"sesame", addresses.archive + "/sesame"},
                            {"files", addresses.files},
                            {"state", options.state},
                            {"target", target}};
    if (options.plates > 0) {
      facts["crowded_target"] =
          fmt::format("{}+{}", demo::crowded_target().ra.as_degrees(), demo::crowded_target().dec.as_degrees());
    }
    fmt::print("{}\n", facts.dump());
  } else {
    fmt::print("TAP      {}/tap\nfiles    {}\ncontrol  {}/control\n\nplatefs mount --archive {}/tap DIR; ls DIR/{}/\n",
               addresses.archive, addresses.files, addresses.archive, addresses.archive, target);
  }
  std::fflush(stdout);
}

/// Blocks the signals that end the programme in this and all threads to come, so that main can wait
/// for them.
sigset_t end_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

int serve(const Options& options) {
  const auto signals = end_signals();
  vo::ListeningSocket socket(options.port), file_socket(options.file_port);
  auto plates = demo::demo_plates();
  auto more = demo::many_plates(options.plates);
  std::ranges::move(more, std::back_inserter(plates));
  for (auto& plate : plates) plate.authority = options.authority;
  const demo::PlateStore store(options.state, std::move(plates));
  const demo::Addresses addresses{fmt::format("http://127.0.0.1:{}", socket.port()),
                                  fmt::format("http://127.0.0.1:{}", file_socket.port())};
  demo::Faults faults;
  demo::RequestLog log;
  demo::DemoSite site(store, addresses, options.tap, faults, log);
  const demo::HttpServer archive(std::move(socket), site, faults, log);
  const demo::HttpServer files(std::move(file_socket), site, faults, log);
  tell(options, addresses);
  int signal = 0;
  sigwait(&signals, &signal);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  options.state = usual_state();
  CLI::App app(
      "An archive of generated photographic plates on 127.0.0.1: TAP, DataLink, SODA and files.\n"
      "It serves until SIGTERM or Ctrl-C. Requests and faults: GET and PUT at the control address.");
  declare(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    return serve(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "platefs-demo-archive: {}\n", error.what());
    return 1;
  }
}
