// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/gallery_timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "vo/base/xml_text.h"

namespace platefs::fs {
namespace {

constexpr int kShortestSpan = 20;  // years; a single plate is no wall

int sum(const YearCounts& counts) { return std::accumulate(counts.begin(), counts.end(), 0); }

int highest(const std::map<int, YearCounts>& years) {
  int most = 1;
  for (const auto& [year, counts] : years) most = std::max(most, sum(counts));
  return most;
}

std::string tip(int year, const YearCounts& counts, const std::vector<std::string>& archives) {
  std::string text = fmt::format("{}:", year);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) text += fmt::format(" {} of {}", counts[i], archives[i]);
  }
  return vo::xml_escaped(text);
}

std::string bar(int year, int first, const YearCounts& counts, int most, const std::vector<std::string>& archives) {
  auto text = fmt::format("<a href=\"#y{}\"><title>{}</title>", year, tip(year, counts, archives));
  // The whole height takes the pointer: a bar of one plate is hard to hit.
  text += fmt::format("<rect class=\"hit\" x=\"{}\" y=\"0\" width=\"1\" height=\"{}\"/>", year - first, most);
  int below = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    below += counts[i];
    text += fmt::format("<rect class=\"a{}\" x=\"{}\" y=\"{}\" width=\"0.8\" height=\"{}\"/>", i % 8,
                        year - first + 0.1, most - below, counts[i]);
  }
  return text + "</a>";
}

/// Ten labels at most, at years that end in 0 (or 5, or any for a short span).
int label_step(int span) {
  for (const int step : {5, 10, 20, 50, 100}) {
    if (span / step <= 10) return step;
  }
  return 200;
}

std::string labels(int first, int span) {
  std::string text;
  const int step = label_step(span);
  for (int year = (first + step - 1) / step * step; year < first + span; year += step) {
    const double place = 100.0 * (year - first + 0.5) / span;
    if (place < 2 || place > 98) continue;  // would stand out of the frame
    text += fmt::format("<span style=\"left:{:.2f}%\">{}</span>", place, year);
  }
  return text;
}

}  // namespace

std::string gallery_timeline(const std::map<int, YearCounts>& years, const std::vector<std::string>& archives) {
  if (years.empty()) return {};
  int first = years.begin()->first, last = years.rbegin()->first;
  const int missing = std::max(0, kShortestSpan - (last - first + 1));
  first -= missing / 2 + 1;
  last += missing - missing / 2 + 1;
  const int span = last - first + 1, most = highest(years);
  auto text = fmt::format(
      "<figure class=\"timeline\"><svg viewBox=\"0 0 {} {}\" data-first=\"{}\" preserveAspectRatio=\"none\" "
      "role=\"img\" "
      "aria-label=\"Plates per year, {} to {}\">",
      span, most, first, years.begin()->first, years.rbegin()->first);
  for (const auto& [year, counts] : years) text += bar(year, first, counts, most, archives);
  return text + fmt::format(
                    "</svg><div class=\"years\" aria-hidden=\"true\">{}</div><figcaption>Plates per "
                    "year, at most {}</figcaption></figure>\n",
                    labels(first, span), most);
}

}  // namespace platefs::fs
