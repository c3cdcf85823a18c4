// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tools/cli/toml.h"

// Values of a configuration file, each as the option wants it. All throw Error{Rejected} that says what is wanted
// there; whoever knows the line adds it. Pure, but for HOME.
namespace platefs::tools::toml_values {

[[noreturn]] void wrong(const std::string& what);

std::string text(const toml::node& node);
bool truth(const toml::node& node);
double number(const toml::node& node, double least, double most);
std::vector<std::string> texts(const toml::node& node);
std::string one_of(const toml::node& node, const std::vector<std::string>& words);
/// An absolute path; "~/…" is the home directory, as in a shell.
std::string path(const toml::node& node);
std::vector<std::filesystem::path> paths(const toml::node& node);
/// Without blanks, as in keys of the cache, which are words and lines.
std::string identifier(const toml::node& node);
std::string url(const toml::node& node);
std::vector<std::string> urls(const toml::node& node);
/// { access_url = "file", s_fov = 5.0 }, each a column or an expression that vo::MappedValue reads.
std::map<std::string, std::string> columns(const toml::node& node);

/// What one of the words of `meanings` means.
template <typename Meaning>
Meaning meaning_of(const toml::node& node, const std::map<std::string, Meaning>& meanings) {
  std::vector<std::string> words;
  for (const auto& [word, meaning] : meanings) words.push_back(word);
  return meanings.at(one_of(node, words));
}

}  // namespace platefs::tools::toml_values
