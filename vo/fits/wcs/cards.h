// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vo/fits/hdu/header.h"

namespace platefs::vo {

/// The cards of one WCS description of a header (FITS 4.0 section 8), for the image's first two axes: those
/// of its letter and, for each letter, those of SIP, which knows none. Keywords are told as the primary
/// description spells them today: "PC1_2" stands for PC1_2A, PC001002 and PC01_02 as well; of two spellings the one of
/// today counts. A keyword that stands twice with two values has none (FITS 4.0 section 4.1.2.1; programs take the
/// first or the last). Value type.
class WcsCards {
 public:
  /// All descriptions that have cards, the primary one first (even if it has none), then by letter.
  static std::vector<WcsCards> all_in(const FitsHeader& header);

  char letter() const { return letter_; }  ///< ' ' of the primary one, else 'A' to 'Z'
  bool has(std::string_view keyword) const { return cards_.contains(keyword); }
  /// The keyword as this header spells it: "CRVAL1A".
  std::string spelled(std::string_view keyword) const;

  /// Empty when there is no such card, or one whose value is undefined. Throws Error{Rejected} naming a card
  /// that is malformed, that stands twice with two values, or whose value is no number.
  std::optional<double> number(std::string_view keyword) const;
  /// The same of a number that has to be there once its card is: throws for an undefined value as well.
  std::optional<double> defined_number(std::string_view keyword) const;
  std::optional<int> integer(std::string_view keyword) const;
  /// A text in capitals; empty when there is none. Throws Error{Rejected} naming a malformed card, or one with two
  /// values.
  std::string word(std::string_view keyword) const;

  /// The parameters PVi_0, PVi_1 ... of an axis that are not zero, by number. Throws as `number`.
  std::map<int, double> parameters(int axis) const;

 private:
  struct Card {
    std::string text;
    std::string keyword;  ///< as it stands in the header
    bool is_malformed = false;
    bool is_of_today = true;
    std::string rival = {};  ///< another card of the keyword, with another value
  };
  using ByName = std::map<std::string, Card, std::less<>>;

  explicit WcsCards(char letter) : letter_(letter) {}
  void add(std::string name, Card card);
  const Card* find(std::string_view keyword) const;

  char letter_;
  ByName cards_;
};

/// The letter of the WCS description that a card of this keyword belongs to, ' ' for the primary one and for SIP; empty
/// for other keywords.
std::optional<char> description_letter(std::string_view keyword);

/// Throws Error{Rejected} naming the first card of a plate solution of the Digitized Sky Survey whose value is no
/// number.
void require_numbers_of_dss(const FitsHeader& header);

}  // namespace platefs::vo
