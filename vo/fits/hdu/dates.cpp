// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/hdu/dates.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <regex>
#include <string>
#include <vector>

#include "vo/base/ascii.h"
#include "vo/base/mjd.h"
#include "vo/base/words.h"
#include "vo/fits/hdu/card.h"

namespace platefs::vo {
namespace {

constexpr double kLatestMjd = 2973483;    // 9999-12-31, the last date with four digits
constexpr double kEarliestMjd = -678941;  // 0000-01-01
constexpr double kMinute = 1.0 / 1440;
constexpr double kScales = 3 * kMinute;     // TT, TAI and GPS are at most 70 s from UTC
constexpr std::int64_t kUnixEpoch = 40587;  // MJD

bool is_date(std::optional<double> mjd) { return mjd && *mjd >= kEarliestMjd && *mjd <= kLatestMjd; }

double fraction_of_day(double mjd) { return mjd - std::floor(mjd); }

int number(const std::csub_match& digits) {
  int value = 0;
  std::from_chars(digits.first, digits.second, value);
  return value;
}

std::optional<double> mjd_of(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  return static_cast<double>(std::chrono::sys_days{date}.time_since_epoch().count() + kUnixEpoch);
}

std::optional<double> of_two_digits(int year, int month, int day, double near) {
  std::optional<double> best;
  for (int century = 0; century < 9900; century += 100) {
    const auto mjd = mjd_of(century + year, month, day);
    if (mjd && (!best || std::abs(*mjd - near) < std::abs(*best - near))) best = mjd;
  }
  return best;
}

/// A date card: as it is written and what it says; `days` is how far it may be off: a date alone, a day.
struct Told {
  std::string written;
  std::optional<double> mjd;
  bool is_day = false;
};

std::string written_value(const FitsHeader& header, std::string_view keyword) {
  if (const auto text = header.text(keyword)) return *text;
  if (const auto whole = header.integer(keyword)) return token_of(*whole);
  if (const auto real = header.real(keyword)) return token_of(*real);
  return {};
}

Told told_date(const FitsHeader& header, std::string_view keyword, double near) {
  Told told{written_value(header, keyword), std::nullopt, false};
  const auto text = trimmed(told.written);
  told.mjd = mjd_of_date(text, near);
  told.is_day = text.find('T') == std::string_view::npos;
  return told;
}

Told told_mjd(const FitsHeader& header, std::string_view keyword) {
  Told told{written_value(header, keyword), header.real(keyword), false};
  if (!is_date(told.mjd) || told.mjd == 0.0) told.mjd.reset();  // 0: not known, in more than one pipeline
  told.is_day = told.mjd && fraction_of_day(*told.mjd) == 0;
  return told;
}

/// Only as good as the less precise of the two.
bool is_same(const Told& told, double mjd, double tolerance) {
  if (told.is_day || fraction_of_day(mjd) == 0) return std::floor(*told.mjd) == std::floor(mjd);
  return std::abs(*told.mjd - mjd) <= tolerance;
}

bool is_duration(std::optional<double> seconds) { return seconds && std::isfinite(*seconds) && *seconds > 0; }

/// What may stand beside DATE-OBS and MJD-OBS.
constexpr std::array<std::string_view, 6> kRest{"DATE-BEG", "MJD-BEG", "DATE-END", "MJD-END", "DATE-AVG", "MJD-AVG"};

/// The dates of one header, being settled.
class Dates {
 public:
  Dates(FitsHeader& header, const ExposureTimes& times) : header_(header), times_(times) { read_scale(); }

  void settle() {
    if (!is_date(times_.start)) return;
    const auto date = told_date(header_, "DATE-OBS", *times_.start);
    const auto mjd = told_mjd(header_, "MJD-OBS");
    is_others_ = !is_start(date) || !is_start(mjd) || has_rest_of_another();
    if (is_others_ || (!is_utc_ && !date.mjd && !mjd.mjd)) return replace();
    for (const auto keyword : kRest) tidy(keyword);
    spell_century(date, "DATE-OBS");
    // From the more precise of those that agree; in another scale from the header's own alone.
    const auto source = [&](const Told& own) {
      return own.mjd && (!own.is_day || !is_utc_) ? *own.mjd : *times_.start;
    };
    if (!date.mjd) fill_date(date.written, source(mjd));
    if (!mjd.mjd) header_.set_real("MJD-OBS", source(date), "[d] start of the observation");
  }
  bool is_of_another_exposure() const { return is_others_; }

 private:
  void read_scale() {
    const auto stated = header_.text("TIMESYS").value_or("");
    const auto scale = time_scale_word(stated);
    is_utc_ = says_nothing(stated) || !scale || scale == "UTC";
    if (!says_nothing(stated) && !scale) {
      header_.append_commentary("HISTORY", fmt::format("TIMESYS = '{}' is not known: taken for UTC", stated));
      set_scale();
    }
  }
  double tolerance() const { return is_utc_ ? kMinute : kScales; }

  Told told(std::string_view keyword) const {
    return keyword.starts_with("MJD") ? told_mjd(header_, keyword) : told_date(header_, keyword, *times_.start);
  }

  /// Those that have no value agree with everything.
  bool is_start(const Told& told) const { return !told.mjd || is_same(told, *times_.start, tolerance()); }

  /// The middle or the end: within the exposure, or the night where its length is not known.
  bool is_within(const Told& told) const {
    if (!told.mjd) return true;
    const double start = *times_.start, length = is_duration(times_.seconds) ? *times_.seconds / 86400.0 : 0.0;
    const double end = std::max(has_later_end() ? *times_.end : start, start + length);
    const bool is_rough = told.is_day || fraction_of_day(start) == 0 || end == start;
    const double slack = is_rough ? 1.0 : tolerance() + 0.1 * (end - start);
    return *told.mjd >= start - slack && *told.mjd <= end + slack;
  }

  bool has_rest_of_another() const {
    return std::ranges::any_of(kRest, [this](std::string_view keyword) {
      return keyword.ends_with("BEG") ? !is_start(told(keyword)) : !is_within(told(keyword));
    });
  }

  /// A card that says no date is removed.
  void tidy(std::string_view keyword) {
    if (!header_.has(keyword)) return;
    const auto said = told(keyword);
    if (said.mjd) return spell_century(said, keyword);
    if (!says_nothing(said.written)) remember(keyword, said.written);
    header_.remove(keyword);
  }

  /// "17/05/90" of 1890 is of 1990 to everybody else (FITS 4.0 section 9.1.1, before 1999).
  void spell_century(const Told& said, std::string_view keyword) {
    if (!said.mjd || said.written.find('/') == std::string::npos || iso_datetime(*said.mjd).starts_with("19")) return;
    remember(keyword, said.written);
    header_.set_text(keyword, iso_datetime(*said.mjd));
  }

  void fill_date(const std::string& written, double start) {
    if (!says_nothing(written)) remember("DATE-OBS", written);
    header_.set_text("DATE-OBS", iso_datetime(start), "start of the observation");
    if (!is_utc_) return;
    set_scale();
    const bool has_end = told("DATE-END").mjd || told("MJD-END").mjd;
    if (!has_end && has_later_end()) header_.set_text("DATE-END", iso_datetime(*times_.end), "end of the observation");
  }

  bool has_later_end() const { return is_date(times_.end) && *times_.end > *times_.start; }

  void set_scale() { header_.set_text("TIMESYS", "UTC", "time scale of the dates"); }

  void remember(std::string_view keyword, const std::string& written) {
    header_.append_commentary("HISTORY", fmt::format("{} of the plate: {}", keyword, written));
  }

  /// All of the set at once: a part of each would be no exposure's.
  void replace() {
    std::vector<std::string_view> all{"DATE-OBS", "MJD-OBS"};
    all.insert(all.end(), kRest.begin(), kRest.end());
    for (const auto keyword : all) {
      if (const auto written = written_value(header_, keyword); !says_nothing(written)) remember(keyword, written);
    }
    forget_old_spellings();
    if (!is_utc_) remember("TIMESYS", header_.text("TIMESYS").value_or(""));
    set_scale();
    const double start = *times_.start;
    set("OBS", start, true);
    set("BEG", start, false);
    const auto end = has_later_end() ? times_.end : std::nullopt;
    set("END", end, end.has_value());
    set("AVG", end ? std::optional{start + (*end - start) / 2} : std::nullopt, false);
  }

  /// Cards that programs read beside DATE-OBS, or in its place.
  void forget_old_spellings() {
    for (const auto* keyword :
         {"TIME-OBS", "TIME-BEG", "TIME-END", "UT", "UTC", "UTC-OBS", "UT-OBS", "UTSTART", "DATE_OBS", "DATE_END", "JD",
          "JD-OBS", "JD-BEG", "JD-END", "JD-AVG", "MJD", "HJD", "YEAR-AVG"}) {
      const auto written = written_value(header_, keyword);
      if (!says_nothing(written)) remember(keyword, written);
      header_.remove(keyword);
    }
  }

  /// DATE-… is set where it stands, or when it is wanted; MJD-… likewise. Without a value both go.
  void set(const std::string& what, std::optional<double> mjd, bool is_wanted) {
    const auto date = "DATE-" + what, day = "MJD-" + what;
    if (!mjd) {
      header_.remove(date);
      header_.remove(day);
      return;
    }
    if (is_wanted || header_.has(date)) header_.set_text(date, iso_datetime(*mjd));
    if (header_.has(day) || what == "OBS") header_.set_real(day, *mjd);
  }

  FitsHeader& header_;
  const ExposureTimes& times_;
  bool is_utc_ = true;
  bool is_others_ = false;
};

void settle_duration(FitsHeader& header, std::optional<double> seconds, bool is_of_another_exposure) {
  if (!is_duration(seconds)) return;
  const auto own = header.real("EXPTIME");
  if (is_duration(own) && !(is_of_another_exposure && std::abs(*own - *seconds) > 0.5)) return;
  const auto written = written_value(header, "EXPTIME");
  if (!says_nothing(written)) header.append_commentary("HISTORY", fmt::format("EXPTIME of the plate: {}", written));
  header.set_real("EXPTIME", *seconds, "[s] exposure time");
}

}  // namespace

std::optional<double> mjd_of_date(std::string_view date, double near) {
  static const std::regex iso{
      "([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(\\.[0-9]*)?)?Z?)?"};
  static const std::regex old{"([0-9]{2})/([0-9]{2})/([0-9]{2})"};
  std::cmatch match;
  const auto* const end = date.data() + date.size();
  if (std::regex_match(date.data(), end, match, old)) {
    return of_two_digits(number(match[3]), number(match[2]), number(match[1]), near);
  }
  if (!std::regex_match(date.data(), end, match, iso)) return std::nullopt;
  const auto day = mjd_of(number(match[1]), number(match[2]), number(match[3]));
  if (!day || number(match[1]) == 0) return std::nullopt;
  const int hour = number(match[4]), minute = number(match[5]), second = number(match[6]);
  if (hour > 24 || minute > 59 || second > 60) return std::nullopt;
  return *day + (hour * 3600 + minute * 60 + second) / 86400.0;
}

bool are_dates_of_another_exposure(const FitsHeader& header, const ExposureTimes& times) {
  auto settled = header;
  Dates dates{settled, times};
  dates.settle();
  return dates.is_of_another_exposure();
}

void settle_dates(FitsHeader& header, const ExposureTimes& times) {
  Dates dates{header, times};
  dates.settle();
  settle_duration(header, times.seconds, dates.is_of_another_exposure());
}

}  // namespace platefs::vo
