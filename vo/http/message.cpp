// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/message.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "vo/base/ascii.h"

namespace platefs::vo::http {
namespace {

/// Digits and nothing else.
template <typename Number>
std::optional<Number> number_from(std::string_view text) {
  Number number{};
  const auto* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  const bool good = !text.empty() && text[0] != '-' && failure == std::errc{} && stop == end;
  return good ? std::optional(number) : std::nullopt;
}

std::optional<unsigned> month_from(std::string_view text) {
  static constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                            "jul", "aug", "sep", "oct", "nov", "dec"};
  const auto found = std::find(kMonths.begin(), kMonths.end(), lower_case(text));
  if (found == kMonths.end()) return std::nullopt;
  return static_cast<unsigned>(found - kMonths.begin()) + 1;
}

std::optional<std::chrono::seconds> time_of_day(std::string_view text) {
  if (text.size() != 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
  const auto hours = number_from<int>(text.substr(0, 2));
  const auto minutes = number_from<int>(text.substr(3, 2));
  const auto seconds = number_from<int>(text.substr(6, 2));
  if (!hours || !minutes || !seconds) return std::nullopt;
  if (*hours > 23 || *minutes > 59 || *seconds > 60) return std::nullopt;
  return std::chrono::hours{*hours} + std::chrono::minutes{*minutes} + std::chrono::seconds{*seconds};
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const auto first = text.find_first_not_of(" ,-");
    if (first == std::string_view::npos) return words;
    text.remove_prefix(first);
    words.push_back(text.substr(0, text.find_first_of(" ,-")));
    text.remove_prefix(words.back().size());
  }
}

/// Two digits are the year that is nearest to now, in the view of the nineties (RFC 9110 5.6.7).
int full_year(int year) { return year >= 100 ? year : year + (year < 70 ? 2000 : 1900); }

/// The three forms of RFC 9110 section 5.6.7. As words they differ in order only: asctime has the
/// month first and the year last.
std::optional<std::chrono::sys_seconds> http_date(std::string_view text) {
  auto words = words_of(text);
  if (words.size() < 5) return std::nullopt;
  if (month_from(words[1])) {
    std::swap(words[1], words[2]);
    std::swap(words[3], words[4]);
  }
  const auto day = number_from<unsigned>(words[1]);
  const auto month = month_from(words[2]);
  const auto year = number_from<int>(words[3]);
  const auto clock = time_of_day(words[4]);
  if (!day || !month || !year || !clock || *year > 9999) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{full_year(*year)}, std::chrono::month{*month},
                                         std::chrono::day{*day}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date} + *clock;
}

}  // namespace

void Request::go_past_caches() {
  if (!goes_past_caches()) headers.emplace_back("Cache-Control", "no-cache");
}

bool Request::goes_past_caches() const {
  const std::pair<std::string, std::string> wish{"Cache-Control", "no-cache"};
  return std::ranges::find(headers, wish) != headers.end();
}

void Request::become_get() {
  form.reset();
  parts.clear();
}

std::optional<std::string> Head::header(std::string_view name) const {
  const auto found =
      std::find_if(headers.begin(), headers.end(), [name](const auto& each) { return each.first == name; });
  return found == headers.end() ? std::nullopt : std::optional(found->second);
}

std::string Head::media_type() const {
  const auto type = header("content-type").value_or("");
  return lower_case(trimmed(std::string_view(type).substr(0, type.find(';'))));
}

std::optional<std::uint64_t> Head::content_length() const {
  const auto length = header("content-length");
  return length ? number_from<std::uint64_t>(trimmed(*length)) : std::nullopt;
}

std::optional<ContentRange> parse_content_range(std::string_view text) {
  text = trimmed(text);
  if (lower_case(text.substr(0, 5)) != "bytes") return std::nullopt;
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || text.size() < 6 || text[5] != ' ') return std::nullopt;
  const auto total_text = trimmed(text.substr(slash + 1));
  const auto total = number_from<std::uint64_t>(total_text);
  if (!total && total_text != "*") return std::nullopt;

  const auto range = trimmed(text.substr(5, slash - 5));
  if (range == "*") return total ? std::optional(ContentRange{{}, total}) : std::nullopt;
  const auto dash = std::min(range.find('-'), range.size() - 1);
  const auto first = number_from<std::uint64_t>(trimmed(range.substr(0, dash)));
  const auto last = number_from<std::uint64_t>(trimmed(range.substr(dash + 1)));
  const bool ordered = first && last && *first <= *last && *last < UINT64_MAX;
  if (!ordered || (total && *last >= *total)) return std::nullopt;
  return ContentRange{{*first, *last + 1}, total};
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view text,
                                                      std::chrono::system_clock::time_point now) {
  text = trimmed(text);
  if (const auto seconds = number_from<std::uint32_t>(text)) return std::chrono::seconds{*seconds};
  if (text.starts_with('-') && number_from<std::uint32_t>(text.substr(1))) {
    return std::chrono::seconds{0};
  }
  const auto date = http_date(text);
  if (!date) return std::nullopt;
  // In whole seconds: nanoseconds, as the clock counts, end in the year 2262.
  const auto wait = *date - std::chrono::floor<std::chrono::seconds>(now);
  return std::max(wait, std::chrono::seconds{0});
}

}  // namespace platefs::vo::http
