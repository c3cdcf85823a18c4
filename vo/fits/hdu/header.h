// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace platefs::vo {

inline constexpr std::size_t kFitsBlock = 2880;
inline constexpr std::size_t kMaxCards = 36 * 2000;  ///< a header this long is an attack or a mistake

/// Bytes of the header unit at the start of `bytes`, whole blocks including the one with END; empty
/// when END is not among them. `from_card` tells how many cards are known to hold no END.
std::optional<std::size_t> header_size(std::span<const std::byte> bytes, std::size_t from_card = 0);

/// The cards of one header in their order, each kept as it was written until it is set anew. END is
/// not among them. When a keyword stands twice, the first one counts. Value type.
class FitsHeader {
 public:
  FitsHeader() = default;
  explicit FitsHeader(std::vector<std::string> cards) : cards_(std::move(cards)) {}

  /// Reads the header unit at the start of `bytes`. Throws Error{Malformed} when no END card comes
  /// within the bytes or within kMaxCards.
  static FitsHeader parse(std::span<const std::byte> bytes);

  const std::vector<std::string>& cards() const { return cards_; }

  bool has(std::string_view keyword) const;

  /// Values; empty when the keyword is missing, undefined or of another kind. A text is joined with
  /// its CONTINUE cards. An integer reads as a real too.
  std::optional<std::string> text(std::string_view keyword) const;
  std::optional<std::int64_t> integer(std::string_view keyword) const;
  std::optional<double> real(std::string_view keyword) const;
  std::optional<bool> logical(std::string_view keyword) const;
  std::string comment(std::string_view keyword) const;

  /// Give the keyword a value, where it stands or at the end. An empty comment keeps the old one.
  void set_text(std::string_view keyword, std::string_view value, std::string_view comment = {});
  void set_integer(std::string_view keyword, std::int64_t value, std::string_view comment = {});
  void set_real(std::string_view keyword, double value, std::string_view comment = {});
  void set_logical(std::string_view keyword, bool value, std::string_view comment = {});

  /// Adds a card at the end as it is, or commentary (HISTORY, COMMENT) wrapped to cards.
  void append(std::string card);
  void append_commentary(std::string_view keyword, std::string_view text);

  /// Removes all cards whose keyword satisfies `condemned`, with their CONTINUE cards.
  void remove_if(const std::function<bool(std::string_view keyword)>& condemned);
  void remove(std::string_view keyword);

  /// The header unit: all cards, END, blanks up to a whole number of blocks.
  std::string serialised() const;

 private:
  std::vector<std::string>::const_iterator find(std::string_view keyword) const;
  void replace(std::string_view keyword, std::vector<std::string> cards);
  void set_bare(std::string_view keyword, std::string_view token, std::string_view comment);
  std::string kept_comment(std::string_view keyword, std::string_view comment) const;

  std::vector<std::string> cards_;
};

}  // namespace platefs::vo
