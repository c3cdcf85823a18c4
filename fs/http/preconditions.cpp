// SPDX-License-Identifier: BSD-3-Clause
#include "fs/http/preconditions.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace platefs::fs {
namespace {

constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

enum class Comparison { Strong, Weak };

/// Is `etag` in a list of them, or is the list "*"?
bool is_among(std::string_view list, std::string_view etag, Comparison comparison) {
  list = vo::trimmed(list);
  if (list == "*") return true;
  while (!list.empty()) {
    const bool is_weak = list.starts_with("W/");
    if (is_weak) list.remove_prefix(2);
    if (!list.starts_with('"')) return false;  // no list of tags
    const auto end = list.find('"', 1);
    if (end == std::string_view::npos) return false;
    const auto tag = list.substr(0, end + 1);
    if (!etag.empty() && tag == etag && (comparison == Comparison::Weak || !is_weak)) return true;
    list = vo::trimmed(list.substr(end + 1));
    if (list.starts_with(',')) list = vo::trimmed(list.substr(1));
  }
  return false;
}

std::optional<int> digits(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, vo::is_digit)) return std::nullopt;
  int value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc{} ? std::optional{value} : std::nullopt;
}

}  // namespace

Precondition evaluate_preconditions(const HttpRequest& request, const Validators& validators) {
  if (const auto wanted = request.header("If-Match"); !wanted.empty()) {
    if (!is_among(wanted, validators.etag, Comparison::Strong)) return Precondition::Failed;
  } else if (const auto since = http_date_in(request.header("If-Unmodified-Since"))) {
    if (validators.modified == 0 || validators.modified > *since) return Precondition::Failed;
  }
  if (const auto known = request.header("If-None-Match"); !known.empty()) {
    return is_among(known, validators.etag, Comparison::Weak) ? Precondition::NotModified : Precondition::Holds;
  }
  const auto since = http_date_in(request.header("If-Modified-Since"));
  const bool is_known = since && validators.modified != 0 && *since == validators.modified;
  return is_known ? Precondition::NotModified : Precondition::Holds;
}

bool is_range_for(const HttpRequest& request, const Validators& validators) {
  const auto version = vo::trimmed(request.header("If-Range"));
  return version.empty() || (!validators.etag.empty() && version == validators.etag);
}

std::string http_date(std::int64_t unix_seconds) {
  using namespace std::chrono;
  constexpr std::int64_t kFirst = -62167219200, kEnd = 253402300800;  // years 0 to 9999
  if (unix_seconds < kFirst || unix_seconds >= kEnd) return {};
  const sys_seconds time{seconds{unix_seconds}};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[weekday{day}.c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::optional<std::int64_t> http_date_in(std::string_view text) {
  using namespace std::chrono;
  text = vo::trimmed(text);
  constexpr std::string_view kForm = "Sun, 06 Nov 1994 08:49:37 GMT";
  if (text.size() != kForm.size() || text.substr(3, 2) != ", " || !text.ends_with(" GMT")) return std::nullopt;
  if (text[7] != ' ' || text[11] != ' ' || text[16] != ' ' || text[19] != ':' || text[22] != ':') return std::nullopt;
  const auto name = std::ranges::find(kMonths, text.substr(8, 3));
  const auto day_of_month = digits(text.substr(5, 2)), year_of = digits(text.substr(12, 4));
  const auto hour = digits(text.substr(17, 2)), minute = digits(text.substr(20, 2)),
             second = digits(text.substr(23, 2));
  if (name == kMonths.end() || !day_of_month || !year_of || !hour || !minute || !second) return std::nullopt;
  const year_month_day date{year{*year_of}, month{static_cast<unsigned>(name - kMonths.begin()) + 1},
                            day{static_cast<unsigned>(*day_of_month)}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return sys_seconds{sys_days{date} + hours{*hour} + minutes{*minute} + seconds{*second}}.time_since_epoch().count();
}

}  // namespace platefs::fs
