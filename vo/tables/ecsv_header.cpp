// SPDX-License-Identifier: BSD-3-Clause
#include "vo/tables/ecsv_header.h"

#include <algorithm>
#include <string_view>

#include "vo/base/ascii.h"

namespace platefs::vo {
namespace {

/// The scalars of one line of YAML that are called name or unit: "{name: ra, unit: deg}", "- name: ra". Looks at each
/// character a bounded number of times, whatever the line holds.
class LineOfYaml {
 public:
  explicit LineOfYaml(std::string_view line) : line_(line) {}

  /// The next of them; false at the end.
  bool next(std::string_view& key, std::string_view& value) {
    while (at_ < line_.size()) {
      const auto rest = line_.substr(at_);
      const bool is_begin = at_ == 0 || is_before_key(line_[at_ - 1]);
      if (is_begin && (rest.starts_with("name:") || rest.starts_with("unit:"))) {
        key = rest.substr(0, 4);
        at_ += 5;
        if (take_value(value)) return true;
      } else {
        ++at_;
      }
    }
    return false;
  }

 private:
  static bool is_before_key(char c) { return c == '{' || c == ',' || c == '-' || is_blank(c); }

  bool take_value(std::string_view& value) {
    at_ = std::min(line_.find_first_not_of(" \t\r\n\f\v", at_), line_.size());
    if (at_ == line_.size()) return false;
    const char quote = line_[at_];
    const auto closing = quote == '"' || quote == '\'' ? line_.find(quote, at_ + 1) : line_.npos;
    const bool is_quoted = closing != line_.npos;
    const auto begin = at_ + (is_quoted ? 1 : 0);
    const auto end = is_quoted ? closing : std::min(line_.find_first_of(",} \t\r\n\f\v", at_), line_.size());
    value = line_.substr(begin, end - begin);
    at_ = end + (is_quoted ? 1 : 0);
    return is_quoted || !value.empty();
  }

  std::string_view line_;
  std::size_t at_ = 0;
};

}  // namespace

bool is_ecsv_header(const std::vector<std::string>& comments) {
  return std::ranges::any_of(comments, [](const std::string& line) { return line.find("%ECSV") != std::string::npos; });
}

std::map<std::string, std::string> ecsv_units(const std::vector<std::string>& comments) {
  std::map<std::string, std::string> units;
  std::string column;
  for (const auto& line : comments) {
    if (line.find("meta:") != std::string::npos && line.find('{') == std::string::npos) break;
    LineOfYaml scalars{line};
    for (std::string_view key, value; scalars.next(key, value);) {
      if (key == "name") {
        column = value;
      } else if (!value.empty()) {
        units[column] = value;
      }
    }
  }
  return units;
}

}  // namespace platefs::vo
