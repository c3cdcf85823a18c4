// SPDX-License-Identifier: BSD-3-Clause
#include "vo/tables/star_sequence.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <set>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/shown_text.h"
#include "vo/tables/delimited_text.h"

namespace platefs::vo {
namespace {

constexpr std::size_t kLongestName = 60;
constexpr double kFaintest = 40, kBrightest = -30;  // magnitudes that there are

[[noreturn]] void wrong(std::size_t line, std::string_view what) {
  throw Error{ErrorKind::Rejected, fmt::format("line {} of the sequence: {}", line, what)};
}

std::optional<double> number_in(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_good = problem == std::errc{} && end == text.data() + text.size() && std::isfinite(number);
  return is_good ? std::optional{number} : std::nullopt;
}

/// "10:24:02.7", "-48 08 51", "10h24m02.7s".
std::optional<double> sexagesimal_in(std::string_view text) {
  text = trimmed(text);
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  double value = 0, unit = 1;
  int parts = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(": hdms"), text.size());
    const auto part = number_in(text.substr(0, end));
    const bool is_good = part && *part >= 0 && (parts == 0 || *part < 60) && is_digit(text.front());
    if (!is_good || ++parts > 3) return std::nullopt;
    value += *part * unit;
    unit /= 60;
    text.remove_prefix(std::min(end + 1, text.size()));
    text = trimmed(text);
  }
  if (parts < 2) return std::nullopt;
  return is_negative ? -value : value;
}

struct Columns {
  std::size_t name, ra, dec, magnitude;
};

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

std::size_t column_named(const std::vector<std::string>& headings, std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    for (std::size_t i = 0; i < headings.size(); ++i) {
      if (same_ignoring_case(trimmed(headings[i]), name)) return i;
    }
  }
  return kNone;
}

Columns columns_in(const DelimitedLine& line) {
  const auto& cells = line.cells;
  const Columns columns{column_named(cells, {"name", "label", "star", "id", "auid", "source_id"}),
                        column_named(cells, {"ra", "ra_deg", "raj2000", "ra_icrs", "ra2000", "_ra"}),
                        column_named(cells, {"dec", "de", "dec_deg", "dej2000", "de_icrs", "dec2000", "_dec"}),
                        column_named(cells, {"mag", "magnitude", "vmag", "v", "bmag", "b", "gmag", "g"})};
  const auto require = [&](std::size_t column, std::string_view what) {
    if (column != kNone) return;
    wrong(line.number, fmt::format("no heading '{}' (wanted are name,ra,dec,mag)", what));
  };
  require(columns.ra, "ra");
  require(columns.dec, "dec");
  require(columns.magnitude, "mag");
  return columns;
}

std::string_view cell_of(const DelimitedLine& line, std::size_t column) {
  return column < line.cells.size() ? trimmed(line.cells[column]) : std::string_view{};
}

IcrsPosition place_in(const DelimitedLine& line, const Columns& columns) {
  const auto ra_text = cell_of(line, columns.ra), dec_text = cell_of(line, columns.dec);
  auto ra = number_in(ra_text), dec = number_in(dec_text);
  if (!ra) {
    const auto hours = sexagesimal_in(ra_text);
    if (hours) ra = *hours * 15;
  }
  if (!dec) dec = sexagesimal_in(dec_text);
  if (!ra || !dec) wrong(line.number, fmt::format("'{}', '{}' is no position", ra_text, dec_text));
  try {
    return IcrsPosition::at(Angle::degrees(*ra), Angle::degrees(*dec));
  } catch (const Error& error) {
    wrong(line.number, error.message());
  }
}

ComparisonStar star_in(const DelimitedLine& line, const Columns& columns) {
  const auto magnitude = number_in(cell_of(line, columns.magnitude));
  if (!magnitude || *magnitude < kBrightest || *magnitude > kFaintest) {
    wrong(line.number, fmt::format("'{}' is no magnitude", cell_of(line, columns.magnitude)));
  }
  auto name = shown_text(cell_of(line, columns.name), kLongestName);
  if (name.empty()) name = fmt::format("{:g}", *magnitude);
  return {std::move(name), place_in(line, columns), *magnitude};
}

/// 0 is a, 25 z, 26 aa, 27 ab.
std::string letters_of(std::size_t number) {
  std::string letters{static_cast<char>('a' + number % 26)};
  if (number >= 26) letters.insert(letters.begin(), static_cast<char>('a' + (number / 26 - 1) % 26));
  return letters;
}

bool are_letters_of_their_own(const std::vector<ComparisonStar>& stars) {
  std::set<char> seen;
  return std::ranges::all_of(stars, [&](const ComparisonStar& star) {
    return star.name.size() == 1 && is_letter(star.name.front()) && seen.insert(lower(star.name.front())).second;
  });
}

/// Within the square about the cone, on the tangential plane: degrees from its middle to the nearer border, relative.
bool is_in_square(const IcrsPosition& place, const Cone& cone) {
  const double turn = place.ra.as_radians() - cone.centre.ra.as_radians();
  const double sin_centre = std::sin(cone.centre.dec.as_radians()), cos_centre = std::cos(cone.centre.dec.as_radians());
  const double sin_here = std::sin(place.dec.as_radians()), cos_here = std::cos(place.dec.as_radians());
  const double depth = sin_centre * sin_here + cos_centre * cos_here * std::cos(turn);
  if (depth < 1e-9) return false;
  const double east = cos_here * std::sin(turn) / depth;
  const double north = (cos_centre * sin_here - sin_centre * cos_here * std::cos(turn)) / depth;
  return std::max(std::abs(east), std::abs(north)) < cone.radius.as_radians();
}

void sort_by_brightness(std::vector<ComparisonStar>& stars) {
  std::ranges::stable_sort(stars, [](const auto& a, const auto& b) { return a.magnitude < b.magnitude; });
}

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",|\"\n") == std::string_view::npos) return std::string{text};
  std::string result = "\"";
  for (const char c : text) {
    result += c;
    if (c == '"') result += c;
  }
  return result + "\"";
}

bool is_alone(const ComparisonStar& star, const std::vector<ComparisonStar>& all, Angle around) {
  constexpr double kNearlyAsBright = 2;  // magnitudes fainter
  return std::ranges::none_of(all, [&](const ComparisonStar& other) {
    if (&other == &star || other.magnitude > star.magnitude + kNearlyAsBright) return false;
    return separation(star.place, other.place) < around;
  });
}

}  // namespace

std::vector<ComparisonStar> read_sequence(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  DelimitedLines lines{text};
  DelimitedLine line;
  if (!lines.next(line)) throw Error{ErrorKind::Rejected, "the sequence is empty: name,ra,dec,mag and a line per star"};
  const auto columns = columns_in(line);
  std::vector<ComparisonStar> stars;
  while (lines.next(line)) {
    if (stars.size() == kMostComparisonStars) wrong(line.number, fmt::format("more than {} stars", stars.size()));
    stars.push_back(star_in(line, columns));
  }
  return stars;
}

std::string sequence_csv(const std::vector<ComparisonStar>& stars) {
  std::string text = "name,ra,dec,mag,letters\n";
  for (const auto& star : stars) {
    text += fmt::format("{},{:.7f},{:.7f},{:g},{}\n", csv_cell(star.name), star.place.ra.as_degrees(),
                        star.place.dec.as_degrees(), star.magnitude, star.letters);
  }
  return text;
}

std::vector<ComparisonStar> lettered(std::vector<ComparisonStar> stars, const Cone& cone) {
  std::erase_if(stars, [&](const ComparisonStar& star) { return !is_in_square(star.place, cone); });
  sort_by_brightness(stars);
  if (stars.size() > kMostStarsOfTarget) stars.erase(stars.begin() + kMostStarsOfTarget, stars.end());
  const bool have_letters = are_letters_of_their_own(stars);
  for (std::size_t i = 0; i < stars.size(); ++i) {
    stars[i].letters = have_letters ? lower_case(stars[i].name) : letters_of(i);
  }
  return stars;
}

std::vector<ComparisonStar> offered_stars(std::vector<ComparisonStar> stars, const Cone& cone, std::size_t most) {
  // Parts of the radius: what is far from the edge of pictures; a star's own place; room for its letter, and for the
  // marks of the target.
  constexpr double kInner = 0.85, kOwn = 0.05, kLetter = 0.12, kTarget = 0.3;
  const auto part = [&cone](double of_radius) { return Angle::degrees(cone.radius.as_degrees() * of_radius); };
  sort_by_brightness(stars);
  std::vector<ComparisonStar> good;
  for (const auto& star : stars) {
    const auto distance = separation(star.place, cone.centre);
    if (distance > part(kTarget) && distance < part(kInner) && is_alone(star, stars, part(kOwn))) good.push_back(star);
  }
  if (good.empty()) return good;
  // The nearest to each of the steps; a star is taken once.
  const double first = good.front().magnitude, last = good.back().magnitude;
  const double step = most > 1 ? (last - first) / static_cast<double>(most - 1) : 0;
  std::vector<ComparisonStar> taken;
  for (std::size_t i = 0; i < most; ++i) {
    const double wanted = first + step * static_cast<double>(i);
    const auto off = [wanted](const ComparisonStar& star) { return std::abs(star.magnitude - wanted); };
    const ComparisonStar* best = nullptr;
    for (const auto& star : good) {
      const auto is_near = [&](const ComparisonStar& other) {
        return separation(star.place, other.place) < part(kLetter);
      };
      if (std::ranges::any_of(taken, is_near)) continue;
      if (best == nullptr || off(star) < off(*best)) best = &star;
    }
    if (best != nullptr) taken.push_back(*best);
  }
  sort_by_brightness(taken);
  return taken;
}

std::shared_ptr<const SkyMarks> marks_of(const std::vector<ComparisonStar>& stars) {
  if (stars.empty()) return nullptr;
  auto marks = std::make_shared<SkyMarks>();
  std::string text;
  for (const auto& star : stars) {
    marks->list.push_back({star.place, star.letters});
    text += fmt::format("{} {} {}\n", star.letters, star.place.ra.as_degrees(), star.place.dec.as_degrees());
  }
  const auto hash = XXH3_128bits(text.data(), text.size());
  marks->key = fmt::format("marks {:016x}{:016x}", hash.high64, hash.low64);
  return marks;
}

}  // namespace platefs::vo
