// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace platefs::vo {

/// One line of a FITS header (FITS 4.0 §4): 80 characters. Cards are plain strings of that length;
/// these functions read and write them. Nothing here knows what a keyword means. Thread-safe.
inline constexpr std::size_t kCardSize = 80;

/// The keyword without its trailing blanks; empty for a blank card, "HIERARCH" for that convention.
std::string_view keyword_of(std::string_view card);

/// What stands behind the value indicator. `is_text` tells '1' from 1; a card without a value
/// (commentary, undefined) has an empty token and is no text.
struct CardValue {
  bool is_text = false;
  std::string token;      ///< text without quotes and trailing blanks, or the bare number or letter
  std::string comment;    ///< behind the slash, without surrounding blanks
  bool is_closed = true;  ///< false for a text without its closing quote: it ends with the card
};
CardValue value_of(std::string_view card);

/// The text of a CONTINUE card, in the same shape.
CardValue continuation_of(std::string_view card);

/// Readings of a bare token; empty when it is none. A real may have the exponent letter D.
std::optional<std::int64_t> integer_from(const CardValue& value);
std::optional<double> real_from(const CardValue& value);
std::optional<bool> logical_from(const CardValue& value);

/// Bare values as a card spells them. A real keeps all its digits: reading it gives the same
/// double.
std::string token_of(std::int64_t value);
std::string token_of(double value);
std::string token_of(bool value);

/// A card in fixed format: `token` ends in column 30 if it fits. A comment that does not fit is
/// cut.
std::string bare_card(std::string_view keyword, std::string_view token, std::string_view comment);

/// A text value: one card, or several with CONTINUE when it is longer than a card. Characters that
/// no card may hold become '?'.
std::vector<std::string> text_cards(std::string_view keyword, std::string_view text, std::string_view comment);

/// HISTORY or COMMENT cards; a long text goes on in the next card, broken at blanks where possible.
std::vector<std::string> commentary_cards(std::string_view keyword, std::string_view text);

/// The same card under another keyword of at most eight characters.
std::string renamed(std::string_view card, std::string_view keyword);

/// The keyword's number: 2 for ("NAXIS2", "NAXIS"). Empty unless digits follow the stem to the end.
std::optional<int> number_behind(std::string_view keyword, std::string_view stem);

}  // namespace platefs::vo
