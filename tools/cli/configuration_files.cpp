// SPDX-License-Identifier: BSD-3-Clause
// Which files are the configuration, and what is in effect behind them and the command line.
#include <fmt/core.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tools/cli/configuration.h"
#include "vo/base/error.h"

namespace platefs::tools {

using vo::Error;
using vo::ErrorKind;

std::vector<std::filesystem::path> configuration_files() {
  const char* set = std::getenv("XDG_CONFIG_HOME");
  const char* home = std::getenv("HOME");
  const auto below_home = std::filesystem::path{home != nullptr ? home : "/"} / ".config";
  const auto user = set != nullptr && *set == '/' ? std::filesystem::path{set} : below_home;
  return {"/etc/platefs/config.toml", user / "platefs/config.toml"};
}

std::vector<std::filesystem::path> sequence_folders(const CommonOptions& options) {
  if (!options.config_file.empty()) return {std::filesystem::absolute(options.config_file).parent_path() / "sequences"};
  std::vector<std::filesystem::path> folders;
  for (const auto& file : configuration_files()) folders.insert(folders.begin(), file.parent_path() / "sequences");
  return folders;
}

namespace {

void apply_file(const std::filesystem::path& file, CommonOptions& options) {
  std::ifstream stream{file, std::ios::binary};
  std::ostringstream content;
  if (!stream || !(content << stream.rdbuf())) {
    std::error_code is_no_file;
    if (stream && std::filesystem::file_size(file, is_no_file) == 0) return;
    throw Error{ErrorKind::NotFound,
                fmt::format("the configuration {} can't be read: {}", file.string(), std::strerror(errno))};
  }
  apply_configuration(content.str(), file.string(), options);
}

/// As other programs are told; ours alone, since a build of libcurl may ask for neither.
std::filesystem::path ca_file_of_environment() {
  for (const auto* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
    const char* file = std::getenv(name);
    if (file != nullptr && *file != '\0') return file;
  }
  return {};
}

void apply_files(CommonOptions& options) {
  if (!options.config_file.empty()) return apply_file(options.config_file, options);
  for (const auto& file : configuration_files()) {
    std::error_code problem;
    if (std::filesystem::exists(file, problem)) apply_file(file, options);
  }
}

}  // namespace

void settle(CommonOptions& options) {
  // A mount in the background leaves the directory that paths are relative to.
  if (!options.cache_dir.empty()) options.cache_dir = std::filesystem::absolute(options.cache_dir);
  for (auto& base : options.cache_bases) base = std::filesystem::absolute(base);
  if (!options.sequence.empty()) options.sequence = std::filesystem::absolute(options.sequence);
  apply_files(options);
  if (options.ca_file.empty()) options.ca_file = ca_file_of_environment();
  if (!options.ca_file.empty()) options.ca_file = std::filesystem::absolute(options.ca_file);
}

}  // namespace platefs::tools
