// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/left_overs.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string_view>

#include "vo/fits/hdu/card.h"
#include "vo/fits/wcs/dss.h"
#include "vo/fits/wcs/element.h"
#include "vo/fits/wcs/letters.h"
#include "vo/fits/wcs/reading.h"

namespace platefs::vo {
namespace {

using Keywords = std::set<std::string, std::less<>>;

bool is_of_sip(std::string_view keyword) {
  static const std::regex pattern{"[AB]P?_([0-9]_[0-9]|ORDER|DMAX)"};
  return std::regex_match(keyword.begin(), keyword.end(), pattern);
}

bool counts(const WcsReading& reading, const WcsElement& element) {
  if (element.stem == "CD") return reading.counts_cd;
  if (element.stem == "PC") return !reading.counts_cd;
  if (reading.distortion.is_tpv) return true;
  const auto& own = reading.distortion.parameters[static_cast<std::size_t>(element.i - 1)];
  if (own.empty()) return false;
  return element.j <= own.rbegin()->first;
}

std::string spelled_type(const WcsReading& reading, int axis) {
  auto code = reading.types.projection;
  if (code == "TAN" || code == "TPV") code = reading.distortion.is_tpv ? "TPV" : "TAN";
  return fmt::format("{:-<5}{}{}", reading.types.names[static_cast<std::size_t>(axis - 1)], code,
                     reading.has_sip() ? "-SIP" : "");
}

void name_types(FitsHeader& header, const WcsReading& reading, std::vector<std::string>& remarks) {
  for (int axis = 1; axis <= 2; ++axis) {
    const auto name = fmt::format("CTYPE{}", axis), keyword = reading.cards.spelled(name),
               type = spelled_type(reading, axis);
    if (reading.cards.word(name) == type) continue;
    remarks.push_back(fmt::format("{} of the plate: {}", keyword, header.text(keyword).value_or("")));
    header.set_text(keyword, type);
  }
}

/// Old programs divide by it.
bool is_idle_scale(const WcsReading& reading, std::string_view keyword) {
  for (const auto* name : {"CDELT1", "CDELT2"}) {
    if (reading.counts_cd && reading.cards.has(name) && keyword == reading.cards.spelled(name)) {
      return reading.cards.number(name).value_or(1.0) == 0.0;
    }
  }
  return false;
}

/// Records of a general distortion that no CPDIS applies, at which wcslib fails.
bool is_idle_record(const WcsReading& reading, std::string_view keyword) {
  const auto known = keyword.starts_with("DP") || keyword.starts_with("DQ") ? lettered(keyword) : std::nullopt;
  return known && known->letter == reading.cards.letter();
}

/// A plate fit of wcstools, which it applies whatever CTYPE says.
bool is_of_plate_fit(std::string_view keyword) {
  static const std::regex pattern{"CO[12]_[0-9]{1,2}"};
  return std::regex_match(keyword.begin(), keyword.end(), pattern);
}

/// Of several spellings of an element the one that is read stays: others read the last of them.
bool is_left_over(const WcsReading& reading, std::string_view keyword) {
  const auto element = element_of(keyword);
  if (!element) return is_idle_scale(reading, keyword) || is_idle_record(reading, keyword);
  if (element->letter != reading.cards.letter()) return false;
  return !counts(reading, *element) || reading.cards.spelled(element->name()) != keyword;
}

/// PC01_01 is known to few programs by that name.
void spell_elements(FitsHeader& header) {
  std::vector<std::string> cards;
  for (const auto& card : header.cards()) {
    const auto keyword = keyword_of(card);
    const auto element = keyword.find('_') == std::string_view::npos ? std::nullopt : element_of(keyword);
    const auto name = element ? element->keyword() : std::string{keyword};
    cards.push_back(name == keyword || header.has(name) ? card : renamed(card, name));
  }
  header = FitsHeader{std::move(cards)};
}

/// A description that nothing here reads may apply SIP.
bool may_need_sip(const FitsHeader& header, const WcsCards& unread) {
  return header.text(unread.spelled("CTYPE1")).value_or("").ends_with("-SIP");
}

/// The letters of the descriptions that SIP cards are for.
std::set<char> letters_of_sip(const FitsHeader& header, const WcsReadings& readings) {
  std::set<char> letters;
  for (const auto& each : readings.read) {
    if (each.has_sip()) letters.insert(each.cards.letter());
  }
  for (const auto& each : readings.unread) {
    if (may_need_sip(header, each)) letters.insert(each.letter());
  }
  return letters;
}

/// SIP cards know no letter: beside a primary description that does not apply them astropy does.
void remove_alternates_of_sip(FitsHeader& header, const WcsReadings& readings, std::vector<std::string>& remarks) {
  const auto letters = letters_of_sip(header, readings);
  const bool is_primary_read = !readings.read.empty() && readings.read.front().cards.letter() == ' ';
  if (!is_primary_read || letters.contains(' ')) return;
  for (const char letter : letters) {
    header.remove_if([letter](std::string_view keyword) {
      const auto known = lettered(keyword);
      return known && known->letter == letter;
    });
    remarks.push_back(
        fmt::format("WCS description {} of the plate is left out: its distortion SIP would be taken for that of the "
                    "primary one",
                    letter));
  }
}

/// Parts of a plate solution of the Digitized Sky Survey, which wcslib 7.12 takes for a whole one; of PLTSCALE alone it
/// makes nothing.
void remove_parts_of_dss(FitsHeader& header, std::vector<std::string>& remarks) {
  if (has_dss_solution(header)) return;
  const auto is_part = [](std::string_view keyword) { return is_dss_card(keyword) && keyword != "PLTSCALE"; };
  for (const auto& card : header.cards()) {
    if (is_part(keyword_of(card)))
      remarks.push_back(
          fmt::format("Card of the plate: {}", std::string_view{card}.substr(0, card.find_last_not_of(" ") + 1)));
  }
  header.remove_if(is_part);
}

Keywords left_overs_in(const FitsHeader& header, const WcsReadings& readings) {
  const bool is_sip_read = !letters_of_sip(header, readings).empty();
  Keywords left;
  for (const auto& card : header.cards()) {
    const auto keyword = keyword_of(card);
    const bool is_idle =
        std::ranges::any_of(readings.read, [&](const WcsReading& each) { return is_left_over(each, keyword); });
    if (is_idle || is_of_plate_fit(keyword) || (!is_sip_read && is_of_sip(keyword))) left.emplace(keyword);
  }
  return left;
}

}  // namespace

std::vector<std::string> remove_left_overs(FitsHeader& header) {
  std::vector<std::string> remarks;
  remove_parts_of_dss(header, remarks);
  remove_alternates_of_sip(header, readings_of(header), remarks);
  const auto readings = readings_of(header);
  if (readings.read.empty()) return remarks;
  const auto left = left_overs_in(header, readings);
  for (const auto& reading : readings.read) name_types(header, reading, remarks);
  header.remove_if([&](std::string_view keyword) { return left.contains(keyword); });
  spell_elements(header);
  if (!left.empty())
    remarks.push_back(fmt::format("WCS cards of the plate that do not count: {}", fmt::join(left, " ")));
  return remarks;
}

}  // namespace platefs::vo
