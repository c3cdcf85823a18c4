// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/mount_helper.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "vo/base/error.h"

namespace platefs::tools {
namespace {

bool says_nothing(const std::string& source) { return source == "platefs" || source == "none" || source.empty(); }

void add_archives(std::vector<std::string>& words, const std::string& source) {
  if (says_nothing(source)) return;
  for (std::size_t at = 0; at <= source.size();) {
    const auto end = std::min(source.find(',', at), source.size());
    words.push_back(source.substr(at, end - at));
    at = end + 1;
  }
}

}  // namespace

bool is_mount_helper(const std::string& program) {
  const auto name = std::filesystem::path{program}.filename().string();
  return name == "mount.platefs" || name == "mount.fuse.platefs";
}

std::vector<std::string> words_of_mount_helper(const std::vector<std::string>& arguments) {
  std::vector<std::string> places, options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto& word = arguments[i];
    if (!word.starts_with('-') || word == "-") {
      places.push_back(word);
    } else if (word == "-o" || word == "-t" || word == "-N") {
      if (++i == arguments.size()) break;
      if (word == "-o") options.insert(options.end(), {"-o", arguments[i]});
    } else if (word.find_first_not_of("-sfnvrw") != std::string::npos) {
      throw vo::Error{vo::ErrorKind::Rejected, fmt::format("mount.platefs does not know '{}'", word)};
    }
  }
  if (places.size() != 2) {
    throw vo::Error{vo::ErrorKind::Rejected,
                    "usage: mount.platefs ARCHIVES DIRECTORY [-o OPTIONS]; in /etc/fstab: "
                    "gavo /mnt/plates platefs noauto,user 0 0"};
  }
  std::vector<std::string> words{"mount"};
  words.insert(words.end(), options.begin(), options.end());
  add_archives(words, places[0]);
  words.push_back(places[1]);
  return words;
}

void use_system_directories() {
  if (::geteuid() != 0) return;
  ::setenv("XDG_CACHE_HOME", "/var/cache", 0);
  ::setenv("XDG_STATE_HOME", "/var/log", 0);
}

}  // namespace platefs::tools
