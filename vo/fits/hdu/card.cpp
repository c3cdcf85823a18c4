// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/hdu/card.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace platefs::vo {
namespace {

constexpr std::size_t kValueColumn = 10;  // counted from 0: behind "KEYWORD = "
constexpr std::size_t kLongestText = 68;  // between the quotes of one card
constexpr std::size_t kLongestCommentary = 72;

std::string_view without_padding(std::string_view text) { return text.substr(0, text.find_last_not_of(' ') + 1); }

std::string_view without_blanks_around(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  return first == std::string_view::npos ? std::string_view{} : without_padding(text.substr(first));
}

std::string_view from(std::string_view text, std::size_t position) {
  return position < text.size() ? text.substr(position) : std::string_view{};
}

std::string_view comment_in(std::string_view rest) {
  const auto slash = rest.find('/');
  return slash == std::string_view::npos ? std::string_view{} : without_blanks_around(rest.substr(slash + 1));
}

/// `field` begins with the opening quote.
CardValue quoted_value(std::string_view field) {
  std::string text;
  std::size_t at = 1;
  for (; at < field.size(); ++at) {
    if (field[at] == '\'' && (at + 1 >= field.size() || field[at + 1] != '\'')) break;
    if (field[at] == '\'') ++at;
    text += field[at];
  }
  return {true, std::string{without_padding(text)}, std::string{comment_in(from(field, at + 1))}, at < field.size()};
}

CardValue parsed_field(std::string_view field) {
  field = without_blanks_around(field);
  if (field.starts_with('\'')) return quoted_value(field);
  constexpr std::string_view kBlanks{" \t\r\n\0", 5};  // as strtod has it, which cfitsio asks
  auto token = field.substr(0, field.find('/'));
  token = token.substr(0, token.find_last_not_of(kBlanks) + 1);
  return {false, std::string{token}, std::string{comment_in(field)}};
}

std::string padded(std::string_view text) {
  std::string card(kCardSize, ' ');
  text.copy(card.data(), kCardSize);
  return card;
}

std::string printable(std::string_view text) {
  std::string safe{text};
  std::ranges::replace_if(
      safe, [](char c) { return c < ' ' || c > '~'; }, '?');
  return safe;
}

std::string escaped(char c) { return c == '\'' ? "''" : std::string(1, c); }

/// Pieces of the escaped text that fit between quotes; never splits a doubled quote.
std::vector<std::string> escaped_pieces(std::string_view text, std::size_t longest) {
  std::vector<std::string> pieces(1);
  for (const char c : text) {
    const auto next = escaped(c);
    if (pieces.back().size() + next.size() > longest) pieces.emplace_back();
    pieces.back() += next;
  }
  return pieces;
}

std::string with_comment(std::string card, std::string_view comment) {
  if (!comment.empty()) card += " / " + printable(comment);
  return padded(card);
}

template <typename Number>
std::optional<Number> number_in(std::string_view token) {
  if (token.starts_with('+')) token.remove_prefix(1);
  Number number{};
  const auto [end, failure] = std::from_chars(token.data(), token.data() + token.size(), number);
  if (failure != std::errc{} || end != token.data() + token.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string_view keyword_of(std::string_view card) { return without_padding(card.substr(0, 8)); }

CardValue value_of(std::string_view card) {
  if (card.size() < kValueColumn || card.substr(8, 2) != "= ") return {};
  return parsed_field(card.substr(kValueColumn));
}

CardValue continuation_of(std::string_view card) { return parsed_field(from(card, 8)); }

std::optional<std::int64_t> integer_from(const CardValue& value) {
  if (value.is_text) return std::nullopt;
  return number_in<std::int64_t>(value.token);
}

std::optional<double> real_from(const CardValue& value) {
  if (value.is_text) return std::nullopt;
  auto token = value.token;
  std::ranges::replace_if(
      token, [](char c) { return c == 'D' || c == 'd'; }, 'E');
  const auto number = number_in<double>(token);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<bool> logical_from(const CardValue& value) {
  if (value.is_text || (value.token != "T" && value.token != "F")) return std::nullopt;
  return value.token == "T";
}

std::string token_of(std::int64_t value) { return fmt::format("{}", value); }
std::string token_of(bool value) { return value ? "T" : "F"; }

std::string token_of(double value) {
  auto token = fmt::format("{}", value);
  std::ranges::replace(token, 'e', 'E');
  const auto exponent = std::min(token.find('E'), token.size());
  // A value without a point would be read as an integer, and change the keyword's type.
  if (token.find('.') == std::string::npos) token.insert(exponent, ".0");
  return token;
}

std::string bare_card(std::string_view keyword, std::string_view token, std::string_view comment) {
  return with_comment(fmt::format("{:<8}= {:>20}", keyword, token), comment);
}

std::vector<std::string> text_cards(std::string_view keyword, std::string_view text, std::string_view comment) {
  const auto safe = printable(text);
  auto pieces = escaped_pieces(safe, kLongestText);
  if (pieces.size() == 1) {  // at least eight characters between the quotes: FITS 4.0 §4.2.1.1
    const auto quoted = fmt::format("'{:<8}'", pieces.front());
    return {with_comment(fmt::format("{:<8}= {:<20}", keyword, quoted), comment)};
  }
  pieces = escaped_pieces(safe, kLongestText - 1);
  std::vector<std::string> cards;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto start = i == 0 ? fmt::format("{:<8}= ", keyword) : std::string{"CONTINUE  "};
    cards.push_back(padded(fmt::format("{}'{}{}'", start, pieces[i], i + 1 < pieces.size() ? "&" : "")));
  }
  return cards;
}

std::vector<std::string> commentary_cards(std::string_view keyword, std::string_view text) {
  const auto safe = printable(text);
  std::string_view rest = safe;
  std::vector<std::string> cards;
  do {
    auto length = std::min(rest.size(), kLongestCommentary);
    const auto blank = length < rest.size() ? rest.rfind(' ', length) : std::string_view::npos;
    if (blank != std::string_view::npos && blank > 0) length = blank;
    cards.push_back(padded(fmt::format("{:<8}{}", keyword, rest.substr(0, length))));
    rest = without_blanks_around(rest.substr(length));
  } while (!rest.empty());
  return cards;
}

std::string renamed(std::string_view card, std::string_view keyword) {
  return fmt::format("{:<8}{}", keyword, from(card, 8));
}

std::optional<int> number_behind(std::string_view keyword, std::string_view stem) {
  if (!keyword.starts_with(stem)) return std::nullopt;
  const auto digits = keyword.substr(stem.size());
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  return number_in<int>(digits);
}

}  // namespace platefs::vo
