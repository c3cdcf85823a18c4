// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/letters.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "vo/fits/hdu/card.h"
#include "vo/fits/wcs/dss.h"
#include "vo/fits/wcs/frame.h"

namespace platefs::vo {
namespace {

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool is_of_dss(std::string_view keyword) {
  static const std::regex pattern{"AMD[XYRX][0-9]+|PPO[0-9]+|PLTRA[HMS]|PLTDEC[DMS]|PLTDECSN"};
  return std::regex_match(keyword.begin(), keyword.end(), pattern);
}

std::string with_letter(const std::string& keyword, char letter) { return letter == ' ' ? keyword : keyword + letter; }

double real_or(const FitsHeader& header, const std::string& keyword, double fallback) {
  return header.real(keyword).value_or(fallback);
}

/// "PC1_2" for "PC001002" and "PC01_02" (as early drafts of the standard had it), likewise CD.
std::optional<std::string> modern_element(std::string_view keyword) {
  static const std::regex pattern{"(PC|CD)(?:00([1-9])00([1-9])|0*([1-9])_0*([1-9]))"};
  std::cmatch match;
  if (!std::regex_match(keyword.data(), keyword.data() + keyword.size(), match, pattern)) return std::nullopt;
  const auto i = match[2].matched ? match[2].str() : match[4].str();
  const auto j = match[3].matched ? match[3].str() : match[5].str();
  return fmt::format("{}{}_{}", match[1].str(), i, j);
}

bool has_matrix(const FitsHeader& header) {
  return std::ranges::any_of(header.cards(),
                             [](const std::string& card) { return modern_element(keyword_of(card)).has_value(); });
}

void spell_matrix(FitsHeader& header) {
  std::vector<std::string> cards;
  for (const auto& card : header.cards()) {
    const auto element = modern_element(keyword_of(card));
    const bool is_old = element && *element != keyword_of(card);
    if (is_old && header.has(*element)) continue;  // the one of today counts, and this one would get no letter
    cards.push_back(is_old ? renamed(card, *element) : card);
  }
  header = FitsHeader{std::move(cards)};
}

/// CROTA has no letter: the same as a PC matrix (WCS paper II, eq. 189). It does not count beside one.
void spell_rotation(FitsHeader& header) {
  const auto angle = header.real("CROTA2").value_or(real_or(header, "CROTA1", 0.0)) * std::numbers::pi / 180.0;
  const double ratio = real_or(header, "CDELT2", 1.0) / real_or(header, "CDELT1", 1.0);
  const bool counts = !has_matrix(header) && angle != 0.0 && std::isfinite(ratio) && ratio != 0.0;
  header.remove_if([](std::string_view keyword) { return keyword == "CROTA1" || keyword == "CROTA2"; });
  if (!counts) return;
  header.set_real("PC1_1", std::cos(angle));
  header.set_real("PC1_2", -std::sin(angle) * ratio);
  header.set_real("PC2_1", std::sin(angle) / ratio);
  header.set_real("PC2_2", std::cos(angle));
}

/// RADECSYS and EPOCH speak of the primary description, whichever that is.
void spell_frame(FitsHeader& header) {
  const auto frame = header.text("RADECSYS");
  if (frame && !header.has("RADESYS")) header.set_text("RADESYS", *frame);
  header.remove("RADECSYS");
  const auto epoch = equinox_by_epoch(header);
  if (!epoch) return;
  if (!header.has("EQUINOX")) header.set_real("EQUINOX", *epoch);
  header.remove("EPOCH");
}

/// All that the primary description says in words that have no letter.
void spell_primary(FitsHeader& header) {
  if (header.has("AMDX1")) {
    const auto corner1 = header.integer("CNPIX1"), corner2 = header.integer("CNPIX2");
    describe_dss_as_tpv(header);
    header.remove_if(is_of_dss);
    if (corner1) header.set_integer("CNPIX1", *corner1);
    if (corner2) header.set_integer("CNPIX2", *corner2);
  }
  spell_matrix(header);
  spell_rotation(header);
}

bool describes_axes(std::string_view keyword) { return keyword.starts_with("CTYPE") || keyword.starts_with("CRVAL"); }

std::set<char> letters_in(const FitsHeader& header) {
  std::set<char> letters;
  for (const auto& card : header.cards()) {
    if (const auto keyword = lettered(keyword_of(card))) letters.insert(keyword->letter);
  }
  return letters;
}

char free_letter(const FitsHeader& header, char vacated) {
  const auto used = letters_in(header);
  const auto free = std::ranges::find_if(kLetters, [&](char letter) { return !used.contains(letter); });
  return free == kLetters.end() ? vacated : *free;
}

using Cards = std::vector<std::string>;

/// Each card with the CONTINUE cards behind it.
std::vector<Cards> with_continuations(const Cards& cards) {
  std::vector<Cards> groups;
  for (const auto& card : cards) {
    if (groups.empty() || keyword_of(card) != "CONTINUE") groups.emplace_back();
    groups.back().push_back(card);
  }
  return groups;
}

void add_renamed(Cards& cards, const Cards& group, const std::string& keyword) {
  const auto first = cards.size();
  cards.insert(cards.end(), group.begin(), group.end());
  if (keyword.size() <= 8) cards[first] = renamed(cards[first], keyword);
}

/// An alternate may have fewer axes than the image only under its letter.
void mend_number_of_axes(FitsHeader& header) {
  const auto axes = header.integer("WCSAXES"), pixels = header.integer("NAXIS");
  if (axes && pixels && *axes < *pixels) header.remove("WCSAXES");
}

}  // namespace

std::optional<LetteredKeyword> lettered(std::string_view keyword) {
  static const std::regex pattern{
      "((?:CTYPE|CUNIT|CRVAL|CRPIX|CDELT|CNAME|CRDER|CSYER|CZPHS|CPERI)[0-9]{1,2}|(?:CD|PC|PV|PS)[0-9]+_[0-9]+|"
      "WCSAXES|WCSNAME|LONPOLE|LATPOLE|EQUINOX|RADESYS|SPECSYS|SSYSOBS|SSYSSRC|VELOSYS|ZSOURCE|VELANGL|RESTFRQ|RESTWAV|"
      "CPDIS[0-9]|CQDIS[0-9]|D[PQ][0-9])([A-Z]?)"};
  std::cmatch match;
  if (!std::regex_match(keyword.data(), keyword.data() + keyword.size(), match, pattern)) return std::nullopt;
  return LetteredKeyword{match[2].length() == 0 ? ' ' : *match[2].first, match[1].str()};
}

PrimaryChange make_primary(FitsHeader& header, char letter) {
  PrimaryChange change{letter, std::nullopt};
  spell_frame(header);
  spell_primary(header);
  const char former = free_letter(header, letter);
  Cards cards, promoted;
  std::optional<std::size_t> first;
  for (const auto& group : with_continuations(header.cards())) {
    const auto keyword = lettered(keyword_of(group.front()));
    if (keyword && !first) first = cards.size();
    const bool was_primary = keyword && keyword->letter == ' ';
    const bool is_chosen = keyword && keyword->letter == letter;
    if (was_primary && describes_axes(keyword->primary)) change.former = former;
    if (was_primary) add_renamed(cards, group, with_letter(keyword->primary, former));
    if (is_chosen) add_renamed(promoted, group, keyword->primary);
    if (!was_primary && (!is_chosen || former != letter)) cards.insert(cards.end(), group.begin(), group.end());
  }
  cards.insert(cards.begin() + static_cast<std::ptrdiff_t>(first.value_or(cards.size())), promoted.begin(),
               promoted.end());
  header = FitsHeader{std::move(cards)};
  mend_number_of_axes(header);
  return change;
}

}  // namespace platefs::vo
