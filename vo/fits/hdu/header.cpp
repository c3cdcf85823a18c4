// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/hdu/header.h"

#include <fmt/core.h>

#include <algorithm>

#include "vo/base/error.h"
#include "vo/fits/hdu/card.h"

namespace platefs::vo {
namespace {

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_of_keyword(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; }

/// Some programs fill what is behind it with NULs, others write a remark there, as if it had a value. Keywords with a
/// blank in them ("END TIME") are none.
bool is_end(std::string_view card) {
  constexpr std::string_view kBlank{" \0", 2};
  if (!card.starts_with("END") || kBlank.find(card[3]) == std::string_view::npos) return false;
  const auto next = card.find_first_not_of(kBlank, 3);
  return next == std::string_view::npos || next >= 8 || !is_of_keyword(card[next]);
}

std::size_t whole_blocks(std::size_t bytes) { return (bytes + kFitsBlock - 1) / kFitsBlock * kFitsBlock; }

Error no_end_card(std::size_t cards) {
  return {ErrorKind::Malformed, fmt::format("FITS header without END card in {} cards", cards)};
}

}  // namespace

std::optional<std::size_t> header_size(std::span<const std::byte> bytes, std::size_t from_card) {
  const auto text = as_text(bytes);
  for (std::size_t at = from_card * kCardSize; at + kCardSize <= text.size(); at += kCardSize) {
    if (is_end(text.substr(at, kCardSize))) return whole_blocks(at + kCardSize);
  }
  return std::nullopt;
}

FitsHeader FitsHeader::parse(std::span<const std::byte> bytes) {
  const auto text = as_text(bytes);
  std::vector<std::string> cards;
  for (std::size_t at = 0; at + kCardSize <= text.size() && cards.size() < kMaxCards; at += kCardSize) {
    const auto card = text.substr(at, kCardSize);
    if (is_end(card)) return FitsHeader{std::move(cards)};
    cards.emplace_back(card);
  }
  throw no_end_card(cards.size());
}

std::vector<std::string>::const_iterator FitsHeader::find(std::string_view keyword) const {
  return std::ranges::find_if(cards_, [&](const auto& card) { return keyword_of(card) == keyword; });
}

bool FitsHeader::has(std::string_view keyword) const { return find(keyword) != cards_.end(); }

std::optional<std::string> FitsHeader::text(std::string_view keyword) const {
  auto card = find(keyword);
  if (card == cards_.end()) return std::nullopt;
  auto value = value_of(*card);
  if (!value.is_text) return std::nullopt;
  auto text = value.token;
  while (text.ends_with('&') && ++card != cards_.end() && keyword_of(*card) == "CONTINUE") {
    text.pop_back();
    text += continuation_of(*card).token;
  }
  return text;
}

std::optional<std::int64_t> FitsHeader::integer(std::string_view keyword) const {
  const auto card = find(keyword);
  return card == cards_.end() ? std::nullopt : integer_from(value_of(*card));
}

std::optional<double> FitsHeader::real(std::string_view keyword) const {
  const auto card = find(keyword);
  return card == cards_.end() ? std::nullopt : real_from(value_of(*card));
}

std::optional<bool> FitsHeader::logical(std::string_view keyword) const {
  const auto card = find(keyword);
  return card == cards_.end() ? std::nullopt : logical_from(value_of(*card));
}

std::string FitsHeader::comment(std::string_view keyword) const {
  const auto card = find(keyword);
  return card == cards_.end() ? std::string{} : value_of(*card).comment;
}

std::string FitsHeader::kept_comment(std::string_view keyword, std::string_view comment) const {
  return comment.empty() ? this->comment(keyword) : std::string{comment};
}

void FitsHeader::replace(std::string_view keyword, std::vector<std::string> cards) {
  const auto old = find(keyword);
  if (old == cards_.end()) {
    cards_.insert(cards_.end(), cards.begin(), cards.end());
    return;
  }
  const auto behind =
      std::find_if(old + 1, cards_.cend(), [](const auto& card) { return keyword_of(card) != "CONTINUE"; });
  cards_.insert(cards_.erase(old, behind), cards.begin(), cards.end());
}

void FitsHeader::set_bare(std::string_view keyword, std::string_view token, std::string_view comment) {
  replace(keyword, {bare_card(keyword, token, kept_comment(keyword, comment))});
}

void FitsHeader::set_text(std::string_view keyword, std::string_view value, std::string_view comment) {
  replace(keyword, text_cards(keyword, value, kept_comment(keyword, comment)));
}

void FitsHeader::set_integer(std::string_view keyword, std::int64_t value, std::string_view comment) {
  set_bare(keyword, token_of(value), comment);
}

void FitsHeader::set_real(std::string_view keyword, double value, std::string_view comment) {
  set_bare(keyword, token_of(value), comment);
}

void FitsHeader::set_logical(std::string_view keyword, bool value, std::string_view comment) {
  set_bare(keyword, token_of(value), comment);
}

void FitsHeader::append(std::string card) {
  card.resize(kCardSize, ' ');
  cards_.push_back(std::move(card));
}

void FitsHeader::append_commentary(std::string_view keyword, std::string_view text) {
  for (auto& card : commentary_cards(keyword, text)) append(std::move(card));
}

void FitsHeader::remove_if(const std::function<bool(std::string_view)>& condemned) {
  bool removing = false;
  std::erase_if(cards_, [&](const std::string& card) {
    if (keyword_of(card) != "CONTINUE") removing = condemned(keyword_of(card));
    return removing;
  });
}

void FitsHeader::remove(std::string_view keyword) {
  remove_if([&](std::string_view each) { return each == keyword; });
}

std::string FitsHeader::serialised() const {
  std::string unit;
  unit.reserve(whole_blocks((cards_.size() + 1) * kCardSize));
  for (const auto& card : cards_) unit += card;
  unit += "END";
  unit.resize(whole_blocks(unit.size()), ' ');
  return unit;
}

}  // namespace platefs::vo
