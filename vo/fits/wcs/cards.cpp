// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/cards.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <regex>

#include "vo/base/error.h"
#include "vo/fits/hdu/card.h"

namespace platefs::vo {
namespace {

constexpr char kEveryLetter = '*';

/// Where a keyword belongs.
struct Place {
  std::string name;  ///< as the primary description spells it today
  char letter = ' ';
  bool is_of_today = true;
};

char letter_in(const std::csub_match& match) { return match.length() == 0 ? ' ' : *match.first; }

/// PC001002, PC01_02 and PC1_2 alike.
std::optional<Place> place_of_element(const std::cmatch& match) {
  const auto bare = [](std::string digits) {
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
    return digits;
  };
  Place place{fmt::format("{}{}_{}", match[1].str(), bare(match[2].str()), bare(match[3].str())), letter_in(match[4])};
  place.is_of_today = match[0].length() == static_cast<std::ptrdiff_t>(place.name.size()) + match[4].length();
  return place;
}

std::optional<Place> place_of(std::string_view keyword) {
  static const std::regex plain{
      "(CTYPE[12]|CUNIT[12]|CRVAL[12]|CRPIX[12]|CDELT[12]|CROTA[12]|LONPOLE|LATPOLE|"
      "CPDIS[12]|CQDIS[12])([A-Z]?)"};
  static const std::regex element{"(CD|PC|PV)0?([12])_0?([0-9]+)([A-Z]?)"};
  static const std::regex old_element{"(CD|PC)(00[12])(00[12])()"};
  static const std::regex sip{"[AB]_([0-9]_[0-9]|ORDER)"};
  static const std::regex primary{"PROJP[0-9]|D2IMDIS[12]"};
  if (keyword.empty() || std::string_view{"ABCDLP"}.find(keyword.front()) == std::string_view::npos)
    return std::nullopt;
  const auto matches = [&](std::cmatch& match, const std::regex& pattern) {
    return std::regex_match(keyword.data(), keyword.data() + keyword.size(), match, pattern);
  };
  std::cmatch match;
  if (matches(match, plain)) return Place{match[1].str(), letter_in(match[2])};
  if (matches(match, element) || matches(match, old_element)) return place_of_element(match);
  if (matches(match, sip)) return Place{std::string{keyword}, kEveryLetter};
  if (matches(match, primary)) return Place{std::string{keyword}};
  return std::nullopt;
}

/// The keyword of a card that lacks the value indicator "= " in columns 9 and 10 (FITS 4.0 section 4.1.2.2), which
/// cfitsio and wcslib take for one without a value.
std::string_view keyword_of_malformed(std::string_view card) {
  const auto sign = card.substr(0, 12).find('=');
  if (sign == std::string_view::npos || card.substr(8, 2) == "= ") return {};
  const auto end = card.substr(0, sign).find_last_not_of(' ');
  return card.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

/// With a stranger's bytes in it: those that are no printable characters become '?'.
Error rejected_cards(std::string message) {
  std::ranges::replace_if(
      message, [](char c) { return c < ' ' || c > '~'; }, '?');
  return {ErrorKind::Rejected, std::move(message)};
}

std::string without_padding(const std::string& card) { return card.substr(0, card.find_last_not_of(' ') + 1); }

Error malformed_card(const std::string& card) {
  return rejected_cards(
      fmt::format("the FITS header's coordinates hold a malformed card, without '= ' in columns 9 and 10: {}",
                  without_padding(card)));
}

Error two_values(const std::string& first, const std::string& second) {
  return rejected_cards(fmt::format("the FITS header's coordinates hold a card twice, with two values: {} and {}",
                                    without_padding(first), without_padding(second)));
}

bool same_value(const std::string& a, const std::string& b) {
  const auto first = value_of(a), second = value_of(b);
  const auto number = real_from(first), other = real_from(second);
  return number && other ? *number == *other : first.is_text == second.is_text && first.token == second.token;
}

Error no_number(std::string_view keyword, std::string_view token) {
  return rejected_cards(
      fmt::format("the FITS header's coordinates hold a value that is no number: {} = {}", keyword, token));
}

bool is_number_of_dss(std::string_view keyword) {
  static const std::regex pattern{"AMD[XY][0-9]+|PPO[0-9]+|CNPIX[12]|[XY]PIXELSZ|PLT(SCALE|RA[HMS]|DEC[DMS])"};
  return std::regex_match(keyword.begin(), keyword.end(), pattern);
}

}  // namespace

std::optional<char> description_letter(std::string_view keyword) {
  const auto place = place_of(keyword);
  if (!place) return std::nullopt;
  return place->letter == kEveryLetter ? ' ' : place->letter;
}

std::vector<WcsCards> WcsCards::all_in(const FitsHeader& header) {
  std::map<char, WcsCards> by_letter;
  by_letter.insert({' ', WcsCards{' '}});
  WcsCards shared{kEveryLetter};
  for (const auto& card : header.cards()) {
    const auto malformed = keyword_of_malformed(card);
    const bool is_value = card.substr(8, 2) == "= ";
    const auto keyword = is_value ? keyword_of(card) : malformed;
    auto place = place_of(keyword);
    if (!place || (is_value && !value_of(card).is_closed)) continue;
    auto& owner = place->letter == kEveryLetter
                      ? shared
                      : by_letter.insert({place->letter, WcsCards{place->letter}}).first->second;
    owner.add(std::move(place->name), {card, std::string{keyword}, !is_value, place->is_of_today});
  }
  std::vector<WcsCards> all;
  for (auto& [letter, cards] : by_letter) {
    cards.cards_.insert(shared.cards_.begin(), shared.cards_.end());
    all.push_back(std::move(cards));
  }
  return all;
}

void WcsCards::add(std::string name, Card card) {
  const auto [known, is_new] = cards_.insert({std::move(name), card});
  if (is_new || card.is_malformed) return;
  auto& first = known->second;
  if (first.is_malformed || (!first.is_of_today && card.is_of_today)) {
    first = std::move(card);
  } else if (first.is_of_today == card.is_of_today && !same_value(first.text, card.text)) {
    first.rival = card.text;
  }
}

const WcsCards::Card* WcsCards::find(std::string_view keyword) const {
  const auto card = cards_.find(keyword);
  if (card == cards_.end()) return nullptr;
  if (card->second.is_malformed) throw malformed_card(card->second.text);
  if (!card->second.rival.empty()) throw two_values(card->second.text, card->second.rival);
  return &card->second;
}

std::string WcsCards::spelled(std::string_view keyword) const {
  const auto card = cards_.find(keyword);
  if (card != cards_.end()) return card->second.keyword;
  return fmt::format("{}{}", keyword, letter_ == ' ' ? std::string{} : std::string(1, letter_));
}

std::optional<double> WcsCards::number(std::string_view keyword) const {
  const auto* card = find(keyword);
  if (card == nullptr) return std::nullopt;
  const auto value = value_of(card->text);
  if (value.token.empty() && !value.is_text) return std::nullopt;
  if (const auto number = real_from(value)) return number;
  throw no_number(card->keyword, value.token);
}

std::optional<double> WcsCards::defined_number(std::string_view keyword) const {
  const auto value = number(keyword);
  if (!value && has(keyword)) throw no_number(spelled(keyword), "");
  return value;
}

std::optional<int> WcsCards::integer(std::string_view keyword) const {
  const auto value = number(keyword);
  if (!value) return std::nullopt;
  if (*value != std::floor(*value) || std::abs(*value) > 1000) {
    throw rejected_cards(fmt::format("the FITS header's coordinates hold {} = {}", spelled(keyword), *value));
  }
  return static_cast<int>(*value);
}

std::string WcsCards::word(std::string_view keyword) const {
  const auto* card = find(keyword);
  if (card == nullptr) return {};
  const auto value = value_of(card->text);
  if (!value.is_text) return {};
  auto word = value.token;
  word.erase(0, std::min(word.find_first_not_of(' '), word.size()));
  std::ranges::transform(word, word.begin(), [](char c) {
    if (c < ' ' || c > '~') return '?';
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return word;
}

std::map<int, double> WcsCards::parameters(int axis) const {
  const auto stem = fmt::format("PV{}_", axis);
  std::map<int, double> found;
  for (auto card = cards_.lower_bound(stem); card != cards_.end() && card->first.starts_with(stem); ++card) {
    const auto value = number(card->first);
    const auto index = number_behind(card->first, stem);
    if (value && index && *value != 0) found[*index] = *value;
  }
  return found;
}

void require_numbers_of_dss(const FitsHeader& header) {
  for (const auto& card : header.cards()) {
    const auto keyword = keyword_of(card);
    if (!is_number_of_dss(keyword)) continue;
    const auto value = value_of(card);
    const bool is_undefined = value.token.empty() && !value.is_text;
    if (!is_undefined && !real_from(value)) throw no_number(keyword, value.token);
  }
}

}  // namespace platefs::vo
