// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/viewer.h"

#include <fmt/core.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "vo/base/error.h"

namespace platefs::tools {
namespace {

using vo::Error;
using vo::ErrorKind;

const std::array<Viewer, 3>& viewers() {
  static const std::array<Viewer, 3> all{{{"ds9", {"ds9"}, "apt-get install saods9"},
                                          {"topcat", {"topcat"}, "apt-get install topcat"},
                                          {"aladin", {"aladin", "Aladin"}, "apt-get install aladin"}}};
  return all;
}

std::atomic<pid_t> child{0};

void end_child(int signal) {
  if (const auto process = child.load(); process > 0) ::kill(process, signal);
}

/// Signals that end a command go to the child, whose end is waited for. One that the terminal sends it has already.
class SignalsToChild {
 public:
  SignalsToChild() {
    struct sigaction pass_on = {};
    pass_on.sa_handler = end_child;
    struct sigaction ignore = {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGTERM, &pass_on, &term_);
    ::sigaction(SIGHUP, &pass_on, &hup_);
    ::sigaction(SIGINT, &ignore, &int_);
  }
  ~SignalsToChild() {
    child = 0;
    ::sigaction(SIGTERM, &term_, nullptr);
    ::sigaction(SIGHUP, &hup_, nullptr);
    ::sigaction(SIGINT, &int_, nullptr);
  }
  SignalsToChild(const SignalsToChild&) = delete;
  SignalsToChild& operator=(const SignalsToChild&) = delete;

 private:
  struct sigaction term_ = {}, hup_ = {}, int_ = {};
};

/// The child begins as from a shell: no signal ignored or held back.
class PlainSignals {
 public:
  PlainSignals() {
    ::posix_spawnattr_init(&attributes_);
    sigset_t usual, none;
    ::sigemptyset(&none);
    ::sigemptyset(&usual);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT, SIGXFSZ}) ::sigaddset(&usual, signal);
    ::posix_spawnattr_setsigdefault(&attributes_, &usual);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  ~PlainSignals() { ::posix_spawnattr_destroy(&attributes_); }
  PlainSignals(const PlainSignals&) = delete;
  PlainSignals& operator=(const PlainSignals&) = delete;

  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

}  // namespace

const Viewer& viewer_named(const std::string& name) {
  for (const auto& viewer : viewers()) {
    if (viewer.name == name) return viewer;
  }
  throw Error{ErrorKind::Rejected, fmt::format("'{}' is none of ds9, topcat, aladin", name)};
}

std::filesystem::path installed(const Viewer& viewer) {
  const char* path = std::getenv("PATH");
  for (const auto& command : viewer.commands) {
    std::istringstream directories{path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin"};
    for (std::string directory; std::getline(directories, directory, ':');) {
      const auto file = std::filesystem::path{directory.empty() ? "." : directory} / command;
      std::error_code problem;
      if (std::filesystem::is_regular_file(file, problem) && ::access(file.c_str(), X_OK) == 0) return file;
    }
  }
  return {};
}

std::vector<std::string> words_of(const Viewer& viewer, const Exhibition& shown) {
  if (viewer.name == "topcat") return {shown.table.string()};
  std::vector<std::string> words;
  if (viewer.name == "ds9") words = {"-zscale"};  // -title would change its name for XPA
  for (const auto& image : shown.images) words.push_back(image.string());
  if (viewer.name == "ds9") {
    for (const auto* word : {"-match", "frame", "wcs", "-regions", "load", "all"}) words.emplace_back(word);
    words.push_back(shown.region.string());
    for (const auto* word : {"-single", "-blink", "yes"}) words.emplace_back(word);
  }
  return words;
}

int run_and_wait(const std::filesystem::path& program, const std::vector<std::string>& words) {
  std::vector<std::string> all{program.string()};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> arguments;
  for (auto& word : all) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const SignalsToChild signals;
  const PlainSignals plain;
  pid_t process = 0;
  const int problem = ::posix_spawn(&process, program.c_str(), nullptr, plain.get(), arguments.data(), environ);
  if (problem != 0) {
    throw Error{ErrorKind::LocalIo, fmt::format("can't start {}: {}", program.string(), std::strerror(problem))};
  }
  child = process;
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace platefs::tools
