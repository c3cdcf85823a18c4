// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "tools/query_output.h"
#include "vo/error.h"
#include "vo/sky.h"
#include "vo/time.h"

namespace platefs::tools {
namespace {

constexpr std::size_t kColumns = 8;
constexpr std::size_t kWidestCell = 60;
using Line = std::array<std::string, kColumns>;

constexpr std::array<bool, kColumns> kIsNumber{false, false, false, false, true, true, false, false};

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

// An archive's text must not steer the terminal: no control characters, neither C0 nor C1 (c2 80 to c2 9f).
std::string harmless(const std::string& text) {
  std::string clean;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool is_c1 = c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (is_c1) ++i;
    clean += c < 0x20 || c == 0x7f || is_c1 ? ' ' : text[i];
  }
  return clean;
}

std::string shortened(const std::string& text) {
  if (width_of(text) <= kWidestCell) return text;
  std::size_t end = 0, width = 0;
  while (end < text.size() && (width < kWidestCell - 1 || !begins_character(text[end]))) {
    if (begins_character(text[end])) ++width;
    ++end;
  }
  return text.substr(0, end) + "…";
}

std::string separation_text(const vo::Plate& plate, const vo::IcrsPosition& target) {
  if (!plate.s_ra || !plate.s_dec) return {};
  try {
    const auto centre =
        vo::IcrsPosition::at(vo::Angle::degrees(*plate.s_ra), vo::Angle::degrees(*plate.s_dec));
    return fmt::format("{:.3f}", vo::separation(centre, target).as_degrees());
  } catch (const vo::Error&) {
    return {};
  }
}

Line line_of(const fs::PlateEntry& entry, const fs::Target& target) {
  const auto& plate = entry.plate();
  return {plate.t_min ? vo::iso_date(*plate.t_min) : "",
          entry.name,
          harmless(entry.ref.table->archive),
          shortened(harmless(plate.obs_collection)),
          separation_text(plate, target.position),
          plate.s_pixel_scale ? fmt::format("{:.2f}", *plate.s_pixel_scale) : "",
          shortened(harmless(plate.facility_name.empty() ? plate.instrument_name
                                                         : plate.facility_name)),
          shortened(harmless(plate.obs_title))};
}

std::string padded(const std::string& cell, std::size_t width, bool is_number) {
  const std::string blanks(width - std::min(width, width_of(cell)), ' ');
  return is_number ? blanks + cell : cell + blanks;
}

}  // namespace

std::string plates_listing(const fs::TargetSnapshot& snapshot, const fs::Target& target) {
  if (snapshot.plates.empty()) return {};
  std::vector<Line> lines{{"date", "plate", "archive", "collection", "centre[deg]", "pixel[\"]",
                           "telescope", "title"}};
  for (const auto& entry : snapshot.plates) lines.push_back(line_of(*entry, target));
  std::array<std::size_t, kColumns> widths{};
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], width_of(line[i]));
  }
  std::string text;
  for (const auto& line : lines) {
    std::string row;
    for (std::size_t i = 0; i < kColumns; ++i) {
      row += (i > 0 ? "  " : "") + padded(line[i], widths[i], kIsNumber[i]);
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  }
  return text;
}

}  // namespace platefs::tools
