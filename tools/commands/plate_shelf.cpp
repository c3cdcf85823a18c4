// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/plate_shelf.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <set>
#include <system_error>
#include <utility>

#include "vo/base/ascii.h"

namespace platefs::tools {
namespace {

using vo::Error;
using vo::ErrorKind;

constexpr int kDeepestFolder = 16;
constexpr std::size_t kMostPages = 10'000;
constexpr std::uint64_t kLargestPage = 64ull << 20;

bool is_url(std::string_view word) {
  return vo::starts_with_ignoring_case(word, "http://") || vo::starts_with_ignoring_case(word, "https://");
}

/// "&amp;" and its kind: servers write no others into links.
std::string without_references(std::string_view text) {
  std::string plain{text};
  for (const auto& [name, character] :
       {std::pair{"&amp;", "&"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&lt;", "<"}, {"&gt;", ">"}}) {
    for (auto at = plain.find(name); at != plain.npos; at = plain.find(name, at + 1)) {
      plain.replace(at, std::strlen(name), character);
    }
  }
  return plain;
}

class ShelfSearch {
 public:
  ShelfSearch(vo::Transport& transport, const std::stop_token& stop) : transport_(transport), stop_(stop) {}

  void add(const std::string& word) {
    try {
      add_word(word);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::Cancelled) throw;
      content_.failures.push_back(error.within(word));
    }
  }
  ShelfContent take() {
    std::ranges::sort(content_.files, {}, [](const ShelvedFile& file) { return std::pair{file.path, file.shown()}; });
    return std::move(content_);
  }

 private:
  void add_word(const std::string& word) {
    if (is_url(word)) return add_url(word);
    if (word == "-") return add_list(std::cin, "the standard input");
    const std::filesystem::path path = std::filesystem::absolute(word).lexically_normal();
    std::error_code problem;
    const auto status = std::filesystem::status(path, problem);
    if (!std::filesystem::exists(status)) throw Error{ErrorKind::NotFound, "there is no such file or folder"};
    if (std::filesystem::is_directory(status)) return add_folder(path);
    if (is_name_of_fits(word)) return add_file(path, path.filename().string());
    std::ifstream list{path};
    if (!list) throw Error{ErrorKind::LocalIo, std::strerror(errno)};
    add_list(list, word);
  }

  void add_list(std::istream& list, const std::string& name) {
    for (std::string line; std::getline(list, line);) {
      const std::string word{vo::trimmed(line)};
      if (word.empty() || word.starts_with('#')) continue;
      if (word.find('\0') != word.npos || word.starts_with('<')) {
        throw Error{ErrorKind::Rejected,
                    fmt::format("{} is neither a FITS file by its name nor a list of files", name)};
      }
      try {
        if (is_url(word)) {
          add_url(word);
        } else {
          add_file(std::filesystem::absolute(word).lexically_normal(), word);
        }
      } catch (const Error& error) {
        if (error.kind() == ErrorKind::Cancelled) throw;
        content_.failures.push_back(error.within(word));
      }
    }
  }

  void add_folder(const std::filesystem::path& folder) {
    std::error_code problem;
    std::filesystem::recursive_directory_iterator entry{
        folder, std::filesystem::directory_options::skip_permission_denied, problem};
    if (problem) throw Error{ErrorKind::LocalIo, problem.message()};
    for (; entry != std::filesystem::recursive_directory_iterator{}; entry.increment(problem)) {
      if (stop_.stop_requested()) throw Error{ErrorKind::Cancelled, "interrupted"};
      const auto& path = entry->path();
      if (entry->is_regular_file(problem) && is_name_of_fits(path.filename().string())) {
        add_file(path, path.lexically_relative(folder).generic_string());
      }
    }
    if (problem)
      content_.failures.push_back(Error{ErrorKind::LocalIo, fmt::format("{}: {}", folder.string(), problem.message())});
  }

  void add_file(const std::filesystem::path& path, const std::string& name) {
    if (seen_.insert(path.string()).second) content_.files.push_back({path, std::nullopt, name});
  }

  void add_url(const std::string& word) {
    const auto url = vo::Url::parse(word);
    if (!url.path().ends_with('/')) return add_remote(url, url.last_segment());
    add_page(url, url, 0);
  }

  void add_remote(const vo::Url& url, const std::string& name) {
    if (seen_.insert(url.text()).second) content_.files.push_back({{}, url, name});
  }

  /// What the page leads to below `top`, and nothing else.
  void add_page(const vo::Url& page, const vo::Url& top, int depth) {
    if (!seen_.insert(page.text()).second) return;
    if (++pages_ > kMostPages) throw Error{ErrorKind::Rejected, fmt::format("more than {} folders", kMostPages)};
    vo::http::Request request{.url = page};
    request.max_body = kLargestPage;
    request.compressible = true;
    const auto answer = vo::fetch(transport_, std::move(request), stop_);
    if (answer.head.status != 200) throw vo::error_of_status(answer.head, answer.body);
    for (const auto& link : links_of_page(answer.body)) {
      const auto url = target_of(page, link);
      if (!url || !url->text().starts_with(top.text()) || url->text().size() <= page.text().size()) continue;
      const auto below = vo::percent_decoded(url->path().substr(top.path().size()));
      if (!url->query().empty()) continue;  // "?C=M;O=D": the same page in another order
      if (url->path().ends_with('/') && depth < kDeepestFolder) {
        add_page(*url, top, depth + 1);
      } else if (is_name_of_fits(url->last_segment())) {
        add_remote(*url, below);
      }
    }
  }

  static std::optional<vo::Url> target_of(const vo::Url& page, const std::string& link) {
    try {
      return page.resolve(link);
    } catch (const Error&) {
      return std::nullopt;  // "mailto:", "javascript:"
    }
  }

  vo::Transport& transport_;
  const std::stop_token& stop_;
  ShelfContent content_;
  std::set<std::string> seen_;
  std::size_t pages_ = 0;
};

}  // namespace

bool is_name_of_fits(std::string_view name) {
  for (const std::string_view packing : {".gz", ".fz"}) {
    if (vo::ends_with_ignoring_case(name, packing)) name.remove_suffix(packing.size());
  }
  return std::ranges::any_of(std::initializer_list<std::string_view>{".fits", ".fit", ".fts"},
                             [&](std::string_view ending) {
                               return name.size() > ending.size() && vo::ends_with_ignoring_case(name, ending);
                             });
}

std::vector<std::string> links_of_page(std::string_view html) {
  std::vector<std::string> links;
  const auto low = vo::lower_case(html);
  for (auto at = low.find("href"); at != low.npos; at = low.find("href", at + 4)) {
    auto begin = low.find_first_not_of(" \t\r\n", at + 4);
    if (begin == low.npos || low[begin] != '=') continue;
    begin = low.find_first_not_of(" \t\r\n", begin + 1);
    if (begin == low.npos) break;
    const char quote = low[begin];
    const bool is_quoted = quote == '"' || quote == '\'';
    const auto end = is_quoted ? low.find(quote, begin + 1) : low.find_first_of(" \t\r\n>", begin);
    if (end == low.npos) break;
    if (is_quoted) ++begin;
    links.push_back(without_references(html.substr(begin, end - begin)));
  }
  return links;
}

ShelfContent shelf_content(const std::vector<std::string>& words, vo::Transport& transport,
                           const std::stop_token& stop) {
  ShelfSearch gathering{transport, stop};
  for (const auto& word : words) gathering.add(word);
  return gathering.take();
}

}  // namespace platefs::tools
