// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/left_overs.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <regex>
#include <set>
#include <string_view>
#include <utility>

#include "vo/base/error.h"
#include "vo/fits/hdu/card.h"
#include "vo/fits/wcs/cards.h"
#include "vo/fits/wcs/distortion.h"
#include "vo/fits/wcs/linear.h"
#include "vo/fits/wcs/type.h"

namespace platefs::vo {
namespace {

/// PVi_j, PCi_j or CDi_j, however it is spelled.
struct Element {
  std::string stem;
  int i = 0, j = 0;
  char letter = ' ';
};

std::optional<Element> element_of(std::string_view keyword) {
  static const std::regex pattern{"(PV|PC|CD)(?:0?([12])_0?([0-9]{1,2})|00([12])00([12]))([A-Z]?)"};
  std::cmatch match;
  if (!std::regex_match(keyword.data(), keyword.data() + keyword.size(), match, pattern)) return std::nullopt;
  const std::size_t group = match[2].matched ? 2 : 4;
  const char letter = match[6].length() == 0 ? ' ' : *match[6].first;
  return Element{match[1].str(), std::stoi(match[group].str()), std::stoi(match[group + 1].str()), letter};
}

bool is_of_sip(std::string_view keyword) {
  static const std::regex pattern{"[AB]P?_([0-9]_[0-9]|ORDER|DMAX)"};
  return std::regex_match(keyword.begin(), keyword.end(), pattern);
}

bool has_sip(const WcsDistortion& distortion) { return !distortion.sip[0].empty() || !distortion.sip[1].empty(); }

/// What one description applies.
struct Reading {
  WcsCards cards;
  WcsTypes types;
  WcsDistortion distortion;
  bool counts_cd = false;
};

bool is_cd(const WcsCards& cards, const WcsMatrix& matrix) {
  bool has_any = false;
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 2; ++j) {
      const auto keyword = fmt::format("CD{}_{}", i + 1, j + 1);
      has_any = has_any || cards.has(keyword);
      if (cards.number(keyword).value_or(0.0) != matrix[i][j]) return false;
    }
  }
  return has_any;
}

/// Empty for a description that nothing here reads.
std::optional<Reading> reading_of(const WcsCards& cards) {
  try {
    const auto types = types_of(cards);
    return Reading{cards, types, distortion_of(cards, types), is_cd(cards, linear_terms(cards, types.longitude_axis))};
  } catch (const Error&) {
    return std::nullopt;
  }
}

bool counts(const Reading& reading, const Element& element) {
  if (element.stem == "CD") return reading.counts_cd;
  if (element.stem == "PC") return !reading.counts_cd;
  if (reading.distortion.is_tpv) return true;
  const auto& own = reading.distortion.parameters[static_cast<std::size_t>(element.i - 1)];
  if (own.empty()) return false;
  return own.contains(element.j) ||
         reading.cards.number(fmt::format("PV{}_{}", element.i, element.j)).value_or(0.0) == 0.0;
}

std::string spelled_type(const Reading& reading, int axis) {
  auto code = reading.types.projection;
  if (code == "TAN" || code == "TPV") code = reading.distortion.is_tpv ? "TPV" : "TAN";
  return fmt::format("{:-<5}{}{}", reading.types.names[static_cast<std::size_t>(axis - 1)], code,
                     has_sip(reading.distortion) ? "-SIP" : "");
}

void name_types(FitsHeader& header, const Reading& reading, std::vector<std::string>& remarks) {
  for (int axis = 1; axis <= 2; ++axis) {
    const auto name = fmt::format("CTYPE{}", axis), keyword = reading.cards.spelled(name),
               type = spelled_type(reading, axis);
    if (reading.cards.word(name) == type) continue;
    remarks.push_back(fmt::format("{} of the plate: {}", keyword, header.text(keyword).value_or("")));
    header.set_text(keyword, type);
  }
}

/// Old programs divide by it.
bool is_idle_scale(const Reading& reading, std::string_view keyword) {
  for (const auto* name : {"CDELT1", "CDELT2"}) {
    if (reading.counts_cd && reading.cards.has(name) && keyword == reading.cards.spelled(name)) {
      return reading.cards.number(name).value_or(1.0) == 0.0;
    }
  }
  return false;
}

bool is_left_over(const Reading& reading, std::string_view keyword) {
  const auto element = element_of(keyword);
  if (!element) return is_idle_scale(reading, keyword);
  return element->letter == reading.cards.letter() && !counts(reading, *element);
}

/// PC01_01 is known to few programs by that name.
void spell_elements(FitsHeader& header) {
  std::vector<std::string> cards;
  for (const auto& card : header.cards()) {
    const auto keyword = keyword_of(card);
    const auto element = keyword.find('_') == std::string_view::npos ? std::nullopt : element_of(keyword);
    auto name = element ? fmt::format("{}{}_{}", element->stem, element->i, element->j) : std::string{keyword};
    if (element && element->letter != ' ') name += element->letter;
    cards.push_back(name == keyword || header.has(name) ? card : renamed(card, name));
  }
  header = FitsHeader{std::move(cards)};
}

/// A description that nothing here reads may apply SIP.
bool may_need_sip(const FitsHeader& header, const WcsCards& unread) {
  return header.text(unread.spelled("CTYPE1")).value_or("").ends_with("-SIP");
}

}  // namespace

std::vector<std::string> remove_left_overs(FitsHeader& header) {
  std::vector<Reading> readings;
  std::vector<std::string> remarks;
  bool is_sip_read = false;
  for (const auto& cards : WcsCards::all_in(header)) {
    const bool is_dss = cards.letter() == ' ' && header.has("AMDX1");
    auto reading = is_dss ? std::nullopt : reading_of(cards);
    is_sip_read = is_sip_read || (reading ? has_sip(reading->distortion) : may_need_sip(header, cards));
    if (reading) readings.push_back(*std::move(reading));
  }
  if (readings.empty()) return {};
  std::set<std::string, std::less<>> left;
  for (const auto& card : header.cards()) {
    const auto keyword = keyword_of(card);
    const bool is_idle =
        std::ranges::any_of(readings, [&](const Reading& each) { return is_left_over(each, keyword); });
    if (is_idle || (!is_sip_read && is_of_sip(keyword))) left.emplace(keyword);
  }
  for (const auto& reading : readings) name_types(header, reading, remarks);
  header.remove_if([&](std::string_view keyword) { return left.contains(keyword); });
  spell_elements(header);
  if (!left.empty())
    remarks.push_back(fmt::format("WCS cards of the plate that do not count: {}", fmt::join(left, " ")));
  return remarks;
}

}  // namespace platefs::vo
